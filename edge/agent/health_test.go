package agent

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/config"
	"allhours/edge/internal/fakecloud"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/wire"
)

// cooled hangs a cold probe into the compartment.
func (tn *town) cooled() *air {
	controller := &air{shelf: edge.Temperature{Celsius: 42}}
	tn.thermometers = []thermalUnit{{board: controller, compartments: []protocol.Compartment{1, 0}}}
	return controller
}

func (a *air) is(dc protocol.DeciCelsius) {
	a.set(func(a *air) { a.shelf, a.silent = edge.Temperature{Celsius: dc}, false })
}

// coldTown is a cooled cabinet that has been selling for more than half an hour.
func coldTown(t *testing.T, limits ...config.Health) (*town, *air) {
	t.Helper()
	tn := emptyTown(t)
	tn.health = limits
	controller := tn.cooled()
	tn.begin()
	wait(31 * time.Minute)
	return tn, controller
}

// stopsWithin waits for the stop, and fails where it comes outside of the bounds.
func (tn *town) stopsWithin(least, most time.Duration, code protocol.Code) wire.LostBody {
	tn.Helper()
	before, began := len(tn.cloud.Events(wire.ColdLost)), time.Now()
	tn.cloud.Until("the food is stopped", most, func() bool { return len(tn.cloud.Events(wire.ColdLost)) > before })
	if took := time.Since(began); took < least {
		tn.Errorf("stopped after %s: want %s at the least", took, least)
	}
	lost, _ := tn.body(tn.cloud.Events(wire.ColdLost)[before]).(wire.LostBody)
	if lost.Code != code {
		tn.Errorf("stopped as %+v: want %s", lost, code)
	}
	if n := len(tn.cloud.Events(wire.SaleStopped)); n != before+1 {
		tn.Errorf("%d stops of the sale beside %d of the food", n, before+1)
	}
	tn.cloud.Until("it is told", time.Minute, func() bool {
		c := tn.cloud.Telemetry().Compartments[0]
		return !c.Selling && c.Why == code
	})
	return lost
}

func TestFaultFoodIsTooWarmUntilAPersonAttests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn, controller := coldTown(t)
		controller.is(83)
		lost := tn.stopsWithin(14*time.Minute, 16*time.Minute, protocol.CodeTooWarm)
		if lost.Limit != 50 || lost.Highest == nil || *lost.Highest != 83 {
			t.Errorf("%+v: want 8.3 above 5.0", lost)
		}
		if r := tn.openDoor(1); r.Code != protocol.CodeTooWarm {
			t.Errorf("reply to a resident %+v: want too_warm", r)
		}
		tn.cloud.Attest(fakecloud.ID(2), func(*wire.Task, *wire.AttestArgs) {})
		if r := tn.reply(2); r.Code != protocol.CodeTooWarm {
			t.Errorf("a word against the probe: reply %+v, want too_warm", r)
		}
		controller.is(40)
		wait(time.Minute)
		tn.halt(3, wire.Halt{Code: protocol.CodeOffSale})
		tn.halt(4)
		tn.kill()
		tn.boot()
		wait(time.Minute)
		if r := tn.openDoor(4); r.Code != protocol.CodeTooWarm {
			t.Errorf("cold again, put on sale and booted: reply %+v, want too_warm", r)
		}
		tn.cloud.Attest(fakecloud.ID(5), func(*wire.Task, *wire.AttestArgs) {})
		if r := tn.reply(5); r.Code != protocol.CodeOK {
			t.Fatalf("attest: %+v", r)
		}
		tn.untilSelling()
		said := tn.told(wire.ColdAttested)
		if len(said) != 1 || said[0] != (wire.AttestedBody{Compartment: 1, By: "Lin Wei", Why: "milk thrown away"}) {
			t.Errorf("recorded %+v", said)
		}
		tn.shop(6)
		tn.settled(6)
		tn.kill()
		tn.boot()
		tn.untilSelling()
	})
}

func TestAWordThatIsNotAPersonsIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn, controller := coldTown(t)
		tn.cloud.Attest(fakecloud.ID(1), func(*wire.Task, *wire.AttestArgs) {})
		if r := tn.reply(1); r.Code != protocol.CodeStale {
			t.Errorf("nothing to attest: reply %+v, want stale", r)
		}
		controller.is(83)
		tn.stopsWithin(14*time.Minute, 16*time.Minute, protocol.CodeTooWarm)
		controller.is(40)
		wait(time.Minute)
		for i, c := range []struct {
			name   string
			change func(*wire.Task, *wire.AttestArgs)
			want   protocol.Code
		}{
			{"of nobody", func(t *wire.Task, a *wire.AttestArgs) { t.By = "" }, protocol.CodeMalformed},
			{"without a reason", func(t *wire.Task, a *wire.AttestArgs) { a.Why = "" }, protocol.CodeMalformed},
			{"of another connection", func(t *wire.Task, a *wire.AttestArgs) { t.Challenge = make([]byte, 16) }, protocol.CodeStaleChallenge},
			{"for another cabinet", func(t *wire.Task, a *wire.AttestArgs) { t.Cabinet = "xs-02" }, protocol.CodeOtherCabinet},
			{"for a door that is not there", func(t *wire.Task, a *wire.AttestArgs) { a.Compartment = 9 }, protocol.CodeOtherCabinet},
			{"too late", func(t *wire.Task, a *wire.AttestArgs) { t.Expires = tn.cloud.Now().Add(-time.Second).UnixMilli() }, protocol.CodeExpired},
			{"of a later version", func(t *wire.Task, a *wire.AttestArgs) { t.V = 2 }, protocol.CodeUnsupported},
		} {
			n := byte(10 + i)
			tn.cloud.Attest(fakecloud.ID(n), c.change)
			if r := tn.reply(n); r.Code != c.want {
				t.Errorf("%s: reply %+v, want %s", c.name, r, c.want)
			}
		}
		tn.cloud.Command(wire.Command{
			V: 1, ID: fakecloud.ID(30), Cabinet: cabinetID, Kind: wire.CommandTask, Expires: tn.cloud.Now().Add(time.Minute).UnixMilli(),
			Task: []byte(`{"key":1,"sig":"AAAA","payload":{"v":1,"cabinet":"xs-01","kind":"attest","by":"x","args":{"compartment":1,"why":"y"}}}`),
		})
		if r := tn.reply(30); r.Code != protocol.CodeBadSignature {
			t.Errorf("unsigned: reply %+v, want bad_signature", r)
		}
		if n := len(tn.told(wire.ColdAttested)); n != 0 || tn.openDoor(40).Code != protocol.CodeTooWarm {
			t.Errorf("%d words taken", n)
		}
	})
}

func TestABootDoesNotBeginTheTimeOfWarmFoodAnew(t *testing.T) {
	for _, c := range []struct {
		name        string
		every       time.Duration // between two kills
		kills       int
		least, most time.Duration // until the stop, from the first kill on
	}{
		{"one power cut at ten minutes", 0, 1, 3 * time.Minute, 5*time.Minute + 30*time.Second},
		{"an agent that dies every twenty seconds", 20 * time.Second, 15, 0, 6 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tn, controller := coldTown(t)
				controller.is(83)
				wait(10 * time.Minute)
				began := time.Now()
				for range c.kills {
					tn.kill()
					tn.boot()
					wait(c.every)
				}
				tn.cloud.Until("the food is stopped", time.Hour, func() bool { return len(tn.cloud.Events(wire.ColdLost)) == 1 })
				if took := time.Since(began); took < c.least || took > c.most {
					t.Errorf("stopped after %s: want %s to %s", took, c.least, c.most)
				}
			})
		})
	}
}

func TestTimeWithoutPowerCountsWhereItIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn, controller := coldTown(t)
		controller.is(60)
		wait(5 * time.Minute)
		tn.kill()
		wait(3 * time.Hour)
		tn.boot()
		tn.stopsWithin(0, time.Minute, protocol.CodeTooWarm)
	})
}

func TestABootThatFindsItColdSellsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn, controller := coldTown(t)
		controller.is(60)
		wait(5 * time.Minute)
		controller.is(40)
		tn.kill()
		wait(3 * time.Hour)
		tn.boot()
		tn.untilSelling()
		wait(40 * time.Minute)
		if n := len(tn.cloud.Events(wire.ColdLost)); n != 0 {
			t.Errorf("%d stops", n)
		}
		kept, err := tn.agent.journal.Warmth()
		if err != nil || kept[1].State.Warm != 0 {
			t.Errorf("kept %+v, %v: want no warmth", kept, err)
		}
	})
}

func TestFaultNobodyKnowsHowWarmItIs(t *testing.T) {
	for name, fault := range map[string]func(*air){
		"the controller is silent": func(a *air) { a.silent = true },
		"the probe is broken":      func(a *air) { a.shelf = edge.Temperature{Fault: edge.ProbeBroken} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tn, controller := coldTown(t, config.Health{Compartments: []protocol.Compartment{1}, WarmMin: 5, ShutMin: 10})
				controller.set(fault)
				if lost := tn.stopsWithin(4*time.Minute, 7*time.Minute, protocol.CodeColdUnknown); lost.Highest != nil {
					t.Errorf("%+v: nothing was measured", lost)
				}
				tn.cloud.Attest(fakecloud.ID(1), func(*wire.Task, *wire.AttestArgs) {})
				if r := tn.reply(1); r.Code != protocol.CodeOK {
					t.Errorf("a person who has measured: reply %+v", r)
				}
				tn.untilSelling()
				tn.stopsWithin(8*time.Minute, 12*time.Minute, protocol.CodeColdUnknown)
			})
		})
	}
}

func TestATestOfALockAttestsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn, controller := coldTown(t)
		controller.is(83)
		tn.stopsWithin(14*time.Minute, 16*time.Minute, protocol.CodeTooWarm)
		attended, end := tn.attendTo()
		visit, err := attended.OpenByClaim(1)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := tn.serviced(attended, visit).(wire.SettledBody); !ok {
			t.Error("the visit was not settled")
		}
		end()
		tn.boot()
		tn.cloud.Until("the cloud has heard of the visit", time.Minute, func() bool { return len(tn.cloud.Events(wire.VisitSettled)) == 1 })
		if said := tn.told(wire.ColdAttested); len(said) != 0 {
			t.Errorf("nobody answered for the food: %+v", said)
		}
		if r := tn.openDoor(40); r.Code != protocol.CodeTooWarm {
			t.Errorf("reply to a resident %+v: want too_warm", r)
		}
	})
}

func TestAServiceVisitAttests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn, controller := coldTown(t, config.Health{Compartments: []protocol.Compartment{1}, ShutMin: 10})
		controller.is(83)
		tn.stopsWithin(14*time.Minute, 16*time.Minute, protocol.CodeTooWarm)
		for n, purpose := range []protocol.Purpose{protocol.PurposeRefill, protocol.PurposeService} {
			id := fakecloud.ID(byte(n + 1))
			g := tn.cloud.Grant(id)
			g.Purpose, g.Subject = purpose, grant.Token{5}
			tn.cloud.Open(id, g)
			if r := tn.reply(byte(n + 1)); r.Code != protocol.CodeOK {
				t.Fatalf("%s: reply %+v", purpose, r)
			}
			tn.pull()
			wait(5 * time.Second)
			tn.shut()
			tn.settled(byte(n + 1))
			wait(time.Second)
			if said := tn.told(wire.ColdAttested); len(said) != n {
				t.Fatalf("after a visit to %s: %+v", purpose, said)
			}
		}
		if b, _ := tn.told(wire.ColdAttested)[0].(wire.AttestedBody); b.Visit == nil || *b.Visit != fakecloud.ID(2) {
			t.Errorf("recorded %+v", b)
		}
		tn.untilSelling()
		tn.stopsWithin(13*time.Minute, 17*time.Minute, protocol.CodeTooWarm)
	})
}

func TestTheChainSaysHowWarmFoodMayBeAndWhatItDoesNotSayTheFileDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn, controller := coldTown(t, config.Health{Compartments: []protocol.Compartment{1}, WarmMin: 25, ShutMin: 10})
		controller.is(60)
		wait(20 * time.Minute) // The file still lets it.
		tight := desired(2)
		tight.Limits.Health = map[protocol.Compartment]wire.Health{1: {WarmMin: 20, AllMin: 40}}
		tn.cloud.Configure(tight)
		if lost := tn.stopsWithin(0, time.Minute, protocol.CodeTooWarm); lost.Limit != 50 || lost.ShutMS < (20*time.Minute).Milliseconds() {
			t.Errorf("%+v: want what the chain did not say as it was", lost)
		}
		tn.kill()
		tn.boot()
		wait(time.Minute)
		if c := tn.agent.cooled(1); c.limits.Warm != 20*time.Minute || c.limits.Shut != 10*time.Minute || c.limits.InAll != 40*time.Minute {
			t.Errorf("after a boot: %+v", c.limits)
		}
		loose := desired(3)
		loose.Limits.Health = hot(1, 80)
		tn.cloud.Configure(loose)
		tn.cloud.Until("it is applied", time.Minute, func() bool { return tn.agent.Applied().Version == 3 })
		if r := tn.openDoor(1); r.Code != protocol.CodeTooWarm {
			t.Errorf("a looser limit: reply %+v, want that only a person ends the stop", r)
		}
		tn.cloud.Attest(fakecloud.ID(2), func(*wire.Task, *wire.AttestArgs) {})
		if r := tn.reply(2); r.Code != protocol.CodeOK {
			t.Errorf("attest below the looser limit: %+v", r)
		}
		wait(40 * time.Minute)
		if n := len(tn.cloud.Events(wire.ColdLost)); n != 1 {
			t.Errorf("%d stops: want one", n)
		}
	})
}

func TestOpeningsGiveTheAirTimeButNotForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn, controller := coldTown(t, config.Health{Compartments: []protocol.Compartment{1}, AllMin: 50})
		controller.is(60)
		began := time.Now()
		for n := byte(1); len(tn.cloud.Events(wire.ColdLost)) == 0 && n < 20; n++ {
			tn.shop(n)
			wait(10 * time.Minute)
		}
		if took := time.Since(began); took < 50*time.Minute || took > 61*time.Minute {
			t.Errorf("stopped after %s: want 50 minutes", took)
		}
	})
}

func TestACompartmentWithoutAThermometerIsNeverStoppedForItsTemperature(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		wait(40 * time.Minute)
		if types := tn.cloud.Events(wire.ColdLost, wire.SaleStopped); len(types) != 0 || len(tn.agent.air) != 0 {
			t.Errorf("%+v", types)
		}
		if slices.ContainsFunc(tn.cloud.Telemetry().Compartments, func(c wire.CompartmentTelemetry) bool { return !c.Selling }) {
			t.Error("it does not sell")
		}
	})
}
