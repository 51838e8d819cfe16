package agent

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/fakecloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// halt lets the chain halt the cabinet, or take all halts back, by a version of the desired state.
func (tn *town) halt(version uint64, halts ...wire.Halt) {
	tn.Helper()
	cfg := desired(version)
	cfg.Stock.Version, cfg.Halts = 1, halts
	tn.cloud.Configure(cfg)
	tn.cloud.Until("the word is applied", time.Minute, func() bool { return tn.agent.Applied().Version == version })
}

// opens asks for a door with a grant of a purpose.
func (tn *town) opens(n byte, p protocol.Purpose) protocol.Code {
	tn.Helper()
	g := tn.cloud.Grant(fakecloud.ID(n))
	g.Purpose = p
	if p != protocol.PurposePurchase {
		g.LimitFen = 0
	}
	tn.cloud.Open(fakecloud.ID(n), g)
	code := tn.reply(n).Code
	wait(20 * time.Second) // Nobody pulls.
	return code
}

func TestACabinetThatTheChainHaltsOpensForThoseWhoMayAndForNobodyElse(t *testing.T) {
	const ok = protocol.CodeOK
	cases := []struct {
		name                       string
		halts                      []wire.Halt
		purchase, refill, services protocol.Code
	}{
		{"nobody halts it", nil, ok, ok, ok},
		{"off sale", []wire.Halt{{Code: protocol.CodeOffSale}}, protocol.CodeOffSale, ok, ok},
		{"locked out", []wire.Halt{{Code: protocol.CodeLockedOut}}, protocol.CodeLockedOut, protocol.CodeLockedOut, ok},
		{"both", []wire.Halt{{Code: protocol.CodeOffSale}, {Code: protocol.CodeLockedOut}}, protocol.CodeLockedOut, protocol.CodeLockedOut, ok},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tn := newTown(t)
				tn.halt(2, c.halts...)
				if got := tn.opens(1, protocol.PurposePurchase); got != c.purchase {
					t.Errorf("a resident: %s, want %s", got, c.purchase)
				}
				tn.kill()
				tn.boot()
				tn.cloud.Until("it is back", time.Minute, func() bool { return tn.cloud.Birth().Boot == 2 })
				wait(15 * time.Second)
				if got := tn.opens(2, protocol.PurposePurchase); got != c.purchase {
					t.Errorf("a resident after a boot: %s, want %s", got, c.purchase)
				}
				if got := tn.opens(3, protocol.PurposeRefill); got != c.refill {
					t.Errorf("a restocker: %s, want %s", got, c.refill)
				}
				if got := tn.opens(4, protocol.PurposeService); got != c.services {
					t.Errorf("a technician: %s, want %s", got, c.services)
				}
				tn.halt(3)
				if got := tn.opens(5, protocol.PurposePurchase); got != ok {
					t.Errorf("a resident after it was taken back: %s", got)
				}
			})
		})
	}
}

func TestAHaltEndsByItselfWithoutALineAndHoldsForCodesMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newShopFront(t)
		cfg := desired(2)
		cfg.Stock.Version, cfg.Limits.Offline = 1, &wire.Offline{ValidMS: 600_000, Openings: 2, Fen: 10_000, PerMS: 24 * 3600_000, Cabinet: 3}
		cfg.Halts = []wire.Halt{{Code: protocol.CodeOffSale, Until: p.cloud.Now().Add(30 * time.Minute).UnixMilli()}}
		p.cloud.Configure(cfg)
		p.cloud.Until("the word is applied", time.Minute, func() bool { return p.agent.Applied().Version == 2 })
		p.cloud.Cut(true)
		p.shows(p.pass(1, 1))
		wait(20 * time.Minute)
		if p.pulses != 0 {
			t.Error("a code opened a cabinet that is off sale")
		}
		wait(15 * time.Minute)
		p.buys(p.pass(2, 2))
		if p.pulses != 1 {
			t.Errorf("%d pulses after the end", p.pulses)
		}
		p.cloud.Cut(false)
		if code := p.refused(1); code != protocol.CodeOffSale {
			t.Errorf("refused as %s", code)
		}
	})
}

func TestARestartThatIsAskedForWaitsForTheVisitAndHappensOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.failing.Store(true) // It ends with an error, as it should.
		if r := tn.openDoor(1); r.Code != protocol.CodeOK {
			t.Fatalf("reply %+v", r)
		}
		tn.pull()
		wait(time.Second)
		if r := tn.asks(9, wire.TaskRestart, wire.RestartArgs{Boot: 1}, 0); r.Code != protocol.CodeBusy {
			t.Errorf("while a door is open: %+v", r)
		}
		wait(time.Minute)
		select {
		case err := <-tn.ended:
			t.Fatalf("ended in a visit: %v", err)
		default:
		}
		tn.put(0, -571)
		wait(2 * time.Second)
		tn.shut()
		if err := <-tn.ended; !errors.Is(err, ErrAsked) {
			t.Fatalf("ended with %v", err)
		}
		tn.stop()
		tn.boot()
		tn.settled(1)
		tn.untilSelling()
		if r := tn.asks(9, wire.TaskRestart, wire.RestartArgs{Boot: 1}, 0); r.Code != protocol.CodeOK {
			t.Errorf("the same word after it: %+v", r)
		}
		wait(time.Minute)
		if tn.cloud.Birth().Boot != 2 {
			t.Errorf("boot %d: started twice for one word", tn.cloud.Birth().Boot)
		}
	})
}

func TestACabinetThatIsLookedAtTellsHowItStandsEachSecondForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		heard := tn.cloud.Words
		before := heard()
		wait(5 * time.Minute)
		if n := heard() - before; n < 9 || n > 12 {
			t.Errorf("%d words in five minutes", n)
		}
		tn.cloud.Command(wire.Command{
			V: wire.Version, ID: fakecloud.ID(7), Cabinet: cabinetID, Kind: wire.CommandLook, Expires: tn.cloud.Now().Add(time.Minute).UnixMilli(),
		})
		tn.reply(7)
		before = heard()
		wait(10 * time.Second)
		if n := heard() - before; n < 9 || n > 11 {
			t.Errorf("%d words in ten seconds that somebody looks", n)
		}
		wait(wire.LookFor)
		before = heard()
		wait(5 * time.Minute)
		if n := heard() - before; n < 9 || n > 12 {
			t.Errorf("%d words in five minutes after it", n)
		}
	})
}
