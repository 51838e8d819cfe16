package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"allhours/firmware-sim/physics/practice"
	"allhours/firmware-sim/physics/simple"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// settling says which practice visits the part settle is run on.
type settling struct {
	visits   int
	seeds    string // odd: held out; even: for tuning
	family   string // all where it is empty
	failures string // file for the visits that went wrong, as a trace; none where it is empty
}

// cell names one family in one layout.
type cell struct{ family, layout string }

// cells lists what is settled, in a fixed order.
func (o settling) cells() ([]cell, error) {
	var all []cell
	for _, f := range practice.Families() {
		if o.family != "" && f != o.family {
			continue
		}
		for _, l := range practice.Layouts(f) {
			all = append(all, cell{f, l})
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("family %q is not known: want one of %v", o.family, practice.Families())
	}
	return all, nil
}

// parity is the lowest seed of those that are asked for.
func (o settling) parity() (uint64, error) {
	switch o.seeds {
	case "odd":
		return 1, nil
	case "even":
		return 0, nil
	}
	return 0, fmt.Errorf("seeds %q: want odd or even", o.seeds)
}

// settled is one visit, what was made of it, and what the simple engine would have billed.
type settled struct {
	cell
	seed   uint64
	truth  practice.Truth
	answer settle.Answer
	simple []settle.Line
}

func (s settled) right() bool    { return slices.Equal(s.answer.Lines, s.truth.Lines) }
func (s settled) reviewed() bool { return s.answer.Decision == settle.Review }

// tell makes the visit's story again.
func (s settled) tell() (*practice.Story, error) {
	return practice.Tell(s.family, s.layout, s.seed)
}

// measureSettle settles held-out visits and measures what a reading and a decision cost.
func measureSettle(ctx context.Context, env environment) ([]figure, error) {
	all, err := settleVisits(ctx, env.settling, env.settling.visits, practice.Ordinary())
	if err != nil {
		return nil, err
	}
	printCells(all)
	printReliability(all)
	if err := printSamplings(ctx, env.settling); err != nil {
		return nil, err
	}
	figures := accuracy(all)
	gaps, err := measureGaps(ctx, env.settling)
	if err != nil {
		return figures, err
	}
	figures = append(figures, gaps)
	if env.settling.failures != "" {
		if err := writeFailures(env.settling.failures, all); err != nil {
			return figures, err
		}
	}
	cost, err := costs()
	return append(figures, cost...), err
}

// settleVisits settles so many visits, evenly over the cells, on all processors; their order does not depend on which
// was ready first.
func settleVisits(ctx context.Context, o settling, visits int, how practice.Sampling) ([]settled, error) {
	return settleAll(ctx, o, visits, func(s *settled) error { return s.settle(how) })
}

func settleAll(ctx context.Context, o settling, visits int, one func(*settled) error) ([]settled, error) {
	cells, err := o.cells()
	if err != nil {
		return nil, err
	}
	parity, err := o.parity()
	if err != nil {
		return nil, err
	}
	all := make([]settled, visits)
	errs := make([]error, runtime.NumCPU())
	var workers sync.WaitGroup
	for w := range errs {
		workers.Go(func() {
			for i := w; i < visits && errs[w] == nil && ctx.Err() == nil; i += len(errs) {
				all[i] = settled{cell: cells[i%len(cells)], seed: 2*uint64(i/len(cells)) + parity}
				errs[w] = one(&all[i])
			}
		})
	}
	workers.Wait()
	return all, errors.Join(append(errs, ctx.Err())...)
}

func (s *settled) settle(how practice.Sampling) error {
	story, err := s.tell()
	if err != nil {
		return err
	}
	s.truth = story.Truth
	engine, err := settle.New(story.Header.Layout, settle.Config{})
	if err != nil {
		return fmt.Errorf("visit %s: %w", story.ID, err)
	}
	if how.Staggered {
		story.Feed(engine, how)
	} else {
		v := story.Trace(how)
		v.Feed(engine)
		s.simple = simple.Settle(&v)
	}
	s.answer = engine.Decide()
	s.answer.Why, s.answer.Levels = nil, nil // twenty thousand of them need not be kept
	return nil
}

// traceOf is the visit as the engine saw it at ten readings a second.
func (s settled) traceOf() (trace.Visit, error) {
	story, err := s.tell()
	if err != nil {
		return trace.Visit{}, err
	}
	return story.Trace(practice.Ordinary()), nil
}
