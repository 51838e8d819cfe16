package web

import (
	"cmp"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/picking"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// laneMark is what stands out of a lane; each has a word and a shape of its own.
type laneMark string

const (
	laneWell  laneMark = ""
	laneNone  laneMark = "none"  // nothing left
	laneLow   laneMark = "low"   // nearly nothing
	laneOver  laneMark = "over"  // its date is over: not sold
	laneOdd   laneMark = "odd"   // books and scale differ
	laneBlind laneMark = "blind" // its scale is not to be trusted
)

// standingLane is one lane in figures.
type standingLane struct {
	Where string
	SKU   protocol.SKU
	Name  string
	Path  string // what was booked there; empty: the reader may not open it
	Book  int
	Scale string
	When  string // of the scale's count
	Par   string
	Lots  []lotLine
	Mark  laneMark
	Say   string
	Icon  string
}

// fillMost is how many units of a lane are drawn as marks of their own.
const fillMost = 12

// laneFacts is what is known of the lanes of a cabinet.
type laneFacts struct {
	counts map[picking.Place]cloud.ScaleCount
	lanes  []cloud.LaneLots
	lots   map[picking.Place]cloud.LaneLots
	blind  map[protocol.PlatformID]bool
	opens  bool
	now    time.Time
}

func laneFactsOf(cab cloud.CabinetView, counts []cloud.ScaleCount, lanes []cloud.LaneLots, opens bool, now time.Time) laneFacts {
	f := laneFacts{lanes: lanes, counts: make(map[picking.Place]cloud.ScaleCount), lots: make(map[picking.Place]cloud.LaneLots), blind: make(map[protocol.PlatformID]bool), opens: opens, now: now}
	for _, c := range counts {
		f.counts[picking.Place{Cabinet: cab.ID, Platform: c.Platform, SKU: c.SKU}] = c
	}
	for _, l := range lanes {
		f.lots[l.Place] = l
	}
	if t := cab.Presence.Telemetry; t != nil && cab.State != cloud.CabinetAway {
		for _, c := range t.Compartments {
			for _, w := range c.Weights {
				f.blind[w.Platform] = !w.OK
			}
		}
	}
	return f
}

// mark judges one lane. What the scale counted counts only where it was counted after the books last moved by much; it is held
// against its own bounds.
func (f laneFacts) mark(at picking.Place, units int, sold bool) laneMark {
	c, counted := f.counts[at]
	switch {
	case f.blind[at.Platform]:
		return laneBlind
	case counted && (int64(units) < c.Low || int64(units) > c.High):
		return laneOdd
	case units > 0 && !sold:
		return laneOver
	case units <= 0:
		return laneNone
	case units <= lowUnits:
		return laneLow
	}
	return laneWell
}

var laneIcons = map[laneMark]string{laneNone: "stop", laneLow: "clock", laneOver: "stop", laneOdd: "differs", laneBlind: "scale"}

// parOf is how many units a lane is filled up to, or else how many fit; 0: nobody has said.
func parOf(cab cloud.CabinetView, platform protocol.PlatformID, sku protocol.SKU) int {
	for _, p := range cab.Platforms {
		if p.ID == platform {
			return cmp.Or(p.Par[sku], p.Room[sku])
		}
	}
	return 0
}

// standingLanes tell each lane in figures: those of the planogram, then what lies elsewhere with a date.
func (v *view) standingLanes(cab cloud.CabinetView, goods []cloud.ShelfGood, f laneFacts) (rows []standingLane) {
	seen := make(map[picking.Place]bool, len(goods))
	for _, g := range goods {
		at := picking.Place{Cabinet: cab.ID, Platform: g.Platform, SKU: g.Article.SKU}
		seen[at] = true
		rows = append(rows, v.standingLane(cab, at, g.Article, g.Units, g.Price > 0, f))
	}
	for _, l := range f.lanes {
		if !seen[l.Place] && len(l.Lots) > 0 {
			rows = append(rows, v.standingLane(cab, l.Place, l.Article, l.Book, l.Price > 0, f))
		}
	}
	return rows
}

func (v *view) standingLane(cab cloud.CabinetView, at picking.Place, of cloud.Article, units int, sold bool, f laneFacts) standingLane {
	row := standingLane{
		Where: string(at.Platform), SKU: at.SKU, Name: cmp.Or(v.lang.Pick(of.Name), string(at.SKU)), Book: units, Scale: v.say("lane.uncounted"), Par: "—",
		Mark: f.mark(at, units, sold), Lots: v.lotLines(f.lots[at]),
	}
	row.Say, row.Icon = v.say("lane.mark."+cmp.Or(string(row.Mark), "well")), cmp.Or(laneIcons[row.Mark], "check")
	if f.opens {
		row.Path = lanePath(at)
	}
	if c, counted := f.counts[at]; counted {
		row.Scale, row.When = strconv.FormatInt(c.Qty, 10), v.ago(f.now.Sub(c.At))
		if c.Low != c.High {
			row.Scale = v.say("lane.between", c.Qty, c.Low, c.High)
		}
	}
	if par := parOf(cab, at.Platform, at.SKU); par > 0 {
		row.Par = strconv.Itoa(par)
	}
	return row
}

// lotLine is units of one day.
type lotLine struct {
	Say, From string
	Tone      string // of what is over, or nearly
}

// lotLines are the dates of a lane, the first to expire first.
func (v *view) lotLines(l cloud.LaneLots) (lines []lotLine) {
	for _, lot := range l.Lots {
		line := lotLine{Say: v.say("lot.line", lot.Units, string(lot.Until)) + " · " + v.daysLeft(lot.DaysLeft), From: v.datedBy(lot.Said)}
		switch lot.Stage {
		case picking.Over:
			line.Tone = "clay"
		case picking.LastDay, picking.Soon:
			line.Tone = "amber"
		}
		lines = append(lines, line)
	}
	if len(lines) > 0 && l.Undated > 0 {
		lines = append(lines, lotLine{Say: v.say("lot.undated", l.Undated)})
	}
	return lines
}

// fill is what is drawn of how full a lane is.
func fill(units, par int) (marks []bool) {
	whole := min(max(par, units), fillMost)
	if par == 0 || whole <= 0 {
		return nil
	}
	on := units
	if most := max(par, units); most > fillMost { // A mark stands for several.
		on = (units*fillMost + most - 1) / most
	}
	for i := range whole {
		marks = append(marks, i < on)
	}
	return marks
}

// doorRow is one door with its lock.
type doorRow struct {
	Compartment protocol.Compartment
	Door, Lock  string
	Well        bool
	Open        bool
}

// doorRows tell of each door whether it is shut and locked; what is stale is unknown.
func (v *view) doorRows(cab cloud.CabinetView) (rows []doorRow) {
	t := cab.Presence.Telemetry
	if t == nil || cab.State == cloud.CabinetAway {
		return []doorRow{{Door: v.say("stand.door.unknown"), Lock: v.say("stand.lock.unknown")}}
	}
	for _, c := range t.Compartments {
		row := doorRow{
			Compartment: c.Compartment, Door: v.say("stand.door." + string(c.Door)), Lock: v.say("stand.lock.unknown"),
			Well: c.Door == wire.DoorStateShut, Open: c.Door == wire.DoorStateOpen,
		}
		if len(t.Compartments) > 1 {
			row.Door = v.say("stand.door.of", c.Compartment, row.Door)
		}
		if c.Locked != nil {
			key := "stand.lock.free"
			if *c.Locked {
				key = "stand.lock.locked"
			}
			row.Lock, row.Well = v.say(key), row.Well && *c.Locked
		}
		rows = append(rows, row)
	}
	return rows
}

// airCurve is how warm it was at one probe.
type airCurve struct {
	Head  string
	Svg   template.HTML
	Hours []airHour
}

// airHour is one hour in figures.
type airHour struct{ At, Low, High string }

// airPart is how warm it is and was.
type airPart struct {
	Now    []airView
	Curves []airCurve
}

func (v *view) airPart(of standingNow, curves []cloud.AirCurve) airPart {
	return airPart{v.airViews(of.cab, of.chain), v.airCurves(of.cab, of.chain, curves)}
}

// airCurves draw the last 24 hours of each probe.
func (v *view) airCurves(cab cloud.CabinetView, chain cloud.Chain, curves []cloud.AirCurve) (all []airCurve) {
	loc := zone(chain)
	for _, c := range curves {
		limit := cab.HealthOf(chain.Health, c.Compartment).AboveDC
		all = append(all, airCurve{Head: v.say("air.curve", c.Compartment, c.Probe+1), Svg: v.drawAir(c, limit, loc), Hours: airHours(c, loc)})
	}
	return all
}

func airHours(c cloud.AirCurve, loc *time.Location) (all []airHour) {
	per := int(time.Hour / cloud.AirStep)
	for from := 0; from < len(c.Steps); from += per {
		var sum cloud.AirRange
		for _, s := range c.Steps[from:min(from+per, len(c.Steps))] {
			switch {
			case !s.Known:
			case !sum.Known:
				sum = s
			default:
				sum.Low, sum.High = min(sum.Low, s.Low), max(sum.High, s.High)
			}
		}
		if sum.Known {
			at := c.From.Add(time.Duration(from) * cloud.AirStep).In(loc)
			all = append(all, airHour{at.Format("15:04"), sum.Low.String(), sum.High.String()})
		}
	}
	return all
}

// drawAir draws a band from the coldest to the warmest of each step, hatched where nothing was told, under the chain's limit. What lies
// along it is in hundredths of the width: letters are as large on a phone as on a desk.
func (v *view) drawAir(c cloud.AirCurve, limit *protocol.DeciCelsius, loc *time.Location) template.HTML {
	const top, bottom = 20, 136 // of 160; the letters stand above their lines, and below all
	low, high := airBounds(c, limit)
	y := func(dc protocol.DeciCelsius) float64 {
		return top + float64(high-dc)/float64(high-low)*float64(bottom-top)
	}
	x := func(step int) float64 { return float64(step) / float64(len(c.Steps)) * 100 }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="aircurve" role="img" aria-label="%s">`, template.HTMLEscapeString(v.say("air.curve.say", low.String(), high.String())))
	for _, dc := range []protocol.DeciCelsius{low, high} {
		fmt.Fprintf(&b, `<line class="a-line" x1="0" x2="100%%" y1="%.1f" y2="%.1f"/>`, y(dc), y(dc))
	}
	for i, s := range c.Steps {
		if !s.Known {
			fmt.Fprintf(&b, `<rect class="a-fog" x="%.3f%%" y="%d" width="%.3f%%" height="%d"/>`, x(i), top, x(i+1)-x(i)+.05, bottom-top)
			continue
		}
		fmt.Fprintf(&b, `<rect class="a-band" x="%.3f%%" y="%.1f" width="%.3f%%" height="%.1f"/>`, x(i), y(s.High), x(i+1)-x(i)+.05, max(y(s.Low)-y(s.High), 2))
	}
	if limit != nil {
		fmt.Fprintf(&b, `<line class="a-limit" x1="0" x2="100%%" y1="%.1f" y2="%.1f"/>`, y(*limit), y(*limit))
	}
	for _, dc := range []protocol.DeciCelsius{low, high} {
		fmt.Fprintf(&b, `<text class="a-text" x="0" y="%.1f">%s</text>`, y(dc)-4, template.HTMLEscapeString(dc.String()))
	}
	for hour := 0; hour < 24; hour += 6 {
		at := c.From.Add(time.Duration(hour) * time.Hour).In(loc)
		fmt.Fprintf(&b, `<text class="a-text" x="%.3f%%" y="156">%s</text>`, x(hour*int(time.Hour/cloud.AirStep)), at.Format("15:04"))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // numbers, and escaped texts
}

// airBounds are full degrees around everything that is drawn.
func airBounds(c cloud.AirCurve, limit *protocol.DeciCelsius) (low, high protocol.DeciCelsius) {
	first := true
	take := func(dc protocol.DeciCelsius) {
		if first {
			low, high, first = dc, dc, false
		}
		low, high = min(low, dc), max(high, dc)
	}
	for _, s := range c.Steps {
		if s.Known {
			take(s.Low)
			take(s.High)
		}
	}
	if limit != nil {
		take(*limit)
	}
	return low - 10, high + 10
}
