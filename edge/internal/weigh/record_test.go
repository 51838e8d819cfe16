package weigh_test

import (
	"bytes"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
)

func TestARecordingHoldsWhatTheEngineKnewWhenItDecided(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBoard()
		w := watch(t, b, nil)
		wait(10 * time.Second)
		v, err := w.Begin(settle.Layout{
			Platforms: []settle.Platform{
				{ID: "S2", Capacity: 40_000_000, Division: 1000, Book: map[protocol.SKU]int{"milk": 5}},
				{ID: "S1", Capacity: 40_000_000, Division: 1000, Book: map[protocol.SKU]int{"water": 6}},
			},
			Goods: map[protocol.SKU]settle.Good{"milk": {Unit: 1_030_000, SD: 4000}, "water": {Unit: 571_250, SD: 2600}},
		}, settle.Config{BillConfidence: 0.97}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		defer v.End()
		wait(time.Second)
		v.Door(time.Now(), true)
		wait(2 * time.Second)
		b.set(func(b *board) { b.weights[0] -= 571_250 })
		wait(2 * time.Second)
		b.set(func(b *board) { b.faults[1] = edge.ScaleOverload })
		wait(time.Second)
		b.set(func(b *board) { b.faults[1] = edge.ScaleOK })
		wait(2 * time.Second)
		v.Door(time.Now(), false)
		wait(2 * time.Second)
		want := v.Decide()
		wait(time.Second) // What comes after the decision is none of its business.
		r, whole := v.Recording()
		if !whole {
			t.Fatal("a visit of some seconds is too long")
		}
		r.ID = "v"
		var text bytes.Buffer
		if err := r.Write(trace.NewWriter(&text)); err != nil {
			t.Fatal(err)
		}
		reader, err := trace.NewReader(&text)
		if err != nil {
			t.Fatal(err)
		}
		read, err := reader.Next()
		if err != nil {
			t.Fatal(err)
		}
		if both := rowsOfBoth(read); both < 90 || both > len(read.Rows)-3 {
			t.Errorf("%d of %d rows of both platforms: want one for each answer of the board in 10 s", both, len(read.Rows))
		}
		if got, err := read.Settle(settle.Config{}); err != nil || !reflect.DeepEqual(got.Answer, want) {
			t.Errorf("settled again as\n%+v, %v: want\n%+v", got.Answer, err, want)
		}
	})
}

// rowsOfBoth counts the rows in which a board answered for both of its platforms.
func rowsOfBoth(v *trace.Visit) (n int) {
	for _, r := range v.Rows {
		if r.Reading && len(r.Samples) == 2 {
			n++
		}
	}
	return n
}
