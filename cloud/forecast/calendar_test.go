package forecast

import (
	"testing"
	"time"
)

func on(t *testing.T, text string) Day {
	t.Helper()
	at, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return DayOf(at)
}

func TestTheCalendarKnowsWhatWasPublished(t *testing.T) {
	c := China()
	for _, day := range []struct {
		what, date string
		kind       Kind
		like       int
	}{
		{"an ordinary Monday", "2026-03-02", Ordinary, 0},
		{"an ordinary Sunday", "2026-03-01", Ordinary, 6},
		{"a Tuesday of the Spring Festival", "2026-02-17", Spring, 6},
		{"the last day of the nine", "2026-02-23", Spring, 6},
		{"the Saturday on which a working day is made up", "2026-02-28", Work, 3},
		{"New Year's Day of 2025, without others", "2025-01-01", Holiday, 6},
		{"the day after it", "2025-01-02", Ordinary, 3},
		{"National Day together with Mid-Autumn", "2025-10-08", Holiday, 6},
		{"a day of a year that is not listed", "2027-10-01", Ordinary, 4},
	} {
		d := on(t, day.date)
		if c.Kind(d) != day.kind || c.like(d) != day.like {
			t.Errorf("%s (%s): kind %d, like weekday %d; want %d and %d", day.what, day.date, c.Kind(d), c.like(d), day.kind, day.like)
		}
	}
	for year, listed := range map[int]bool{2024: false, 2025: true, 2026: true, 2027: false} {
		if c.Lists(year) != listed {
			t.Errorf("%d is listed: %v", year, c.Lists(year))
		}
	}
}

func TestEachMadeUpDayIsAWeekend(t *testing.T) {
	for d, kind := range China().days {
		if kind == Work && d.Weekday() < 5 {
			t.Errorf("%s is a working day anyway", d)
		}
	}
}

func TestACalendarThatCannotBeReadIsRefused(t *testing.T) {
	for what, text := range map[string]string{
		"too few fields": "2026-01-01,2026-01-02", "no date": "someday,2026-01-02,holiday", "no last date": "2026-01-01,,holiday",
		"an unknown kind": "2026-01-01,2026-01-02,party",
	} {
		if _, err := ParseCalendar(text); err == nil {
			t.Errorf("%s: read", what)
		}
	}
}

func TestHoursAreThoseOfTheClocksOnTheWall(t *testing.T) {
	zone := time.FixedZone("", 8*3600)
	h := HourOf(time.Date(2026, 3, 2, 23, 59, 0, 0, zone))
	if h.Clock() != 23 || h.Day().String() != "2026-03-02" || h.Day().Weekday() != 0 || (h+1).Day().Weekday() != 1 {
		t.Errorf("hour %d: %d o'clock on %s, weekday %d", h, h.Clock(), h.Day(), h.Day().Weekday())
	}
	if h := Hour(-1); h.Clock() != 23 || h.Day() != -1 {
		t.Errorf("the hour before all: %d o'clock on day %d", h.Clock(), h.Day())
	}
}
