package board_test

import (
	"testing"
	"time"

	"allhours/firmware-sim/board"
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/mtsics"
	"allhours/protocol/fieldbus/toledo"
)

type toledoText struct{ toledo.Format }

func (t toledoText) Append(dst []byte, r fieldbus.Reading) []byte { return t.AppendFrame(dst, r) }

func TestAScaleThatSendsOnItsOwnKeepsItsPace(t *testing.T) {
	format := toledo.Format{Unit: fieldbus.Kilograms, Decimals: 3, Checksum: true}
	spec := board.ScaleSpec{Converter: steady(1234), CapacityG: 40000, DivisionG: 1}
	scale := board.NewStreaming(spec, toledoText{format}, 100*time.Millisecond)
	at, end, frames := start(), start().Add(time.Second), 0
	for at.Before(end) {
		said, again := scale.Speak(at)
		if said != nil {
			frames++
			if r, err := format.Parse(said); err != nil || r.Weight != 1_234_000 || r.Unstable {
				t.Fatalf("said % X: %+v, %v", said, r, err)
			}
		}
		if again <= 0 || again > 100*time.Millisecond {
			t.Fatalf("wants to be asked again in %v", again)
		}
		at = at.Add(again)
	}
	if frames != 10 || len(scale.Said()[0]) != 10 {
		t.Errorf("%d frames in a second, %d remembered, want 10", frames, len(scale.Said()[0]))
	}
	if sent := scale.Answer([]byte("SI\r\n"), at); sent != nil {
		t.Errorf("answered %q although it hears nothing", sent)
	}
}

func TestADeadConverterSaysNothing(t *testing.T) {
	dead := steady(1234)
	dead.dead = true
	spec := board.ScaleSpec{Converter: dead, CapacityG: 40000, DivisionG: 1}
	scale := board.NewStreaming(spec, toledoText{toledo.Format{Unit: fieldbus.Kilograms, Decimals: 3}}, 100*time.Millisecond)
	if said, again := scale.Speak(start()); said != nil || again != 100*time.Millisecond {
		t.Errorf("said % X, again in %v", said, again)
	}
}

func TestAnMTSICSScaleAnswersItsCommands(t *testing.T) {
	falling := &pan{grams: func(d time.Duration) float64 { return 900 - 100*d.Seconds() }}
	for _, c := range []struct {
		name        string
		pan         *pan
		heard, want string
	}{
		{"a weight", steady(100), "SI\r\n", "S S     100.00 g\r\n"},
		{"a moving one", falling, "SI\r\n", "S D     703.75 g\r\n"},
		{"a stable one that is not to be had", falling, "S\r\n", "S I\r\n"},
		{"more than it can weigh", steady(41000), "SI\r\n", "S +\r\n"},
		{"a command that it does not know", steady(100), "I4\r\n", "ES\r\n"},
		{"damage", steady(100), "S\x80\r\n", "ET\r\n"},
		{"two commands at once", steady(100), "SI\r\nSI\r\n", "S S     100.00 g\r\n"},
		{"half a command", steady(100), "SI", ""},
	} {
		spec := board.ScaleSpec{Converter: c.pan, CapacityG: 40000, DivisionG: 0.01}
		scale := board.NewSICS(spec, mtsics.Format{Unit: fieldbus.Grams, Decimals: 2})
		if got := string(scale.Answer([]byte(c.heard), start().Add(2*time.Second))); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAReaderSendsEachCodeOnce(t *testing.T) {
	r := board.NewReader("\r")
	for _, text := range []string{"one", "two"} {
		if err := r.Show(text); err != nil {
			t.Fatal(err)
		}
	}
	heard := ""
	for range 4 {
		said, again := r.Speak(start())
		heard += string(said)
		if again <= 0 {
			t.Errorf("again in %v", again)
		}
	}
	if heard != "one\rtwo\r" {
		t.Errorf("heard %q", heard)
	}
	for range 16 {
		if err := r.Show("x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Show("x"); err == nil {
		t.Error("a seventeenth code was taken")
	}
}
