package picking_test

import (
	"testing"

	"allhours/cloud/picking"
	"allhours/protocol"
)

func TestACountIsHeldAgainstTheBooksAndADifferenceWantsItsReason(t *testing.T) {
	seven := 7
	for name, c := range map[string]struct {
		tally   picking.Tally
		verdict picking.Verdict
		replies int
	}{
		"not counted yet":                 {picking.Tally{Book: 7}, picking.Waiting, 0},
		"as many as the books say":        {picking.Tally{Counted: &seven, Book: 7}, picking.Agree, 0},
		"one is missing":                  {picking.Tally{Counted: &seven, Book: 8}, picking.Ask, 5},
		"one too many":                    {picking.Tally{Counted: &seven, Book: 6}, picking.Ask, 5},
		"one is missing, nobody knows":    {picking.Tally{Counted: &seven, Book: 8, Answer: picking.GapUnknown}, picking.Agree, 0},
		"an answer of a refill is no one": {picking.Tally{Counted: &seven, Book: 8, Answer: picking.SaidRight}, picking.Ask, 5},
	} {
		got := picking.Tallied([]picking.Tally{c.tally})[0]
		if got.Verdict != c.verdict || len(got.Replies) != c.replies || c.verdict == picking.Ask && (got.Question != picking.AskGap || got.Said != 7 || got.Weighed != c.tally.Book) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestLanesThatVaryAreCountedFirst(t *testing.T) {
	lane := func(platform string, off, gap, days int) picking.Unsure {
		u := picking.Unsure{Off: off, Gap: gap, Days: days}
		u.Cabinet, u.Platform, u.SKU = "xs-01", protocol.PlatformID(platform), "1001"
		return u
	}
	lanes := []picking.Unsure{lane("A1", 0, 1, 2), lane("A2", 0, 0, picking.Never), lane("A3", 2, 0, 1), lane("A4", 0, 3, 5), lane("A5", 1, 0, 0), lane("A6", 0, 0, 29)}
	for most, want := range map[int]string{10: "A3 A4 A5 A2 ", 2: "A3 A4 "} {
		got := ""
		for _, u := range picking.Vary(lanes, most) {
			got += string(u.Platform) + " "
		}
		if got != want {
			t.Errorf("of %d: %s, want %s", most, got, want)
		}
	}
}
