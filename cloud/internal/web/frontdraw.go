package web

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"allhours/protocol"
)

// frontSheet is what a cabinet is drawn on, in pixels: the letters of a phone are as large as those of a desk, so it is
// drawn for both.
type frontSheet struct {
	name  string
	wide  int
	goods int // how large a thing is
	least int // how wide a lane must be, lest its name be cut to pieces
	lines int // of a name, at most
	head  int // over a window
}

var frontSheets = []frontSheet{
	{"wide", 704, 44, 68, 3, 32}, {"narrow", 320, 36, 62, 4, 52},
}

// What the drawing is made of, in pixels.
const (
	frontPad   = 12 // between the body and a window
	frontLeaf  = 20 // beside the body, for a door that stands open
	frontTop   = 28 // over the first window, with the lamp in it
	frontFoot  = 40 // under the last, with the vents in it
	frontGap   = 20 // between two doors
	fillHigh   = 6
	lineHigh   = 18
	stripHigh  = 22 // where the weight stands
	goodsDrawn = 4  // of one kind; the rest is counted
)

// band is what is drawn side by side: a shelf, or a piece of one that is too long for the sheet.
type band struct {
	slots []slot
	names [][]string // of the slots, in lines
	goes  bool       // it goes on from the band above
	y     int
	stock int // how high the goods stand
	tag   int // how high names and prices hang
}

func (b band) high() int { return b.stock + b.tag + stripHigh }

// pane is a door on a sheet.
type pane struct {
	*frontDoor
	x, y, wide, high int // of its window
	bands            []band
}

// laid is a cabinet on a sheet.
type laid struct {
	front
	frontSheet
	high  int
	panes []pane
}

// still draws what stays while nobody buys.
func (f front) still() template.HTML {
	label := fmt.Sprintf(` role="group" aria-label="%s"`, template.HTMLEscapeString(f.say("stand.drawing")))
	return f.draw("front", label, func(l laid, b *strings.Builder) { l.drawBody(b) })
}

// live draws over it what may differ each second: doors, air and weights.
func (f front) live() template.HTML {
	return f.draw("front front-live", "", func(l laid, b *strings.Builder) { l.drawLive(b) })
}

func (f front) draw(class, label string, what func(laid, *strings.Builder)) template.HTML {
	var b strings.Builder
	if f.stale {
		class += " stale"
	}
	for _, on := range frontSheets {
		l := f.lay(on)
		fmt.Fprintf(&b, `<svg class="%s front-%s" viewBox="0 0 %d %d"%s>`, class, on.name, on.wide, l.high, label)
		what(l, &b)
		b.WriteString(`</svg>`)
	}
	return template.HTML(b.String()) //nolint:gosec // numbers, and escaped texts
}

// lay finds a place for everything: doors side by side where their lanes are wide enough then, else one under the other.
func (f front) lay(on frontSheet) laid {
	l := laid{front: f, frontSheet: on}
	inner, columns := on.wide-frontLeaf-2*frontPad-2, len(f.doors)
	most := 1
	for _, d := range f.doors {
		for _, shelf := range d.shelves {
			most = max(most, len(shelf))
		}
	}
	if columns == 0 || (inner-frontGap*(columns-1))/columns < most*on.least {
		columns = 1
	}
	wide := (inner - frontGap*(columns-1)) / columns
	top, foot := frontTop, frontTop
	for i := range f.doors {
		if i%columns == 0 {
			top = foot
		}
		p := l.pane(&f.doors[i], 1+frontPad+(i%columns)*(wide+frontGap), top+on.head, wide)
		l.panes, foot = append(l.panes, p), max(foot, p.y+p.high+12)
	}
	l.high = foot + frontFoot
	return l
}

func (l laid) pane(d *frontDoor, x, y, wide int) pane {
	p := pane{frontDoor: d, x: x, y: y, wide: wide}
	for _, shelf := range d.shelves {
		for n, slots := range pieces(shelf, max(wide/l.least, 1)) {
			b := band{slots: slots, goes: n > 0, y: y + p.high, stock: l.goods + 40}
			lines := 1
			for _, s := range slots {
				var name []string
				if s.good != nil {
					name = wrapped(s.good.Name, float64(wide/len(slots)-10), l.lines)
				}
				b.names, lines = append(b.names, name), max(lines, len(name))
			}
			b.tag = (lines+1)*lineHigh + 14
			p.bands, p.high = append(p.bands, b), p.high+b.high()
		}
	}
	return p
}

// pieces cuts a shelf into as many equal pieces as it takes for each to hold no more than so many lanes.
func pieces(shelf []slot, most int) [][]slot {
	n := (len(shelf) + most - 1) / most
	return slices.Collect(slices.Chunk(shelf, max((len(shelf)+n-1)/max(n, 1), 1)))
}

// drawBody draws the cabinet, what stands in it, and where the last visit went.
func (l laid) drawBody(b *strings.Builder) {
	body, foot := l.wide-frontLeaf-2, l.high-10
	fmt.Fprintf(b, `<path class="k-feet" d="M28 %d v7 a2 2 0 0 0 2 2 h24 a2 2 0 0 0 2 -2 v-7 M%d %d v7 a2 2 0 0 0 2 2 h24 a2 2 0 0 0 2 -2 v-7"/>`, foot, body-56, foot)
	fmt.Fprintf(b, `<rect class="k-body" x="1" y="1" width="%d" height="%d" rx="12"/><rect class="k-lamp" x="%d" y="14" width="%d" height="6" rx="3"/>`, body, foot-1, body/5, body*3/5)
	fmt.Fprintf(b, `<path class="k-vent" d="M%d %d h%d M%d %d h%d"/>`, body*3/10, foot-20, body*2/5, body*3/10, foot-12, body*2/5)
	for _, p := range l.panes {
		fmt.Fprintf(b, `<rect class="k-win" x="%d" y="%d" width="%d" height="%d" rx="4"/>`, p.x, p.y, p.wide, p.high)
		for _, band := range p.bands {
			l.drawBand(b, p, band)
		}
		fmt.Fprintf(b, `<rect class="k-frame" x="%d" y="%d" width="%d" height="%d" rx="4"/>`, p.x, p.y, p.wide, p.high)
	}
	l.drawWay(b)
}

func (l laid) drawBand(b *strings.Builder, p pane, on band) {
	class := "k-shelf"
	if on.goes {
		class = "k-goes"
	}
	edge := on.y + on.stock
	fmt.Fprintf(b, `<rect class="k-tags" x="%d" y="%d" width="%d" height="%d"/>`, p.x, edge, p.wide, on.tag+stripHigh)
	if on.y > p.y {
		fmt.Fprintf(b, `<path class="%s" d="M%d %d h%d"/>`, class, p.x, on.y, p.wide)
	}
	fmt.Fprintf(b, `<path class="k-shelf" d="M%d %d h%d"/><path class="k-strip" d="M%d %d h%d"/>`, p.x, edge, p.wide, p.x, edge+on.tag, p.wide)
	for i := range on.slots {
		l.drawSlot(b, p, on, i)
	}
}

// span is where a slot begins and ends from left to right.
func (p pane) span(on band, i int) (left, right int) {
	return p.x + p.wide*i/len(on.slots), p.x + p.wide*(i+1)/len(on.slots)
}

func (l laid) drawSlot(b *strings.Builder, p pane, on band, i int) {
	s := on.slots[i]
	left, right := p.span(on, i)
	if i > 0 {
		class, down := "k-lane", on.stock
		if on.slots[i-1].board != s.board {
			class, down = "k-board", on.high()
		}
		fmt.Fprintf(b, `<path class="%s" d="M%d %d v%d"/>`, class, left, on.y, down)
	}
	if !s.board.OK {
		fmt.Fprintf(b, `<rect class="k-fog" fill="url(#fog)" x="%d" y="%d" width="%d" height="%d"/>`, left+1, on.y+1, right-left-1, on.stock-1)
	}
	if s.good == nil {
		return
	}
	l.drawGood(b, *s.good, s.board.ID, rect{float64(left), float64(on.y), float64(right), float64(on.y + on.stock)}, on.names[i], on.tag)
}

// drawGood draws a kind of goods with its number, how full its lane is, its name and its price.
func (l laid) drawGood(b *strings.Builder, g standingGood, on protocol.PlatformID, at rect, name []string, tag int) {
	price := l.say("stand.unsold")
	if g.Price > 0 {
		price = money(g.Price)
	}
	say := template.HTMLEscapeString(l.say("stand.lane", string(on), g.Name, g.Units, price, g.Say))
	element, link := "g", `role="img"`
	if g.Path != "" {
		element, link = "a", `href="`+template.HTMLEscapeString(g.Path)+`"`
	}
	fmt.Fprintf(b, `<%s class="k-good %s" data-key="%s %s" %s aria-label="%s">`, element, g.Mark, template.HTMLEscapeString(string(on)), template.HTMLEscapeString(string(g.SKU)), link, say)
	middle, foot := (at.x1+at.x2)/2, at.y2
	fmt.Fprintf(b, `<rect class="k-hit" x="%.0f" y="%.0f" width="%.0f" height="%.0f"/>`, at.x1, at.y1, at.x2-at.x1, at.y2-at.y1+float64(tag))
	l.drawStack(b, g, middle, foot-fillHigh)
	drawFill(b, g.Fill, at)
	l.drawNumber(b, g, at)
	fmt.Fprintf(b, `<text class="k-name" y="%.0f">`, foot+4)
	for _, line := range name {
		fmt.Fprintf(b, `<tspan x="%.1f" dy="%d">%s</tspan>`, middle, lineHigh, template.HTMLEscapeString(line))
	}
	fmt.Fprintf(b, `</text><text class="k-price" x="%.1f" y="%.0f">%s</text></%s>`, middle, foot+float64(tag)-8, template.HTMLEscapeString(price), element)
}

// drawStack draws what stands there: the one in front plainly, those behind it lightly.
func (l laid) drawStack(b *strings.Builder, g standingGood, middle, foot float64) {
	const step = 10
	n := min(max(g.Units, 1), goodsDrawn)
	left := middle - float64(l.goods+step*(n-1))/2
	for k := n - 1; k >= 0; k-- {
		class := ""
		if k > 0 {
			class = ` class="k-back"`
		}
		fmt.Fprintf(b, `<use%s href="#i-%s" x="%.1f" y="%.1f" width="%d" height="%d"/>`, class, categorySymbol(g.Category), left+float64(step*k), foot-float64(l.goods)+4, l.goods, l.goods)
	}
}

// drawNumber writes how many there are, with the shape of what stands out.
func (l laid) drawNumber(b *strings.Builder, g standingGood, at rect) {
	number := strconv.Itoa(g.Units)
	fmt.Fprintf(b, `<text class="k-number" x="%.0f" y="%.0f">%s</text>`, at.x2-7, at.y1+20, number)
	if icon := laneIcons[g.Mark]; icon != "" {
		fmt.Fprintf(b, `<use class="k-mark" href="#i-%s" x="%.0f" y="%.0f" width="16" height="16"/>`, icon, at.x2-11-16-9*float64(len(number)), at.y1+7)
	}
}

// drawFill draws a mark for each thing that has its place in a lane, filled for those that are there.
func drawFill(b *strings.Builder, marks []bool, at rect) {
	if len(marks) == 0 {
		return
	}
	var on, off strings.Builder
	wide := (at.x2 - at.x1 - 2) / float64(len(marks))
	for i, is := range marks {
		into := &off
		if is {
			into = &on
		}
		fmt.Fprintf(into, "M%.1f %.0fh%.1fv%dh-%.1fz", at.x1+1+wide*float64(i), at.y2-fillHigh-1, wide-1, fillHigh-1, wide-1)
	}
	for _, path := range []struct{ class, d string }{{"k-off", off.String()}, {"k-on", on.String()}} {
		if path.d != "" {
			fmt.Fprintf(b, `<path class="%s" d="%s"/>`, path.class, path.d)
		}
	}
}
