package web

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// storyView is one explanation of what the scales saw.
type storyView struct {
	Head    string
	Sure    string // how likely it is, in a word
	Percent string
	Width   int // of 100
	Lines   []storyLine
	Sum     protocol.Fen
	Short   bool // the sum lacks goods whose price is not known
	Total   string
	Steps   []stepView
	Unseen  bool // it has goods, and no step tells of them
}

// storyLine is what the resident would be charged for.
type storyLine struct {
	Name    string
	Qty     int
	Sum     string
	Differs bool // the other story has not so many of it
}

// teller knows what is needed to tell one review: names, where goods belong, and when it was.
type teller struct {
	*view
	names map[protocol.SKU]string
	homes map[protocol.SKU][]protocol.PlatformID
	zero  time.Time // in the chain's zone; zero: not known
}

// teller takes names from the shelf as it is now, and from the bills those that are gone from it.
func (v *view) teller(r cloud.Review, goods []cloud.ShelfGood, loc *time.Location) teller {
	t := teller{view: v, names: map[protocol.SKU]string{}, homes: map[protocol.SKU][]protocol.PlatformID{}}
	if !r.Zero.IsZero() {
		t.zero = r.Zero.In(loc)
	}
	for _, b := range r.Bills {
		for _, l := range b.Lines {
			t.names[l.SKU] = v.lang.Pick(l.Name)
		}
	}
	for _, g := range goods {
		t.names[g.Article.SKU] = v.lang.Pick(g.Article.Name)
		t.homes[g.Article.SKU] = append(t.homes[g.Article.SKU], g.Platform)
	}
	return t
}

// facts are what is known of platforms beside the stories.
func (t teller) facts(a settle.Answer) []string {
	var facts []string
	for _, f := range a.Faults {
		facts = append(facts, t.sayFault(f))
	}
	for _, s := range a.Strays {
		if home := t.home(s.SKU, s.Platform); home != "" {
			facts = append(facts, t.say("review.stray", t.units(s.SKU, s.Qty), s.Platform, home))
			continue
		}
		facts = append(facts, t.say("review.stray.lost", t.units(s.SKU, s.Qty), s.Platform))
	}
	return facts
}

// stories tells the explanations, and what the first two have of their own.
func (t teller) stories(r cloud.Review) []storyView {
	heads := []string{t.say("review.first"), t.say("review.second")}
	all := t.steps(r.Answer.Why)
	var stories []storyView
	for i, why := range r.Answer.Why[:min(len(r.Answer.Why), len(heads))] {
		s := storyView{
			Head: heads[i], Sure: t.sure(why.Probability), Percent: t.percent(why.Probability), Width: int(why.Probability*100 + 0.5),
			Steps: all[i], Unseen: len(all[i]) == 0 && len(why.Lines) > 0,
		}
		bill := cloud.Bill{}
		if i < len(r.Bills) {
			bill = r.Bills[i]
		}
		s.Sum, s.Short = bill.Total, !bill.Known
		s.Total = t.total(bill)
		for _, l := range why.Lines {
			s.Lines = append(s.Lines, t.line(l, bill))
		}
		stories = append(stories, s)
	}
	if len(stories) == 2 {
		markLines(r.Answer.Why[0].Lines, r.Answer.Why[1].Lines, stories[0].Lines)
		markLines(r.Answer.Why[1].Lines, r.Answer.Why[0].Lines, stories[1].Lines)
	}
	return stories
}

func (t teller) line(l settle.Line, bill cloud.Bill) storyLine {
	line := storyLine{Name: t.name(l.SKU), Qty: l.Qty, Sum: t.say("review.noprice")}
	if i := slices.IndexFunc(bill.Lines, func(o cloud.OrderLine) bool { return o.SKU == l.SKU }); i >= 0 {
		line.Sum = money(bill.Lines[i].Price * protocol.Fen(l.Qty))
	}
	return line
}

func (t teller) total(b cloud.Bill) string {
	switch {
	case b.Known:
		return money(b.Total)
	case b.Total == 0:
		return t.say("review.noprice")
	}
	return t.say("review.atleast", b.Total)
}

// markLines marks what the other story has not, or not so many of.
func markLines(mine, others []settle.Line, shown []storyLine) {
	for i, l := range mine {
		shown[i].Differs = !slices.Contains(others, l)
	}
}

// steps tells the steps of each explanation. Of two, each is given a row for every change that either of them tells of,
// so that the rows stand beside each other.
func (t teller) steps(why []settle.Explanation) [][]stepView {
	told := make([]map[place][]settle.Step, len(why))
	rows := map[place]bool{}
	for i, e := range why {
		told[i] = map[place][]settle.Step{}
		for _, s := range e.Steps {
			at := place{s.At, s.Platform}
			told[i][at] = append(told[i][at], s)
			rows[at] = true
		}
	}
	order := slices.SortedFunc(maps.Keys(rows), place.compare)
	all := make([][]stepView, len(why))
	for i, e := range why {
		if len(e.Steps) == 0 && len(e.Lines) > 0 {
			continue
		}
		for _, at := range order {
			all[i] = append(all[i], t.step(at, told[i][at]))
		}
	}
	if len(all) == 2 && len(all[0]) == len(all[1]) {
		for k := range all[0] {
			differs := all[0][k].key != all[1][k].key
			all[0][k].Differs, all[1][k].Differs = differs, differs
		}
	}
	return all
}

// place is where and when a weight changed, in milliseconds since the visit's zero.
type place struct {
	at       int64
	platform protocol.PlatformID
}

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(p.at, other.at), cmp.Compare(p.platform, other.platform))
}
