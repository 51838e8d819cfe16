package trace_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

func readAll(r io.Reader) ([]*trace.Visit, error) {
	reader, err := trace.NewReader(r)
	if err != nil {
		return nil, err
	}
	var all []*trace.Visit
	for {
		v, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
}

func TestRecordedVisitsAreSettledAsTheyWere(t *testing.T) {
	want := map[string]struct {
		decision settle.Decision
		lines    []settle.Line
	}{
		"two-of-water":      {settle.Bill, []settle.Line{{SKU: "cup", Qty: 1}, {SKU: "water", Qty: 2}}},
		"taken-and-back":    {settle.Bill, []settle.Line{}},
		"an-object-stays":   {settle.Review, []settle.Line{{SKU: "cup", Qty: 1}}},
		"the-scale-is-lost": {settle.Review, nil},
	}
	files, err := filepath.Glob("testdata/*.jsonl*")
	if err != nil || len(files) == 0 {
		t.Fatalf("want recorded visits in testdata, got %v, %v", files, err)
	}
	seen := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		visits, err := readAll(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, v := range visits {
			a, err := v.Settle(settle.Config{})
			if err != nil {
				t.Fatalf("%s: %v", v.ID, err)
			}
			w, known := want[v.ID]
			if !known || a.Decision != w.decision || w.lines != nil && !slices.Equal(a.Lines, w.lines) {
				t.Errorf("%s: want %+v, got %s of %v", v.ID, w, a.Decision, a.Lines)
			}
			seen++
		}
	}
	if seen != len(want) {
		t.Errorf("want %d visits, read %d", len(want), seen)
	}
}

func TestWhatWasWrittenIsReadBack(t *testing.T) {
	data, err := os.ReadFile("testdata/visits.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	visits, err := readAll(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	visits[0].Refill = true
	var plain, zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	w := trace.NewWriter(io.MultiWriter(&plain, zip))
	for _, v := range visits {
		if err := w.Write(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]io.Reader{"plain": &plain, "gzip": &zipped} {
		again, err := readAll(form)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(again, visits) {
			t.Errorf("%s: what was read back differs from what was written", name)
		}
	}
}

func TestATraceThatCannotBeReadSaysWhere(t *testing.T) {
	const header = `{"trace":1,"id":"x","platforms":[{"id":"S1","capacity_g":1000,"division_g":1,"skus":[],"book":{}}],"skus":{}}` + "\n"
	cases := []struct {
		name, text, want string
	}{
		{"readings before any header", `{"t":1,"g":[1]}`, "line 1: a visit begins with a header"},
		{"a version of the future", `{"trace":2,"id":"x"}`, "line 1: trace version 2"},
		{"a line that is no JSON", header + "{", "line 2: want a JSON object"},
		{"too many readings", header + `{"t":1,"g":[1,2]}`, "line 2: 2 readings for 1 platforms"},
		{"a door that is ajar", header + "\n" + `{"t":1,"door":"ajar"}`, `line 3: door "ajar"`},
		{"a row of a platform that is not there", header + `{"t":1,"c":[1],"g":[1]}`, "line 2: c names platform 1: want 0 to 0"},
		{"a row that names more platforms than it reads", header + `{"t":1,"c":[0,0],"g":[1]}`, "line 2: 1 readings for the 2 platforms of c"},
		{"a row that says nothing", header + `{"t":1}`, "line 2: neither"},
		{"a broken gzip", "\x1f\x8b\x00", "gzip"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := readAll(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want an error with %q, got %v", c.want, err)
			}
		})
	}
	if visits, err := readAll(strings.NewReader("")); err != nil || len(visits) != 0 {
		t.Errorf("an empty file holds no visit and no error, got %v, %v", visits, err)
	}
}

func TestChannelsWithTimesOfTheirOwnKeepThem(t *testing.T) {
	layout := settle.Layout{
		Platforms: []settle.Platform{{ID: "S1", Book: map[protocol.SKU]int{"a": 3}}, {ID: "S2", Book: map[protocol.SKU]int{}}},
		Goods:     map[protocol.SKU]settle.Good{"a": {Unit: 571_123, SD: 2001}},
	}
	visit := &trace.Visit{
		Header: trace.Header{
			ID: "v", Layout: layout, Confidence: 0.9995, Prices: map[protocol.SKU]protocol.Fen{"a": 200},
		},
		Rows: []trace.Row{
			{At: 0},
			{At: 104, Reading: true, Read: []int{1}, Samples: []settle.Sample{{Weight: 8_021_503, OK: true}}},
			{At: 104, Reading: true, Read: []int{1, 0}, Samples: []settle.Sample{{}, {Weight: -7, OK: true}}},
			{At: 97, Reading: true, Read: []int{0}, Samples: []settle.Sample{{Weight: 1_000_001, OK: true}}},
			{At: 200, Reading: true, Samples: []settle.Sample{{Weight: 1, OK: true}, {}}},
		},
	}
	var text bytes.Buffer
	if err := trace.NewWriter(&text).Write(visit); err != nil {
		t.Fatal(err)
	}
	again, err := readAll(&text)
	if err != nil || len(again) != 1 {
		t.Fatalf("%d visits, %v", len(again), err)
	}
	if !reflect.DeepEqual(again[0], visit) {
		t.Errorf("read back %+v: want %+v", again[0], visit)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(`{"trace":1,"id":"x","platforms":[{"id":"S1","capacity_g":1,"division_g":1,"skus":["a"],"book":{"a":1}}],"skus":{"a":{"unit_g":1}}}` + "\n" + `{"t":1,"g":[null]}`))
	f.Add([]byte(`{"trace":1,"id":"x","platforms":[{"id":"S1","skus":[]},{"id":"S2","skus":[]}],"skus":{}}` + "\n" + `{"t":1,"c":[1,1],"g":[1,null]}`))
	f.Add([]byte{0x1F, 0x8B, 8})
	f.Fuzz(func(t *testing.T, data []byte) {
		visits, err := readAll(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, v := range visits {
			if a, err := v.Settle(settle.Config{}); err == nil && a.Decision == "" {
				t.Error("a visit without an answer")
			}
		}
	})
}
