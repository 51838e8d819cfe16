package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"allhours/firmware-sim/physics/practice"
	"allhours/protocol/trace"
)

// tally counts visits by what became of them.
type tally struct{ visits, exact, review, wrong, plain int }

// count adds a visit; plain counts those that the simple engine bills right.
func (t *tally) count(s settled) {
	t.visits++
	switch {
	case s.reviewed():
		t.review++
	case s.right():
		t.exact++
	default:
		t.wrong++
	}
	if slices.Equal(s.simple, s.truth.Lines) {
		t.plain++
	}
}

func (t tally) share(n int) float64 { return float64(n) / float64(max(1, t.visits)) }

func (t tally) String() string {
	return fmt.Sprintf("%6d %8.4f %8.4f %8.4f %8.4f", t.visits, t.share(t.exact), t.share(t.review), t.share(t.wrong), t.share(t.plain))
}

// tallyOf counts the visits that are wanted.
func tallyOf(all []settled, wanted func(settled) bool) tally {
	var t tally
	for _, s := range all {
		if wanted(s) {
			t.count(s)
		}
	}
	return t
}

// accuracy gives the shares of exact and of wrong bills, with their bounds and the simple engine's beside them.
func accuracy(all []settled) []figure {
	var figures []figure
	for _, l := range []struct {
		layout string
		reach  float64
	}{{practice.Lanes, 0.998}, {practice.Planned, 0.965}, {practice.Shelves, 0.85}} {
		t := tallyOf(all, func(s settled) bool { return s.layout == l.layout && s.truth.MustBill })
		figures = append(figures, atLeast("exact_"+l.layout, t.share(t.exact), "", l.reach, fmt.Sprintf(
			"%d visits to be billed, at least %.4f (95 %%); simple engine: %.4f", t.visits, 1-upperBound(t.visits-t.exact, t.visits), t.share(t.plain))))
	}
	ordinary := tallyOf(all, func(s settled) bool { return practice.IsOrdinary(s.family) })
	every := tallyOf(all, func(settled) bool { return true })
	return append(figures, wrongFigure("wrong_ordinary", ordinary, 0.001), wrongFigure("wrong_all", every, 0.003))
}

func wrongFigure(name string, t tally, reach float64) figure {
	return atMost(name, t.share(t.wrong), "", reach, fmt.Sprintf("%d of %d visits, at most %.5f (95 %%); simple engine: %.4f",
		t.wrong, t.visits, upperBound(t.wrong, t.visits), 1-t.share(t.plain)))
}

// upperBound is the one-sided 95 % bound of a share of which k of n were seen (Clopper and Pearson).
func upperBound(k, n int) float64 {
	if k >= n {
		return 1
	}
	low, high := float64(k)/float64(n), 1.0
	for range 60 {
		p := (low + high) / 2
		if atMostSeen(k, n, p) > 0.05 {
			low = p
		} else {
			high = p
		}
	}
	return high
}

// atMostSeen is the probability of at most k among n when each has probability p.
func atMostSeen(k, n int, p float64) float64 {
	whole, _ := math.Lgamma(float64(n + 1))
	sum := 0.0
	for i := range k + 1 {
		a, _ := math.Lgamma(float64(i + 1))
		b, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(whole - a - b + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

// printCells shows what became of the visits by family and layout; the visits that need not be billed stand apart.
func printCells(all []settled) {
	fmt.Printf("\n%-20s %-8s %-10s %6s %8s %8s %8s %8s\n", "family", "layout", "", "visits", "exact", "review", "wrong", "simple")
	for _, f := range practice.Families() {
		for _, l := range practice.Layouts(f) {
			for _, must := range []bool{true, false} {
				t := tallyOf(all, func(s settled) bool { return s.cell == cell{f, l} && s.truth.MustBill == must })
				if t.visits > 0 {
					fmt.Printf("%-20s %-8s %-10s %s\n", f, l, map[bool]string{true: "must bill", false: "may ask"}[must], t)
				}
			}
		}
	}
}

// printReliability holds the confidence that was stated to how often the best guess was right, reviewed ones included. It
// leaves out the visits whose readings do not show what was taken.
func printReliability(all []settled) {
	edges := []float64{0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1.0000001}
	fmt.Printf("\nreliability: %-14s %6s %8s %8s\n", "confidence", "visits", "stated", "right")
	for i := range len(edges) - 1 {
		var visits, right int
		var stated float64
		for _, s := range all {
			if c := s.answer.Confidence; s.truth.Hidden || c < edges[i] || c >= edges[i+1] {
				continue
			}
			visits++
			stated += s.answer.Confidence
			if s.right() {
				right++
			}
		}
		if visits > 0 {
			fmt.Printf("             %.4f-%.4f  %6d %8.4f %8.4f\n", edges[i], min(1, edges[i+1]), visits, stated/float64(visits), float64(right)/float64(visits))
		}
	}
}

// printSamplings settles some of the visits as they would be read at other rates.
func printSamplings(ctx context.Context, o settling) error {
	irregular, staggered := practice.Ordinary(), practice.Ordinary()
	irregular.Irregular, staggered.Staggered = true, true
	fmt.Printf("\n%-20s %-8s %6s %8s %8s %8s\n", "read", "layout", "visits", "exact", "review", "wrong")
	for _, r := range []struct {
		name string
		how  practice.Sampling
	}{{"2 Hz", practice.Every(500)}, {"5 Hz", practice.Every(200)}, {"20 Hz", practice.Every(50)}, {"irregular", irregular}, {"staggered", staggered}} {
		all, err := settleVisits(ctx, o, o.visits/10, r.how)
		if err != nil {
			return err
		}
		for _, l := range []string{practice.Lanes, practice.Planned, practice.Shelves} {
			t := tallyOf(all, func(s settled) bool { return s.layout == l && s.truth.MustBill })
			fmt.Printf("%-20s %-8s %6d %8.4f %8.4f %8.4f\n", r.name, l, t.visits, t.share(t.exact), t.share(t.review), t.share(t.wrong))
		}
		t := tallyOf(all, func(settled) bool { return true })
		fmt.Printf("%-20s %-8s %6d %8s %8.4f %8.4f\n", r.name, "all", t.visits, "", t.share(t.review), t.share(t.wrong))
	}
	fmt.Println()
	return nil
}

// writeFailures writes the visits that were billed wrong, or reviewed though they must be billed, as a trace, and what is
// true and what was answered beside it, line by line.
func writeFailures(path string, all []settled) (err error) {
	traces, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write failures: %w", err)
	}
	defer func() { err = errors.Join(err, traces.Close()) }()
	truths, err := os.Create(strings.TrimSuffix(path, ".jsonl") + ".truth.jsonl")
	if err != nil {
		return fmt.Errorf("write failures: %w", err)
	}
	defer func() { err = errors.Join(err, truths.Close()) }()
	w, lines := trace.NewWriter(traces), json.NewEncoder(truths)
	for _, s := range all {
		if s.reviewed() && !s.truth.MustBill || !s.reviewed() && s.right() {
			continue
		}
		v, err := s.traceOf()
		if err != nil {
			return err
		}
		if err := w.Write(&v); err != nil {
			return err
		}
		if err := lines.Encode(failure{s.truth, trace.Answer{ID: v.ID, Answer: s.answer}}); err != nil {
			return fmt.Errorf("write failures: %w", err)
		}
	}
	return nil
}

type failure struct {
	practice.Truth
	Answer trace.Answer `json:"answer"`
}
