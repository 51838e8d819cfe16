package web_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// brake is what halts cabinets, watches them closely and runs their visits again, as a test makes it.
type brake struct {
	w      *world
	asked  []cloud.AskHalt
	back   []cloud.HaltKind
	story  []cloud.Halt
	looked atomic.Int64
	counts []cloud.ScaleCount
	air    []cloud.AirCurve
	walked cloud.Walked
	replay cloud.VisitReplay
}

func (b *brake) Halt(_ context.Context, a cloud.AskHalt) (cloud.Halt, error) {
	b.asked = append(b.asked, a)
	return cloud.Halt{}, nil
}

func (b *brake) Resume(_ context.Context, _ protocol.CabinetID, kind cloud.HaltKind, _ cloud.Principal) error {
	b.back = append(b.back, kind)
	return nil
}

func (b *brake) Story(context.Context, protocol.CabinetID, int) ([]cloud.Halt, error) {
	return b.story, nil
}

func (b *brake) Look(context.Context, protocol.CabinetID) error {
	b.looked.Add(1)
	return nil
}

func (b *brake) Air(protocol.CabinetID) []cloud.AirCurve { return b.air }

func (b *brake) Counts(context.Context, protocol.CabinetID) ([]cloud.ScaleCount, error) {
	return b.counts, nil
}

func (b *brake) Walked(context.Context, protocol.CabinetID) (cloud.Walked, error) {
	return b.walked, nil
}

func (b *brake) Versions(context.Context, protocol.CabinetID) (cloud.CabinetVersions, error) {
	return cloud.CabinetVersions{Config: 7, Applied: 7, Prices: 3, AppliedPrices: 3, Platforms: 5}, nil
}

func (b *brake) Replay(_ context.Context, id protocol.VisitID) (cloud.VisitReplay, error) {
	if b.replay.Visit.ID != id {
		return cloud.VisitReplay{}, protocol.Errorf(cloud.CodeUnknownVisit, "no")
	}
	return b.replay, nil
}

// halted puts a halt on a cabinet, as it is in force and in its story.
func (b *brake) halted(id protocol.CabinetID, kind cloud.HaltKind, reason cloud.HaltReason) {
	h := cloud.Halt{
		ID: protocol.UUID{1}, Cabinet: id, Kind: kind, Holds: true, At: noon.Add(-time.Hour), By: "manager", Role: protocol.RoleManager, Reason: reason,
		Text: cloud.Text{Zh: "清洁到早上。", En: "Being cleaned until the morning."}, Until: noon.Add(4 * time.Hour),
	}
	if kind == protocol.CodeLockedOut {
		h.Until = time.Time{}
	}
	cab := b.w.cabinet(id)
	cab.Halts, cab.State = append(cab.Halts, h), cloud.CabinetStopped
	b.story = append(b.story, h)
}

// warmDay is a day at one probe, with an hour of which nothing was told.
func warmDay() []cloud.AirCurve {
	c := cloud.AirCurve{Compartment: 1, From: noon.Add(-24 * time.Hour), Steps: make([]cloud.AirRange, 288)}
	for i := range c.Steps {
		low := protocol.DeciCelsius(35 + i%24)
		c.Steps[i] = cloud.AirRange{Low: low, High: low + 4, Known: i < 100 || i >= 112}
	}
	return []cloud.AirCurve{c}
}

// watched is a cabinet that tells everything of itself and has been seen to, and another one that is off sale and locked out.
func watched(w *world) {
	locked, mains, battery, signal := true, true, 83, -61
	cab := w.cabinet("qj-1")
	cab.Presence.Told, cab.Presence.Boot = noon.Add(-2*time.Second), 4
	cab.Presence.Telemetry.At, cab.Presence.Telemetry.Clock = noon.Add(-12*time.Second).UnixMilli(), true
	cab.Presence.Telemetry.Compartments[0].Locked = &locked
	cab.Presence.Telemetry.Compartments[0].Probes = []wire.Probe{{Celsius: 41}}
	cab.Presence.Telemetry.Machine = wire.Machine{Mains: &mains, Battery: &battery, Signal: &signal}
	for i := range cab.Platforms {
		cab.Platforms[i].Par = map[protocol.SKU]int{}
		for _, g := range w.goods["qj-1"] {
			cab.Platforms[i].Par[g.Article.SKU] = 9
		}
	}
	w.brake.counts = []cloud.ScaleCount{
		{Platform: "S1", SKU: "2001", Qty: 4, Low: 4, High: 5, At: noon.Add(-20 * time.Minute)}, {Platform: "S1", SKU: "1301", Qty: 5, Low: 5, High: 5, At: noon.Add(-20 * time.Minute)},
	}
	w.brake.air = warmDay()
	w.shop.tasks = append(w.shop.tasks, cloud.Task{
		ID: id(90), Cabinet: "qj-1", Kind: wire.TaskRestart, By: "manager", Asked: noon.Add(-time.Minute), Expires: noon.Add(time.Hour), Reached: noon.Add(-50 * time.Second),
	})
	w.put(serviceVisit(cloud.StateServiced))
	w.brake.walked = cloud.Walked{Visit: visitIn(cloud.StateCharged), Sure: true, Steps: []settle.Step{
		{At: 2100, Platform: "S1", Delta: -263_000, SKU: "2001", Qty: -1, What: settle.Taken}, {At: 4300, Platform: "S3", Delta: -340_000, SKU: "1401", Qty: -1, What: settle.Taken},
		{At: 9800, Platform: "S1", Delta: -278_000, SKU: "1301", Qty: -1, What: settle.Taken}, {At: 12_400, Platform: "S1", Delta: 278_000, SKU: "1301", Qty: 1, What: settle.Back},
	}}
	w.brake.halted("qj-3", protocol.CodeLockedOut, cloud.HaltDamage)
	w.brake.halted("qj-3", protocol.CodeOffSale, cloud.HaltCleaning)
}

// again is the visit of visitIn run again, which comes to another bill.
func (b *brake) again(visit cloud.Visit) {
	now := []settle.Line{{SKU: "2001", Qty: 2}}
	b.replay = cloud.VisitReplay{
		Visit: visit, Basis: cloud.ReplayJournal, Booked: cloud.Bill{Lines: visit.Lines, Total: visit.Total, Known: true}, Priced: cloud.Bill{Lines: orderLines(2), Total: 700, Known: true},
		Then:  settle.Answer{Decision: settle.Bill, Rule: "1", Confidence: 0.99, Why: []settle.Explanation{{Steps: []settle.Step{{At: 2000, Platform: "S1", Delta: -250_000, SKU: "2001", Qty: -1, What: settle.Taken}}}}},
		Now:   settle.Answer{Decision: settle.Review, Rule: "2", Confidence: 0.7, Lines: now, Why: []settle.Explanation{{Lines: now, Steps: []settle.Step{{At: 2000, Platform: "S1", Delta: -500_000, SKU: "2001", Qty: -2, What: settle.Taken}}}}},
		Moved: []cloud.ReplayMoved{{SKU: "2001", Name: articles[0].Name, Then: 1, Booked: 1, Now: 2}},
		Apart: []cloud.ReplayApart{cloud.ApartRule, cloud.ApartDecision, cloud.ApartLines, cloud.ApartTotal},
		Events: []cloud.ReplayEvent{
			{Ref: "event:qj-1/j/4", Seq: 4, At: noon, Type: wire.VisitBegun, Body: wire.BegunBody{Before: []wire.Weight{{Platform: "S1", Weight: 4_120_000, OK: true}, {Platform: "S2"}}}},
			{Ref: "event:qj-1/j/6", Seq: 6, At: noon, Type: wire.VisitStep, Body: wire.StepBody{Steps: []settle.Step{{Platform: "S1", Delta: -250_000, SKU: "2001", Qty: -1, What: settle.Taken}}}},
			{Ref: "event:qj-1/j/8", Seq: 8, Type: wire.VisitSettled, Body: wire.SettledBody{Answer: settle.Answer{Decision: settle.Bill, Lines: []settle.Line{{SKU: "2001", Qty: 1}}}}},
		},
	}
}

func TestAResidentReadsWhyACabinetIsOffSaleBeforeTheDoorAndIsOfferedNoButton(t *testing.T) {
	for i, lang := range bothLanguages {
		w := newWorld()
		w.brake.halted("qj-1", protocol.CodeOffSale, cloud.HaltCleaning)
		for _, session := range []string{"", "anna"} {
			v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: session}
			rec := v.get("/c/qj-1")
			mustSee(t, rec, http.StatusOK, [2]string{"清洁到早上。", "Being cleaned until the morning."}[i], "06:14", supportPhone, `href="/c/qj-2"`)
			mustNotSee(t, rec, `action="/c/qj-1/open"`)
			mustNotSee(t, v.post("/c/qj-1/open", "key", "k"), `name="phone"`) // Nobody signs in for a door that stays shut.
		}
		w = newWorld()
		w.begin = func(cloud.BeginVisit) error {
			return &cloud.Halted{Halt: cloud.Halt{Kind: protocol.CodeLockedOut, Text: cloud.Text{Zh: "玻璃碎了。", En: "The glass is broken."}}}
		}
		v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "anna"}
		mustSee(t, v.post("/c/qj-1/open", "key", "k1"), http.StatusConflict, [2]string{"玻璃碎了。", "The glass is broken."}[i])
	}
}

func TestWhoMayHaltsReleasesAndRestartsACabinetAndNobodyElse(t *testing.T) {
	cases := []struct {
		path string
		form []string
		may  map[string]bool
	}{
		{"halt", []string{"reason", "repair", "until", "2026-11-22T06:00"}, map[string]bool{"manager": true, "technician": true}},
		{"resume", nil, map[string]bool{"manager": true, "technician": true}},
		{"lock", []string{"reason", "damage"}, map[string]bool{"manager": true, "technician": true}},
		{"release", nil, map[string]bool{"technician": true}},
		{"restart", nil, map[string]bool{"manager": true, "technician": true}},
	}
	for _, c := range cases {
		for _, session := range []string{"manager", "technician", "mei", "auditor", "anna"} {
			w := newWorld()
			w.cabinet("qj-1").Presence.Boot = 4
			v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: session}
			rec := v.post("/cabinets/qj-1/"+c.path, c.form...)
			did := len(w.brake.asked) + len(w.brake.back) + len(w.shop.asked)
			if want := c.may[session]; (rec.Code == http.StatusSeeOther) != want || (did == 1) != want {
				t.Errorf("%s by %s: status %d, %d done", c.path, session, rec.Code, did)
			}
		}
	}
}

func TestThePageOfACabinetTellsHowItStandsAndWhatWasDone(t *testing.T) {
	w := newWorld()
	watched(w)
	cab := w.cabinet("qj-1")
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "technician"}
	mustSee(t, v.get("/cabinets/qj-1"), http.StatusOK,
		"Live", "Door shut", "locked", "Books and scale differ", "4 (4–5)", ">9<", "Sold out", `class="aircurve"`, "Mains", "83", "Good (-61 dBm)", "10 s behind",
		"Price list", "not told", "manager asked for a new start", "it starts again when no visit is under way", `action="/cabinets/qj-1/halt"`, `action="/cabinets/qj-1/lock"`,
		`action="/cabinets/qj-1/service/open"`, `value="cleaning"`, `value="electric"`)
	w.brake.halted("qj-1", protocol.CodeLockedOut, cloud.HaltDamage)
	cab.Presence.Told = noon.Add(-30 * time.Second)
	rec := v.get("/cabinets/qj-1")
	mustSee(t, rec, http.StatusOK, "As it was 30 s ago", "Locked out", "glass or door damaged", "Being cleaned until the morning.", "The cabinet does so.", "manager locked it out", `action="/cabinets/qj-1/release"`)
	mustNotSee(t, rec, `action="/cabinets/qj-1/lock"`)
	v.session = "manager"
	mustNotSee(t, v.get("/cabinets/qj-1"), `action="/cabinets/qj-1/release"`)
	v.session = "auditor"
	mustNotSee(t, v.get("/cabinets/qj-1"), `action="/cabinets/qj-1/`)
	mustSee(t, v.get("/cabinets"), http.StatusOK, "Locked out (glass or door damaged)")
}

func TestAVisitRunAgainIsShownStepByStepBesideWhatWasBooked(t *testing.T) {
	w := newWorld()
	visit := visitIn(cloud.StateCharged)
	w.put(visit)
	w.brake.again(visit)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	path := "/v/" + visit.ID.String() + "/replay"
	mustSee(t, v.get(path), http.StatusOK, "It differs in 4 ways", "The rule is another one: 1 then, 2 today", "Then: charge it. Today: ask a person", "S1 lost 250 g", "S1 lost 500 g",
		"/coverage/qj/event?ref=event%3Aqj-1%2Fj%2F6", "S2 unknown", "¥7.00", "This only shows")
	mustSee(t, v.get("/v/"+visit.ID.String()), http.StatusOK, `href="`+path+`"`)
	v.session = "auditor"
	if rec := v.get(path); rec.Code != http.StatusForbidden {
		t.Errorf("an auditor gets %d", rec.Code)
	}
}
