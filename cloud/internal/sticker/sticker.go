// Package sticker draws what a resident scans: a label for each cabinet with its code, number, place and the chain's phone, on
// sheets to be cut or one by one, as a PDF that needs no font where it is printed. It reads nothing but what it is given.
package sticker

import (
	"fmt"

	"rsc.io/qr"

	"allhours/cloud"
)

// Sticker is one label.
type Sticker struct {
	URL    string // of the cabinet's page
	ID     string
	Number int
	Store  cloud.Text
	Place  cloud.Text
	Phone  string // of the chain's support; may be empty
}

// Size is how labels come.
type Size string

// The sizes.
const (
	A4    Size = "a4"    // eight on each sheet, with marks to cut along
	Label Size = "label" // each a page of its own
)

// Most is how many stickers one document has.
const Most = 500

// How large a label is, and where they lie on a sheet, in millimetres.
const (
	width, height           = 90.0, 65.0
	columns, rows           = 2, 4
	sheetWidth, sheetHeight = 210.0, 297.0
	left                    = (sheetWidth - columns*width) / 2
	top                     = (sheetHeight - rows*height) / 2
	markGap, mark           = 2.0, 5.0
)

// Print draws the stickers in the order in which they are given.
func Print(all []Sticker, size Size) ([]byte, error) {
	drawn, err := readLetters()
	if err != nil {
		return nil, err
	}
	d := document{width: sheetWidth, height: sheetHeight, letters: drawn}
	if size == Label {
		d.width, d.height = width, height
	}
	for n, s := range all {
		x, y := 0.0, 0.0
		if size != Label {
			n %= columns * rows
			x, y = left+float64(n%columns)*width, top+float64(n/columns)*height
		}
		if size == Label || n == 0 {
			p := d.add()
			if size != Label {
				p.marks()
			}
		}
		if err := s.draw(d.pages[len(d.pages)-1], x, y); err != nil {
			return nil, fmt.Errorf("sticker of %s: %w", s.ID, err)
		}
	}
	return d.bytes("allhours · " + fmt.Sprint(len(all)))
}

// marks draws where a sheet is cut, outside of all labels.
func (p *page) marks() {
	p.colour(0, 0, 0)
	for n := range columns + 1 {
		x := left + float64(n)*width
		p.line(x, top-markGap-mark, x, top-markGap)
		p.line(x, sheetHeight-top+markGap, x, sheetHeight-top+markGap+mark)
	}
	for n := range rows + 1 {
		y := top + float64(n)*height
		p.line(left-markGap-mark, y, left-markGap, y)
		p.line(sheetWidth-left+markGap, y, sheetWidth-left+markGap+mark, y)
	}
}

const (
	edge = 5.0  // that stays empty around a label
	band = 11.0 // the lit one at its top
	code = 41.0 // of the QR code, its quiet margin included
)

func (s Sticker) draw(p *page, x, y float64) error {
	p.colour(0.965, 0.698, 0.290) // the fill of lamp
	p.box(x, y, width, band)
	p.colour(0.078, 0.094, 0.122)
	words := p.outlines("扫码开门", 6, x+edge, y+8)
	p.words("Scan to open", face{size: 4.2, bold: true}, x+edge+words+4, y+7.6, width-2*edge-words-4)
	if err := s.code(p, x+2, y+band+1.5); err != nil {
		return err
	}
	right := x + code + 4
	room := x + width - edge - right
	number := fmt.Sprint(s.Number)
	p.words(number, face{size: 13, bold: true}, right, y+band+14, room)
	after := right + p.width(number, face{size: 13, bold: true}) + 1.5
	p.outlines("号柜", 5, after, y+band+14)
	p.words("Cabinet "+number, face{size: 3.2}, right, y+band+20, room)
	p.words(s.Place.Zh, face{size: 4}, right, y+band+27.5, room)
	p.words(s.Place.En, face{size: 3.2}, right, y+band+32.5, room)
	p.words(s.Store.Zh+"  "+s.Store.En, face{size: 3}, right, y+band+39, room)
	foot := y + height - edge
	if s.Phone != "" {
		help := p.outlines("客服", 4, x+edge, foot)
		p.words("Help  "+s.Phone, face{size: 4.2, bold: true}, x+edge+help+2, foot, 58)
	}
	id := face{size: 2.8}
	p.words(s.ID, id, x+width-edge-min(p.width(s.ID, id), 20), foot, 20)
	return nil
}

// quiet is the empty margin in modules that readers need.
const quiet = 4

// code draws the QR code, run by run.
func (s Sticker) code(p *page, x, y float64) error {
	of, err := qr.Encode(s.URL, qr.M)
	if err != nil {
		return err
	}
	module := code / float64(of.Size+2*quiet)
	p.boxes(func(add func(x, y, w, h float64)) {
		for row := range of.Size {
			for col := 0; col < of.Size; {
				run := 0
				for of.Black(col+run, row) {
					run++
				}
				if run > 0 {
					add(x+float64(quiet+col)*module, y+float64(quiet+row)*module, float64(run)*module, module)
				}
				col += max(run, 1)
			}
		}
	})
	return nil
}
