package web

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
)

// drawLive draws what is so now: whether the doors are shut, how warm it is, and what the scales say.
func (l laid) drawLive(b *strings.Builder) {
	for _, p := range l.panes {
		l.drawDoor(b, p)
		for _, band := range p.bands {
			for i, s := range band.slots {
				if i > 0 && band.slots[i-1].board == s.board {
					continue
				}
				left, _ := p.span(band, i)
				l.drawWeight(b, p, band, i, left)
			}
		}
	}
}

// drawDoor writes how the door is over its window, and draws its handle, or the door where it stands open.
func (l laid) drawDoor(b *strings.Builder, p pane) {
	class, first := "k-word", p.y-12
	if !p.words.Well {
		class += " clay"
	}
	if l.name == "narrow" && p.air != "" {
		first -= 20
	}
	fmt.Fprintf(b, `<text class="%s" x="%d" y="%d"><tspan class="k-bold">%s</tspan> · %s</text>`, class, p.x+2, first, template.HTMLEscapeString(p.words.Door), template.HTMLEscapeString(p.words.Lock))
	if p.air != "" {
		x, anchor := p.x+p.wide-2, "end"
		if l.name == "narrow" {
			x, anchor = p.x+2, "start"
		}
		fmt.Fprintf(b, `<text class="k-word" x="%d" y="%d" text-anchor="%s">%s</text>`, x, p.y-12, anchor, template.HTMLEscapeString(p.air))
	}
	right, bottom := p.x+p.wide, p.y+p.high
	if p.words.Open {
		fmt.Fprintf(b, `<path class="k-leaf" d="M%d %d L%d %d V%d L%d %d"/>`, right, p.y, right+frontPad+frontLeaf-4, p.y+14, bottom-14, right, bottom)
		return
	}
	fmt.Fprintf(b, `<path class="k-grip" d="M%d %d v40"/>`, right+6, (p.y+bottom)/2-20)
}

// drawWeight writes under a surface which it is and what lies on it.
func (l laid) drawWeight(b *strings.Builder, p pane, on band, i, left int) {
	last := i
	for last+1 < len(on.slots) && on.slots[last+1].board == on.slots[i].board {
		last++
	}
	_, right := p.span(on, last)
	board, y := on.slots[i].board, on.y+on.stock+on.tag+16
	id, weight := string(board.ID), board.Weight
	if widthOf(id+weight)+14 > float64(right-left) { // Of a narrow lane the unit goes without saying.
		weight = strings.TrimSuffix(weight, " kg")
	}
	fmt.Fprintf(b, `<text class="k-id" x="%d" y="%d">%s</text><text class="k-weight" x="%d" y="%d">%s</text>`, left+5, y, template.HTMLEscapeString(id), right-5, y, template.HTMLEscapeString(weight))
}

// drawWay draws where the last visit went, from place to place, and numbers what it did there.
func (l laid) drawWay(b *strings.Builder) {
	const radius = 11
	spots := make(map[slotPlace][2]float64)
	for _, p := range l.panes {
		for _, band := range p.bands {
			for i, s := range band.slots {
				left, _ := p.span(band, i)
				for _, at := range []slotPlace{s.place(), {platform: s.board.ID}} { // What is no article of the plan is seen by its scale alone.
					if _, taken := spots[at]; !taken {
						spots[at] = [2]float64{float64(left) + radius + 4, float64(band.y) + radius + 5}
					}
				}
			}
		}
	}
	var way strings.Builder
	for _, at := range l.way {
		spot, known := spots[at]
		if !known {
			continue
		}
		if way.Len() == 0 {
			fmt.Fprintf(&way, "M%.0f %.0f", spot[0], spot[1])
			continue
		}
		fmt.Fprintf(&way, "L%.0f %.0f", spot[0], spot[1])
	}
	if way.Len() == 0 {
		return
	}
	fmt.Fprintf(b, `<g class="k-way" aria-hidden="true"><path d="%s"/>`, way.String())
	for _, at := range l.way {
		spot, known := spots[at]
		if !known {
			continue
		}
		delete(spots, at) // A place that was gone to twice has its numbers once.
		var numbers []string
		for _, n := range l.steps[at] {
			numbers = append(numbers, strconv.Itoa(n))
		}
		text := strings.Join(numbers, " ")
		wide := max(2*radius, 9*len(text)+8)
		fmt.Fprintf(b, `<rect x="%.0f" y="%.0f" width="%d" height="%d" rx="%d"/><text x="%.1f" y="%.0f">%s</text>`, spot[0]-radius, spot[1]-radius, wide, 2*radius, radius, spot[0]-radius+float64(wide)/2, spot[1]+5, text)
	}
	b.WriteString(`</g>`)
}

// wrapped cuts a text of 14 pixels into lines of a width: between words where that goes, and anywhere in Chinese.
func wrapped(text string, wide float64, most int) (lines []string) {
	rest := strings.TrimSpace(text)
	for rest != "" && len(lines) < most {
		if widthOf(rest) <= wide {
			return append(lines, rest)
		}
		cut := cutAt(rest, wide)
		line := strings.TrimSpace(rest[:cut])
		if rest = strings.TrimSpace(rest[cut:]); rest != "" && len(lines) == most-1 {
			line = shortened(line, wide)
		}
		lines = append(lines, line)
	}
	return lines
}

// cutAt is where the longest beginning ends that fits a width; at least one letter does.
func cutAt(text string, wide float64) int {
	cut, space, width := 0, 0, 0.0
	for i, r := range text {
		width += widthOf(string(r))
		if width > wide && cut > 0 {
			break
		}
		cut = i + len(string(r))
		if r == ' ' || r > 0x2e80 { // After a word, and after each Chinese letter.
			space = cut
		}
	}
	if space > 0 && cut < len(text) && text[cut] != ' ' {
		return space
	}
	return cut
}

// shortened tells that a text goes on.
func shortened(line string, wide float64) string {
	letters := []rune(line)
	for len(letters) > 1 && widthOf(string(letters))+9 > wide {
		letters = letters[:len(letters)-1]
	}
	return strings.TrimSpace(string(letters)) + "…"
}
