package web

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"allhours/cloud"
	"allhours/cloud/coverage"
)

// spot is a store on the map.
type spot struct {
	at    cloud.Spot
	name  string
	link  string
	say   string // for those who do not see it
	night coverage.Sum
	state coverage.State
	known bool
}

// frameBox is a part of the earth in millionths of a degree.
type frameBox struct{ South, West, North, East int }

// sheet is what the map is drawn on, in pixels.
type sheet struct{ wide, high int }

var (
	wideSheet   = sheet{640, 440}
	narrowSheet = sheet{328, 328}
)

const (
	markSize  = 15   // radius of a store's ring
	crowdSize = 19   // radius of a ring that stands for several
	apart     = 44   // marks that would be closer to each other are drawn as one
	mapEdge   = 40   // that is kept free around the marks
	leastSpan = 1500 // millionths of a degree that the map shows at least, so that one store is not seen through a loupe
)

// mark is one store of the map, or several that stand too close to each other.
type mark struct {
	x, y  float64
	spots []spot
}

// chainMap draws the stores by where they stand; without tiles, for there is nobody to ask for them.
func (v *view) chainMap(spots []spot, on sheet, zoom func(frameBox) string) template.HTML {
	box := boxOf(spots)
	scale, project := projection(box, on)
	marks := crowded(spots, project)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="cmap cmap-%d" viewBox="0 0 %d %d" role="group" aria-label="%s">`, on.wide, on.wide, on.high, template.HTMLEscapeString(v.say("map.say", len(spots))))
	drawScale(&b, v, scale, on)
	taken := make([]rect, 0, 2*len(marks)+1)
	taken = append(taken, rect{0, float64(on.high - 34), 180, float64(on.high)})
	for _, m := range marks {
		r := m.radius() + 2
		taken = append(taken, rect{m.x - r, m.y - r, m.x + r, m.y + r})
	}
	for _, m := range marks {
		v.drawMark(&b, m, zoom)
		taken = drawLabel(&b, m, v.labelOf(m), taken, on)
		b.WriteString(`</a>`)
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) //nolint:gosec // numbers, and escaped texts
}

func (m mark) radius() float64 {
	if len(m.spots) > 1 {
		return crowdSize
	}
	return markSize
}

func boxOf(spots []spot) frameBox {
	box := frameBox{math.MaxInt, math.MaxInt, math.MinInt, math.MinInt}
	for _, s := range spots {
		box.South, box.North = min(box.South, s.at.Latitude), max(box.North, s.at.Latitude)
		box.West, box.East = min(box.West, s.at.Longitude), max(box.East, s.at.Longitude)
	}
	return box
}

// projection puts degrees onto a sheet, north up and as wide as high; scale is pixels a metre.
func projection(box frameBox, on sheet) (scale float64, project func(cloud.Spot) (x, y float64)) {
	const metre = 111_195e-6 // of a millionth of a degree
	middle := cloud.Spot{Latitude: (box.South + box.North) / 2, Longitude: (box.West + box.East) / 2}
	narrow := math.Cos(float64(middle.Latitude) / 1e6 * math.Pi / 180)
	width, height := float64(max(box.East-box.West, leastSpan))*narrow*metre, float64(max(box.North-box.South, leastSpan))*metre
	scale = min(float64(on.wide-2*mapEdge)/width, float64(on.high-2*mapEdge)/height)
	return scale, func(at cloud.Spot) (x, y float64) {
		return float64(on.wide)/2 + float64(at.Longitude-middle.Longitude)*narrow*metre*scale, float64(on.high)/2 - float64(at.Latitude-middle.Latitude)*metre*scale
	}
}

// crowded puts spots together that would lie on each other. Spots come in the order of their trouble: the first of a crowd is where
// it is drawn.
func crowded(spots []spot, project func(cloud.Spot) (x, y float64)) (marks []mark) {
	for _, s := range spots {
		x, y := project(s.at)
		n := slices.IndexFunc(marks, func(m mark) bool { return math.Hypot(m.x-x, m.y-y) < apart })
		if n < 0 {
			marks = append(marks, mark{x: x, y: y})
			n = len(marks) - 1
		}
		marks[n].spots = append(marks[n].spots, s)
	}
	return marks
}

// drawMark draws a ring of the night around what is so now, and opens a link that its label is to close.
func (v *view) drawMark(b *strings.Builder, m mark, zoom func(frameBox) string) {
	first, link, say := m.spots[0], m.spots[0].link, m.spots[0].say
	night, key := first.night, first.link
	if n := len(m.spots); n > 1 {
		night = coverage.Sum{}
		for _, s := range m.spots {
			night = night.Plus(s.night)
		}
		link, say = zoom(boxOf(m.spots)), v.say("map.crowd", n, v.served(night), first.name)
		key = "crowd " + key
	}
	fmt.Fprintf(b, `<a class="mark-%s" data-key="%s" href="%s" aria-label="%s"><title>%s</title><g transform="translate(%.1f %.1f)">`, m.state(), template.HTMLEscapeString(key), template.HTMLEscapeString(link),
		template.HTMLEscapeString(say), template.HTMLEscapeString(say), m.x, m.y)
	r := m.radius()
	fmt.Fprintf(b, `<circle class="m-ground" r="%.0f"/>`, r+4)
	drawShares(b, night, r)
	if n := len(m.spots); n > 1 {
		fmt.Fprintf(b, `<circle class="m-now" r="%.0f"/><text class="m-sign" y="5" text-anchor="middle">%d</text></g>`, r-5, n)
		return
	}
	fmt.Fprintf(b, `<circle class="m-now" r="%.0f"/><text class="m-sign" y="5" text-anchor="middle">%s</text></g>`, r-5, signs[m.state()])
}

// signs tell what is so now to those who see no colours.
var signs = map[string]string{"uncovered": "!", "unknown": "?", "open": "", "covered": ""}

// state is the worst of a mark's stores.
func (m mark) state() string {
	worst := "open"
	for _, s := range m.spots {
		state := "unknown"
		if s.known {
			state = s.state.String()
		}
		if order(state) > order(worst) {
			worst = state
		}
	}
	return worst
}

func order(state string) int {
	return slices.Index([]string{"open", "covered", "unknown", "uncovered"}, state)
}

// drawShares draws the shares of a night around the middle.
func drawShares(b *strings.Builder, sum coverage.Sum, r float64) {
	whole, at := float64(max(sum.Whole(), 1)), 0.0
	fmt.Fprintf(b, `<circle class="m-rest" r="%.0f"/>`, r)
	for _, part := range []struct {
		ms    int64
		class string
	}{{sum.Open, "c-ropen"}, {sum.Covered, "c-rlit"}, {sum.Unknown, "c-rfog"}, {sum.Uncovered, "c-rgap"}} {
		if share := float64(part.ms) / whole * 100; part.ms > 0 {
			fmt.Fprintf(b, `<circle class="m-share %s" r="%.0f" transform="rotate(-90)" pathLength="100" stroke-dasharray="%.2f 100" stroke-dashoffset="%.2f"/>`, part.class, r, max(share, 1.5), -at)
			at += share
		}
	}
}

func (v *view) labelOf(m mark) string {
	if len(m.spots) > 1 {
		return ""
	}
	return m.spots[0].name
}

// rect is a place on the sheet that is taken.
type rect struct{ x1, y1, x2, y2 float64 }

func (r rect) meets(o rect) bool { return r.x1 < o.x2 && o.x1 < r.x2 && r.y1 < o.y2 && o.y1 < r.y2 }

// drawLabel writes a name beside its mark where there is room for it; else it is left to the list.
func drawLabel(b *strings.Builder, m mark, name string, taken []rect, on sheet) []rect {
	if name == "" {
		return taken
	}
	const high, gap = 18.0, 6.0
	wide, r := widthOf(name), m.radius()
	for _, at := range []struct {
		x, y   float64
		anchor string
	}{{m.x + r + gap, m.y, "start"}, {m.x - r - gap, m.y, "end"}, {m.x, m.y + r + gap + high/2, "middle"}, {m.x, m.y - r - gap - high/2, "middle"}} {
		left := at.x
		switch at.anchor {
		case "end":
			left -= wide
		case "middle":
			left -= wide / 2
		}
		place := rect{left, at.y - high/2, left + wide, at.y + high/2}
		if place.x1 < 2 || place.y1 < 2 || place.x2 > float64(on.wide-2) || place.y2 > float64(on.high-2) || slices.ContainsFunc(taken, place.meets) {
			continue
		}
		fmt.Fprintf(b, `<text class="m-name" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, at.x, at.y+5, at.anchor, template.HTMLEscapeString(name))
		return append(taken, place)
	}
	return taken
}

// widthOf is about how wide a text is, in letters of 14 pixels.
func widthOf(text string) (wide float64) {
	for _, r := range text {
		switch {
		case r > unicode.MaxLatin1:
			wide += 14
		case strings.ContainsRune("fijlrtI .,:;()'|-", r):
			wide += 5.2
		case strings.ContainsRune("mwMW%", r):
			wide += 12.5
		default:
			wide += 8.2
		}
	}
	return wide
}

// drawScale draws a length in metres, so that nobody takes a village for a city.
func drawScale(b *strings.Builder, v *view, scale float64, on sheet) {
	metres := 1.0
	for _, m := range []float64{10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000} {
		if m*scale <= 120 {
			metres = m
		}
	}
	say := v.say("map.metres", int(metres))
	if metres >= 1000 {
		say = v.say("map.kilometres", strconv.Itoa(int(metres/1000)))
	}
	y := on.high - 14
	fmt.Fprintf(b, `<g class="m-scale" aria-hidden="true"><path d="M8 %d v6 h%.1f v-6"/><text x="%.1f" y="%d">%s</text></g>`, y-6, metres*scale, 16+metres*scale, y+2, template.HTMLEscapeString(say))
}
