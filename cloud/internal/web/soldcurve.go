package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

var (
	soldStyles  = []string{"dash.css", "uPlot.min.css"}
	soldScripts = []string{"uPlot.iife.min.js", "sold.js"}
)

// soldPart is how it sells: one curve against that of last week.
type soldPart struct {
	Value, Beside string
	Path          string
	Counting      bool
	Now, Before   string // what was taken up to the end of each quarter of an hour, in fen, for the curve
	Hours         string // that stand under it
	LabelNow      string
	LabelBefore   string
	Rows          []soldRow // the same in numbers
	Bills         string
}

type soldRow struct{ Hour, Now, Before string }

// soldFigure is the night's turnover until now.
func (v *view) soldFigure(n cloud.NightSold, loc *time.Location, at time.Time, path string) figure {
	f := figure{What: v.say("figure.sold"), Value: "—", Beside: v.say("cover.counting")}
	if n.From.IsZero() {
		return f
	}
	now, before := n.Until(at)
	f.Value, f.Path = wholeYuan(now), path
	if n.Known {
		f.Beside = v.sayAgainst(now, before, n.From.In(loc))
	}
	return f
}

// sayAgainst holds a turnover against that of the week before.
func (v *view) sayAgainst(now, before protocol.Fen, night time.Time) string {
	day := v.say("day.week." + strings.ToLower(night.Format("Mon")))
	switch {
	case before == 0:
		return v.say("sold.nothing", day)
	case now >= before:
		return v.say("sold.more", day, wholeYuan(now-before), share(now-before, before))
	}
	return v.say("sold.less", day, wholeYuan(before-now), share(before-now, before))
}

// share is how many hundredths a part is of a whole, with one decimal.
func share(part, whole protocol.Fen) string {
	return strconv.FormatFloat(float64(part)*100/float64(max(whole, 1)), 'f', 1, 64)
}

// soldPart makes the curve and its numbers.
func (v *view) soldPart(n cloud.NightSold, loc *time.Location, at time.Time, path string) soldPart {
	f := v.soldFigure(n, loc, at, path)
	s := soldPart{Value: f.Value, Beside: f.Beside, Path: path, Counting: !n.Known, LabelNow: v.say("sold.tonight"), LabelBefore: v.say("sold.lastweek"), Bills: v.count("sold.bills", n.Bills)}
	if n.From.IsZero() {
		return s
	}
	past := min(int(at.Sub(n.From)/cloud.SoldStep)+1, len(n.Now))
	now, before := sums(n.Now[:max(past, 0)]), sums(n.Before)
	s.Now, s.Before = joined(now), joined(before)
	const hour = int(time.Hour / cloud.SoldStep)
	var hours []string
	for i := 0; i < len(n.Now); i += hour {
		begins := n.From.Add(time.Duration(i) * cloud.SoldStep).In(loc)
		hours = append(hours, strconv.Itoa(begins.Hour()))
		row := soldRow{Hour: begins.Format("15:04"), Now: "—", Before: grouped(int64(total(n.Before[i:min(i+hour, len(n.Before))])) / 100)}
		if i < past {
			row.Now = grouped(int64(total(n.Now[i:min(i+hour, past)])) / 100)
		}
		s.Rows = append(s.Rows, row)
	}
	s.Hours = strings.Join(hours, ",")
	return s
}

func total(pieces []protocol.Fen) (sum protocol.Fen) {
	for _, fen := range pieces {
		sum += fen
	}
	return sum
}

// sums are what had come together at the end of each piece.
func sums(pieces []protocol.Fen) []protocol.Fen {
	all := slices.Clone(pieces)
	for i := 1; i < len(all); i++ {
		all[i] += all[i-1]
	}
	return all
}

func joined(all []protocol.Fen) string {
	var b []byte
	for i, fen := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(fen), 10)
	}
	return string(b)
}

// grouped writes a large number so that it can be read.
func grouped(n int64) string {
	if n < 0 {
		return "−" + grouped(-n)
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return grouped(n/1000) + fmt.Sprintf(",%03d", n%1000)
}

// wholeYuan is a sum of which nobody wants the fen.
func wholeYuan(f protocol.Fen) string { return "¥" + grouped(int64(f)/100) }

// clockOf is a moment as an address has it.
func clockOf(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
