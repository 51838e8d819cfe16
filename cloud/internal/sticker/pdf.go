package sticker

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
)

// perMM is how many points of a PDF are a millimetre.
const perMM = 72 / 25.4

// The fonts of a document, by the names that its pages use. They are in every reader; every other letter is drawn as an outline.
const (
	plainFont = "F1"
	boldFont  = "F2"
)

// fontObjects are the objects 3 and 4.
var fontObjects = [...]string{
	`<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>`,
	`<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>`,
}

// document writes a PDF: pages of lines, fills and texts, in millimetres from the top left.
type document struct {
	width, height float64
	letters       letters
	pages         []*page
}

// page is one page as it is drawn.
type page struct {
	height  float64
	letters letters
	b       bytes.Buffer
}

func (d *document) add() *page {
	p := &page{height: d.height, letters: d.letters}
	d.pages = append(d.pages, p)
	return p
}

// bytes is the whole document. The same pages make the same bytes.
func (d *document) bytes(title string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	const first = 3 + len(fontObjects) // the object of the first page; its content follows it
	var kids strings.Builder
	for n := range d.pages {
		fmt.Fprintf(&kids, "%d 0 R ", first+2*n)
	}
	objects := append([]string{
		`<</Type/Catalog/Pages 2 0 R/Lang(zh-CN)/ViewerPreferences<</PrintScaling/None>>>>`,
		fmt.Sprintf(`<</Type/Pages/Kids[%s]/Count %d/MediaBox[0 0 %.3f %.3f]/Resources<</Font<</%s 3 0 R/%s 4 0 R>>>>>>`,
			kids.String(), len(d.pages), d.width*perMM, d.height*perMM, plainFont, boldFont),
	}, fontObjects[:]...)
	for n, p := range d.pages {
		packed, err := deflate(p.b.Bytes())
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", n+1, err)
		}
		objects = append(objects, fmt.Sprintf(`<</Type/Page/Parent 2 0 R/Contents %d 0 R>>`, first+2*n+1),
			fmt.Sprintf("<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream", len(packed), packed))
	}
	objects = append(objects, `<</Title `+marked(title)+`/Producer(allhours)>>`)
	places := make([]int, len(objects))
	for n, object := range objects {
		places[n] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", n+1, object)
	}
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range places {
		fmt.Fprintf(&out, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&out, "trailer\n<</Size %d/Root 1 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, len(objects), table)
	return out.Bytes(), nil
}

func deflate(raw []byte) ([]byte, error) {
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(raw); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// colour sets what is filled and drawn from now on, each part from 0 to 1.
func (p *page) colour(r, g, b float64) {
	fmt.Fprintf(&p.b, "%.3f %.3f %.3f rg %.3f %.3f %.3f RG\n", r, g, b, r, g, b)
}

// at is a place in the PDF's own measure, which begins at the bottom.
func (p *page) at(x, y float64) (float64, float64) { return x * perMM, (p.height - y) * perMM }

// line draws one of a hair's width.
func (p *page) line(x1, y1, x2, y2 float64) {
	a, b := p.at(x1, y1)
	c, d := p.at(x2, y2)
	fmt.Fprintf(&p.b, "0.35 w %.3f %.3f m %.3f %.3f l S\n", a, b, c, d)
}

// box fills one.
func (p *page) box(x, y, w, h float64) {
	p.boxes(func(add func(x, y, w, h float64)) { add(x, y, w, h) })
}

// boxes fills several at once, so that no seams are seen where they meet.
func (p *page) boxes(each func(add func(x, y, w, h float64))) {
	each(func(x, y, w, h float64) {
		left, bottom := p.at(x, y+h)
		fmt.Fprintf(&p.b, "%.3f %.3f %.3f %.3f re\n", left, bottom, w*perMM, h*perMM)
	})
	p.b.WriteString("f\n")
}

// show sets a text in one font, of a size in millimetres, on a line; the bytes are as the font is encoded.
func (p *page) show(font string, size, x, y float64, text string) {
	left, bottom := p.at(x, y)
	fmt.Fprintf(&p.b, "BT /%s %.3f Tf %.3f %.3f Td %s Tj ET\n", font, size*perMM, left, bottom, text)
}

// outline fills a shape that is given in thousandths of its size.
func (p *page) outline(shape string, size, x, y float64) {
	left, bottom := p.at(x, y)
	fmt.Fprintf(&p.b, "q %.5f 0 0 %.5f %.3f %.3f cm %s f Q\n", size*perMM/1000, size*perMM/1000, left, bottom, shape)
}
