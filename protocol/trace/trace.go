// Package trace reads and writes recorded visits: JSON lines, plain or gzipped, as protocol/docs/trace.md describes. It
// works over io.Reader and io.Writer only; it opens no file, keeps no clock and judges nothing: see package settle.
package trace

import (
	"allhours/protocol"
	"allhours/protocol/settle"
)

// Version is the version of the format that this package writes, and the only one that it reads.
const Version = 1

// Header begins a visit.
type Header struct {
	ID         string
	Layout     settle.Layout
	Prices     map[protocol.SKU]protocol.Fen
	Confidence float64 // that a bill needed, as settle.Config has it; 0 where the visit was settled by the default
	Refill     bool    // goods were put in: it is settled by the rules of a refill
}

// Row is one line of a visit: either the door changed, or platforms were read.
type Row struct {
	At      int64 // milliseconds since the visit's zero
	Reading bool  // false: the door changed
	Open    bool  // the door, where it changed
	Samples []settle.Sample
	Read    []int // which platform each sample is of; nil: one sample of every platform, in the layout's order
}

// Visit is one recorded visit.
type Visit struct {
	Header
	Rows []Row
}

// Answer is the one line that answers a visit.
type Answer struct {
	ID string `json:"id"`
	settle.Answer
}

// Feed plays the visit into an engine, row by row.
func (v *Visit) Feed(engine *settle.Visit) {
	for _, r := range v.Rows {
		if !r.Reading {
			engine.Door(r.At, r.Open)
			continue
		}
		for i, s := range r.Samples {
			if r.Read != nil {
				i = r.Read[i]
			}
			engine.Read(r.At, i, s)
		}
	}
}

// Settle answers the visit. Where the configuration leaves the confidence of a bill open, it is the one of the recording.
// The error names what is wrong in its layout or the configuration.
func (v *Visit) Settle(c settle.Config) (Answer, error) {
	if c.BillConfidence == 0 {
		c.BillConfidence = v.Confidence
	}
	engine, err := settle.New(v.Layout, c)
	if err != nil {
		return Answer{}, err
	}
	v.Feed(engine)
	if v.Refill {
		return Answer{ID: v.ID, Answer: engine.Filled()}, nil
	}
	return Answer{ID: v.ID, Answer: engine.Decide()}, nil
}

// header, row, platform and good are the lines as they are written.
type header struct {
	Trace      int                    `json:"trace"`
	ID         string                 `json:"id"`
	Purpose    string                 `json:"purpose,omitempty"`
	Confidence float64                `json:"bill_confidence,omitempty"`
	Platforms  []platform             `json:"platforms"`
	SKUs       map[protocol.SKU]goods `json:"skus"`
}

type platform struct {
	ID       protocol.PlatformID  `json:"id"`
	Capacity float64              `json:"capacity_g"`
	Division float64              `json:"division_g"`
	SKUs     []protocol.SKU       `json:"skus"`
	Book     map[protocol.SKU]int `json:"book"`
}

type goods struct {
	Unit  float64      `json:"unit_g"`
	SD    float64      `json:"sd_g"`
	Price protocol.Fen `json:"price_fen"`
}

type row struct {
	At    int64      `json:"t"`
	Door  string     `json:"door,omitempty"`
	Read  []int      `json:"c,omitempty"`
	Grams []*float64 `json:"g,omitempty"`
}

// refill is the one purpose that is written: a recording that says none is of a purchase, or of a service visit.
const refill = "refill"

const (
	doorOpen   = "open"
	doorClosed = "closed"
)
