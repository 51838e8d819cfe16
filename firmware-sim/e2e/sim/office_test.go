package sim

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// office is a manager with the queue and the objections before them, and the residents who object. What they decide is said again
// where the service dies meanwhile.
type office struct {
	town   *town
	chance *rand.Rand
	seen   map[protocol.VisitID]bool // cases that were thought about, and bills that were
	rule   map[protocol.UUID]cloud.RuleDispute
	decide map[protocol.VisitID]cloud.DecideReview
}

// officeWork counts what offices did in all seeds, so that a run in which nobody decided anything shows.
var officeWork struct{ decided, waived, refunded atomic.Int64 }

func (v *town) newOffice(chance *rand.Rand) *office {
	return &office{town: v, chance: chance, seen: map[protocol.VisitID]bool{}, rule: map[protocol.UUID]cloud.RuleDispute{}, decide: map[protocol.VisitID]cloud.DecideReview{}}
}

// works until it is told that the evening is over.
func (o *office) works(over <-chan struct{}) {
	for {
		o.decides()
		o.objects()
		o.rules()
		select {
		case <-over:
			return
		case <-time.After(between(o.chance, time.Second, 5*time.Second)):
		}
	}
}

// decides a part of what waits, as it was or in the resident's favour. The rest is left to others.
func (o *office) decides() {
	waiting, _ := o.town.service.reviews()
	for _, r := range waiting {
		if o.seen[r.Visit.ID] {
			continue
		}
		o.seen[r.Visit.ID] = true
		d := cloud.DecideReview{Visit: r.Visit.ID, By: "li", Role: protocol.RoleManager, Story: cloud.NoStory}
		switch o.chance.IntN(4) {
		case 0:
			continue
		case 1:
			d.Waive = true
		default:
			d.Lines = o.truth(r.Visit.ID)
		}
		o.decide[r.Visit.ID] = d
	}
	for _, id := range slices.SortedFunc(maps.Keys(o.decide), compareIDs) {
		if v, err := o.town.service.decide(o.decide[id]); err == nil {
			o.town.note("case decided", "visit", id, "lines", o.decide[id].Lines, "payment", v.Payment)
			if o.decide[id].Waive {
				officeWork.waived.Add(1)
			} else {
				officeWork.decided.Add(1)
			}
			delete(o.decide, id)
		}
	}
}

// truth is what left the cabinets in a visit.
func (o *office) truth(visit protocol.VisitID) []settle.Line {
	lines := []settle.Line{}
	for _, b := range o.town.boxes {
		units := b.taken()[visit]
		for _, sku := range slices.Sorted(maps.Keys(units)) {
			if units[sku] > 0 {
				lines = append(lines, settle.Line{SKU: sku, Qty: units[sku]})
			}
		}
	}
	return lines
}

// objects to a part of the bills that are paid, once each.
func (o *office) objects() {
	all, err := ask(o.town.service, latestVisits)
	if err != nil {
		return
	}
	for _, v := range all {
		if o.seen[v.ID] || v.Payment != cloud.PaymentCaptured || len(v.Lines) == 0 {
			continue
		}
		o.seen[v.ID] = true
		if o.chance.IntN(2) == 0 {
			continue
		}
		l := v.Lines[o.chance.IntN(len(v.Lines))]
		complaint := cloud.Objection{
			Visit: v.ID, Person: v.Person, Key: v.ID.String(), Words: "no",
			Lines: []cloud.DisputeLine{{SKU: l.SKU, Qty: 1 + o.chance.IntN(l.Qty), Why: cloud.ComplaintNotFresh}},
		}
		if _, err := o.town.service.object(complaint); err != nil {
			o.town.note("objection not taken", "visit", v.ID, "error", err)
		}
	}
}

// rules on what residents object to: no, a part, or all of it. Where the goods are stays as it was: nobody goes there.
func (o *office) rules() {
	open, _ := o.town.service.objections()
	for _, c := range open {
		if _, known := o.rule[c.ID]; known || len(c.Lines) == 0 {
			continue
		}
		r, l := cloud.RuleDispute{Dispute: c.ID, By: "li", Role: protocol.RoleManager, Reason: "looked at"}, c.Lines[0]
		amount := protocol.Fen(l.Qty) * o.town.prices[l.SKU]
		switch o.chance.IntN(3) {
		case 0:
			amount = 0
		case 1:
			amount = 1 + protocol.Fen(o.chance.Int64N(int64(amount)))
		}
		if amount > 0 {
			r.Lines = []cloud.RulingLine{{SKU: l.SKU, Qty: l.Qty, Amount: amount, Goods: []cloud.Fate{cloud.FateSold, cloud.FateWrittenOff}[o.chance.IntN(2)]}}
		}
		o.rule[c.ID] = r
	}
	for _, id := range slices.SortedFunc(maps.Keys(o.rule), compareIDs) {
		if d, err := o.town.service.rule(o.rule[id]); err == nil {
			officeWork.refunded.Add(int64(len(o.rule[id].Lines)))
			o.town.note("objection ruled on", "visit", d.Visit, "lines", fmt.Sprint(o.rule[id].Lines))
			delete(o.rule, id)
		}
	}
}

func compareIDs(a, b protocol.UUID) int { return slices.Compare(a[:], b[:]) }
