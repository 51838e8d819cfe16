package payment_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

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

func TestTheSameOperationMovesMoneyOnce(t *testing.T) {
	s := simulator(t, "", payment.FaultNone)
	for range 3 {
		if err := errors.Join(s.Hold(t.Context(), id(1), person, 5000), s.Capture(t.Context(), id(2), id(1), 700)); err != nil {
			t.Fatal(err)
		}
	}
	if s.Taken(person) != 700 || s.Held(person) != 0 {
		t.Errorf("taken %s, held %s", s.Taken(person), s.Held(person))
	}
	if err := s.Refund(t.Context(), id(3), id(2), 200); err != nil || s.Taken(person) != 500 {
		t.Errorf("refund: %v, taken %s", err, s.Taken(person))
	}
}

func TestTheSimulatorRefusesWhatARealProviderWould(t *testing.T) {
	s := simulator(t, "", payment.FaultNone)
	for _, n := range []byte{1, 2} {
		if err := s.Hold(t.Context(), id(n), person, 5000); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(s.Release(t.Context(), id(10), id(1)), s.Capture(t.Context(), id(11), id(2), 100)); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"a hold of nothing":               s.Hold(t.Context(), id(20), person, 0),
		"a capture after the release":     s.Capture(t.Context(), id(21), id(1), 100),
		"a second capture":                s.Capture(t.Context(), id(22), id(2), 100),
		"a capture of no hold":            s.Capture(t.Context(), id(23), id(99), 100),
		"a release after the capture":     s.Release(t.Context(), id(24), id(2)),
		"a refund of more than was taken": s.Refund(t.Context(), id(25), id(11), 101),
	} {
		if !errors.Is(err, payment.ErrRefused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnAnswerThatIsLostCanBeQueriedAlsoAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "provider.jsonl")
	s := simulator(t, path, payment.FaultTimeout)
	if err := s.Hold(t.Context(), id(1), person, 5000); err == nil || errors.Is(err, payment.ErrRefused) {
		t.Fatalf("a lost answer: %v", err)
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
	if err := again.Query(t.Context(), id(1)); err != nil || again.Held(person) != 5000 {
		t.Errorf("after the restart: %v, held %s", err, again.Held(person))
	}
	if err := again.Query(t.Context(), id(2)); !errors.Is(err, payment.ErrNever) {
		t.Errorf("an operation that never came: %v", err)
	}
	if err := again.Hold(t.Context(), id(3), person, 100); err != nil {
		t.Fatal(err)
	}
	if err := simulator(t, path, payment.FaultNone).Query(t.Context(), id(3)); err != nil {
		t.Errorf("written after a torn line, and gone: %v", err)
	}
}

func TestALostCallNeverArrivedAndARefusalStands(t *testing.T) {
	lost := simulator(t, "", payment.FaultLost)
	if err := lost.Hold(t.Context(), id(1), person, 5000); err == nil {
		t.Error("a lost call was answered")
	}
	if err := lost.Query(t.Context(), id(1)); !errors.Is(err, payment.ErrNever) {
		t.Errorf("a lost call: %v", err)
	}
	refuses := simulator(t, "", payment.FaultRefuse)
	for range 2 {
		if err := refuses.Hold(t.Context(), id(1), person, 5000); !errors.Is(err, payment.ErrRefused) {
			t.Errorf("refused: %v", err)
		}
	}
	if err := refuses.Query(t.Context(), id(1)); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("queried: %v", err)
	}
}
