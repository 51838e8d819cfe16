package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"allhours/firmware-sim/physics/practice"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// gapReadings is from how many readings the weights before and after a visit are taken.
const gapReadings = 5

// measureGaps settles a quarter of the visits as an agent does that lost its power in them. What a scale hid that did not
// work is left out: the agent takes no weight of such a one.
func measureGaps(ctx context.Context, o settling) (figure, error) {
	all, err := settleAll(ctx, o, o.visits/4, (*settled).settleGap)
	if err != nil {
		return figure{}, err
	}
	of := func(wanted func(family string) bool) tally {
		return tallyOf(all, func(s settled) bool { return !s.truth.Hidden && wanted(s.family) })
	}
	ordinary := of(practice.IsOrdinary)
	frauds := of(isFraud)
	others := of(func(family string) bool { return !practice.IsOrdinary(family) && !isFraud(family) })
	fmt.Printf("%-20s %6s %8s %8s %8s\n", "after a power gap", "visits", "exact", "review", "wrong")
	for _, r := range []struct {
		name string
		t    tally
	}{{"ordinary", ordinary}, {"others", others}, {"frauds", frauds}} {
		fmt.Printf("%-20s %6d %8.4f %8.4f %8.4f\n", r.name, r.t.visits, r.t.share(r.t.exact), r.t.share(r.t.review), r.t.share(r.t.wrong))
	}
	fmt.Println()
	return atMost("wrong_gap", ordinary.share(ordinary.wrong), "", 0.001, fmt.Sprintf("%d of %d ordinary visits with a power gap, at most %.5f (95 %%)",
		ordinary.wrong, ordinary.visits, upperBound(ordinary.wrong, ordinary.visits))), nil
}

// isFraud reports a family of which the weights before and after tell nothing.
func isFraud(family string) bool { return family == "swap" || family == "part-eaten" }

// settleGap settles the visit by the weights before and after it, and by what was written down until the power failed
// somewhere in it.
func (s *settled) settleGap() error {
	story, err := s.tell()
	if err != nil {
		return err
	}
	s.truth = story.Truth
	v := story.Trace(practice.Ordinary())
	opened, shut := doorOf(v.Rows)
	cut := opened + rand.New(rand.NewPCG(s.seed, 11)).Int64N(max(1, shut-opened))
	seen, err := writtenDown(v, opened, cut)
	if err != nil {
		return err
	}
	before, after := weightsAt(v, func(at int64) bool { return at < opened }), weightsAt(v, func(int64) bool { return true })
	s.answer = settle.Net(v.Layout, before, after, seen, settle.Config{})
	s.answer.Why, s.answer.Levels = nil, nil
	return nil
}

func doorOf(rows []trace.Row) (opened, shut int64) {
	for _, r := range rows {
		switch {
		case r.Reading:
		case r.Open && opened == 0:
			opened = r.At
		case !r.Open:
			shut = r.At
		}
	}
	return opened, shut
}

// writtenDown is what was told of the visit once a second until it was cut off.
func writtenDown(v trace.Visit, opened, cut int64) ([]settle.Step, error) {
	engine, err := settle.New(v.Layout, settle.Config{})
	if err != nil {
		return nil, err
	}
	var told []settle.Step
	next := opened + 1000
	for _, r := range v.Rows {
		if r.At > cut {
			break
		}
		if !r.Reading {
			engine.Door(r.At, r.Open)
			continue
		}
		for i, sample := range r.Samples {
			engine.Read(r.At, i, sample)
		}
		if r.At >= next {
			next = r.At + 1000
			if all := engine.Steps(); len(all) > len(told) {
				told = append(told, all[len(told):]...)
			}
		}
	}
	return told, nil
}

// weightsAt is what each platform showed last at the moments that count.
func weightsAt(v trace.Visit, counts func(at int64) bool) []settle.Sample {
	out := make([]settle.Sample, len(v.Layout.Platforms))
	for i := range out {
		var last []protocol.Milligrams
		for _, r := range slices.Backward(v.Rows) {
			if r.Reading && counts(r.At) && r.Samples[i].OK && len(last) < gapReadings {
				last = append(last, r.Samples[i].Weight)
			}
		}
		if len(last) == gapReadings {
			slices.Sort(last)
			out[i] = settle.Sample{Weight: last[gapReadings/2], OK: true}
		}
	}
	return out
}
