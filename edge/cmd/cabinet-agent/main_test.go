package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allhours/edge/agent"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

// recorded writes the trace of a visit in which one bottle of water is taken.
func recorded(t *testing.T) string {
	t.Helper()
	v := &trace.Visit{Header: trace.Header{ID: "visit-1", Layout: settle.Layout{
		Platforms: []settle.Platform{{ID: "S1", Capacity: 40_000_000, Division: 1000, Book: map[protocol.SKU]int{"1001": 5}}},
		Goods:     map[protocol.SKU]settle.Good{"1001": {Unit: 571_000, SD: 2000}},
	}}}
	v.Rows = append(v.Rows, trace.Row{})
	for at := int64(100); at <= 12_000; at += 100 {
		switch at {
		case 2000, 8000:
			v.Rows = append(v.Rows, trace.Row{At: at, Open: at == 2000})
		}
		weight := protocol.Milligrams(5_000_000)
		if at > 5000 {
			weight -= 571_000
		}
		v.Rows = append(v.Rows, trace.Row{At: at, Reading: true, Samples: []settle.Sample{{Weight: weight, OK: true}}})
	}
	var text bytes.Buffer
	if err := trace.NewWriter(&text).Write(v); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "visit.jsonl")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReplayOfARefillPrintsWhatWasPut(t *testing.T) {
	text, err := os.ReadFile(recorded(t))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "refill.jsonl")
	if err := os.WriteFile(path, bytes.Replace(text, []byte(`"id":`), []byte(`"purpose":"refill","id":`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := command(t.Context(), []string{"replay", path}, &out, &out); err != nil {
		t.Fatal(err)
	}
	var a trace.Answer
	if err := json.Unmarshal(out.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Lines) != 0 || len(a.Why) != 1 || len(a.Why[0].Steps) != 1 || a.Why[0].Steps[0].Qty != -1 || a.Why[0].Steps[0].SKU != "1001" {
		t.Errorf("replayed as %+v", a.Answer)
	}
}

func TestReplayAnswersEachVisitWithOneLine(t *testing.T) {
	path := recorded(t)
	var out bytes.Buffer
	if err := command(t.Context(), []string{"replay", path, path}, &out, &out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines for two files of one visit: %s", len(lines), out.String())
	}
	var a trace.Answer
	if err := json.Unmarshal([]byte(lines[0]), &a); err != nil {
		t.Fatal(err)
	}
	if a.ID != "visit-1" || a.Decision != settle.Bill || len(a.Lines) != 1 || a.Lines[0] != (settle.Line{SKU: "1001", Qty: 1}) {
		t.Errorf("answer %s: want one bottle billed", lines[0])
	}
}

func TestABrokenLineIsNamedAfterTheVisitsBeforeItWereAnswered(t *testing.T) {
	whole, err := os.ReadFile(recorded(t))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Count(string(whole), "\n")
	cases := []struct {
		name   string
		broken string
		zipped bool
		want   string
	}{
		{"a row that breaks off", `{"t":1200,"g":[50`, false, "want a JSON object"},
		{"a row of too many platforms", `{"t":1200,"g":[1,2]}`, false, "2 readings for 1 platforms"},
		{"a weight in words", `{"t":1200,"g":["heavy"]}`, true, "want a JSON object"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "visits.jsonl")
			text := append(bytes.Clone(whole), whole...)
			text = append(text, c.broken+"\n"...)
			if c.zipped {
				text = zipped(t, text)
			}
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err := command(t.Context(), []string{"replay", path}, &out, &out)
			line := fmt.Sprintf("line %d: ", 2*lines+1)
			if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), line+c.want) {
				t.Errorf("got %v: want the file, and %q", err, line+c.want)
			}
			if n := strings.Count(out.String(), `"decision":"bill"`); n != 1 {
				t.Errorf("%d answers: want the one of the visit before the broken one\n%s", n, out.String())
			}
		})
	}
}

const visitID = "01931d3d-0000-7abc-8def-001122334455"

// sound writes the file of a cabinet whose data lie in a folder.
func sound(t *testing.T, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cabinet.yaml")
	text := `cabinet: xs-01
data: ` + data + `
mqtt: {url: "tcp://127.0.0.1:1883", user: xs-01, password: secret}
keys: [{id: 1, public: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}]
lines: [{name: line0, path: run/line0, baud: 115200}]
locks:
  - {line: line0, compartments: [1], modbusrelay: {unit: 1, channels: [{relay: 0, door: {input: 1}, latch: {input: 2}}]}}
scales:
  - {line: line0, platforms: [S1], modbusscale: {unit: 11}}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAKeptTraceIsCopiedAndReplayedAsItIs(t *testing.T) {
	whole, err := os.ReadFile(recorded(t))
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	if err := os.Mkdir(filepath.Join(data, "traces"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "traces", visitID+".jsonl.gz"), zipped(t, whole), 0o600); err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	cases := []struct{ name, to, file string }{
		{"a plain file", filepath.Join(out, "visit.jsonl"), filepath.Join(out, "visit.jsonl")},
		{"a gzipped file", filepath.Join(out, "visit.jsonl.gz"), filepath.Join(out, "visit.jsonl.gz")},
		{"a folder", out, filepath.Join(out, visitID+".jsonl.gz")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var said bytes.Buffer
			for range 2 {
				if err := command(t.Context(), []string{"record", "--config", sound(t, data), "--out", c.to, "--visit", visitID}, &said, &said); err != nil {
					t.Fatal(err)
				}
			}
			said.Reset()
			if err := command(t.Context(), []string{"replay", c.file}, &said, &said); err != nil {
				t.Fatal(err)
			}
			want := 2 // A file is added to; in a folder the visit has one file.
			if c.to == out {
				want = 1
			}
			if n := strings.Count(said.String(), `"decision":"bill"`); n != want {
				t.Errorf("%d answers: want %d\n%s", n, want, said.String())
			}
		})
	}
}

func zipped(t *testing.T, text []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestACommandLineThatCannotBeCarriedOutSaysWhy(t *testing.T) {
	cases := []struct {
		name string
		args []string
		want string // in the error; "" shows the usage
	}{
		{"nothing", nil, ""},
		{"an unknown command", []string{"dance"}, ""},
		{"run without a file", []string{"run"}, ""},
		{"run with something more", []string{"run", "--config", "x", "y"}, ""},
		{"a file that is not there", []string{"run", "--config", "/nowhere/cabinet.yaml"}, "/nowhere/cabinet.yaml"},
		{"record without a place to write to", []string{"record", "--config", "x"}, ""},
		{"record of a visit that has no such id", []string{"record", "--config", sound(t, t.TempDir()), "--out", "x", "--visit", "yesterday"}, "not a uuid"},
		{"record of a visit that is not kept", []string{"record", "--config", sound(t, t.TempDir()), "--out", "x", "--visit", visitID}, "no trace of this visit is kept"},
		{"doctor without a file", []string{"doctor", "--json"}, ""},
		{"doctor at a speed in words", []string{"doctor", "--config", sound(t, t.TempDir()), "--speed", "fast"}, `--speed "fast"`},
		{"calibration of no platform", []string{"calibrate", "--config", "x", "--zero"}, ""},
		{"calibration of zero and span at once", []string{"calibrate", "--config", "x", "--platform", "S1", "--zero", "--span-g", "2000"}, ""},
		{"calibration by an article without a number", []string{"calibrate", "--config", "x", "--platform", "S1", "--article", "1001"}, ""},
		{"replay without a file", []string{"replay"}, "at least one trace file"},
		{"replay of a file that is not there", []string{"replay", "/nowhere/visit.jsonl"}, "/nowhere/visit.jsonl"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var said bytes.Buffer
			err := command(t.Context(), c.args, &said, &said)
			if c.want == "" {
				if !errors.Is(err, flag.ErrHelp) || !strings.Contains(said.String(), "usage:") {
					t.Errorf("got %v and %q: want the usage", err, said.String())
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v: want %q in it", err, c.want)
			}
		})
	}
}

func TestReplayAnswersWhatItCanAndTellsTheRest(t *testing.T) {
	good := recorded(t)
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.jsonl")
	if err := os.WriteFile(broken, bytes.Replace(text, []byte(`"unit_g":571`), []byte(`"unit_g":0`), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = command(t.Context(), []string{"replay", broken, good}, &out, &out)
	if err == nil || !strings.Contains(err.Error(), "broken.jsonl: visit visit-1") {
		t.Errorf("got %v: want the visit that cannot be settled named", err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"decision":"review"`) || !strings.Contains(lines[1], `"decision":"bill"`) {
		t.Errorf("want a review for the first and a bill for the second, got %s", out.String())
	}
}

func TestWhatATechnicianTypesIsGramsOrAnArticleAndHowMany(t *testing.T) {
	cases := []struct {
		typed string
		want  agent.Known
		wrong bool
	}{
		{"2000", agent.Known{Mass: 2_000_000}, false},
		{"2000.5g", agent.Known{Mass: 2_000_500}, false},
		{"1001 x 5", agent.Known{SKU: "1001", Count: 5}, false},
		{"1001x", agent.Known{}, true},
		{"two kilos", agent.Known{}, true},
		{"-3", agent.Known{}, true},
	}
	for _, c := range cases {
		got, err := parseKnown(c.typed)
		if (err != nil) != c.wrong || err == nil && *got != c.want {
			t.Errorf("%q: %+v, %v: want %+v", c.typed, got, err, c.want)
		}
	}
}
