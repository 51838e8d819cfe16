package core_test

import (
	"slices"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

func TestARoundCarriesGoodsFromOneCabinetToAnother(t *testing.T) {
	at := func(cabinet protocol.CabinetID) picking.Place {
		return picking.Place{Cabinet: cabinet, Platform: "S1", SKU: "1001"}
	}
	plan := func(r *rig, transfers ...cloud.RoundTransfer) (cloud.Round, error) {
		return r.core.Rounds.Plan(r.t.Context(), cloud.PlanRound{
			Person: technician, By: "li", Key: "plan", Store: "north", Cabinets: []protocol.CabinetID{"xs-03", "xs-01", "xs-02"}, Transfers: transfers,
			Lines: []cloud.PlannedLine{{Place: at("xs-01"), Units: 0}, {Place: at("xs-02"), Units: 0}, {Place: at("xs-03"), Units: 0}},
		})
	}
	inRig(t, func(t *testing.T, r *rig) {
		r.must(r.core.Apply(t.Context(), village()))
		r.must(r.db.People().AddStaff(t.Context(), people.Staff{ID: restocker, Name: "wang", Role: protocol.RoleRestocker, Created: time.Now()}))
		for what, bad := range map[string][]cloud.RoundTransfer{
			"more than lies there":   {{From: at("xs-01"), To: at("xs-02"), Units: 99}},
			"none":                   {{From: at("xs-01"), To: at("xs-02")}},
			"within one cabinet":     {{From: at("xs-01"), To: at("xs-01"), Units: 1}},
			"of two articles":        {{From: at("xs-01"), To: picking.Place{Cabinet: "xs-02", Platform: "S1", SKU: "1002"}, Units: 1}},
			"to a lane that is none": {{From: at("xs-01"), To: picking.Place{Cabinet: "xs-02", Platform: "S9", SKU: "1001"}, Units: 1}},
			"around in a circle":     {{From: at("xs-01"), To: at("xs-02"), Units: 1}, {From: at("xs-02"), To: at("xs-01"), Units: 1}},
			"twice as much in two":   {{From: at("xs-01"), To: at("xs-02"), Units: 5}, {From: at("xs-01"), To: at("xs-03"), Units: 5}},
		} {
			if _, err := plan(r, bad...); protocol.CodeOf(err) != protocol.CodeMalformed {
				t.Errorf("%s: %v", what, err)
			}
		}
		round, err := plan(r, cloud.RoundTransfer{From: at("xs-01"), To: at("xs-03"), Units: 3})
		r.must(err)
		w := &walk{rig: r, round: round.ID}
		w.steps(cloud.RoundStart, cloud.RoundStepBody{})
		view := w.steps(cloud.RoundDepart, cloud.RoundStepBody{})
		var order []protocol.CabinetID
		for _, s := range view.Stops {
			order = append(order, s.Cabinet)
		}
		// The third is the nearest, and would be the first.
		if slices.Index(order, "xs-01") > slices.Index(order, "xs-03") || view.Moved(at("xs-01")) != -3 || view.Moved(at("xs-03")) != 3 {
			t.Fatalf("walked as %v, %d and %d are moved", order, view.Moved(at("xs-01")), view.Moved(at("xs-03")))
		}
		w.fills("o1", put("S1", "1001", -2))
		if found := findingOf(t, w, at("xs-01")); found.Verdict != picking.Ask || found.Said != -3 || found.Weighed != -2 {
			t.Errorf("two of three were taken: %+v", found)
		}
		w.steps(cloud.RoundCount, laneStep("S1", "1001", -2))
		w.has(map[ledger.Account]int64{van: 2, lane: 6})
		w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: "xs-01"})
		if view, err := r.core.Rounds.Round(t.Context(), w.round); err != nil || view.Moved(at("xs-03")) != 2 {
			t.Errorf("of two that were taken %d are to be put, %v", view.Moved(at("xs-03")), err)
		}
		for _, id := range []protocol.CabinetID{"xs-02", "xs-03"} { // The second half does not happen.
			w.steps(cloud.RoundClose, cloud.RoundStepBody{Cabinet: id, Why: "rain"})
		}
		w.refuses(cloud.CodeAnswerNeeded, cloud.RoundFinish, cloud.RoundStepBody{})
		done := w.steps(cloud.RoundFinish, cloud.RoundStepBody{Rest: []cloud.RestSaid{{SKU: "1001", Kept: 2}}})
		w.has(map[ledger.Account]int64{van: 2, lane: 6})
		if len(done.Transfers) != 1 || done.Carries(done.Transfers[0]) != 2 {
			t.Errorf("transfers %+v", done.Transfers)
		}
		w.mustBeSound()
	})
}

func findingOf(t *testing.T, w *walk, at picking.Place) picking.Finding {
	t.Helper()
	view, err := w.core.Rounds.Round(t.Context(), w.round)
	w.must(err)
	for i, l := range view.LinesOf(at.Cabinet) {
		if l.Place() == at {
			return view.Findings(at.Cabinet)[i]
		}
	}
	t.Fatalf("%v is no lane", at)
	return picking.Finding{}
}
