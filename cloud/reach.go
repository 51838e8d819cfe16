package cloud

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allhours/cloud/picking"
)

// Reach is a span of a day in which a restocker can reach a cabinet.
type Reach struct {
	Days uint8 `json:",omitempty"` // of the week, Monday the lowest bit; 0: each
	Hours
}

// weekdays are what days of the week are called where windows are written down, Monday first.
func weekdays() []Text {
	return []Text{{"周一", "mon"}, {"周二", "tue"}, {"周三", "wed"}, {"周四", "thu"}, {"周五", "fri"}, {"周六", "sat"}, {"周日", "sun"}}
}

// ParseDays reads days of the week such as mon-fri or sat,sun, in either language; false where it names none.
func ParseDays(text string) (days uint8, ok bool) {
	for _, part := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == ',' || r == '，' || r == '、' }) {
		from, to, span := strings.Cut(part, "-")
		if !span {
			to = from
		}
		first, last := weekday(from), weekday(to)
		if first < 0 || last < 0 {
			return 0, false
		}
		for day := first; ; day = (day + 1) % 7 {
			days |= 1 << day
			if day == last {
				break
			}
		}
	}
	return days, days > 0
}

func weekday(name string) int {
	return slices.IndexFunc(weekdays(), func(t Text) bool { return t.En == name || t.Zh == name })
}

// DaysText writes days of the week as they are read again; say picks the language.
func DaysText(days uint8, say func(Text) string) string {
	var parts []string
	for day := 0; day < 7; day++ {
		if days>>day&1 == 0 {
			continue
		}
		last := day
		for last+1 < 7 && days>>(last+1)&1 == 1 {
			last++
		}
		part := say(weekdays()[day])
		if last > day {
			part += "-" + say(weekdays()[last])
		}
		parts, day = append(parts, part), last
	}
	return strings.Join(parts, ",")
}

// ReachText writes windows as they are read again, those of each day first: 07:00-09:00 mon-fri 17:00-19:00.
func ReachText(all []Reach, say func(Text) string) string {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b Reach) int { return int(a.Days) - int(b.Days) })
	var parts []string
	said := uint8(0)
	for _, r := range sorted {
		if r.Days != said {
			said = r.Days
			parts = append(parts, DaysText(r.Days, say))
		}
		parts = append(parts, fmt.Sprintf("%02d:%02d-%02d:%02d", r.Open/60, r.Open%60, r.Close/60, r.Close%60))
	}
	return strings.Join(parts, " ")
}

// On reports a window of a day of the week.
func (r Reach) On(day time.Weekday) bool { return r.Days == 0 || r.Days>>((int(day)+6)%7)&1 == 1 }

// Windows are those of a cabinet on the day of a time, and those of the night after it, for a round may walk past midnight; in seconds
// of that day, the earliest first. None: it can be reached at any time; where it can at none of them, there is one that is over.
func Windows(all []Reach, at time.Time) (windows []picking.Window) {
	if len(all) == 0 {
		return nil
	}
	start := at.Hour()*3600 + at.Minute()*60 + at.Second()
	for n := range 2 {
		day := at.AddDate(0, 0, n).Weekday()
		for _, r := range all {
			if r.On(day) && (n == 0 || secondsOfDay+r.Open*60 <= start+longestWalk) {
				windows = append(windows, picking.Window{Open: n*secondsOfDay + r.Open*60, Shut: n*secondsOfDay + r.Close*60})
			}
		}
	}
	slices.SortFunc(windows, func(a, b picking.Window) int { return a.Open - b.Open })
	if len(windows) == 0 {
		windows = []picking.Window{{}}
	}
	return windows
}

const (
	secondsOfDay = 24 * 3600
	longestWalk  = 8 * 3600 // seconds; nobody waits for a window that opens later
)
