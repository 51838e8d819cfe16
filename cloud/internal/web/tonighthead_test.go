package web

import (
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
)

// No data is not covered: the first line of the night may not say of hours that nobody knows that somebody served.
func TestTheNightDoesNotCallServedWhatIsUnknown(t *testing.T) {
	v := words(t)
	const hour = int64(time.Hour / time.Millisecond)
	served, unsure, gap := cloud.ServedHead{Known: true}, cloud.ServedHead{Known: true}, cloud.ServedHead{Known: true}
	served.Night = coverage.Sum{Open: 15 * hour, Covered: 9 * hour}
	unsure.Night = coverage.Sum{Open: 15 * hour, Unknown: 9 * hour}
	gap.Night = coverage.Sum{Open: 15 * hour, Covered: 8 * hour, Uncovered: hour}
	for name, c := range map[string]struct {
		heads []cloud.ServedHead
		want  string
	}{
		"all served":               {[]cloud.ServedHead{served, served}, "All 2 stores were served for 24 hours."},
		"one is not known":         {[]cloud.ServedHead{served, unsure}, "No gap is known, but of one store a part of the last 24 hours is unknown."},
		"none is known":            {[]cloud.ServedHead{unsure, unsure}, "No gap is known, but of 2 stores a part of the last 24 hours is unknown."},
		"a gap":                    {[]cloud.ServedHead{served, gap}, "Of 2 stores, 1 had no gap that is known in 24 hours."},
		"a gap, and one not known": {[]cloud.ServedHead{unsure, gap}, "Of 2 stores, 1 had no gap that is known in 24 hours."},
	} {
		head := v.chainHead(chainView{heads: c.heads, loc: time.UTC})
		if !strings.HasPrefix(head.Head, c.want) {
			t.Errorf("%s: %q, want %q", name, head.Head, c.want)
		}
	}
}

func words(t *testing.T) *view {
	t.Helper()
	all, err := readTexts()
	if err != nil {
		t.Fatal(err)
	}
	return &view{lang: "en", texts: all}
}
