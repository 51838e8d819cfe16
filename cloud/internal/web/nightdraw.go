package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/protocol"
)

// nightPart is the last 24 hours of a store, a lane for each cabinet.
type nightPart struct {
	Axis  template.HTML
	Lanes []nightLane
	More  int
}

// nightLane is one cabinet's night: when it could sell, who came, what went wrong.
type nightLane struct {
	Key, Name, Path string
	Place           cloud.Text
	Sold            string
	Lane            template.HTML
	Marks           []nightMark // in words
}

type nightMark struct{ At, What, Path, Tone string }

const (
	laneWide = 1000
	laneHigh = 40
)

func (v *view) nightPart(of storeNow) nightPart {
	to := of.now.UnixMilli()
	from := to - nightHours*time.Hour.Milliseconds()
	part := nightPart{Axis: axis(from, to, of.loc), More: max(len(of.cabinets)-storeCabinets, 0)}
	runs := cabinetRuns(of.served, from)
	for i := range of.cabinets[:min(len(of.cabinets), storeCabinets)] {
		cab := &of.cabinets[i]
		lane := nightLane{
			Key: string(cab.ID), Name: v.say("cabinet.number", cab.Number), Path: "/cabinets/" + string(cab.ID), Place: cab.Place, Sold: wholeYuan(of.sold.Cabinets[cab.ID]),
			Marks: v.nightMarks(of, cab.ID),
		}
		lane.Lane = v.drawLane(of, cab.ID, runs[cab.ID], from, to)
		part.Lanes = append(part.Lanes, lane)
	}
	return part
}

// cabinetRuns are how each cabinet stood, piece by piece.
func cabinetRuns(of cloud.Served, from int64) map[protocol.CabinetID][]run {
	runs := make(map[protocol.CabinetID][]run)
	for _, d := range of.Days {
		for _, p := range d.Pieces {
			if p.To <= from {
				continue
			}
			for n, cab := range p.Cabinets {
				if !cab.Here {
					continue
				}
				id := of.Cabinets[n].ID
				list := runs[id]
				if last := len(list) - 1; last >= 0 && list[last].state == cab.State && list[last].To == p.From {
					list[last].To = p.To
					continue
				}
				runs[id] = append(list, run{p.Span, cab.State})
			}
		}
	}
	return runs
}

// drawLane draws a line where the cabinet could sell, none where it could not, a hatch where nobody knows; each visit is a tick.
func (v *view) drawLane(of storeNow, id protocol.CabinetID, runs []run, from, to int64) template.HTML {
	var b strings.Builder
	ticks := 0
	x := func(at int64) float64 { return float64(max(at, from)-from) / float64(to-from) * laneWide }
	fmt.Fprintf(&b, `<svg class="lanenight" viewBox="0 0 %d %d" preserveAspectRatio="none" role="img" aria-label="`, laneWide, laneHigh)
	var body strings.Builder
	for _, r := range runs {
		left, wide := x(r.From), x(r.To)-x(r.From)
		switch r.state {
		case coverage.Uncovered:
			fmt.Fprintf(&body, `<rect class="c-gap" x="%.1f" y="24" width="%.1f" height="10"/>`, left, max(wide, 1.5))
		case coverage.Unknown:
			fmt.Fprintf(&body, `<rect class="c-fog" fill="url(#fog)" x="%.1f" y="14" width="%.1f" height="12"/>`, left, max(wide, 1.5))
		default:
			fmt.Fprintf(&body, `<rect class="c-lit" x="%.1f" y="19" width="%.1f" height="2"/>`, left, max(wide, 1))
		}
	}
	for _, c := range of.came {
		if c.Cabinet != id || c.At.UnixMilli() < from {
			continue
		}
		ticks++
		class := "n-tick"
		if c.Purpose != protocol.PurposePurchase {
			class = "n-work"
		}
		fmt.Fprintf(&body, `<path class="%s" d="M%.1f 10v20"/>`, class, x(c.At.UnixMilli()))
	}
	for _, i := range of.incidents {
		if i.Cabinet == id {
			fmt.Fprintf(&body, `<path class="n-alert" d="M%.1f 2v36"/>`, x(i.First.UnixMilli()))
		}
	}
	b.WriteString(template.HTMLEscapeString(v.count("night.lane", ticks)))
	b.WriteString(`">` + body.String() + `</svg>`)
	return template.HTML(b.String()) //nolint:gosec // numbers, and one escaped text
}

const marksShown = 3

// nightMarks tell the last things of a night in words: what the ticks do not say.
func (v *view) nightMarks(of storeNow, id protocol.CabinetID) (all []nightMark) {
	for _, i := range of.incidents {
		if i.Cabinet == id && len(all) < marksShown {
			tone := "clay"
			if !i.Closed.IsZero() {
				tone = "soft"
			}
			all = append(all, nightMark{v.clock(moment{At: i.First.In(of.loc)}), v.incidentWhat(i, of.names), incidentPath(i.Number), tone})
		}
	}
	for _, c := range of.came {
		if c.Cabinet == id && c.Purpose == protocol.PurposeRefill && len(all) < marksShown {
			all = append(all, nightMark{v.clock(moment{At: c.At.In(of.loc)}), v.say("short.restocked"), "/v/" + c.Visit.String(), "sky"})
		}
	}
	return all
}
