package agree_test

import (
	"errors"
	"testing"
	"time"

	"allhours/edge"
	"allhours/edge/internal/driver/agree"
	"allhours/protocol"
	"allhours/protocol/fieldbus"
)

func calm(grams int64) fieldbus.Reading {
	return fieldbus.Reading{Weight: protocol.Milligrams(grams * 1000)}
}

func moving(grams int64) fieldbus.Reading {
	return fieldbus.Reading{Weight: protocol.Milligrams(grams * 1000), Unstable: true}
}

func TestWhatIsToldAfterTheLastReading(t *testing.T) {
	over := fieldbus.Reading{Over: true}
	silent := edge.Sample{Fault: edge.ScaleSilent}
	told := func(grams int64, unstable bool) edge.Sample {
		return edge.Sample{Weight: protocol.Milligrams(grams * 1000), Unstable: unstable}
	}
	for _, c := range []struct {
		name     string
		readings []fieldbus.Reading
		want     edge.Sample
	}{
		{"one alone", []fieldbus.Reading{calm(500)}, silent},
		{"two", []fieldbus.Reading{calm(500), calm(500)}, silent},
		{"three alike", []fieldbus.Reading{calm(500), calm(500), calm(500)}, told(500, false)},
		{"three that dance", []fieldbus.Reading{calm(501), calm(499), calm(500)}, told(500, false)},
		{"a wild one among calm ones", []fieldbus.Reading{calm(500), calm(900), calm(500)}, silent},
		{"and after it", []fieldbus.Reading{calm(900), calm(500), calm(500), calm(500)}, told(500, false)},
		{"a load that comes", []fieldbus.Reading{calm(500), moving(700), moving(900)}, told(700, true)},
		{"a wild one among moving ones", []fieldbus.Reading{moving(500), moving(9000), moving(520)}, told(520, true)},
		{"a load that came in between", []fieldbus.Reading{calm(500), calm(900), calm(900)}, silent},
		{"an overload", []fieldbus.Reading{calm(500), calm(500), calm(500), over}, edge.Sample{Fault: edge.ScaleOverload}},
		{"the first after an overload", []fieldbus.Reading{calm(500), over, calm(500), calm(500)}, silent},
	} {
		w := agree.NewWindow(2000)
		var got edge.Sample
		var err error
		at := time.Unix(0, 0)
		for _, r := range c.readings {
			at = at.Add(100 * time.Millisecond)
			got, err = w.Add(r, at)
		}
		c.want.At = at
		if got != c.want || errors.Is(err, agree.ErrUnsure) != (got.Fault == edge.ScaleSilent) {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
}

func TestReadingsThatLieFarApartSayNothingOfEachOther(t *testing.T) {
	w := agree.NewWindow(2000)
	at := time.Unix(0, 0)
	for range 5 {
		at = at.Add(1200 * time.Millisecond)
		if s, err := w.Add(calm(500), at); err == nil {
			t.Fatalf("told %+v", s)
		}
	}
	for range 2 {
		at = at.Add(100 * time.Millisecond)
		w.Add(calm(500), at)
	}
	if s, err := w.Add(calm(500), at); err != nil || s.Weight != 500_000 {
		t.Errorf("three within two seconds: %+v, %v", s, err)
	}
}

func TestAfterDamageOnlyCalmWeightsAreToldOnWhichManyAgree(t *testing.T) {
	for _, c := range []struct {
		name    string
		refused int
		reading fieldbus.Reading
		after   int // sound readings until it is told; 0: not among a hundred
	}{
		{"a quiet line", 0, calm(500), 3},
		{"one that was damaged", 1, calm(500), 7},
		{"fifteen of them", 15, calm(500), 7},
		{"so many that nothing is told until most are forgotten", 20, calm(500), 49},
		{"a moving weight after damage, which is told once that is forgotten", 1, moving(500), 64},
	} {
		w, at := agree.NewWindow(2000), time.Unix(0, 0)
		for range c.refused {
			w.Refuse()
		}
		told := 0
		for n := 1; n <= 100 && told == 0; n++ {
			at = at.Add(100 * time.Millisecond)
			if s, err := w.Add(c.reading, at); err == nil && s.Weight == 500_000 {
				told = n
			}
		}
		if told != c.after {
			t.Errorf("%s: told with reading %d, want %d", c.name, told, c.after)
		}
	}
}

func TestHowFarCalmReadingsMayDiffer(t *testing.T) {
	if got := agree.Within(0, fieldbus.Grams, 1); got != 2000 {
		t.Errorf("with tenths of a gram: %d mg, want 2 g", got)
	}
	if got := agree.Within(700, fieldbus.Grams, 1); got != 700 {
		t.Errorf("the file's own: %d mg", got)
	}
	if got := agree.Within(0, fieldbus.Grams, 6); got != 1 {
		t.Errorf("a scale finer than a milligram: %d mg", got)
	}
}
