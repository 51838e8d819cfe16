package trace

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// Writer writes visits as JSON lines. Each method writes one line; its error is the underlying writer's.
type Writer struct {
	out *json.Encoder
}

// NewWriter writes plain JSON lines to w; wrap w in gzip for the other form.
func NewWriter(w io.Writer) *Writer { return &Writer{out: json.NewEncoder(w)} }

// Begin writes the header of a visit; rows follow.
func (w *Writer) Begin(h Header) error {
	line := header{Trace: Version, ID: h.ID, Confidence: h.Confidence, SKUs: make(map[protocol.SKU]goods, len(h.Layout.Goods))}
	if h.Refill {
		line.Purpose = refill
	}
	for sku, g := range h.Layout.Goods {
		line.SKUs[sku] = goods{Unit: g.Unit.Grams(), SD: g.SD.Grams(), Price: h.Prices[sku]}
	}
	for _, p := range h.Layout.Platforms {
		line.Platforms = append(line.Platforms, platform{
			ID: p.ID, Capacity: p.Capacity.Grams(), Division: p.Division.Grams(),
			SKUs: slices.Sorted(maps.Keys(p.Book)), Book: p.Book,
		})
	}
	return w.write(line)
}

// Door writes that the door was opened or shut at so many milliseconds since the visit's zero.
func (w *Writer) Door(at int64, open bool) error {
	if open {
		return w.write(row{At: at, Door: doorOpen})
	}
	return w.write(row{At: at, Door: doorClosed})
}

// Read writes one reading of each platform in read, in the order in which the engine was fed; nil is every platform, in
// the layout's order.
func (w *Writer) Read(at int64, read []int, samples []settle.Sample) error {
	grams := make([]*float64, len(samples))
	for i, s := range samples {
		if s.OK {
			g := s.Weight.Grams()
			grams[i] = &g
		}
	}
	return w.write(row{At: at, Read: read, Grams: grams})
}

// Write writes a whole visit.
func (w *Writer) Write(v *Visit) error {
	if err := w.Begin(v.Header); err != nil {
		return err
	}
	for _, r := range v.Rows {
		err := error(nil)
		if r.Reading {
			err = w.Read(r.At, r.Read, r.Samples)
		} else {
			err = w.Door(r.At, r.Open)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) write(line any) error {
	if err := w.out.Encode(line); err != nil {
		return fmt.Errorf("trace: write a line: %w", err)
	}
	return nil
}
