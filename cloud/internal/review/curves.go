package review

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"slices"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// Bounds of a recording and of what is drawn of it.
const (
	columnsMost = 4000
	movedGrams  = 5.0 // a platform whose calm weight changed by less did not move
)

// Curves implements cloud.Cases.
func (s *Service) Curves(_ context.Context, id protocol.VisitID, columns int) (cloud.Curves, error) {
	packed, err := s.Traces.Fetch(id)
	if err != nil {
		return cloud.Curves{}, err
	}
	v, err := trace.Unpack(packed)
	if err != nil {
		return cloud.Curves{}, fmt.Errorf("recording of visit %s: %w", id, err)
	}
	return draw(v, min(max(columns, 1), columnsMost)), nil
}

// draw brings a recording down to so many columns: of each the least and the most, so that no peak is lost.
func draw(v *trace.Visit, columns int) cloud.Curves {
	c := cloud.Curves{Columns: columns, Step: 1}
	for i, r := range v.Rows {
		if i == 0 {
			c.Start = r.At
		}
		if span := float64(r.At-c.Start) + 1; span > c.Step*float64(columns) {
			c.Step = span / float64(columns)
		}
		if !r.Reading {
			c.Doors = append(c.Doors, cloud.DoorMark{At: r.At, Open: r.Open})
		}
	}
	for _, p := range v.Layout.Platforms {
		c.Platforms = append(c.Platforms, cloud.Curve{Platform: p.ID, Low: blank(columns), High: blank(columns), Book: bookOf(p)})
	}
	for _, r := range v.Rows {
		at := min(int(float64(r.At-c.Start)/c.Step), columns-1)
		for i, sample := range r.Samples {
			if r.Read != nil {
				i = r.Read[i]
			}
			if sample.OK && at >= 0 {
				c.Platforms[i].Note(at, sample.Weight.Grams())
			}
		}
	}
	for i := range c.Platforms {
		c.Platforms[i].Moved = moved(c.Platforms[i])
	}
	return c
}

func blank(columns int) []float64 { return slices.Repeat([]float64{math.NaN()}, columns) }

func bookOf(p settle.Platform) []settle.Line {
	book := make([]settle.Line, 0, len(p.Book))
	for sku, n := range p.Book {
		book = append(book, settle.Line{SKU: sku, Qty: n})
	}
	slices.SortFunc(book, func(a, b settle.Line) int { return bytes.Compare([]byte(a.SKU), []byte(b.SKU)) })
	return book
}

// moved compares the first and the last weights, and looks for a swing between them that noise does not make.
func moved(c cloud.Curve) bool {
	var known []float64
	for i := range c.Low {
		if !math.IsNaN(c.Low[i]) {
			known = append(known, (c.Low[i]+c.High[i])/2)
		}
	}
	if len(known) == 0 {
		return false
	}
	calm := func(part []float64) float64 {
		sorted := slices.Sorted(slices.Values(part))
		return sorted[len(sorted)/2]
	}
	tenth := max(1, len(known)/10)
	first := calm(known[:tenth])
	for i := 0; i+tenth <= len(known); i += tenth {
		if math.Abs(calm(known[i:i+tenth])-first) > movedGrams {
			return true
		}
	}
	return math.Abs(calm(known[len(known)-tenth:])-first) > movedGrams
}
