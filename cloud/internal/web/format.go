package web

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // days are the store's own, wherever the server stands

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// funcs are what the templates may call; all of them speak the view's language.
func (v *view) funcs(a *assets) template.FuncMap {
	return template.FuncMap{
		"t":      func(key string, args ...any) (string, error) { return v.texts.say(v.lang, key, args...) },
		"tn":     func(key string, n int, args ...any) (string, error) { return v.texts.count(v.lang, key, n, args...) },
		"name":   v.lang.Pick,
		"lang":   func() string { return tag(v.lang) },
		"other":  func() string { return string(other(v.lang)) },
		"otag":   func() string { return tag(other(v.lang)) },
		"money":  money,
		"whole":  whole,
		"yuan":   yuan,
		"static": a.url,
		"icon":   icon,
		"goods":  categoryIcon,
		"fog":    fogPattern,
		"clock":  v.clock,
		"tel":    spaced,
		"join":   strings.Join,
		"pair":   func(a, b any) pair { return pair{a, b} },
	}
}

// pair hands a template two things.
type pair struct{ A, B any }

// say is t for Go code, where the key is known to be in the table: a test reads the sources for them.
func (v *view) say(key string, args ...any) string {
	s, err := v.texts.say(v.lang, key, args...)
	if err != nil {
		return key
	}
	return s
}

func (v *view) count(key string, n int, args ...any) string {
	s, err := v.texts.count(v.lang, key, n, args...)
	if err != nil {
		return key
	}
	return s
}

// whole leaves the fen out where there are none, as a hold is spoken of: ¥50, but ¥9.50.
func whole(f protocol.Fen) string { return strings.TrimSuffix(money(f), ".00") }

// money is a sum as it is read: ¥3.50, and ¥12,345.60.
func money(f protocol.Fen) string {
	if f < 0 {
		return "-" + money(-f)
	}
	return fmt.Sprintf("¥%s.%02d", grouped(int64(f)/100), f%100)
}

// yuan is for columns whose head names the unit.
func yuan(f protocol.Fen) string { return strings.Replace(money(f), "¥", "", 1) }

// typed is a sum as somebody types it into a form.
func typed(f protocol.Fen) string { return strings.Replace(f.String(), "¥", "", 1) }

// zone is where the chain's clocks stand; a zone that does not exist is shown as UTC rather than not at all.
func zone(chain cloud.Chain) *time.Location {
	loc, err := time.LoadLocation(chain.TimeZone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// moment is a time to be shown at the chain's clocks.
type moment struct {
	At  time.Time // in the chain's zone
	Day bool      // with its date
}

// lately is a moment that needs its date only where that is not today's.
func lately(at, now time.Time, loc *time.Location) moment {
	return moment{At: at.In(loc), Day: ledger.DayOf(at, loc) != ledger.DayOf(now, loc)}
}

func (v *view) clock(m moment) string {
	hour := m.At.Format("15:04")
	switch {
	case m.At.IsZero():
		return v.say("never")
	case !m.Day:
		return hour
	case v.lang == httpx.English:
		return m.At.Format("2 January, ") + hour
	}
	return fmt.Sprintf("%d 月 %d 日 %s", int(m.At.Month()), m.At.Day(), hour)
}

// span is a duration in its largest fitting unit.
func (v *view) span(d time.Duration) string { return v.inUnits("span.", d) }

// ago says how long something is past.
func (v *view) ago(d time.Duration) string {
	if d < 5*time.Second {
		return v.say("ago.now")
	}
	return v.inUnits("ago.", d)
}

func (v *view) inUnits(prefix string, d time.Duration) string {
	switch {
	case d < time.Minute:
		return v.say(prefix+"seconds", int(d.Seconds()))
	case d < time.Hour:
		return v.say(prefix+"minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return v.say(prefix+"hours", int(d.Hours()))
	}
	return v.say(prefix+"days", int(d.Hours()/24))
}

// kilograms writes a weight as the staff read it.
func kilograms(m protocol.Milligrams) string { return strconv.FormatFloat(m.Grams()/1000, 'f', 2, 64) }

// plainGrams is a change as one speaks of it, without its sign: below ten grams a tenth counts.
func plainGrams(m protocol.Milligrams) string {
	grams := math.Abs(m.Grams())
	if grams < 9.95 {
		return strings.TrimSuffix(strconv.FormatFloat(grams, 'f', 1, 64), ".0")
	}
	return strconv.FormatFloat(grams, 'f', 0, 64)
}

// percent rounds a probability, and never to certainty.
func (v *view) percent(p float64) string {
	switch {
	case p > 0.99:
		return v.say("percent.over", 99)
	case p < 0.01:
		return v.say("percent.under", 1)
	}
	return v.say("percent", int(math.Round(p*100)))
}

// sure is a probability in words.
func (v *view) sure(p float64) string {
	switch {
	case p >= 0.95:
		return v.say("sure.almost")
	case p >= 0.8:
		return v.say("sure.very")
	case p >= 0.6:
		return v.say("sure.likely")
	case p >= 0.4:
		return v.say("sure.even")
	case p >= 0.15:
		return v.say("sure.less")
	}
	return v.say("sure.hardly")
}
