package payment_test

import (
	"encoding/binary"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// walks is how many residents the random walk follows, one after the other in the same books.
const walks = 150

// walk is what one resident does, whatever the provider does wrong.
type walk struct {
	*rig
	seed   uint64
	chance *rand.Rand
	person protocol.UUID
	visits []protocol.VisitID
	drawn  map[protocol.UUID]uint64 // calls of an operation
	calm   bool
}

// draw says what is done wrong with a call: half of them nothing. A hold that a provider keeps for good is not ours to end.
func (w *walk) draw(kind cloud.OpKind, op protocol.UUID) payment.Fault {
	if w.calm {
		return payment.FaultNone
	}
	w.drawn[op]++
	h := fnv.New64a()
	_ = binary.Write(h, binary.BigEndian, []uint64{w.seed, w.drawn[op]})
	h.Write(op[:])
	all := payment.Faults()
	n := h.Sum64() % uint64(2*len(all))
	if n >= uint64(len(all)) {
		return payment.FaultNone
	}
	if fault := all[n]; kind != cloud.OpRelease || fault != payment.FaultRefuse && fault != payment.FaultUnpaid {
		return fault
	}
	return payment.FaultNone
}

// calmDown lets nothing go wrong any more.
func (w *walk) calmDown() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calm = true
}

// step does one thing that a resident, or somebody for them, may do.
func (w *walk) step() {
	switch w.chance.IntN(11) {
	case 0, 1, 2, 3:
		w.visitOnce()
	case 4:
		_, err := w.service.TopUp(w.t.Context(), cloud.TopUp{Person: w.person, Amount: protocol.Fen(100 + w.chance.IntN(9000)), Key: w.newID().String()})
		w.mayFail(err)
	case 5, 6:
		_, err := w.service.PayDebts(w.t.Context(), cloud.PayDebts{Person: w.person, Key: w.newID().String()})
		w.mayFail(err)
	case 7:
		if len(w.visits) > 0 {
			w.mayFail(w.service.Waive(w.t.Context(), cloud.WaiveDebt{Visit: w.visits[w.chance.IntN(len(w.visits))], By: "manager", Note: "kind"}))
		}
	case 8:
		if len(w.visits) > 0 {
			w.refund(w.visit(w.visits[w.chance.IntN(len(w.visits))]), protocol.Fen(1+w.chance.IntN(3000)))
		}
	case 9:
		_, err := w.service.PayOut(w.t.Context(), cloud.PayOut{Person: w.person, Amount: protocol.Fen(1 + w.chance.IntN(9000)), Key: w.newID().String()})
		w.mayFail(err)
	case 10:
		later(time.Duration(w.chance.IntN(150)) * time.Minute)
	}
	later(time.Duration(w.chance.IntN(90)) * time.Second)
}

func (w *walk) visitOnce() {
	if w.purse(w.person).Owed > 0 && w.chance.IntN(3) > 0 {
		return
	}
	v := w.begin(w.person)
	w.visits = append(w.visits, v.ID)
	aborted := !v.Ended.IsZero()
	if aborted && w.chance.IntN(3) > 0 { // Else the cabinet had opened all the same, and tells so late.
		return
	}
	later(time.Duration(w.chance.IntN(60)) * time.Second)
	w.settle(w.visit(v.ID), protocol.Fen(max(0, w.chance.IntN(9000)-2000)))
}

// mayFail takes the refusals that a resident may hear.
func (w *walk) mayFail(err error) {
	w.t.Helper()
	switch protocol.CodeOf(err) {
	case cloud.CodeConflict, cloud.CodePaymentRefused, cloud.CodePaymentUnknown, cloud.CodeDebt, protocol.CodeMalformed:
	default:
		w.must(err)
	}
}

// check holds the books of a resident to the provider's own truth, when nothing is under way any more.
func (w *walk) check() {
	w.t.Helper()
	var taken protocol.Fen
	count := func(op cloud.PaymentOp) {
		switch {
		case !op.State.Final():
			w.t.Errorf("seed %d: %s of %s is still %s", w.seed, op.Kind, op.Amount, op.State)
		case op.State != cloud.OpDone || op.Provider != payment.SimulatorName && op.Provider != "":
		case op.Kind == cloud.OpCapture || op.Kind == cloud.OpPay || op.Kind == cloud.OpTopUp:
			taken += op.Amount
		case op.Kind == cloud.OpPayout || op.Kind == cloud.OpRefund && w.byProvider(op):
			taken -= op.Amount
		}
	}
	for _, id := range w.visits {
		w.checkVisit(id, count)
	}
	purse := w.purse(w.person)
	w.view(func(tx cloud.Tx) error {
		all, err := tx.Personal.Latest(w.person, 1000)
		for _, op := range all {
			if op.Kind == cloud.OpTopUp || op.Kind == cloud.OpPayout {
				count(op)
			}
		}
		return err
	})
	if truth := w.money.Taken(w.person); truth != taken {
		w.t.Errorf("seed %d: the provider took %s, the books say %s", w.seed, truth, taken)
	}
	if held := w.money.Held(w.person); held != 0 {
		w.t.Errorf("seed %d: the provider still holds %s", w.seed, held)
	}
	var owed protocol.Fen
	for _, d := range purse.Debts {
		owed += d.Amount
		w.is(d.Visit, cloud.PaymentOwed)
	}
	if purse.Balance < 0 || purse.Reserved != 0 || purse.Owed != owed {
		w.t.Errorf("seed %d: balance %s, reserved %s, owes %s and %s in single debts", w.seed, purse.Balance, purse.Reserved, purse.Owed, owed)
	}
}

// byProvider reports a refund of money that the provider took.
func (w *walk) byProvider(refund cloud.PaymentOp) (is bool) {
	w.view(func(tx cloud.Tx) error {
		op, err := tx.Ops.Find(refund.On)
		is = op.Provider == payment.SimulatorName
		return err
	})
	return is
}

// checkVisit: what was billed is paid, owed or waived, each fen once; what comes back was taken.
func (w *walk) checkVisit(id protocol.VisitID, count func(cloud.PaymentOp)) {
	v := w.visit(id)
	var got, back, waived protocol.Fen
	times := map[cloud.OpKind]int{}
	var all []cloud.PaymentOp
	w.view(func(tx cloud.Tx) (err error) { all, err = tx.Ops.Of(id); return err })
	for _, op := range all {
		count(op)
		if op.State != cloud.OpDone {
			continue
		}
		times[op.Kind]++
		switch op.Kind {
		case cloud.OpCapture, cloud.OpPay:
			got += op.Amount
		case cloud.OpRefund:
			back += op.Amount
		case cloud.OpWaive:
			waived += op.Amount
		}
	}
	left := protocol.Fen(0)
	for _, d := range w.purse(w.person).Debts {
		if d.Visit == id {
			left = d.Amount
		}
	}
	if times[cloud.OpCapture] > 1 || times[cloud.OpPay] > 1 || got+waived+left != v.Total || back > got {
		w.t.Errorf("seed %d: of %s, %s were taken in %v, %s waived, %s owed; %s came back; payment %s", w.seed, v.Total, got, times, waived, left, back, v.Payment)
	}
	if hold, due := w.balance(ledger.Hold(id)), w.balance(ledger.Due(id)); hold != 0 || due != 0 {
		w.t.Errorf("seed %d: hold %s, due %s", w.seed, hold, due)
	}
	switch v.Payment {
	case cloud.PaymentHeld, cloud.PaymentUnknown, cloud.PaymentReview:
		w.t.Errorf("seed %d: the payment is still %s", w.seed, v.Payment)
	}
}

// TestWhateverTheProviderDoesTheBooksAreItsTruth walks many residents through visits, top-ups, debts, refunds, waivers
// and payouts beside a provider that does everything wrong that it can.
func TestWhateverTheProviderDoesTheBooksAreItsTruth(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		var persons []protocol.UUID
		for seed := range uint64(walks) {
			w := &walk{
				rig: r, seed: seed, chance: rand.New(rand.NewPCG(seed, 5)), person: protocol.UUID{0: 9, 14: byte(seed >> 8), 15: byte(seed)},
				drawn: map[protocol.UUID]uint64{},
			}
			r.does(w.draw)
			for range 12 {
				w.step()
			}
			w.calmDown()
			later(15 * time.Minute)
			w.check()
			persons = append(persons, w.person)
			if t.Failed() {
				break
			}
		}
		var all protocol.Fen
		for _, person := range persons { // Debts go on being charged after their resident was looked at.
			all += r.money.Taken(person)
		}
		booked := r.balance(ledger.Provider)
		if all != booked || all == 0 {
			t.Errorf("the provider took %s, the books say %s", all, booked)
		}
		if r.mismatches() == 0 {
			t.Error("nobody was told of a wrong amount or a forged call")
		}
		r.view(func(tx cloud.Tx) error {
			var sum int64
			balances, err := tx.Ledger.Balances("")
			for _, b := range balances {
				sum += b.Amount
			}
			if sum != 0 {
				err = errors.Join(err, errors.New("the books do not balance"))
			}
			return err
		})
	})
}
