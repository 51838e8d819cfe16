package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// figure is one measured number beside what it should reach and what it was measured against.
type figure struct {
	Part     string  `json:"part"`
	Name     string  `json:"name"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	Reach    float64 `json:"reach"`
	Baseline string  `json:"baseline"` // the limit or baseline of the same run, in words
	OK       bool    `json:"ok"`
}

// atMost is a figure that should stay at or below its reach.
func atMost(name string, value float64, unit string, reach float64, baseline string) figure {
	return figure{Name: name, Value: value, Unit: unit, Reach: reach, Baseline: baseline, OK: value <= reach}
}

// atLeast is a figure that should come up to its reach.
func atLeast(name string, value float64, unit string, reach float64, baseline string) figure {
	return figure{Name: name, Value: value, Unit: unit, Reach: reach, Baseline: baseline, OK: value >= reach}
}

// sink prints figures for people and, where asked, writes them for programs.
type sink struct {
	file *os.File
}

func openSink(path string) (*sink, error) {
	fmt.Printf("%-7s %-24s %12s %-5s %10s %-7s %s\n", "part", "figure", "value", "unit", "reach", "", "measured against")
	if path == "" {
		return &sink{}, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("open the file for the figures: %w", err)
	}
	return &sink{file: file}, nil
}

func (s *sink) write(f figure) error {
	word := "missed"
	if f.OK {
		word = "reached"
	}
	fmt.Printf("%-7s %-24s %12.4f %-5s %10.4f %-7s %s\n", f.Part, f.Name, f.Value, f.Unit, f.Reach, word, f.Baseline)
	if s.file == nil {
		return nil
	}
	return json.NewEncoder(s.file).Encode(f)
}

func (s *sink) close() {
	if s.file != nil {
		s.file.Close()
	}
}
