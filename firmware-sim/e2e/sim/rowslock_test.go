package sim

import (
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/firmware-sim/fault"
	"allhours/firmware-sim/physics"
	"allhours/protocol"
)

func TestLockDoesNotOpenOrNobodyPulls(t *testing.T) {
	t.Run("the latch sticks", func(t *testing.T) {
		play(t, settings{}, func(t *testing.T, p *scene) {
			p.box.breakIt(fault.Fault{Kind: fault.LatchStuck}, true)
			for n := range int64(2) {
				if got := p.incident(cloud.IncidentLock); got != 0 {
					t.Errorf("%d incidents after %d failures", got, n)
				}
				if v := p.becomes(p.begins(), cloud.StateAborted); v.Code != protocol.CodeLockFailed || v.Payment != cloud.PaymentNone {
					t.Errorf("ended with %s and %s", v.Code, v.Payment)
				}
			}
			if got := p.incident(cloud.IncidentLock); got != 1 {
				t.Errorf("%d incidents after two failures: want 1", got)
			}
			p.box.breakIt(fault.Fault{Kind: fault.LatchStuck}, false)
			p.sellsAgain()
		})
	})
	t.Run("nobody pulls", func(t *testing.T) {
		play(t, settings{}, func(t *testing.T, p *scene) {
			if v := p.becomes(p.begins(), cloud.StateAborted); v.Code != protocol.CodeNotPulled || v.Payment != cloud.PaymentNone {
				t.Errorf("ended with %s and %s", v.Code, v.Payment)
			}
			if err := p.box.cabinet.Pull(time.Now()); !errors.Is(err, physics.ErrLatched) {
				t.Errorf("after the end of the visit a pull gives %v", err)
			}
			p.sellsAgain()
		})
	})
}

func TestPowerFailsInAVisit(t *testing.T) {
	cases := []struct {
		name  string
		story func(p *scene) // from the begun visit on; the power fails in it
		want  []cloud.VisitState
	}{
		{"before anybody pulled, and nobody does", func(p *scene) {
			time.Sleep(time.Second)
			p.box.crash()
		}, []cloud.VisitState{cloud.StateAborted}},
		{"before anybody pulled, and somebody does", func(p *scene) {
			time.Sleep(time.Second)
			p.box.crash()
			p.does(pull(), take("S1", "1001", 1), shut())
		}, []cloud.VisitState{cloud.StateCharged, cloud.StateReview}},
		{"while the door is open, which is shut in the dark", func(p *scene) {
			p.does(pull(), take("S1", "1001", 1))
			p.box.crash()
			p.does(shut())
		}, []cloud.VisitState{cloud.StateCharged, cloud.StateReview}},
		{"while the door is open, which still is when the power is back", func(p *scene) {
			p.does(pull(), take("S1", "1001", 1))
			p.box.crash()
			p.box.start()
			time.Sleep(20 * time.Second)
			p.does(take("S2", "1003", 1), shut())
		}, []cloud.VisitState{cloud.StateCharged, cloud.StateReview}},
		{"right after the door was shut", func(p *scene) {
			p.does(pull(), take("S1", "1001", 1), shut())
			p.box.crash()
		}, []cloud.VisitState{cloud.StateCharged, cloud.StateReview}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			play(t, settings{}, func(t *testing.T, p *scene) {
				id := p.begins()
				c.story(p)
				time.Sleep(5 * time.Second)
				p.box.startAgain()
				p.endsAs(id, c.want)
			})
		})
	}
}

// endsAs waits for one of some states; the town's check holds it to the truth.
func (p *scene) endsAs(id protocol.VisitID, want []cloud.VisitState) {
	p.t.Helper()
	var state cloud.VisitState
	if !waitFor(5*time.Minute, func() bool {
		v, err := p.service.visit(id)
		state = v.State()
		for _, w := range want {
			if err == nil && state == w {
				return true
			}
		}
		return false
	}) {
		p.t.Errorf("the visit is %s: want one of %s", state, want)
	}
}

func TestAScaleIsSilentStuckOrOverloaded(t *testing.T) {
	cases := []struct {
		kind   fault.Kind
		before time.Duration // that it is broken before the visit; a stuck scale shows in time only
	}{{fault.ScaleSilent, 0}, {fault.ScaleOverload, 0}, {fault.ScaleStuck, 3 * time.Minute}}
	for _, c := range cases {
		t.Run(string(c.kind), func(t *testing.T) {
			play(t, settings{}, func(t *testing.T, p *scene) {
				broken := fault.Fault{Kind: c.kind, Platform: "S1"}
				if c.before > 0 {
					time.Sleep(2 * time.Minute) // It was seen to dance.
					p.box.breakIt(broken, true)
					time.Sleep(c.before)
				}
				id := p.begins()
				p.does(pull())
				p.box.breakIt(broken, true)
				p.does(take("S1", "1001", 1), take("S2", "1003", 1), shut())
				p.becomes(id, cloud.StateReview)
				p.box.breakIt(broken, false)
				time.Sleep(time.Minute)
				p.sellsAgain()
			})
		})
	}
	t.Run("for good", func(t *testing.T) {
		play(t, settings{}, func(t *testing.T, p *scene) {
			broken := fault.Fault{Kind: fault.ScaleSilent, Platform: "S1"}
			p.box.breakIt(broken, true)
			time.Sleep(10 * time.Second)
			for range 3 {
				id := p.begins()
				p.does(pull(), take("S2", "1003", 1), shut())
				p.becomes(id, cloud.StateReview)
				time.Sleep(5 * time.Second)
			}
			p.refused(protocol.CodeNotSelling)
			p.box.breakIt(broken, false)
			time.Sleep(time.Minute)
			p.ready()
		})
	})
}

func TestPaymentOutcomeUnknown(t *testing.T) {
	t.Run("of the capture", func(t *testing.T) {
		play(t, settings{}, func(t *testing.T, p *scene) {
			id := p.begins()
			p.does(pull(), take("S1", "1001", 1))
			p.bank.turn(mood{mute: 1})
			p.does(shut())
			p.becomes(id, cloud.StateUnknown)
			time.Sleep(time.Minute)
			p.bank.turn(mood{})
			p.bills(id, map[protocol.SKU]int{"1001": 1})
		})
	})
	t.Run("of the hold", func(t *testing.T) {
		play(t, settings{}, func(t *testing.T, p *scene) {
			p.bank.turn(mood{mute: 1})
			p.refused(cloud.CodePaymentUnknown)
			time.Sleep(time.Minute)
			p.bank.turn(mood{})
			time.Sleep(5 * time.Minute)
			if open, _ := p.bank.standing(); len(open) != 0 {
				t.Errorf("holds %v of a door that never opened", open)
			}
			p.sellsAgain()
		})
	})
	t.Run("and never told", func(t *testing.T) {
		play(t, settings{}, func(t *testing.T, p *scene) {
			id := p.begins()
			p.does(pull(), take("S1", "1001", 1))
			p.bank.turn(mood{shutDown: true})
			p.does(shut())
			p.becomes(id, cloud.StateUnknown)
			p.service.crash()
			p.service.start()
			time.Sleep(10 * time.Minute)
			p.becomes(id, cloud.StateUnknown)
			p.bank.turn(mood{})
			p.bills(id, map[protocol.SKU]int{"1001": 1})
		})
	})
}
