package payment_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/protocol"
)

func id(n byte) protocol.UUID { return protocol.UUID{15: n} }

var person = id(100)

func simulator(t *testing.T, path string, fault payment.Fault) *payment.Simulator {
	t.Helper()
	s, err := payment.NewSimulator(path, func(cloud.OpKind, protocol.UUID) payment.Fault { return fault })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func request(kind cloud.OpKind, n, on byte, amount protocol.Fen) payment.Request {
	r := payment.Request{Kind: kind, Number: payment.Number(id(n)), Order: payment.Number(id(n)), Person: person, Amount: amount}
	if on != 0 {
		r.On, r.Order = payment.Number(id(on)), payment.Number(id(on))
	}
	if kind == cloud.OpCapture || kind == cloud.OpPay || kind == cloud.OpTopUp {
		r.Lines = []payment.Line{{Name: "水", Qty: 1, Fen: amount}}
	}
	return r
}

// ask asks for an operation, which must be answered.
func ask(t *testing.T, s *payment.Simulator, r payment.Request) payment.Word {
	t.Helper()
	word, err := do(t, s, r)
	if err != nil {
		t.Fatalf("%s %s: %v", r.Kind, r.Number, err)
	}
	return word
}

func do(t *testing.T, s *payment.Simulator, r payment.Request) (payment.Word, error) {
	t.Helper()
	switch r.Kind {
	case cloud.OpHold:
		return s.Authorise(t.Context(), r)
	case cloud.OpCapture:
		return s.Complete(t.Context(), r)
	case cloud.OpRelease:
		return s.Cancel(t.Context(), r)
	case cloud.OpRefund:
		return s.Refund(t.Context(), r)
	}
	return s.Charge(t.Context(), r)
}

func query(t *testing.T, s *payment.Simulator, r payment.Request) payment.State {
	t.Helper()
	word, err := s.Query(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return word.State
}

func hold(n byte, amount protocol.Fen) payment.Request { return request(cloud.OpHold, n, 0, amount) }

func TestTheSameOperationMovesMoneyOnce(t *testing.T) {
	s := simulator(t, "", payment.FaultNone)
	for range 3 {
		if w := ask(t, s, hold(1, 5000)); w.State != payment.StateDone {
			t.Fatal(w)
		}
		want := payment.Word{
			Merchant: payment.SimulatorMerchant, Order: payment.Number(id(1)), Number: payment.Number(id(2)), Kind: cloud.OpCapture,
			State: payment.StateDone, Amount: 700,
		}
		if w := ask(t, s, request(cloud.OpCapture, 2, 1, 700)); w != want {
			t.Fatal(w)
		}
	}
	if s.Taken(person) != 700 || s.Held(person) != 0 {
		t.Errorf("taken %s, held %s", s.Taken(person), s.Held(person))
	}
}

func TestSeveralRefundsComeToWhatWasTakenAtMost(t *testing.T) {
	s := simulator(t, "", payment.FaultNone)
	ask(t, s, hold(1, 5000))
	ask(t, s, request(cloud.OpCapture, 2, 1, 700))
	for _, c := range []struct {
		n      byte
		amount protocol.Fen
		want   payment.State
		taken  protocol.Fen
	}{
		{3, 200, payment.StateDone, 500},
		{3, 200, payment.StateDone, 500},
		{4, 501, payment.StateRefused, 500},
		{5, 0, payment.StateRefused, 500},
		{6, 500, payment.StateDone, 0},
		{7, 1, payment.StateRefused, 0},
	} {
		w := ask(t, s, request(cloud.OpRefund, c.n, 2, c.amount))
		if w.State != c.want || s.Taken(person) != c.taken || w.Order != payment.Number(id(1)) {
			t.Errorf("refund %d of %s: %+v, taken %s", c.n, c.amount, w, s.Taken(person))
		}
	}
}

func TestTheSimulatorRefusesWhatARealProviderWould(t *testing.T) {
	s := simulator(t, "", payment.FaultNone)
	for _, n := range []byte{1, 2, 3} {
		ask(t, s, hold(n, 5000))
	}
	ask(t, s, request(cloud.OpRelease, 10, 1, 0))
	ask(t, s, request(cloud.OpCapture, 11, 2, 100))
	wrongLines, manyLines, longNumber := request(cloud.OpCapture, 26, 3, 100), request(cloud.OpCapture, 27, 3, 101), request(cloud.OpCapture, 28, 3, 1)
	wrongLines.Lines[0].Fen++
	manyLines.Lines = slices.Repeat([]payment.Line{{Name: "水", Qty: 1, Fen: 1}}, 101)
	longNumber.Number = longNumber.Number + "0"
	for name, r := range map[string]payment.Request{
		"a hold of nothing":                    hold(20, 0),
		"a capture after the release":          request(cloud.OpCapture, 21, 1, 100),
		"a second capture":                     request(cloud.OpCapture, 22, 2, 100),
		"a capture of no hold":                 request(cloud.OpCapture, 23, 99, 100),
		"a release after the capture":          request(cloud.OpRelease, 24, 2, 0),
		"a refund of more than was taken":      request(cloud.OpRefund, 25, 11, 101),
		"lines that do not come to the amount": wrongLines,
		"more than a hundred lines":            manyLines,
		"a number of more than 32 characters":  longNumber,
		"a charge of nobody":                   {Kind: cloud.OpPay, Number: payment.Number(id(29)), Order: payment.Number(id(29)), Amount: 1},
	} {
		if w := ask(t, s, r); w.State != payment.StateRefused {
			t.Errorf("%s: %+v", name, w)
		}
	}
}

func TestAnAnswerThatIsLostCanBeQueriedAlsoAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "provider.jsonl")
	s := simulator(t, path, payment.FaultTimeout)
	if _, err := do(t, s, hold(1, 5000)); err == nil {
		t.Fatal("a lost answer came")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	torn, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := torn.WriteString(`{"op":"0000`); err != nil {
		t.Fatal(err)
	}
	if err := torn.Close(); err != nil {
		t.Fatal(err)
	}
	again := simulator(t, path, payment.FaultNone)
	defer again.Close()
	if state := query(t, again, hold(1, 5000)); state != payment.StateDone || again.Held(person) != 5000 {
		t.Errorf("after the restart: %d, held %s", state, again.Held(person))
	}
	if state := query(t, again, hold(2, 5000)); state != payment.StateNever {
		t.Errorf("an operation that never came: %d", state)
	}
	ask(t, again, hold(3, 100))
	if state := query(t, simulator(t, path, payment.FaultNone), hold(3, 100)); state != payment.StateDone {
		t.Errorf("written after a torn line, and gone: %d", state)
	}
}

func TestALostCallNeverArrivedAndARefusalStands(t *testing.T) {
	for _, fault := range []payment.Fault{payment.FaultLost, payment.FaultForged} {
		lost := simulator(t, "", fault)
		if _, err := do(t, lost, hold(1, 5000)); err == nil {
			t.Error("a lost call was answered")
		}
		if state := query(t, lost, hold(1, 5000)); state != payment.StateNever {
			t.Errorf("a lost call: %d", state)
		}
	}
	refuses := simulator(t, "", payment.FaultRefuse)
	for range 2 {
		if w := ask(t, refuses, hold(1, 5000)); w.State != payment.StateRefused {
			t.Errorf("refused: %+v", w)
		}
	}
	if state := query(t, refuses, hold(1, 5000)); state != payment.StateRefused {
		t.Errorf("queried: %d", state)
	}
}

func TestWhatIsLateIsUnderWayAndThenDoneOrNeverPaid(t *testing.T) {
	for _, c := range []struct {
		fault payment.Fault
		want  payment.State
		taken protocol.Fen
	}{{payment.FaultLate, payment.StateDone, 700}, {payment.FaultUnpaid, payment.StateRefused, 0}} {
		now := time.UnixMilli(1_700_000_000_000)
		s := simulator(t, "", c.fault)
		s.Configure(payment.SimulatorOptions{Now: func() time.Time { return now }})
		if w := ask(t, s, request(cloud.OpPay, 1, 0, 700)); w.State != payment.StatePending || s.Taken(person) != 0 {
			t.Errorf("at once: %+v, taken %s", w, s.Taken(person))
		}
		now = now.Add(30 * time.Second)
		if state := query(t, s, request(cloud.OpPay, 1, 0, 700)); state != c.want || s.Taken(person) != c.taken {
			t.Errorf("later: %d, taken %s", state, s.Taken(person))
		}
	}
}
