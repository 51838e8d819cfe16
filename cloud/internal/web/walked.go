package web

import (
	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// walkedView is the last visit that moved goods, as it walks over the drawing.
type walkedView struct {
	Path  string
	At    moment
	By    string // who filled it; empty: a resident shopped
	Guess bool   // a person has to look at its bill: this is the likeliest of what it may have been
	Steps []walkedStep
	More  int
}

type walkedStep struct {
	Number int
	Say    string
}

// walkedSteps is how many steps are drawn; the rest is counted.
const walkedSteps = 9

// walk numbers the places that the last visit went to. What is no article of the place is shown at the surface that felt it.
func (f *front) walk(of cloud.Walked) {
	known := make(map[slotPlace]bool)
	for _, d := range f.doors {
		for _, shelf := range d.shelves {
			for _, s := range shelf {
				known[s.place()] = true
			}
		}
	}
	for i, s := range of.Steps[:min(len(of.Steps), walkedSteps)] {
		at := slotPlace{s.Platform, s.SKU}
		if !known[at] {
			at.sku = ""
		}
		f.steps[at] = append(f.steps[at], i+1)
		if last := len(f.way) - 1; last < 0 || f.way[last] != at {
			f.way = append(f.way, at)
		}
	}
}

// walkedView tells the same in words; nil: there was no such visit.
func (v *view) walkedView(of standingNow) *walkedView {
	if len(of.walked.Steps) == 0 {
		return nil
	}
	visit := of.walked.Visit
	view := walkedView{Path: visitPath(visit.ID), At: moment{At: visit.Created.In(zone(of.chain)), Day: true}, By: visit.By, Guess: !of.walked.Sure}
	names := make(map[protocol.SKU]string, len(of.goods))
	for _, g := range of.goods {
		names[g.Article.SKU] = v.lang.Pick(g.Article.Name)
	}
	for _, l := range visit.Lines {
		names[l.SKU] = v.lang.Pick(l.Name)
	}
	t := teller{view: v, names: names}
	for i, s := range of.walked.Steps[:min(len(of.walked.Steps), walkedSteps)] {
		say := t.what([]settle.Step{s})
		if visit.Purpose == protocol.PurposeRefill && s.Qty > 0 {
			say = v.say("stand.walked.put", t.goods([]settle.Step{s}))
		}
		view.Steps = append(view.Steps, walkedStep{i + 1, say})
	}
	view.More = len(of.walked.Steps) - len(view.Steps)
	return &view
}
