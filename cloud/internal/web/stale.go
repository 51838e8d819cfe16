package web

import (
	"time"

	"allhours/cloud"
)

// age is how old a word is: what is stale looks stale.
type age struct {
	Say  string
	Kind string // live, hours, half or old: each has a shape of its own
}

const (
	staleHours = 4 * time.Hour // what is older may have changed since
	staleHalf  = 8 * time.Hour // what is older is of another shift
)

// ageLive is the kind of a word that is as good as new.
const ageLive = "live"

// age of a word that was heard so long ago; of one that never was the zero time is given.
func (v *view) age(heard, now time.Time) age {
	if heard.IsZero() {
		return age{v.say("never"), "old"}
	}
	d := now.Sub(heard)
	kind := "old"
	switch {
	case d <= cloud.AwayAfter:
		kind = ageLive
	case d < staleHours:
		kind = "hours"
	case d < staleHalf:
		kind = "half"
	}
	return age{v.ago(d), kind}
}
