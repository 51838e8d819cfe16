package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// stopPage is one cabinet of a round, as the restocker stands before it.
type stopPage struct {
	ID      protocol.UUID
	Person  protocol.UUID
	Path    string
	Back    string
	Title   string
	State   cloud.RoundState
	Kind    cloud.RoundKind
	Steps   int
	Stop    cloud.RoundStop
	Over    bool
	Number  int
	Cabinet cloud.CabinetView
	Door    doorSaid
	Doors   []protocol.Compartment
	Rows    [][]boardLanes
	Lanes   []laneView
	Todo    int
	Asked   int
	Strays  []strayView
	Dirty   []string // platforms that something has leaked on
	Tags    int      // prices to be changed
	Key     string
	Way     string
	Late    bool
	Plan    *planTurn // that is set up here; nil: none
	Shown   bool      // what is thrown away must be photographed
}

// doorSaid is what is known of the door.
type doorSaid struct {
	Say   string
	Open  bool // an opening is under way
	Again bool // it was opened before
	Away  bool // the cabinet has no line: it cannot be opened from here
}

type boardLanes struct {
	ID    protocol.PlatformID
	Lanes []laneView
}

// laneView is one lane: what is expected, what was said, and what the scales say.
type laneView struct {
	picking.Place
	Anchor   string
	Name     string
	Category string
	Book     int    // there now
	Put      int    // that is brought
	Out      int    // that is to be taken out
	Expected int    // the one less the other: what the scales are to see
	Way      string // the two as they are read, +3 −2
	Said     string // the same of what the restocker said
	Takes    int    // that the field of what is taken out stands at
	Reasons  []choiceOf
	Reason   string
	Blind    bool   // the scales cannot say
	Dirty    bool   // something has leaked there
	Tag      string // how its price has changed
	Turn     string // how the lane turns by the draft; empty: it stays
	Counted  string // "" where nobody has said
	Value    int    // that the stepper stands at
	Weighed  string // "" where nobody knows
	Scales   int
	Live     bool   // the door is open: the scales may still change their word
	State    string // quiet, todo, agree or ask
	Ask      string
	Hint     string
	Replies  []replyView
	Asked    int // what was said, as the question has it
	Next     string
	NextName string
	Key      string
	Codes    string
	Alike    []string
	Brings   []string // dates of what was picked for it
	Dates    []dateRow
	Dated    string // what was read off the goods
	Photos   []photoLink
	Moves    []string // what is carried from here to another cabinet, or the other way
	Today    string
}

// dateRow is a date that may be said of what is put into a lane.
type dateRow struct {
	Nth   int
	Units int
	Until string // empty: not said
}

type replyView struct {
	Answer picking.Answer
	Say    string
	Key    string
}

func (v *view) stopPage(r cloud.RoundView, stop cloud.RoundStop, goods []cloud.ShelfGood, who cloud.Principal) stopPage {
	cab := r.Cabinets[stop.Cabinet]
	page := stopPage{
		ID: r.ID, Person: who.ID, Path: stopPath(r.ID, stop.Cabinet), Back: roundPath(r.ID), State: r.State, Kind: r.Kind, Steps: len(r.Steps), Stop: stop, Number: cab.Number, Cabinet: cab,
		Title: v.say("stand.title", cab.Number, v.lang.Pick(cab.Place)), Over: stop.State == cloud.StopDone || stop.State == cloud.StopSkipped, Key: walkKey(r, who), Shown: r.Shown,
	}
	visit := underWay(r, stop.Cabinet)
	page.Door = v.doorSaid(cab, stop, visit)
	for _, p := range cab.Platforms {
		if !slices.Contains(page.Doors, p.Compartment) {
			page.Doors = append(page.Doors, p.Compartment)
		}
	}
	findings := r.Findings(stop.Cabinet)
	for i, l := range r.LinesOf(stop.Cabinet) {
		home := slices.IndexFunc(goods, func(g cloud.ShelfGood) bool { return g.Platform == l.Platform && g.Article.SKU == l.SKU })
		if home < 0 && l.Turn == cloud.TurnNone && l.Blind && l.Planned == 0 && r.Kind != cloud.RoundTally { // It lay astray there, and was taken along.
			continue
		}
		lane := v.laneOf(r, l, findings[i], visit, stop.Settled > 0)
		lane.Alike = v.alike(r.Alike[l.SKU], func(a cloud.AlikeArticle) (named, weighed bool) {
			here := lies(cab, a.SKU)
			return a.Named && here, a.Weighed && here
		})
		lane.Photos = v.photoLinks(r.Photos, func(p cloud.RoundPhoto) bool { return p.Place == l.Place() })
		lane.keyed(page.Key)
		if home >= 0 {
			lane.Book = goods[home].Units
		}
		page.Lanes = append(page.Lanes, lane)
	}
	page.Plan = v.planTurn(r, stop)
	page.link()
	page.Way, page.Late = v.wayTo(r, slices.IndexFunc(r.Stops, func(s cloud.RoundStop) bool { return s.Cabinet == stop.Cabinet }))
	var boards []boardView
	for _, p := range cab.Platforms {
		boards = append(boards, boardView{ID: p.ID})
	}
	for _, row := range inRows(cab.Layout, boards) {
		var lanes []boardLanes
		for _, b := range row {
			lanes = append(lanes, boardLanes{b.ID, page.on(b.ID)})
		}
		page.Rows = append(page.Rows, lanes)
	}
	return page
}

// lies reports an article that has a place in a cabinet.
func lies(cab cloud.CabinetView, sku protocol.SKU) bool {
	return slices.ContainsFunc(cab.Platforms, func(p cloud.Platform) bool { return slices.Contains(p.SKUs, sku) })
}

// underWay is the newest opening of a cabinet that has not ended.
func underWay(r cloud.RoundView, cabinet protocol.CabinetID) *cloud.Visit {
	for i := len(r.Visits) - 1; i >= 0; i-- {
		if v := &r.Visits[i]; v.Cabinet == cabinet && v.Ended.IsZero() {
			return v
		}
	}
	return nil
}

func (v *view) doorSaid(cab cloud.CabinetView, stop cloud.RoundStop, visit *cloud.Visit) doorSaid {
	d := doorSaid{Again: stop.State == cloud.StopOpen, Away: cab.State == cloud.CabinetAway}
	switch {
	case visit != nil && visit.Silent && visit.Phase == "":
		d.Say, d.Open = v.say("walk.door.silent"), true
	case visit != nil && visit.Phase == wire.PhaseOpen:
		d.Say, d.Open = v.say("walk.door.open"), true
	case visit != nil && visit.Phase == wire.PhaseCounting:
		d.Say, d.Open = v.say("walk.door.counting"), true
	case visit != nil:
		d.Say, d.Open = v.say("walk.door.opening"), true
	case d.Away:
		d.Say = v.say("walk.door.away")
	default:
		d.Say = v.say("walk.door.shut")
	}
	return d
}

// laneOf tells a lane of a refill, or of a count.
func (v *view) laneOf(r cloud.RoundView, l cloud.RoundLine, found picking.Finding, visit *cloud.Visit, settled bool) laneView {
	if r.Kind != cloud.RoundTally {
		return v.laneView(r, l, found, visit, settled)
	}
	lane := laneView{
		Place: l.Place(), Anchor: placeID(l.Place()), Name: v.articleName(r, l.SKU), Category: r.Names[l.SKU].Category, Expected: l.Before, Counted: said(l.Counted), Value: l.Before,
		State: "todo", Book: l.Before, Codes: codes(r.Names[l.SKU], l.SKU),
	}
	if level, known := r.Scales[l.Place()]; known {
		lifted := putSoFar(visit, l.Place())
		lane.Weighed = v.scalesSay(level.Qty+lifted, level.Low+lifted, level.High+lifted)
	}
	switch {
	case l.Counted == nil:
		return lane
	case found.Verdict == picking.Ask:
		lane.ask(v, found)
		lane.Hint = v.say("stocktake.gap")
	case l.Answer != "":
		lane.State, lane.Hint = "agree", v.say("stocktake.answered", v.say("move.reason."+string(l.Answer)))
	default:
		lane.State, lane.Hint = "agree", v.say("stocktake.agree")
	}
	lane.Value, lane.Said = *l.Counted, strconv.Itoa(*l.Counted)
	return lane
}

// laneView tells a lane. While the door is open the scales' word is what they see so far; afterwards it is that of the books.
func (v *view) laneView(r cloud.RoundView, l cloud.RoundLine, found picking.Finding, visit *cloud.Visit, settled bool) laneView {
	lane := laneView{
		Place: l.Place(), Anchor: placeID(l.Place()), Name: v.articleName(r, l.SKU), Category: r.Names[l.SKU].Category, Put: l.Picked, Out: l.Out(), Takes: l.Expired, Turn: v.turn(l),
		Counted: said(l.Counted), State: "quiet", Book: l.After, Reasons: v.wasteReasons(), Reason: string(cmp.Or(l.Reason, ledger.Expired)), Codes: codes(r.Names[l.SKU], l.SKU),
		Brings: v.dates(l.Lots), Dates: dateRows(l), Dated: strings.Join(v.dates(l.Said), ", "), Today: string(r.Day),
	}
	if r.State == cloud.RoundPlanned || r.State == cloud.RoundPicking {
		lane.Put = l.Planned
	}
	if l.Turn == cloud.TurnOff {
		lane.Put = 0
	}
	moved := r.Carried(l)
	lane.Value, lane.Moves = lane.Put+moved, v.movesOf(r, l.Place())
	lane.Put, lane.Out = lane.Put+max(moved, 0), lane.Out+max(-moved, 0)
	lane.Expected, lane.Way = lane.Put-lane.Out, way(lane.Put, lane.Out)
	if l.Turn == cloud.TurnOut { // It is taken along, and not thrown away.
		lane.Value = -lane.Out
	}
	if l.Counted != nil {
		lane.Value, lane.Takes = *l.Counted+l.Removed, l.Removed
		lane.Said = way(lane.Value, lane.Takes)
	}
	lane.Scales, lane.Blind = l.Booked(), l.Blind || (!settled || visit != nil) && silent(r.Cabinets[l.Cabinet], l.Platform)
	if visit != nil {
		lane.Live = visit.Phase != ""
		lane.Scales += int(putSoFar(visit, l.Place()))
	}
	if (settled || lane.Live) && !lane.Blind {
		lane.Weighed = said(&lane.Scales)
	}
	v.judge(&lane, l, found)
	return lane
}

// putSoFar is how many units the scales have seen come into a lane in an opening that is under way, below nothing what went.
func putSoFar(visit *cloud.Visit, at picking.Place) (units int64) {
	if visit == nil {
		return 0
	}
	for _, put := range visit.Put {
		if put.Platform == at.Platform && put.SKU == at.SKU {
			units += int64(put.Units)
		}
	}
	return units
}

// movesOf tells what the transfers of a round take out of a lane, and put into it.
func (v *view) movesOf(r cloud.RoundView, at picking.Place) (said []string) {
	for _, t := range r.Transfers {
		switch at {
		case t.From:
			said = append(said, v.say("walk.move.out", t.Units, r.Cabinets[t.To.Cabinet].Number, t.To.Platform))
		case t.To:
			said = append(said, v.say("walk.move.in", r.Carries(t), r.Cabinets[t.From.Cabinet].Number, t.Units))
		}
	}
	return said
}

// dateRows are the dates that may be said of a lane: those that were, else one for each that it brings, to be read off the goods.
func dateRows(l cloud.RoundLine) (rows []dateRow) {
	for _, lot := range l.Said {
		rows = append(rows, dateRow{len(rows) + 1, lot.Units, string(lot.Until)})
	}
	if len(rows) == 0 {
		for _, lot := range l.Lots {
			rows = append(rows, dateRow{Nth: len(rows) + 1, Units: lot.Units})
		}
	}
	if len(rows) < mostDates {
		rows = append(rows, dateRow{Nth: len(rows) + 1})
	}
	return rows
}

// mostDates is how many dates of a lane a form has at most.
const mostDates = 4

// way writes what is put in and what is taken out.
func way(put, out int) string {
	if out == 0 {
		return strconv.Itoa(put)
	}
	return fmt.Sprintf("+%d −%d", put, out)
}

// wasteReasons are those for which a restocker takes goods out.
func (v *view) wasteReasons() (all []choiceOf) {
	for _, r := range []ledger.Reason{ledger.Expired, ledger.Damaged, ledger.Leaked, ledger.Quality} {
		all = append(all, choiceOf{string(r), v.say("move.reason." + string(r))})
	}
	return all
}

// silent reports a scale of which the cabinet said lately that it has no weight.
func silent(cab cloud.CabinetView, platform protocol.PlatformID) bool {
	if cab.Presence.Telemetry == nil {
		return false
	}
	for _, c := range cab.Presence.Telemetry.Compartments {
		if slices.ContainsFunc(c.Weights, func(w wire.Weight) bool { return w.Platform == platform && !w.OK }) {
			return true
		}
	}
	return false
}

func (v *view) judge(lane *laneView, l cloud.RoundLine, found picking.Finding) {
	switch {
	case !lane.Live && found.Verdict == picking.Ask:
		lane.ask(v, found)
	case lane.Blind && l.Counted != nil:
		lane.State, lane.Hint = "noted", v.say("walk.blind.noted")
	case lane.Blind && lane.Expected != 0:
		lane.State, lane.Hint = "todo", v.say("walk.blind")
	case lane.Live && l.Counted != nil && *l.Counted != lane.Scales, lane.Live && l.Counted == nil && lane.Scales != 0 && lane.Scales > max(lane.Expected, 0):
		lane.State, lane.Asked = "ask", lane.Expected
		if l.Counted != nil {
			lane.Asked = *l.Counted
		}
		lane.Ask, lane.Hint = v.say("walk.ask.live", lane.Scales, lane.Asked), v.say("walk.ask.live.more")
	case lane.Weighed != "" && (l.Counted != nil && *l.Counted == lane.Scales || l.Counted == nil && lane.Scales == lane.Expected && lane.Expected != 0):
		lane.State, lane.Hint = "agree", v.say("walk.agree")
	case l.Answer == picking.SaidRight:
		lane.State, lane.Hint = "agree", v.say("walk.insisted")
	case lane.Put != 0 || lane.Out != 0 || l.Counted != nil:
		lane.State = "todo"
	}
}

func (l *laneView) ask(v *view, found picking.Finding) {
	l.State, l.Asked, l.Scales = "ask", found.Said, found.Weighed
	l.Ask, l.Hint = v.say("walk.ask."+string(found.Question), found.Weighed, found.Said), v.say("walk.ask.more", found.Said)
	if found.Question == picking.AskCount {
		l.Ask, l.Hint = v.say("walk.ask.count", found.Said), v.say("walk.ask.count.more")
	}
	for _, reply := range found.Replies {
		l.Replies = append(l.Replies, replyView{Answer: reply.Answer, Say: v.say("walk.reply."+string(reply.Answer), reply.Units)})
	}
}

// keyed gives the lane's forms keys of their own.
func (l *laneView) keyed(page string) {
	l.Key = sumOf([]byte(page + l.Anchor))
	for i := range l.Replies {
		l.Replies[i].Key = l.Key + "-" + string(l.Replies[i].Answer)
	}
}

// link leads from each lane to the next one at which something is to be done.
func (p *stopPage) link() {
	for i := range p.Lanes {
		switch p.Lanes[i].State {
		case "todo":
			p.Todo++
		case "ask":
			p.Asked++
		}
		for k := 1; k < len(p.Lanes); k++ {
			if next := p.Lanes[(i+k)%len(p.Lanes)]; next.State == "todo" || next.State == "ask" {
				p.Lanes[i].Next, p.Lanes[i].NextName = next.Anchor, next.Name
				break
			}
		}
	}
}

// on are the lanes of a platform.
func (p *stopPage) on(id protocol.PlatformID) (lanes []laneView) {
	for _, l := range p.Lanes {
		if l.Platform == id {
			lanes = append(lanes, l)
		}
	}
	return lanes
}
