package sticker

import (
	"encoding/hex"
	"strings"
	"unicode/utf16"
)

// helvetica is how wide the letters from the space on are, in thousandths of their size; helveticaBold likewise.
var (
	helvetica = [95]int{
		278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
		1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
		333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
	}
	helveticaBold = [95]int{
		278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
		975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
		333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
	}
)

// face is how a text is set.
type face struct {
	size float64 // millimetres
	bold bool
}

// words sets a text that may be Chinese, in no more than a width: smaller where it is too long, by a third at most, and then cut off.
func (p *page) words(text string, f face, x, y, width float64) {
	if wide := p.width(text, f); wide > width {
		f.size *= max(width/wide, 2.0/3)
	}
	if p.width(text, f) > width {
		runes := []rune(text)
		for len(runes) > 0 && p.width(string(runes)+"...", f) > width {
			runes = runes[:len(runes)-1]
		}
		text = string(runes) + "..."
	}
	for text != "" {
		run, rest := cut(text)
		switch {
		case !isLatin([]rune(run)[0]):
			p.outlines(run, f.size, x, y)
		case f.bold:
			p.show(boldFont, f.size, x, y, quoted(run))
		default:
			p.show(plainFont, f.size, x, y, quoted(run))
		}
		x += p.width(run, f)
		text = rest
	}
}

// outlines sets a text letter by letter, and gives how wide it is.
func (p *page) outlines(text string, size, x, y float64) (wide float64) {
	for _, r := range text {
		one := p.letters.of(r)
		p.outline(one.outline, size, x+wide, y)
		wide += float64(one.wide) / 1000 * size
	}
	return wide
}

func isLatin(r rune) bool { return r >= ' ' && r <= '~' }

// cut takes the letters off that are set in the same font.
func cut(text string) (run, rest string) {
	for i, r := range text {
		if isLatin(r) != isLatin([]rune(text)[0]) {
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// width is how wide a text is in a face, in millimetres.
func (p *page) width(text string, f face) float64 {
	sum := 0
	for _, r := range text {
		switch {
		case !isLatin(r):
			sum += p.letters.of(r).wide
		case f.bold:
			sum += helveticaBold[r-' ']
		default:
			sum += helvetica[r-' ']
		}
	}
	return float64(sum) / 1000 * f.size
}

// quoted writes a text of Latin letters as PDFs have it.
func quoted(text string) string {
	return "(" + strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`).Replace(text) + ")"
}

// marked is a text of a document's own data: UTF-16 with its mark.
func marked(text string) string {
	raw := []byte{0xFE, 0xFF}
	for _, unit := range utf16.Encode([]rune(text)) {
		raw = append(raw, byte(unit>>8), byte(unit))
	}
	return "<" + hex.EncodeToString(raw) + ">"
}
