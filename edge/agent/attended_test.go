package agent

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/fakecloud"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/wire"
)

// attendTo stops the agent and lets a technician take its place until the test ends, or until the function that it gives
// is called.
func (tn *town) attendTo() (*Attended, func()) {
	tn.Helper()
	tn.stop()
	opt := tn.options()
	opt.attended, opt.Entropy = true, rand.NewChaCha8([32]byte{9})
	if err := opt.fill(); err != nil {
		tn.Fatal(err)
	}
	a, err := newAgent(opt, tn.boards())
	if err != nil {
		tn.Fatal(err)
	}
	t, err := attend(a)
	if err != nil {
		tn.Fatal(err)
	}
	closed := false
	end := func() {
		if closed {
			return
		}
		closed = true
		if err := t.Close(); err != nil {
			tn.Error(err)
		}
	}
	tn.Cleanup(end)
	wait(3 * time.Second) // Doors and weights are known.
	return t, end
}

// serviced waits for the end of a service visit whose door is pulled and shut.
func (tn *town) serviced(t *Attended, visit protocol.VisitID) wire.Body {
	tn.Helper()
	wait(time.Second)
	if !tn.pull() {
		tn.Fatal("the latch does not give")
	}
	wait(2 * time.Second)
	tn.shut()
	wait(30 * time.Second)
	body, err := t.Outcome(visit)
	if err != nil {
		tn.Fatal(err)
	}
	return body
}

func TestATechnicianOpensADoorUnderAServiceVisitThatTheCloudHearsOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		g := tn.cloud.Grant(fakecloud.ID(7))
		g.Challenge, g.Purpose, g.NotAfter = grant.Token{}, protocol.PurposeService, g.NotBefore.Add(time.Hour)
		bought := tn.cloud.Grant(fakecloud.ID(8))
		bought.Challenge = grant.Token{}
		attended, end := tn.attendTo()

		claimed, err := attended.OpenByClaim(1)
		if err != nil {
			t.Fatal(err)
		}
		if body, ok := tn.serviced(attended, claimed).(wire.SettledBody); !ok || body.Purpose != protocol.PurposeService {
			t.Errorf("the visit by the claim ended as %+v", body)
		}
		granted, err := attended.OpenByGrant(tn.cloud.Sign(g))
		if err != nil || granted != g.Visit {
			t.Fatalf("by grant: visit %s, %v", granted, err)
		}
		if tn.serviced(attended, granted) == nil {
			t.Error("the visit by the grant did not end")
		}
		refusals := []struct {
			name string
			open func() error
			code protocol.Code
		}{
			{"a grant that is used", func() error { _, err := attended.OpenByGrant(tn.cloud.Sign(g)); return err }, protocol.CodeUsed},
			{"a grant to buy", func() error { _, err := attended.OpenByGrant(tn.cloud.Sign(bought)); return err }, protocol.CodeUnsupported},
			{"a compartment that is not there", func() error { _, err := attended.OpenByClaim(4); return err }, protocol.CodeOtherCabinet},
			{"a door that is open", func() error { tn.key(); wait(time.Second); _, err := attended.OpenByClaim(1); return err }, protocol.CodeDoorOpen},
		}
		for _, c := range refusals {
			if err := c.open(); protocol.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", c.name, err, c.code)
			}
		}
		tn.shut()
		end()
		pulses := tn.pulses
		tn.boot()
		tn.cloud.Until("the cloud has heard of both visits", time.Minute, func() bool { return len(tn.cloud.Events(wire.VisitSettled)) == 2 })
		if pulses != 2 {
			t.Errorf("%d pulses for two visits", pulses)
		}
		for _, e := range tn.cloud.Events(wire.VisitBegun) {
			if b := tn.body(e).(wire.BegunBody); b.Purpose != protocol.PurposeService || !b.Offline || b.Own != (b.Visit == claimed) {
				t.Errorf("begun %+v: want a service visit without a line, and the one by the claim told as such", b)
			}
		}
	})
}

func TestTheEndOfAVisitIsHeardThoughTheDiskTookItWithWhatHadWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		attended, _ := tn.attendTo()
		visit, err := attended.OpenByClaim(1)
		if err != nil {
			t.Fatal(err)
		}
		if err := attended.do(func() {
			attended.a.unsaved = [][]wire.Body{{wire.AliveBody{}}}
			attended.a.schedule.save = attended.a.clock.Up() + time.Hour
		}); err != nil {
			t.Fatal(err)
		}
		if tn.serviced(attended, visit) == nil {
			t.Error("the visit ended and nobody heard of it")
		}
	})
}

func TestAScaleWithAWrongZeroAndSpanIsSetRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		attended, end := tn.attendTo()
		shows := func(mg protocol.Milligrams) { tn.set(func(c *cabinet) { c.weights[0] = mg }) }
		shows(50_000) // The empty platform; with goods the board shows two per cent too much.
		zero, err := attended.Zero(t.Context(), "S1", false, "technician-7")
		if err != nil {
			t.Fatal(err)
		}
		near(t, zero.Before, 50_000)
		near(t, zero.After, 0)
		shows(50_000 + 9*571_000*102/100)
		span, err := attended.Span(t.Context(), "S1", Known{SKU: water, Count: 9}, "technician-7")
		if err != nil {
			t.Fatal(err)
		}
		near(t, span.Before, 9*571_000*2/100)
		near(t, span.After, 0)
		if span.With != wire.WithArticle || span.Mass != 9*571_000 || span.PPM < 980_200 || span.PPM > 980_600 {
			t.Errorf("calibrated %+v", span)
		}
		end()
		tn.boot()
		tn.cloud.Until("the cabinet is back", time.Minute, func() bool { return tn.cloud.Births() == 2 })
		wait(time.Minute)
		near(t, tn.cloud.Telemetry().Compartments[0].Weights[0].Weight, 9*571_000)
		if n := len(tn.told(wire.ScaleSet)); n != 2 {
			t.Errorf("the cloud has heard of %d calibrations, want 2", n)
		}
		tn.shop(3)
		if s := tn.settled(3); len(s.Answer.Lines) != 1 || s.Answer.Lines[0].SKU != water {
			t.Errorf("settled %+v: want one bottle", s.Answer)
		}
	})
}

// near allows for the scale's noise.
func near(t *testing.T, got, want protocol.Milligrams) {
	t.Helper()
	if d := got - want; max(d, -d) > 1500 {
		t.Errorf("got %d mg, want %d", got, want)
	}
}

func TestACalibrationThatMakesNoSenseIsRefusedInWordsAndChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		attended, end := tn.attendTo()
		shows := func(mg protocol.Milligrams) func() {
			return func() { tn.set(func(c *cabinet) { c.weights[0] = mg }) }
		}
		zero := func() error { _, err := attended.Zero(t.Context(), "S1", false, ""); return err }
		span := func(k Known) func() error {
			return func() error { _, err := attended.Span(t.Context(), "S1", k, ""); return err }
		}
		cases := []struct {
			name   string
			before func()
			step   func() error
			code   protocol.Code
		}{
			{"a zero with goods on it", shows(10_000_000), zero, protocol.CodeMalformed},
			{"a weight that is too light", shows(200_000), span(Known{Mass: 200_000}), protocol.CodeMalformed},
			{"a weight that is far from what is shown", shows(5_000_000), span(Known{Mass: 7_000_000}), protocol.CodeMalformed},
			{"an article that nobody knows", shows(5_000_000), span(Known{SKU: "9999", Count: 9}), protocol.CodeMalformed},
			{"a scale that is silent", func() { tn.set(func(c *cabinet) { c.silent[0] = true }) }, zero, protocol.CodeScaleFault},
			{"a hand on it", func() {
				tn.set(func(c *cabinet) { c.silent[0], c.weights[0] = false, 20_000 })
				go func() { wait(2 * time.Second); tn.put(0, 40) }()
			}, zero, protocol.CodeScaleFault},
			{"a platform without a scale", func() {}, func() error { _, err := attended.Zero(t.Context(), "S7", false, ""); return err }, protocol.CodeMalformed},
		}
		for _, c := range cases {
			c.before()
			if err := c.step(); protocol.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", c.name, err, c.code)
			}
		}
		end()
		tn.boot()
		wait(time.Minute)
		if n := len(tn.told(wire.ScaleSet)); n != 0 {
			t.Errorf("%d calibrations were written down", n)
		}
	})
}

func TestARunningCabinetIsCalibratedOnlyDuringAServiceVisitAndWeighsOtherwiseOnlyAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.set(func(c *cabinet) { c.weights[0] = 50_000 })
		wait(5 * time.Second)
		zero := func() (body wire.CalibratedBody, err error) {
			done := make(chan struct{})
			tn.agent.work <- func() { body, err = tn.agent.zeroPlatform("S1", false, "technician-7"); close(done) }
			<-done
			return body, err
		}
		shown := func() protocol.Milligrams { return tn.agent.watch.Weights([]protocol.PlatformID{"S1"})[0].Weight }
		if _, err := zero(); protocol.CodeOf(err) != protocol.CodeNotSelling {
			t.Errorf("without a visit: %v", err)
		}
		tn.openDoor(1)
		if _, err := zero(); protocol.CodeOf(err) != protocol.CodeBusy {
			t.Errorf("during a purchase: %v", err)
		}
		tn.outcome(1) // Nobody pulls.
		g := tn.cloud.Grant(fakecloud.ID(2))
		g.Purpose = protocol.PurposeService
		tn.cloud.Open(fakecloud.ID(2), g)
		tn.reply(2)
		tn.pull()
		wait(4 * time.Second)
		body, err := zero()
		if err != nil || body.Visit == nil || *body.Visit != g.Visit {
			t.Fatalf("during a service visit: %+v, %v", body, err)
		}
		wait(2 * time.Second)
		near(t, shown(), 50_000)
		tn.shut()
		tn.settled(2)
		wait(3 * time.Second)
		near(t, shown(), 0)
	})
}

// calibrates sets the zero of S1 during a service visit, and its span by what lies there.
func (tn *town) calibrates() {
	tn.Helper()
	g := tn.cloud.Grant(fakecloud.ID(99))
	g.Purpose = protocol.PurposeService
	tn.cloud.Open(fakecloud.ID(99), g)
	tn.reply(99)
	wait(time.Second)
	tn.pull()
	wait(4 * time.Second)
	done := make(chan error)
	tn.agent.work <- func() {
		_, err := tn.agent.spanPlatform("S1", Known{SKU: water, Count: 18}, "technician-7")
		done <- err
	}
	if err := <-done; err != nil {
		tn.Error(err)
	}
	tn.shut()
	tn.outcome(99)
}

func TestACorrectionIsRoundedToTheNearestMilligramOnBothSidesOfNothing(t *testing.T) {
	c := edge.Correction{Offset: 100, PPM: 980_392}
	for shown, want := range map[protocol.Milligrams]protocol.Milligrams{100: 0, 1_000_100: 980_392, -999_900: -980_392, 103: 3, 97: -3} {
		if got := c.Of(shown); got != want {
			t.Errorf("shown %d: %d, want %d", shown, got, want)
		}
	}
	if got := (edge.Correction{}).Of(77); got != 77 {
		t.Errorf("no correction makes 77 into %d", got)
	}
}
