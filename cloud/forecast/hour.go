package forecast

import "time"

// Day counts the days of the chain's own calendar since 1 January 1970.
type Day int32

// Hour counts the hours of the chain's own clocks since 1 January 1970, 00:00. Where clocks are changed one hour is counted
// twice or left out.
type Hour int32

// DayOf is the day that a clock shows; at is in the chain's zone.
func DayOf(at time.Time) Day {
	return Day(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// HourOf is the hour that a clock shows; at is in the chain's zone.
func HourOf(at time.Time) Hour { return DayOf(at).Hour(at.Hour()) }

// Hour is one of the day's hours, 0 to 23.
func (d Day) Hour(clock int) Hour { return Hour(d)*24 + Hour(clock) }

// Weekday is 0 on Mondays and 6 on Sundays.
func (d Day) Weekday() int { return (int(d)%7 + 10) % 7 }

// Year is the year that the day lies in.
func (d Day) Year() int { return time.Unix(int64(d)*86400, 0).UTC().Year() }

func (d Day) String() string { return time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly) }

// Day is the day that the hour lies in.
func (h Hour) Day() Day {
	if h < 0 {
		return Day((h - 23) / 24)
	}
	return Day(h / 24)
}

// Clock is the hour of its day, 0 to 23.
func (h Hour) Clock() int { return int(h - h.Day().Hour(0)) }
