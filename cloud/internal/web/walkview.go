package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"allhours/cloud"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// walksView lists rounds.
type walksView struct {
	Who    string
	Person protocol.UUID
	Rows   []walkRow
	Others []walkRow // that somebody else walks
}

type walkRow struct {
	ID      protocol.UUID
	Path    string
	Store   string
	Day     string
	Today   bool
	State   cloud.RoundState
	Word    string
	Walks   string
	Stops   int
	Units   int
	Minutes int
}

// walkView is one round, in all of its states at once: without network the page itself goes from one to the next.
type walkView struct {
	ID     protocol.UUID
	Person protocol.UUID
	Path   string
	State  cloud.RoundState
	Kind   cloud.RoundKind
	Lanes  int // of a count
	Steps  int // in its history
	Sub    string
	Head   string
	More   string
	Way    string // how the stops are ordered, once they are
	Picks  []walkPick
	Left   int // articles that nobody has picked yet
	Shorts []choiceOf
	Stops  []stopRow
	Hands  []handView
	Why    []choiceOf // another number is handed over than was due
	Ahead  int
	Van    []vanRow
	VanSum string // what is left, in one word: while it is the same, what was typed beside it stays
	Rest   []vanRow
	Key    string
}

type choiceOf struct{ Value, Say string }

// walkPick is one article of the pick list.
type walkPick struct {
	SKU      protocol.SKU
	Name     string
	Category string
	Planned  int
	Picked   int
	Said     bool // picked, or said to be lacking
	Short    string
	Cases    string
	Totes    []string
	Key      string
	Aisle    string
	Dates    []string
	Codes    string   // that find it: its number and its bar codes
	Alike    []string // articles that it is easily taken for
}

// Part reports an article of which fewer were picked than planned.
func (r walkPick) Part() bool { return r.Said && r.Picked < r.Planned }

type stopRow struct {
	Cabinet protocol.CabinetID
	Path    string
	Number  int
	Place   string
	Put     int
	Out     int
	Minutes int
	State   cloud.StopState
	Say     string
	Way     string // to it, and when it can be reached
	Late    bool
	Next    bool
	Over    bool
}

type vanRow struct {
	SKU      protocol.SKU
	Name     string
	Expected int
	Back     int
	Kept     int
	Differs  int
}

func (v *view) walkView(r cloud.RoundView, who cloud.Principal) walkView {
	view := walkView{
		ID: r.ID, Person: who.ID, Path: roundPath(r.ID), State: r.State, Kind: r.Kind, Lanes: len(r.Lines), Steps: len(r.Steps), Sub: v.say("walk.sub", string(r.Day), cmp.Or(r.Walks, v.say("walk.nobody"))),
		Picks: v.walkPicks(r), Key: walkKey(r, who),
	}
	for _, reason := range cloud.ShortReasons() {
		view.Shorts = append(view.Shorts, choiceOf{string(reason), v.say("walk.short." + string(reason))})
	}
	units, minutes := 0, 0
	for i, s := range r.Stops {
		row := v.stopRow(r, s)
		row.Way, row.Late = v.wayTo(r, i)
		if !row.Over {
			row.Next = view.Ahead == 0
			view.Ahead++
			units, minutes = units+row.Put, minutes+row.Minutes
		}
		view.Stops = append(view.Stops, row)
	}
	view.Why = v.handReasons()
	for _, h := range v.handViews(r) {
		h.Key = view.Key + "-" + string(h.Way) + "-" + string(h.Store)
		if !h.Over {
			view.Ahead++
		}
		view.Hands = append(view.Hands, h)
	}
	for i := range view.Picks {
		p := &view.Picks[i]
		p.Key = sumOf([]byte(view.Key + string(p.SKU)))
		if !p.Said {
			view.Left++
		}
	}
	for _, x := range r.InVan() {
		view.VanSum += fmt.Sprintf("%s:%d ", x.SKU, x.Expected)
		view.Van = append(view.Van, vanRow{SKU: x.SKU, Name: v.articleName(r, x.SKU), Expected: x.Expected, Back: max(x.Expected, 0)})
	}
	for _, x := range r.Rest {
		view.Rest = append(view.Rest, vanRow{SKU: x.SKU, Name: v.articleName(r, x.SKU), Expected: x.Expected, Back: x.Back, Kept: x.Kept, Differs: x.Differs()})
	}
	view.Head, view.More = v.walkHead(view, units, minutes)
	if len(r.Stops) > 0 && r.Stops[0].Due.IsZero() && r.State != cloud.RoundPlanned {
		view.Way = v.say("walk.bynumber")
	}
	return view
}

func (v *view) articleName(r cloud.RoundView, sku protocol.SKU) string {
	return cmp.Or(v.lang.Pick(r.Names[sku].Name), string(sku))
}

func (v *view) walkHead(view walkView, units, minutes int) (head, more string) {
	if view.Kind == cloud.RoundTally && (view.State == cloud.RoundPlanned || view.State == cloud.RoundUnderWay && view.Ahead > 0) {
		return v.count("stocktake.walk", max(view.Ahead, 1)), v.say("stocktake.walk.more", view.Lanes)
	}
	switch view.State {
	case cloud.RoundPlanned, cloud.RoundPicking:
		if view.Left == 0 {
			return v.say("walk.picked.head"), v.say("walk.picked.more")
		}
		return v.count("walk.pick.head", view.Left), v.say("walk.pick.more", len(view.Stops)+len(view.Hands), units)
	case cloud.RoundUnderWay:
		if view.Ahead == 0 {
			return v.say("walk.home.head"), v.say("walk.home.more")
		}
		return v.count("walk.way.head", view.Ahead), v.say("walk.way.more", units, minutes)
	case cloud.RoundCancelled:
		return v.say("walk.cancelled.head"), ""
	}
	return v.say("walk.done.head"), v.say("walk.done.more")
}

// pace is how many metres are walked in a minute.
const pace = 70

// wayTo tells of the i-th stop how far it is from the one before, and when it can be reached.
func (v *view) wayTo(r cloud.RoundView, i int) (said string, late bool) {
	var parts []string
	if s := r.Stops[i]; !s.Due.IsZero() {
		key := "walk.way.next"
		if i == 0 {
			key = "walk.way.first"
		}
		parts, late = append(parts, v.say(key, s.Metres, max((s.Metres+pace-1)/pace, 1))), s.Late > 0
	}
	if hours := r.Cabinets[r.Stops[i].Cabinet].Hours; len(hours) > 0 {
		parts = append(parts, v.say("walk.reach", cloud.ReachText(hours, v.lang.Pick)))
	}
	if late {
		parts = append(parts, v.say("walk.late"))
	}
	return strings.Join(parts, " · "), late
}

// codes are what an article is found by: its number, and its bar codes without the zeros before them.
func codes(a cloud.Article, sku protocol.SKU) string {
	all := string(sku)
	for _, code := range a.Barcodes {
		all += " " + code.Plain()
	}
	return all
}

// alike names the articles that one is easily taken for, and why.
func (v *view) alike(all []cloud.AlikeArticle, counts func(cloud.AlikeArticle) (named, weighed bool)) (said []string) {
	for _, a := range all {
		name := cmp.Or(v.lang.Pick(a.Name), string(a.SKU))
		switch named, weighed := counts(a); {
		case named && weighed:
			said = append(said, v.say("walk.alike.both", name, a.SKU))
		case named:
			said = append(said, v.say("walk.alike.name", name, a.SKU))
		case weighed:
			said = append(said, v.say("walk.alike.weight", name, a.SKU))
		}
		if len(said) == mostAlike {
			break
		}
	}
	return said
}

// mostAlike is of how many articles a line warns.
const mostAlike = 3

// walkPicks adds up what is picked of each article, as one walks along the aisles.
func (v *view) walkPicks(r cloud.RoundView) (rows []walkPick) {
	number := map[protocol.CabinetID]int{}
	for id, cab := range r.Cabinets {
		number[id] = cab.Number
	}
	add := func(sku protocol.SKU, planned, picked int, short cloud.ShortReason, tote string) {
		i := slices.IndexFunc(rows, func(p walkPick) bool { return p.SKU == sku })
		if i < 0 {
			i = len(rows)
			rows = append(rows, walkPick{
				SKU: sku, Name: v.articleName(r, sku), Category: r.Names[sku].Category, Codes: codes(r.Names[sku], sku),
				Alike: v.alike(r.Alike[sku], func(a cloud.AlikeArticle) (named, weighed bool) { return a.Named, false }),
			})
		}
		row := &rows[i]
		row.Planned += planned
		row.Picked += picked
		row.Said = row.Said || picked > 0 || short != ""
		if short != "" {
			row.Short = v.say("walk.short." + string(short))
		}
		row.Totes = append(row.Totes, tote)
	}
	for _, l := range r.Lines {
		if l.Planned > 0 {
			add(l.SKU, l.Planned, l.Picked, l.Short, v.say("walk.tote", number[l.Cabinet], l.Planned))
		}
	}
	for _, l := range r.Legs {
		if l.Way == cloud.LegTake {
			add(l.SKU, l.Units, l.Picked, l.Short, v.say("leg.tote", v.lang.Pick(r.Stores[l.Store].Name), l.Units))
		}
	}
	for i := range rows {
		if size := r.Names[rows[i].SKU].CaseSize; size > 1 && rows[i].Planned >= size {
			rows[i].Cases = v.say("walk.cases", rows[i].Planned/size, rows[i].Planned%size)
		}
	}
	v.alongAisles(rows, r.Picks)
	return rows
}

// alongAisles puts rows in the order of the picks, and says where each lies and which dates are picked of it.
func (v *view) alongAisles(rows []walkPick, picks []picking.Pick) {
	at := make(map[protocol.SKU]int, len(picks))
	for i, p := range picks {
		at[p.SKU] = i
	}
	for i := range rows {
		n, known := at[rows[i].SKU]
		if !known {
			at[rows[i].SKU] = len(picks)
			continue
		}
		rows[i].Aisle, rows[i].Dates = v.aisle(picks[n]), v.dates(picks[n].Lots)
	}
	slices.SortStableFunc(rows, func(a, b walkPick) int { return cmp.Compare(at[a.SKU], at[b.SKU]) })
}

func (v *view) stopRow(r cloud.RoundView, s cloud.RoundStop) stopRow {
	cab := r.Cabinets[s.Cabinet]
	row := stopRow{
		Cabinet: s.Cabinet, Path: stopPath(r.ID, s.Cabinet), Number: cab.Number, Place: v.lang.Pick(cab.Place), Minutes: s.Minutes, State: s.State,
		Over: s.State == cloud.StopDone || s.State == cloud.StopSkipped,
	}
	for _, l := range r.LinesOf(s.Cabinet) {
		carried := r.Carried(l)
		row.Out += l.Out() + max(-carried, 0)
		units := l.Picked
		if r.State == cloud.RoundPlanned || r.State == cloud.RoundPicking {
			units = max(l.Planned, 0)
		}
		row.Put += units + max(carried, 0)
	}
	asked := r.Asked(s.Cabinet)
	switch {
	case s.State == cloud.StopSkipped:
		row.Say = v.say("walk.stop.skipped", s.Why)
	case s.State == cloud.StopDone && s.Why != "":
		row.Say = v.say("walk.stop.unopened", s.Why)
	case s.State == cloud.StopDone:
		row.Say = v.say("walk.stop.done")
	case asked > 0:
		row.Say = v.count("walk.stop.asked", asked)
	case s.State == cloud.StopOpen:
		row.Say = v.say("walk.stop.open")
	case row.Out > 0:
		row.Say = v.say("walk.stop.both", row.Put, row.Out)
	case r.Kind == cloud.RoundTally:
		row.Say = v.count("stocktake.lanes", len(r.LinesOf(s.Cabinet)))
	default:
		row.Say = v.say("walk.stop.put", row.Put, s.Minutes)
	}
	if s.Draft != 0 && !row.Over {
		row.Say = v.say("walk.plan") + " · " + row.Say
	}
	return row
}

// walkKey is what the keys of a page's forms are made of. It stays the same until somebody has taken a step, so that a page on which
// nothing happens is not sent again and again.
func walkKey(r cloud.RoundView, who cloud.Principal) string {
	return sumOf(fmt.Appendf(nil, "%s %s %d", r.ID, who.ID, len(r.Steps)))
}

// said writes a number that somebody said; nothing where nobody did.
func said(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// placeID is the address of a lane within its page.
func placeID(at picking.Place) string { return "l-" + string(at.Platform) + "-" + string(at.SKU) }
