package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"allhours/firmware-sim/physics/practice"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

const (
	costRows     = 40_000 // rows of readings that are timed
	costVisits   = 600    // visits whose decision is timed, on crowded shelves
	costAttempts = 3      // the quickest of so many counts, so that other work on the machine does not
)

// costs measures what a row of readings of 24 channels and a final decision take.
func costs() ([]figure, error) {
	micros, allocations, err := readingCost()
	if err != nil {
		return nil, err
	}
	times, err := decisionTimes()
	if err != nil {
		return nil, err
	}
	slices.Sort(times)
	millis := func(d time.Duration) float64 { return d.Seconds() * 1000 }
	against := fmt.Sprintf("%d visits to 5 shelves of 10 articles, median %.2f ms", len(times), millis(times[len(times)/2]))
	return []figure{
		atMost("reading_us", micros, "us", 20, fmt.Sprintf("a row of 24 channels, %.4f allocations a row", allocations)),
		atMost("decide_p99_ms", millis(times[len(times)*99/100]), "ms", 5, against),
		atMost("decide_max_ms", millis(times[len(times)-1]), "ms", 50, against),
	}, nil
}

// readingCost feeds the readings of one visit again and again, as if it went on.
func readingCost() (micros, allocations float64, err error) {
	story, err := practice.Tell("everyday", practice.Lanes, 0)
	if err != nil {
		return 0, 0, err
	}
	engine, err := settle.New(story.Header.Layout, settle.Config{})
	if err != nil {
		return 0, 0, err
	}
	rows := slices.DeleteFunc(story.Trace(practice.Ordinary()).Rows, func(r trace.Row) bool { return !r.Reading })
	at := int64(0)
	feed := func(n int) {
		for i := range n {
			at += 100
			for k, s := range rows[i%len(rows)].Samples {
				engine.Read(at, k, s)
			}
		}
	}
	engine.Door(0, true)
	feed(costRows / 4)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	feed(costRows)
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	return float64(took.Microseconds()) / costRows, float64(after.Mallocs-before.Mallocs) / costRows, nil
}

// decisionTimes gives how long the decision of each visit takes.
func decisionTimes() ([]time.Duration, error) {
	families := practice.Families()
	var times []time.Duration
	for i := range costVisits {
		story, err := practice.Tell(families[i%len(families)], practice.Crowded, uint64(2*(i/len(families))+1))
		if err != nil {
			return nil, err
		}
		engine, err := settle.New(story.Header.Layout, settle.Config{})
		if err != nil {
			return nil, fmt.Errorf("visit %s: %w", story.ID, err)
		}
		story.Feed(engine, practice.Ordinary())
		var quickest time.Duration
		for range costAttempts {
			began := time.Now()
			engine.Decide()
			if took := time.Since(began); quickest == 0 || took < quickest {
				quickest = took
			}
		}
		times = append(times, quickest)
	}
	return times, nil
}
