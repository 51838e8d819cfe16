package main

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"allhours/firmware-sim/physics/practice"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

func TestABoundHoldsWhatTheTablesSay(t *testing.T) {
	cases := []struct {
		name string
		k, n int
		want float64
	}{
		{"none of 100 seen", 0, 100, 0.02951},
		{"one of 100 seen", 1, 100, 0.04656},
		{"ten of 100 seen", 10, 100, 0.16373},
		{"none of 4700 seen", 0, 4700, 0.000637},
		{"all seen", 5, 5, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := upperBound(c.k, c.n); math.Abs(got-c.want) > c.want/1000 {
				t.Errorf("want %v, got %v", c.want, got)
			}
		})
	}
}

func TestTheSameVisitsAreSettledEachTime(t *testing.T) {
	o := settling{seeds: "even", family: "everyday"}
	first, err := settleVisits(t.Context(), o, 7, practice.Ordinary())
	if err != nil {
		t.Fatal(err)
	}
	again, err := settleVisits(t.Context(), o, 7, practice.Ordinary())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, again) {
		t.Error("the same visits were settled differently")
	}
	if first[0].cell == first[1].cell || first[6].cell != first[0].cell || first[6].seed != 4 {
		t.Errorf("want the layouts in turn, each with the next even seed, got %v, %v, and at last seed %d", first[0].cell, first[1].cell, first[6].seed)
	}
}

func TestUnknownSeedsAndFamiliesAreRefused(t *testing.T) {
	for _, o := range []settling{{seeds: "prime"}, {seeds: "odd", family: "robbery"}} {
		if _, err := settleVisits(t.Context(), o, 1, practice.Ordinary()); err == nil {
			t.Errorf("want an error for %+v", o)
		}
	}
}

func TestFailuresCanBeReplayed(t *testing.T) {
	all := []settled{
		{cell: cell{"everyday", practice.Lanes}, seed: 2},
		{cell: cell{"everyday", practice.Lanes}, seed: 4},
		{cell: cell{"swap", practice.Lanes}, seed: 2},
	}
	for i := range all {
		if err := all[i].settle(practice.Ordinary()); err != nil {
			t.Fatal(err)
		}
	}
	all[0].answer.Decision, all[0].answer.Lines = settle.Bill, []settle.Line{{SKU: "none", Qty: 9}}
	all[1].answer.Decision = settle.Review
	all[2].answer.Decision = settle.Review // as good an answer as a bill
	path := filepath.Join(t.TempDir(), "failed.jsonl")
	if err := writeFailures(path, all); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader, err := trace.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for {
		v, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, v.ID)
	}
	if want := []string{"everyday-lanes-2", "everyday-lanes-4"}; !reflect.DeepEqual(ids, want) {
		t.Errorf("want the visits %v, got %v", want, ids)
	}
	truths, err := os.ReadFile(strings.TrimSuffix(path, ".jsonl") + ".truth.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var f failure
	if err := json.NewDecoder(strings.NewReader(string(truths))).Decode(&f); err != nil || f.ID != ids[0] || f.Answer.Decision != settle.Bill {
		t.Errorf("want the truth and the answer of %s, got %+v, %v", ids[0], f, err)
	}
}
