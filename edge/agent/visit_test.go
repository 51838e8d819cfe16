package agent

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/fakecloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// open asks for the door and waits for the reply.
func (tn *town) openDoor(n byte) wire.Reply {
	tn.Helper()
	id := fakecloud.ID(n)
	tn.cloud.Open(id, tn.cloud.Grant(id))
	return tn.reply(n)
}

func (tn *town) reply(n byte) wire.Reply {
	tn.Helper()
	var r wire.Reply
	tn.cloud.Until("the command is answered", 20*time.Second, func() (ok bool) {
		r, ok = tn.cloud.Reply(fakecloud.ID(n))
		return ok
	})
	return r
}

// shop opens, pulls, takes one bottle of water and shuts.
func (tn *town) shop(n byte) {
	tn.Helper()
	if r := tn.openDoor(n); r.Code != protocol.CodeOK {
		tn.Fatalf("open: %+v", r)
	}
	wait(2 * time.Second)
	if !tn.pull() {
		tn.Fatal("the latch does not give")
	}
	wait(3 * time.Second)
	tn.put(0, -571)
	wait(3 * time.Second)
	tn.shut()
}

// outcome waits for the one outcome of a visit and fails when there is another one.
func (tn *town) outcome(n byte) wire.Body {
	tn.Helper()
	var found []wire.Body
	tn.cloud.Until("the visit has an outcome", 2*time.Minute, func() bool {
		found = nil
		for _, e := range tn.cloud.Events(wire.VisitSettled, wire.VisitAborted) {
			switch b := tn.body(e).(type) {
			case wire.SettledBody:
				if b.Visit == fakecloud.ID(n) {
					found = append(found, b)
				}
			case wire.AbortedBody:
				if b.Visit == fakecloud.ID(n) {
					found = append(found, b)
				}
			}
		}
		return len(found) > 0
	})
	if len(found) != 1 {
		tn.Fatalf("the visit has %d outcomes: %+v", len(found), found)
	}
	return found[0]
}

func (tn *town) body(e wire.Event) wire.Body {
	tn.Helper()
	b, err := wire.DecodeBody(e.Type, e.Body)
	if err != nil {
		tn.Fatal(err)
	}
	return b
}

func (tn *town) settled(n byte) wire.SettledBody {
	tn.Helper()
	b, ok := tn.outcome(n).(wire.SettledBody)
	if !ok {
		tn.Fatalf("outcome %+v: want a settlement", tn.outcome(n))
	}
	return b
}

func (tn *town) aborted(n byte, code protocol.Code) {
	tn.Helper()
	b, ok := tn.outcome(n).(wire.AbortedBody)
	if !ok || b.Code != code {
		tn.Fatalf("outcome %+v: want it aborted as %s", tn.outcome(n), code)
	}
}

func wants(t *testing.T, b wire.SettledBody, d settle.Decision, lines ...settle.Line) {
	t.Helper()
	got, _ := json.Marshal(b.Answer.Lines)
	want, _ := json.Marshal(append([]settle.Line{}, lines...))
	if b.Answer.Decision != d || string(got) != string(want) {
		t.Fatalf("settled as %s %s: want %s %s\n%+v", b.Answer.Decision, got, d, want, b.Answer)
	}
}

func TestAVisitIsOpenedTakenFromShutSettledAndAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.shop(1)
		b := tn.settled(1)
		wants(t, b, settle.Bill, settle.Line{SKU: water, Qty: 1})
		if b.Counters != (wire.Counters{Openings: 1, Units: 1, Fen: 200}) || b.OpenMS < 5900 || b.OpenMS > 6200 || b.WaitMS > 1500 {
			t.Errorf("settlement %+v: want one opening of 6 s, one unit for 200 fen, decided within 1.5 s", b)
		}
		tn.cloud.Until("everything is acknowledged", time.Minute, func() bool {
			upTo, _, err := tn.agent.journal.Acked()
			_, last, _ := tn.agent.journal.Bounds()
			return err == nil && upTo == last
		})
		order(t, tn.cloud.Events(), wire.PowerBoot, wire.ConfigApplied, wire.VisitBegun, wire.LockPulsed, wire.VisitOpened,
			wire.DoorOpened, wire.VisitStep, wire.DoorShut, wire.VisitSettled, wire.StockLevel)
		phases(t, tn.cloud.Lives(), wire.PhaseOpening, wire.PhaseOpen, wire.PhaseCounting)
		if r, _ := tn.cloud.Reply(fakecloud.ID(1)); r.PulseMS > 100 {
			t.Errorf("reply %+v: want the lock command within 100 ms", r)
		}
	})
}

// TestTheMomentOfEachStepCanBeTold: the clocks of a synctest stand together, so that the shopper's own may be compared.
func TestTheMomentOfEachStepCanBeTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.shop(1)
		shut := time.Now().UnixMilli()
		b := tn.settled(1)
		steps := b.Answer.Why[0].Steps
		if len(steps) != 1 {
			t.Fatalf("steps %+v: want one", steps)
		}
		if at, took := b.ZeroAt+steps[0].At, shut-3000; at < took-1000 || at > took+1000 {
			t.Errorf("zero at %d, step %d ms after it: want it when the bottle was taken, at %d", b.ZeroAt, steps[0].At, took)
		}
	})
}

// order wants these types one after the other; others may lie between.
func order(t *testing.T, events []wire.Event, types ...wire.EventType) {
	t.Helper()
	var got []wire.EventType
	for _, e := range events {
		got = append(got, e.Type)
		if len(types) > 0 && e.Type == types[0] {
			types = types[1:]
		}
	}
	if len(types) > 0 {
		t.Errorf("events %v: %v is missing, or not in its place", got, types)
	}
}

func phases(t *testing.T, lives []wire.Live, want ...wire.Phase) {
	t.Helper()
	var got []wire.Phase
	for _, l := range lives {
		if len(got) == 0 || got[len(got)-1] != l.Phase {
			got = append(got, l.Phase)
		}
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("the phone was shown %v: want %v", got, want)
		}
	}
}
