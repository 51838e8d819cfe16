package core_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

var (
	liNa    = cloud.Principal{ID: protocol.UUID{6: 0x70, 8: 0x80, 15: 78}, Role: protocol.RoleManager, Name: "Li Na"}
	chenJun = cloud.Principal{ID: technician, Role: protocol.RoleTechnician, Name: "Chen Jun"}
)

// halt halts the cabinet, for ever or until a moment.
func (r *rig) halt(kind cloud.HaltKind, reason cloud.HaltReason, until time.Time) cloud.Halt {
	r.t.Helper()
	h, err := r.core.Halting.Halt(r.t.Context(), cloud.AskHalt{Cabinet: "xs-01", Kind: kind, Reason: reason, Until: until, By: liNa})
	r.must(err)
	return h
}

func TestACabinetOffSaleLetsNoResidentInByAnyWayAndTellsThemWhy(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.loseLine()
		given, err := r.begin("code")
		r.must(err)
		if given.Pass == "" {
			t.Fatal("no code was given out")
		}
		r.halt(protocol.CodeOffSale, cloud.HaltCleaning, time.Time{})
		refused := func(what string) {
			t.Helper()
			_, err := r.begin(what)
			h, is := errors.AsType[*cloud.Halted](err)
			if protocol.CodeOf(err) != protocol.CodeOffSale || !is || h.Text != cloud.HaltCleaning.Text() {
				t.Errorf("%s: %v", what, err)
			}
		}
		if shown := r.visit(given.ID); shown.Pass != "" {
			t.Error("a code that was given out before is shown on")
		}
		refused("by a code")
		r.cabinet.comesBack(r.cabinet.last())
		refused("by a command")
		cab, err := r.core.Fleet.Cabinet(t.Context(), "xs-01")
		r.must(err)
		if h := cab.Halt(); h == nil || h.By != "Li Na" || cab.State != cloud.CabinetStopped || cab.Shows {
			t.Errorf("shown as %+v", cab)
		}
		if got := r.cabinet.config().Halts; len(got) != 1 || got[0] != (wire.Halt{Code: protocol.CodeOffSale}) {
			t.Errorf("the cabinet is told %+v", got)
		}
		if _, err := r.service("service"); err != nil {
			t.Errorf("a technician: %v", err)
		}
		r.cabinet.does(wire.SaleBody{EventType: wire.SaleStopped, Compartment: 1, Code: protocol.CodeOffSale})
		if found := r.incidents(); found[cloud.IncidentStopped] != 0 {
			t.Errorf("incidents %v", found)
		}
		r.must(r.core.Halting.Resume(t.Context(), "xs-01", protocol.CodeOffSale, liNa))
		if got := r.cabinet.config().Halts; len(got) != 0 {
			t.Errorf("after it was taken back the cabinet is told %+v", got)
		}
		if _, err := r.begin("again"); protocol.CodeOf(err) == protocol.CodeOffSale {
			t.Errorf("after it was taken back: %v", err)
		}
	})
}

func TestAHaltThatIsSaidTwiceIsOneWordAndOnlyAWordThatFitsIsTaken(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		first := r.halt(protocol.CodeLockedOut, cloud.HaltDamage, time.Time{})
		configs := r.mail.count(topic.Config)
		if again := r.halt(protocol.CodeLockedOut, cloud.HaltDamage, time.Time{}); again.ID != first.ID || r.mail.count(topic.Config) != configs {
			t.Errorf("the same again: %+v, %d configurations more", again, r.mail.count(topic.Config)-configs)
		}
		for range 2 {
			r.must(r.core.Halting.Resume(t.Context(), "xs-01", protocol.CodeLockedOut, chenJun))
		}
		story, err := r.core.Halting.Story(t.Context(), "xs-01", 10)
		r.must(err)
		if len(story) != 2 || story[0].Holds || story[0].By != "Chen Jun" || !story[1].Holds || story[1].By != "Li Na" {
			t.Errorf("the story is %+v", story)
		}
		for what, ask := range map[string]cloud.AskHalt{
			"a reason of the other kind":    {Kind: protocol.CodeOffSale, Reason: cloud.HaltElectric},
			"an end of a lock-out":          {Kind: protocol.CodeLockedOut, Reason: cloud.HaltFood, Until: time.Now().Add(time.Hour)},
			"an end that is over":           {Kind: protocol.CodeOffSale, Reason: cloud.HaltRepair, Until: time.Now().Add(-time.Hour)},
			"a kind that there is not":      {Kind: protocol.CodeTooWarm, Reason: cloud.HaltOther},
			"words that nobody reads whole": {Kind: protocol.CodeOffSale, Reason: cloud.HaltOther, Text: cloud.Text{En: strings.Repeat("x", cloud.HaltTextMax+1)}},
		} {
			ask.Cabinet, ask.By = "xs-01", liNa
			if _, err := r.core.Halting.Halt(t.Context(), ask); protocol.CodeOf(err) != protocol.CodeMalformed {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := r.core.Halting.Halt(t.Context(), cloud.AskHalt{Cabinet: "xs-99", Kind: protocol.CodeOffSale, Reason: cloud.HaltOther, By: liNa}); protocol.CodeOf(err) != cloud.CodeUnknownCabinet {
			t.Errorf("an unknown cabinet: %v", err)
		}
	})
}

func TestAHaltWithAnEndIsOverAtThatMomentAndCoverageSaysSo(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.cabinet.does(wire.BootBody{Clean: true, Version: "1"})
		r.cabinet.does(wire.StockBody{Levels: []settle.Level{{Platform: "S1", Units: []settle.Line{{SKU: "1001", Qty: 8}}}}})
		from := time.Now()
		end := from.Add(10*time.Minute + 700*time.Millisecond)
		r.halt(protocol.CodeOffSale, cloud.HaltSite, end)
		if got := r.cabinet.config().Halts; len(got) != 1 || got[0].Until != end.UnixMilli() {
			t.Errorf("the cabinet is told %+v", got)
		}
		later(12 * time.Minute)
		r.cabinet.does(wire.AliveBody{Selling: true})
		r.cabinet.telemetry()
		if got := r.cabinet.config().Halts; len(got) != 0 {
			t.Errorf("after its end the cabinet is told %+v", got)
		}
		story, err := r.core.Halting.Story(t.Context(), "xs-01", 10)
		r.must(err)
		if len(story) != 2 || story[0].By != "" || story[0].At.UnixMilli() != end.UnixMilli() {
			t.Errorf("the story is %+v", story)
		}
		of, err := r.core.Coverage.Store(t.Context(), "north", cloud.ServedQuery{Days: 8})
		r.must(err)
		halted := int64(0)
		for _, d := range of.Days {
			for _, p := range d.Pieces {
				if p.Cabinets[0].State == coverage.Uncovered {
					halted += p.Length()
				}
			}
		}
		if want := end.UnixMilli() - from.UnixMilli(); halted != want {
			t.Errorf("halted for %d ms, want %d", halted, want)
		}
		if _, err := r.begin("after"); err != nil {
			t.Errorf("after its end: %v", err)
		}
	})
}

func TestANewStartIsAskedForOnceAndEndsWithTheBoot(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		cab, err := r.core.Fleet.Cabinet(t.Context(), "xs-01")
		r.must(err)
		ask, err := cab.Restart("Li Na")
		r.must(err)
		asked, err := r.core.Tasks.Ask(t.Context(), ask)
		r.must(err)
		sent := r.cabinet.task()
		if sent.Kind != wire.TaskRestart || string(sent.Args) != `{"boot":1}` {
			t.Errorf("sent %s %s", sent.Kind, sent.Args)
		}
		if now := r.task(asked); !now.Reached.IsZero() {
			t.Errorf("before a word of it: %+v", now)
		}
		later(3 * time.Second)
		r.cabinet.answers(sent, protocol.CodeBusy, nil)
		if now := r.task(asked); now.Reached.IsZero() || now.State(time.Now()) != cloud.TaskWaiting {
			t.Errorf("while a visit is under way: %+v", now)
		}
		r.cabinet.starts()
		r.cabinet.birth()
		r.cabinet.answers(r.cabinet.task(), protocol.CodeOK, nil)
		if now := r.task(asked); now.State(time.Now()) != cloud.TaskDone {
			t.Errorf("after the new start: %+v", now)
		}
		away := cab
		away.State = cloud.CabinetAway
		if _, err := away.Restart("Li Na"); protocol.CodeOf(err) != cloud.CodeCabinetAway {
			t.Errorf("of a cabinet that is away: %v", err)
		}
	})
}

func TestAVisitIsRunAgainBesideWhatWasBookedAndNothingChanges(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.cabinet.does(wire.StockBody{Levels: []settle.Level{
			{Platform: "S1", Weight: 7_748_000, Units: []settle.Line{{SKU: "1001", Qty: 8}, {SKU: "1002", Qty: 6}}},
			{Platform: "S2", Weight: 900_000, Units: []settle.Line{{SKU: "1003", Qty: 10}}},
		}})
		v, err := r.begin("key")
		r.must(err)
		b := begun(v.ID)
		b.Config = 1
		b.Before = []wire.Weight{{Platform: "S1", Weight: 7_748_000, OK: true}, {Platform: "S2", Weight: 900_000, OK: true}}
		r.cabinet.does(b)
		r.cabinet.does(wire.OpenedBody{Visit: v.ID})
		r.cabinet.does(wire.StepBody{Visit: v.ID, Steps: []settle.Step{{At: 2000, Platform: "S1", Delta: -571_000, SKU: "1001", Qty: -1, What: settle.Taken}}})
		s := r.cabinet.settled(v.ID, settle.Line{SKU: "1001", Qty: 1})
		s.Answer.Rule, s.Answer.Confidence = settle.RuleVersion, 0.99
		s.Answer.Levels = []settle.Level{{Platform: "S1", Weight: 7_177_000, Units: []settle.Line{{SKU: "1001", Qty: 7}, {SKU: "1002", Qty: 6}}}, {Platform: "S2", Weight: 900_000, Units: []settle.Line{{SKU: "1003", Qty: 10}}}}
		r.cabinet.does(s)
		later(time.Second)
		before := r.visit(v.ID)
		again, err := r.core.Replays.Replay(t.Context(), v.ID)
		r.must(err)
		if again.Basis != cloud.ReplayJournal || len(again.Apart) != 0 || again.Priced.Total != 200 || again.Booked.Total != 200 || !again.Booked.Known {
			t.Errorf("run again: %s %s, differs in %v, %+v beside %+v", again.Basis, again.Lacks, again.Apart, again.Priced, again.Booked)
		}
		types := map[wire.EventType]int{}
		for _, e := range again.Events {
			types[e.Type]++
		}
		if types[wire.VisitBegun] != 1 || types[wire.VisitStep] != 1 || types[wire.VisitSettled] != 1 {
			t.Errorf("its events are %v", types)
		}
		if after := r.visit(v.ID); after.Total != before.Total || after.Payment != before.Payment {
			t.Errorf("the visit became %+v", after)
		}
		if _, err := r.core.Replays.Replay(t.Context(), protocol.UUID{9}); protocol.CodeOf(err) != cloud.CodeUnknownVisit {
			t.Errorf("of no visit: %v", err)
		}
		r.check()
	})
}

func TestAVisitThatWasBilledOtherwiseThanTheRulesSayIsNamed(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.cabinet.does(wire.StockBody{Levels: []settle.Level{{Platform: "S1", Units: []settle.Line{{SKU: "1001", Qty: 8}, {SKU: "1002", Qty: 6}}}, {Platform: "S2", Units: []settle.Line{{SKU: "1003", Qty: 10}}}}})
		v, err := r.begin("key")
		r.must(err)
		b := begun(v.ID)
		b.Config = 1
		b.Before = []wire.Weight{{Platform: "S1", Weight: 7_748_000, OK: true}, {Platform: "S2", Weight: 900_000, OK: true}}
		r.cabinet.does(b)
		r.cabinet.does(wire.OpenedBody{Visit: v.ID})
		s := r.cabinet.settled(v.ID, settle.Line{SKU: "1002", Qty: 1}) // Water went, tea was billed.
		s.Answer.Rule = "0"
		s.Answer.Levels = []settle.Level{{Platform: "S1", Weight: 7_177_000}, {Platform: "S2", Weight: 900_000}}
		r.cabinet.does(s)
		later(time.Second)
		again, err := r.core.Replays.Replay(t.Context(), v.ID)
		r.must(err)
		for _, want := range []cloud.ReplayApart{cloud.ApartRule, cloud.ApartLines, cloud.ApartTotal} {
			if !slices.Contains(again.Apart, want) {
				t.Errorf("%s is not named: %v", want, again.Apart)
			}
		}
		if again.Booked.Total != 350 || again.Priced.Total != 200 {
			t.Errorf("booked %s, run again %s", again.Booked.Total, again.Priced.Total)
		}
	})
}
