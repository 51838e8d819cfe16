package payment_test

import (
	"context"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// wordOf is what the simulator would truly say of an operation that was done.
func wordOf(op cloud.PaymentOp) payment.Word {
	w := payment.Word{
		Merchant: payment.SimulatorMerchant, Order: payment.Number(op.ID), Number: payment.Number(op.ID), Kind: op.Kind,
		State: payment.StateDone, Amount: op.Amount,
	}
	if !op.On.IsZero() {
		w.Order = payment.Number(op.On)
	}
	return w
}

// call calls the service back, and gives the status of its answer.
func (r *rig) call(w payment.Word) int {
	r.t.Helper()
	header, body := r.money.SignedCall(w)
	return r.callRaw(header, body)
}

func (r *rig) callRaw(header map[string][]string, body []byte) int {
	r.t.Helper()
	reply, err := r.service.Callback(r.t.Context(), payment.SimulatorName, header, body)
	r.must(err)
	later(time.Second)
	return reply.Status
}

// silent makes the provider deaf and dumb for a kind of operation: nothing arrives, and queries find nothing.
func (r *rig) silent(kind cloud.OpKind) {
	r.does(func(k cloud.OpKind, _ protocol.UUID) payment.Fault {
		if k == kind {
			return payment.FaultLost
		}
		return payment.FaultNone
	})
}

func TestACallOfTheProviderIsComparedAndBookedOnce(t *testing.T) {
	person := id(100)
	type calls func(r *rig, hold, capture cloud.PaymentOp) (status int)
	changed := func(change func(*payment.Word)) calls {
		return func(r *rig, _, capture cloud.PaymentOp) int {
			w := wordOf(capture)
			change(&w)
			return r.call(w)
		}
	}
	for name, c := range map[string]struct {
		call       calls
		status     int
		payment    cloud.Payment // of a capture that no call but this one tells of
		mismatches int
	}{
		"a call tells what no answer told":       {changed(func(*payment.Word) {}), 200, cloud.PaymentCaptured, 0},
		"one that it is under way tells nothing": {changed(func(w *payment.Word) { w.State = payment.StatePending }), 200, cloud.PaymentUnknown, 0},
		"one that it was refused leaves a debt":  {changed(func(w *payment.Word) { w.State = payment.StateRefused }), 200, cloud.PaymentOwed, 0},
		"twice, it is booked once": {func(r *rig, _, capture cloud.PaymentOp) int {
			return max(r.call(wordOf(capture)), r.call(wordOf(capture)))
		}, 200, cloud.PaymentCaptured, 0},
		"one of the hold, after the capture's, changes nothing": {func(r *rig, hold, capture cloud.PaymentOp) int {
			return max(r.call(wordOf(capture)), r.call(wordOf(hold)))
		}, 200, cloud.PaymentCaptured, 0},
		"an older one, that it is under way, after the newer one changes nothing": {func(r *rig, _, capture cloud.PaymentOp) int {
			older := wordOf(capture)
			older.State = payment.StatePending
			return max(r.call(wordOf(capture)), r.call(older))
		}, 200, cloud.PaymentCaptured, 0},
		"a refusal after it was done is for somebody to look at": {func(r *rig, _, capture cloud.PaymentOp) int {
			refused := wordOf(capture)
			refused.State = payment.StateRefused
			return max(r.call(wordOf(capture)), r.call(refused))
		}, 200, cloud.PaymentCaptured, 1},
		"another amount moves nothing":                                            {changed(func(w *payment.Word) { w.Amount++ }), 200, cloud.PaymentUnknown, 1},
		"a smaller amount moves nothing":                                          {changed(func(w *payment.Word) { w.Amount = 1 }), 200, cloud.PaymentUnknown, 1},
		"another amount that is under way is for somebody to look at":             {changed(func(w *payment.Word) { w.State, w.Amount = payment.StatePending, 1 }), 200, cloud.PaymentUnknown, 1},
		"another amount that was refused leaves a debt, and somebody looks at it": {changed(func(w *payment.Word) { w.State, w.Amount = payment.StateRefused, 1 }), 200, cloud.PaymentOwed, 1},
		"another merchant moves nothing":                                          {changed(func(w *payment.Word) { w.Merchant = "another-merchant" }), 200, cloud.PaymentUnknown, 1},
		"no merchant moves nothing":                                               {changed(func(w *payment.Word) { w.Merchant = "" }), 200, cloud.PaymentUnknown, 1},
		"another order moves nothing":                                             {changed(func(w *payment.Word) { w.Order = payment.Number(id(1)) }), 200, cloud.PaymentUnknown, 1},
		"another kind moves nothing":                                              {changed(func(w *payment.Word) { w.Kind = cloud.OpRefund }), 200, cloud.PaymentUnknown, 1},
		"an operation that is not ours":                                           {changed(func(w *payment.Word) { w.Number = payment.Number(id(77)) }), 200, cloud.PaymentUnknown, 1},
		"a number that is none of ours":                                           {changed(func(w *payment.Word) { w.Number = "x" }), 200, cloud.PaymentUnknown, 1},
		"a state that there is not is none": {func(r *rig, _, capture cloud.PaymentOp) int {
			return r.callRaw(r.money.SignRaw(map[string]string{"number": payment.Number(capture.ID), "state": "perhaps"}))
		}, 401, cloud.PaymentUnknown, 0},
		"what is signed and cannot be read is none": {func(r *rig, _, _ cloud.PaymentOp) int { return r.callRaw(r.money.SignRaw("{")) }, 401, cloud.PaymentUnknown, 0},
		"without a signature it is nobody's": {func(r *rig, _, capture cloud.PaymentOp) int {
			_, body := r.money.SignedCall(wordOf(capture))
			return r.callRaw(nil, body)
		}, 401, cloud.PaymentUnknown, 0},
		"with the signature of another call it is nobody's": {func(r *rig, hold, capture cloud.PaymentOp) int {
			header, _ := r.money.SignedCall(wordOf(hold))
			_, body := r.money.SignedCall(wordOf(capture))
			return r.callRaw(header, body)
		}, 401, cloud.PaymentUnknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				r.silent(cloud.OpCapture)
				v := r.buys(person, 700)
				hold, capture := r.ops(v.ID, cloud.OpHold)[0], r.ops(v.ID, cloud.OpCapture)[0]
				if status := c.call(r, hold, capture); status != c.status {
					t.Errorf("answered with %d, want %d", status, c.status)
				}
				r.is(v.ID, c.payment)
				if n := r.mismatches(); n != c.mismatches {
					t.Errorf("%d incidents, want %d", n, c.mismatches)
				}
				want := protocol.Fen(0)
				if c.payment == cloud.PaymentCaptured {
					want = 700
				}
				if booked := r.balance(ledger.Provider); booked != want {
					t.Errorf("%s are booked, want %s", booked, want)
				}
			})
		})
	}
}

func TestACallMayComeBeforeTheAnswerAndLateAfterTheQuery(t *testing.T) {
	for _, fault := range []payment.Fault{payment.FaultDisorder, payment.FaultTwice, payment.FaultLate, payment.FaultTimeout, payment.FaultWrongAmount, payment.FaultForged} {
		inRig(t, func(t *testing.T, r *rig) {
			failed := map[protocol.UUID]bool{}
			r.does(func(k cloud.OpKind, op protocol.UUID) payment.Fault {
				if k == cloud.OpHold || failed[op] {
					return payment.FaultNone
				}
				failed[op] = true
				return fault
			})
			v := r.buys(id(100), 700)
			later(2 * time.Minute)
			r.is(v.ID, cloud.PaymentCaptured)
			if n, strange := r.mismatches(), fault == payment.FaultWrongAmount || fault == payment.FaultForged; (n == 1) != strange || n > 1 {
				t.Errorf("fault %d: %d incidents", fault, n)
			}
			if taken, booked := r.money.Taken(id(100)), r.balance(ledger.Provider); taken != 700 || booked != 700 {
				t.Errorf("fault %d: taken %s, booked %s", fault, taken, booked)
			}
		})
	}
}

func TestAProviderThatIsNotThereIsNotCalled(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		header, body := r.money.SignedCall(payment.Word{})
		if _, err := r.service.Callback(context.Background(), "another", header, body); protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("%v", err)
		}
	})
}

func TestADebtOfWhatWasTakenAfterAllRestsUntilSomebodyHasLooked(t *testing.T) {
	for name, wrong := range map[string]func(r *rig, refused cloud.PaymentOp){
		"it was refused, and then done": func(r *rig, refused cloud.PaymentOp) { r.call(wordOf(refused)) },
		"what was paid of the debt was refused, and then done": func(r *rig, _ cloud.PaymentOp) {
			_, _ = r.pays("1")
			r.call(wordOf(r.ops(r.purse(id(100)).Debts[0].Visit, cloud.OpPay)[0]))
		},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				r.poor()
				v := r.buys(id(100), 700)
				r.is(v.ID, cloud.PaymentOwed)
				wrong(r, r.ops(v.ID, cloud.OpCapture)[0])
				r.rich()
				if n := r.mismatches(); n != 1 {
					t.Errorf("%d incidents tell of it", n)
				}
				later(40 * 24 * time.Hour)
				if taken := r.money.Taken(id(100)); taken != 0 {
					t.Errorf("%s were taken by themselves", taken)
				}
				if resting, err := r.service.Resting(t.Context(), 10); err != nil || resting.All != 1 || resting.Debts[0].Rests != cloud.RestContradicted {
					t.Errorf("what rests is %+v, %v", resting, err)
				}
				r.must(r.service.Resume(t.Context(), v.ID))
				later(time.Hour)
				if taken := r.money.Taken(id(100)); taken != 700 {
					t.Errorf("%s were taken after somebody had looked", taken)
				}
			})
		})
	}
}
