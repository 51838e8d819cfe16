package web

import (
	"cmp"
	"slices"

	"allhours/cloud"
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
	Key     string
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
	Book     int // there now
	Expected int
	Counted  string // "" where nobody has said
	Value    int    // that the stepper stands at
	Weighed  string // "" where nobody knows
	Scales   int
	Live     bool   // the door is open: the scales may still change their word
	State    string // quiet, todo, agree or ask
	Ask      string
	Hint     string
	Replies  []replyView
	Said     int
	Next     string
	NextName string
	Key      string
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
		Title: v.say("stand.title", cab.Number, v.lang.Pick(cab.Place)), Over: stop.State == cloud.StopDone || stop.State == cloud.StopSkipped, Key: newKey(),
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
		lane := v.laneOf(r, l, findings[i], visit, stop.Settled > 0)
		for _, g := range goods {
			if g.Platform == l.Platform && g.Article.SKU == l.SKU {
				lane.Book = g.Units
			}
		}
		page.Lanes = append(page.Lanes, lane)
	}
	page.link()
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
		State: "todo", Key: newKey(), Book: l.Before,
	}
	if level, known := r.Scales[l.Place()]; known {
		lane.Weighed = v.scalesSay(level.Qty, level.Low, level.High)
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
	lane.Value = *l.Counted
	return lane
}

// laneView tells a lane. While the door is open the scales' word is what they see so far; afterwards it is that of the books.
func (v *view) laneView(r cloud.RoundView, l cloud.RoundLine, found picking.Finding, visit *cloud.Visit, settled bool) laneView {
	lane := laneView{
		Place: l.Place(), Anchor: placeID(l.Place()), Name: v.articleName(r, l.SKU), Category: r.Names[l.SKU].Category, Expected: l.Picked, Counted: said(l.Counted),
		Value: l.Picked, State: "quiet", Key: newKey(), Book: l.After,
	}
	if l.Planned < 0 || r.State == cloud.RoundPlanned || r.State == cloud.RoundPicking {
		lane.Expected, lane.Value = l.Planned, l.Planned
	}
	if l.Counted != nil {
		lane.Value = *l.Counted
	}
	lane.Scales = l.Booked()
	if visit != nil {
		lane.Live = visit.Phase != ""
		for _, put := range visit.Put {
			if put.Platform == l.Platform && put.SKU == l.SKU {
				lane.Scales += put.Units
			}
		}
	}
	if settled || lane.Live {
		lane.Weighed = said(&lane.Scales)
	}
	v.judge(&lane, l, found)
	return lane
}

func (v *view) judge(lane *laneView, l cloud.RoundLine, found picking.Finding) {
	switch {
	case !lane.Live && found.Verdict == picking.Ask:
		lane.ask(v, found)
	case lane.Live && l.Counted != nil && *l.Counted != lane.Scales, lane.Live && l.Counted == nil && lane.Scales != 0 && lane.Scales > max(lane.Expected, 0):
		lane.State, lane.Said = "ask", cmp.Or(lane.Value, lane.Expected)
		lane.Ask, lane.Hint = v.say("walk.ask.live", lane.Scales, lane.Value), v.say("walk.ask.live.more")
	case lane.Weighed != "" && (l.Counted != nil && *l.Counted == lane.Scales || l.Counted == nil && lane.Scales == lane.Expected && lane.Expected != 0):
		lane.State, lane.Hint = "agree", v.say("walk.agree")
	case l.Answer == picking.SaidRight:
		lane.State, lane.Hint = "agree", v.say("walk.insisted")
	case lane.Expected != 0 || l.Counted != nil:
		lane.State = "todo"
	}
}

func (l *laneView) ask(v *view, found picking.Finding) {
	l.State, l.Said, l.Scales = "ask", found.Said, found.Weighed
	l.Ask, l.Hint = v.say("walk.ask."+string(found.Question), found.Weighed, found.Said), v.say("walk.ask.more", found.Said)
	for _, reply := range found.Replies {
		l.Replies = append(l.Replies, replyView{reply.Answer, v.say("walk.reply."+string(reply.Answer), reply.Units), newKey()})
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
