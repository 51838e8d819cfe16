package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
)

// run is a time in one state, to be drawn.
type run struct {
	coverage.Span
	state coverage.State
}

// shape is how a state is drawn: how high, of a bar of 24, so that no colour speaks alone, and in which class.
var shapes = map[coverage.State]struct {
	top, height int
	class       string
}{
	coverage.Open: {20, 4, "c-open"}, coverage.Covered: {4, 20, "c-lit"}, coverage.Uncovered: {12, 12, "c-gap"}, coverage.Unknown: {0, 24, "c-fog"},
}

const hatch = `<defs><pattern id="fog" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="c-fogground" width="6" height="6"/><rect class="c-fogline" width="2" height="6"/></pattern></defs>`

// fogPattern is what unknown times are hatched with, once on a page.
func fogPattern() template.HTML {
	return template.HTML(`<svg class="sr" aria-hidden="true" width="0" height="0">` + hatch + `</svg>`)
}

// strip draws what was when, from one moment to another.
func strip(runs []run, from, to int64, say string) template.HTML {
	const width = 1000.0
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="cstrip" viewBox="0 0 %d 24" preserveAspectRatio="none" role="img" aria-label="%s">`, int(width), template.HTMLEscapeString(say))
	scale := width / float64(max(to-from, 1))
	for _, r := range runs {
		x, end := float64(max(r.From, from)-from)*scale, float64(min(r.To, to)-from)*scale
		if end <= x {
			continue
		}
		s := shapes[r.state]
		fmt.Fprintf(&b, `<rect class="%s" fill="url(#fog)" x="%.2f" y="%d" width="%.2f" height="%d"/>`, s.class, x, s.top, max(end-x, 1.2), s.height)
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // numbers, and one escaped text
}

// ring draws the shares of a time; what was served begins at the top.
func ring(sum coverage.Sum, say string) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="cring" viewBox="0 0 44 44" role="img" aria-label="%s"><circle class="c-rest" cx="22" cy="22" r="18"/>`, template.HTMLEscapeString(say))
	whole, at := float64(max(sum.Whole(), 1)), 0.0
	for _, part := range []struct {
		ms    int64
		class string
	}{{sum.Open, "c-ropen"}, {sum.Covered, "c-rlit"}, {sum.Uncovered, "c-rgap"}, {sum.Unknown, "c-rfog"}} {
		if share := float64(part.ms) / whole * 100; part.ms > 0 {
			fmt.Fprintf(&b, `<circle class="%s" cx="22" cy="22" r="18" pathLength="100" stroke-dasharray="%.2f 100" stroke-dashoffset="%.2f"/>`, part.class, max(share, 0.8), -at)
			at += share
		}
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // numbers, and one escaped text
}

// cell is one hour of the heat map.
type cell struct {
	sum  coverage.Sum
	date string
	hour int
}

// heatCells are the hours of some days by the store's clocks: the hour that is counted twice when clocks are set back is one cell.
func heatCells(days []coverage.Day, zone *time.Location) [][]cell {
	rows := make([][]cell, 0, len(days))
	for _, d := range days {
		row := make([]cell, 24)
		date := time.UnixMilli(d.From).In(zone).Format(time.DateOnly)
		for h := range row {
			row[h] = cell{date: date, hour: h}
		}
		for _, p := range d.Pieces {
			eachHour(p.Span, zone, func(hour int, part coverage.Span) { row[hour].sum.Add(p.State, part.Length()) })
		}
		rows = append(rows, row)
	}
	return rows
}

// eachHour cuts a time at the hours of some clocks.
func eachHour(span coverage.Span, zone *time.Location, do func(hour int, part coverage.Span)) {
	for at := span.From; at < span.To; {
		clock := time.UnixMilli(at).In(zone)
		next := min(at+int64(60-clock.Minute())*60_000-int64(clock.Second())*1000-int64(clock.Nanosecond()/1_000_000), span.To)
		do(clock.Hour(), coverage.Span{From: at, To: next})
		at = next
	}
}

// heat draws days, a cell an hour: a gap fills its cell from below by its share, and what is unknown is hatched from above. Each cell
// opens the list of its hour, and the name of a day that of all its hours.
func (v *view) heat(of cloud.Served) template.HTML {
	const size, left, top = 28, 84, 20
	rows := heatCells(of.Days, of.Zone)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="cheat" viewBox="0 0 %d %d" role="group" aria-label="%s">`, left+24*size, top+len(rows)*size, template.HTMLEscapeString(v.say("cover.heat.say")))
	for h := 0; h < 24; h += 3 {
		fmt.Fprintf(&b, `<text class="c-text" x="%d" y="14">%02d</text>`, left+h*size, h)
	}
	for n, row := range rows {
		y := top + n*size
		asked := spansAsked{period: period{of.Store.ID, of.Dates[n], 1}}
		fmt.Fprintf(&b, `<a href="%s"><text class="c-text" x="0" y="%d">%s</text></a>`,
			template.HTMLEscapeString(asked.path()), y+18, template.HTMLEscapeString(v.dayShort(time.UnixMilli(of.Days[n].From).In(of.Zone))))
		for h, c := range row {
			asked.hour = h + 1
			v.heatCell(&b, c, asked.path(), left+h*size, y, size-2)
		}
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // numbers, and escaped texts
}

// heatCell draws an hour as a link. Those that were served stay out of the way of the keyboard, which has the name of the day for them.
func (v *view) heatCell(b *strings.Builder, c cell, path string, x, y, size int) {
	if c.sum.Whole() == 0 {
		c.draw(b, x, y, size)
		return
	}
	say, skip := template.HTMLEscapeString(v.cellSay(c)), ""
	if c.sum.Uncovered == 0 && c.sum.Unknown == 0 {
		skip = ` tabindex="-1"`
	}
	fmt.Fprintf(b, `<a href="%s"%s aria-label="%s"><title>%s</title>`, template.HTMLEscapeString(path), skip, say, say)
	c.draw(b, x, y, size)
	b.WriteString(`</a>`)
}

// cellSay tells of the hour of a cell how long it was a gap, or unknown, or else served.
func (v *view) cellSay(c cell) string {
	key, ms := "cover.heat.cell", c.sum.Uncovered
	if ms == 0 {
		key, ms = "cover.heat.unknown", c.sum.Unknown
	}
	if ms == 0 {
		key, ms = "cover.heat.served", c.sum.Whole()
	}
	return v.say(key, c.date, fmt.Sprintf("%02d:00", c.hour), v.lasted(ms))
}

func (c cell) draw(b *strings.Builder, x, y, size int) {
	whole := c.sum.Whole()
	if whole == 0 {
		fmt.Fprintf(b, `<rect class="c-none" x="%d" y="%d" width="%d" height="%d"/>`, x, y, size, size)
		return
	}
	class := "c-litcell"
	if c.sum.Open >= c.sum.Covered {
		class = "c-opencell"
	}
	fmt.Fprintf(b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d"/>`, class, x, y, size, size)
	high := func(ms int64) int { return int(min((ms*int64(size)+whole-1)/whole, int64(size))) }
	if n := high(c.sum.Unknown); c.sum.Unknown > 0 {
		fmt.Fprintf(b, `<rect class="c-fog" fill="url(#fog)" x="%d" y="%d" width="%d" height="%d"/>`, x, y, size, n)
	}
	if n := high(c.sum.Uncovered); c.sum.Uncovered > 0 {
		fmt.Fprintf(b, `<rect class="c-gap" x="%d" y="%d" width="%d" height="%d"/>`, x, y+size-n, size, n)
	}
}

// dayShort is a day as it stands before a row.
func (v *view) dayShort(at time.Time) string {
	name := []rune(v.say("day.week." + strings.ToLower(at.Format("Mon"))))
	return fmt.Sprintf("%s %d/%d", string(name[:min(len(name), 3)]), int(at.Month()), at.Day())
}
