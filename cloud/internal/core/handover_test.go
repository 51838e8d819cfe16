package core_test

import (
	"slices"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// open are the points that are not right now.
func (r *rig) openPoints() (open []cloud.HandoverItem) {
	r.t.Helper()
	list, err := r.core.Handovers.Checklist(r.t.Context(), "xs-01")
	r.must(err)
	for _, p := range list.Points {
		if !p.OK {
			open = append(open, p.Item)
		}
	}
	return open
}

// stands tells how the cabinet's one door and two scales do.
func (c *cabinet) stands(warm protocol.Code, second bool) {
	c.rig.t.Helper()
	c.rig.must(c.say(topic.Telemetry, wire.Telemetry{
		V: 1, Cabinet: "xs-01", At: time.Now().UnixMilli(), Clock: true, Last: c.last(), Compartments: []wire.CompartmentTelemetry{{
			Compartment: 1, Door: wire.DoorStateShut, Selling: warm == "", Why: warm,
			Weights: []wire.Weight{{Platform: "S1", OK: true}, {Platform: "S2", OK: second}}, Probes: []wire.Probe{{Celsius: 40}},
		}},
	}))
}

func TestACabinetIsHandedOverByFactsAndByAPersonsWord(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.cabinet.stands(protocol.CodeTooWarm, false)
		want := []cloud.HandoverItem{
			cloud.HandoverScales, cloud.HandoverCalibrated, cloud.HandoverLocks, cloud.HandoverCold, cloud.HandoverPurchase,
			cloud.HandoverSticker, cloud.HandoverStands,
		}
		if got := r.openPoints(); !slices.Equal(got, want) {
			t.Errorf("at first %v, want %v", got, want)
		}
		v, err := r.service("")
		r.must(err)
		b := begun(v.ID)
		b.Purpose = protocol.PurposeService
		r.cabinet.does(b)
		for _, platform := range []protocol.PlatformID{"S1", "S2"} {
			r.cabinet.does(wire.CalibratedBody{Platform: platform, With: wire.WithWeight, Mass: 5_000_000, PPM: 1_000_000})
			r.cabinet.does(wire.CalibratedBody{Platform: platform, With: wire.WithNothing}) // Its zero once more takes nothing back.
		}
		r.cabinet.does(r.cabinet.serviced(v.ID))
		r.cabinet.stands("", true)
		p, err := r.begin("")
		r.must(err)
		r.cabinet.buys(p.ID, settle.Line{SKU: "1001", Qty: 1})
		<-time.After(time.Minute)
		r.cabinet.stands("", true)
		if got := r.openPoints(); !slices.Equal(got, []cloud.HandoverItem{cloud.HandoverSticker, cloud.HandoverStands}) {
			t.Errorf("when all is done, %v", got)
		}

		word := cloud.SignHandover{Cabinet: "xs-01", By: "Chen Jun", Ticks: map[cloud.HandoverItem]bool{cloud.HandoverSticker: true, cloud.HandoverScales: true}}
		if _, err := r.core.Handovers.HandOver(t.Context(), word); protocol.CodeOf(err) != protocol.CodeMalformed {
			t.Errorf("left open without a reason: %v", err)
		}
		word.Why = map[cloud.HandoverItem]string{cloud.HandoverStands: " the floor is done tomorrow "}
		signed, err := r.core.Handovers.HandOver(t.Context(), word)
		r.must(err)
		list, err := r.core.Handovers.Checklist(t.Context(), "xs-01")
		r.must(err)
		if list.Signed == nil || list.Signed.ID != signed.ID || list.Signed.By != "Chen Jun" || !list.Signed.At.Equal(time.Now().Truncate(time.Millisecond)) {
			t.Fatalf("signed %+v", list.Signed)
		}
		for _, p := range list.Signed.Points {
			if p.Item == cloud.HandoverStands && (p.OK || p.Why != "the floor is done tomorrow") || p.Item != cloud.HandoverStands && !p.OK {
				t.Errorf("signed %+v", p)
			}
		}
	})
}

// TestWhatAnotherBoxWasSeenToDoIsNoFactOfTheNewOne: its journal knows of no calibration.
func TestWhatAnotherBoxWasSeenToDoIsNoFactOfTheNewOne(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v, err := r.service("")
		r.must(err)
		b := begun(v.ID)
		b.Purpose = protocol.PurposeService
		r.cabinet.does(b)
		r.ask(wire.TaskCalibrate, wire.CalibrateArgs{Platform: "S1", Mass: 5_000_000})
		r.cabinet.answers(r.cabinet.task(), protocol.CodeOK, []byte("x"))
		r.cabinet.does(r.cabinet.serviced(v.ID))
		p, err := r.begin("")
		r.must(err)
		r.cabinet.buys(p.ID, settle.Line{SKU: "1001", Qty: 1})
		later(time.Minute)
		r.must(r.core.Cards.Expect(t.Context(), "xs-01"))
		next := r.cabinet.replaced(60)
		next.birth()
		list, err := r.core.Handovers.Checklist(t.Context(), "xs-01")
		r.must(err)
		for _, p := range list.Points {
			switch p.Item {
			case cloud.HandoverCalibrated, cloud.HandoverLocks, cloud.HandoverPurchase:
				if p.OK || p.Item == cloud.HandoverCalibrated && len(p.Lack) != 2 {
					t.Errorf("%+v, by what the box before did", p)
				}
			}
		}
	})
}

func TestATickIsNoFact(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.cabinet.stands("", false)
		ticks := map[cloud.HandoverItem]bool{}
		for _, i := range r.openPoints() {
			ticks[i] = true
		}
		if _, err := r.core.Handovers.HandOver(t.Context(), cloud.SignHandover{Cabinet: "xs-01", By: "Chen Jun", Ticks: ticks}); protocol.CodeOf(err) != protocol.CodeMalformed {
			t.Errorf("a person's word against what the machine sees: %v", err)
		}
	})
}
