package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"

	"allhours/firmware-sim/physics/practice"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// gapReadings is from how many readings the weights before and after a visit are taken.
const gapReadings = 5

// measureGaps settles visits in which the power failed somewhere between the door's opening and the last look: the agent
// knows the weights before and after and what it wrote down until then.
func measureGaps(ctx context.Context, o settling) (figure, error) {
	cells, err := o.cells()
	if err != nil {
		return figure{}, err
	}
	parity, err := o.parity()
	if err != nil {
		return figure{}, err
	}
	all := make([]settled, o.visits)
	errs := make([]error, runtime.NumCPU())
	var workers sync.WaitGroup
	for w := range errs {
		workers.Go(func() {
			for i := w; i < len(all) && errs[w] == nil && ctx.Err() == nil; i += len(errs) {
				all[i] = settled{cell: cells[i%len(cells)], seed: 2*uint64(i/len(cells)) + parity}
				errs[w] = all[i].gap()
			}
		})
	}
	workers.Wait()
	every := tallyOf(all, func(settled) bool { return true })
	fmt.Printf("\nafter a power gap    %8s %8s %8s %8s\n%-20s %s\n", "exact", "review", "wrong", "simple", "", every)
	return wrongFigure("wrong_gap", every, 0.003), nil
}

// gap settles the visit as an agent does that was cut off in it.
func (s *settled) gap() error {
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
	s.answer = settle.Net(v.Layout, weightsAt(v, func(at int64) bool { return at < opened }), weightsAt(v, func(int64) bool { return true }), seen, settle.Config{})
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
