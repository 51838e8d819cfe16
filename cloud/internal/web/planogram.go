package web

import (
	"cmp"
	"fmt"
	"strings"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/planogram"
)

// planView is what stands against a cabinet's planogram, and what should lie elsewhere.
type planView struct {
	Say     string
	Often   bool // worth moving goods about
	Over    []overView
	Pairs   []pairView
	Rest    string // of pairs that are not shown
	Better  string
	Moves   []moveView
	Nowhere string // goods that are confused wherever they lie
}

type overView struct{ What, More string }

// pairView is two grips that weigh alike.
type pairView struct {
	Where   protocol.PlatformID
	A, B    string
	Reviews string
}

type moveView struct {
	From, To protocol.PlatformID
	What     string
}

const (
	pairsShown = 6
	leastShown = 1.0  // of 1,000 visits
	oftenFrom  = 10.0 // of 1,000 visits
)

func (v *view) planView(p planogram.Proposal, goods []cloud.ShelfGood) planView {
	names := map[protocol.SKU]string{}
	for _, g := range goods {
		names[g.Article.SKU] = v.lang.Pick(g.Article.Name)
	}
	name := func(sku protocol.SKU) string { return cmp.Or(names[sku], string(sku)) }
	view := planView{Say: v.say("plan.reviews", perThousand(p.Before.Reviews)), Often: p.Before.Reviews >= oftenFrom}
	if p.Before.Reviews < 1 {
		view.Say = v.say("plan.reviews.few")
	}
	for _, l := range p.Before.Overloads() {
		view.Over = append(view.Over, overView{
			What: v.say("plan.over", l.Platform, kilograms(l.Over())), More: v.say("plan.over.more", kilograms(l.Weight), kilograms(l.Capacity)),
		})
	}
	for _, c := range p.Before.Conflicts {
		if len(view.Pairs) == pairsShown || c.Reviews+c.Wrong < leastShown {
			break
		}
		view.Pairs = append(view.Pairs, pairView{Where: c.Platform, A: v.units(c.A, name), B: v.units(c.B, name), Reviews: perThousand(c.Reviews)})
	}
	if rest := len(p.Before.Conflicts) - len(view.Pairs); rest > 0 {
		view.Rest = v.count("plan.rest", rest)
	}
	if len(p.Moves) > 0 {
		view.Better = v.count("plan.better", len(p.Moves), perThousand(p.After.Reviews))
	}
	for _, m := range p.Moves {
		view.Moves = append(view.Moves, moveView{From: m.From, To: m.To, What: name(m.SKU)})
	}
	lost := make([]string, len(p.Nowhere))
	for i, sku := range p.Nowhere {
		lost[i] = name(sku)
	}
	view.Nowhere = strings.Join(lost, " · ")
	return view
}

func (v *view) units(units []planogram.Units, name func(protocol.SKU) string) string {
	parts := make([]string, len(units))
	for i, u := range units {
		parts[i] = v.say("plan.units", u.Qty, name(u.SKU))
	}
	return strings.Join(parts, " + ")
}

// perThousand writes how many of 1,000 visits.
func perThousand(n float64) string {
	if n > 0 && n < 1 {
		return "<1"
	}
	return fmt.Sprintf("%.0f", n)
}
