package forecast

import (
	_ "embed"
	"fmt"
	"strings"
	"time"
)

// Kind says what sort of day the calendar makes of one.
type Kind uint8

// The kinds of days. Whether an ordinary day is a weekend is told by its weekday.
const (
	Ordinary Kind = iota
	Work          // a weekend on which a holiday's working day is made up
	Holiday       // a public holiday, the Spring Festival aside
	Spring        // the Spring Festival's holidays
	kinds
)

// Calendar knows the public holidays of the years that it lists.
type Calendar struct {
	days  map[Day]Kind
	years map[int]bool
}

//go:embed holidays.csv
var holidays string

// China is the calendar of the State Council's notices.
func China() Calendar {
	c, err := ParseCalendar(holidays)
	if err != nil {
		panic(err) // The file is part of the program, and a test reads it.
	}
	return c
}

// ParseCalendar reads lines of first day, last day, kind (holiday, spring or work) and name.
func ParseCalendar(text string) (Calendar, error) {
	c := Calendar{days: map[Day]Kind{}, years: map[int]bool{}}
	for n, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := c.add(strings.Split(line, ",")); err != nil {
			return Calendar{}, fmt.Errorf("calendar, line %d: %w", n+1, err)
		}
	}
	return c, nil
}

func (c Calendar) add(fields []string) error {
	if len(fields) < 3 {
		return fmt.Errorf("want first day, last day and kind, got %d fields", len(fields))
	}
	from, err := time.Parse(time.DateOnly, fields[0])
	if err != nil {
		return err
	}
	to, err := time.Parse(time.DateOnly, fields[1])
	if err != nil {
		return err
	}
	kind, known := map[string]Kind{"work": Work, "holiday": Holiday, "spring": Spring}[fields[2]]
	if !known {
		return fmt.Errorf("kind %q is not known", fields[2])
	}
	for d := DayOf(from); d <= DayOf(to); d++ {
		c.days[d] = kind
		c.years[d.Year()] = true
	}
	return nil
}

// Lists reports whether the holidays of a year are known. Of other years the weekdays are all that is known.
func (c Calendar) Lists(year int) bool { return c.years[year] }

// Kind is what the calendar makes of a day.
func (c Calendar) Kind(d Day) Kind { return c.days[d] }

// like is the weekday that a day's hours resemble: a holiday's a Sunday's, a made-up working day's a Thursday's.
func (c Calendar) like(d Day) int {
	switch c.days[d] {
	case Holiday, Spring:
		return 6
	case Work:
		return 3
	}
	return d.Weekday()
}
