package cloud

import (
	"time"

	"allhours/cloud/coverage"
)

// Tells reports whether an incident of the kind tells of a cause of gaps.
func (k IncidentKind) Tells(why coverage.Why) bool {
	switch why {
	case coverage.NoWord, coverage.NoPower, coverage.AgentStopped, coverage.LineDown:
		return k == IncidentAway
	case coverage.DoorOpen:
		return k == IncidentLeftOpen || k == IncidentKeyOpening
	case coverage.LockBroken, coverage.LockDoubtful:
		return k == IncidentLock
	case coverage.ScaleFaulty:
		return k == IncidentScale
	case coverage.SaleStopped:
		return k == IncidentStopped || k == IncidentTemperature || k == IncidentScale || k == IncidentLock
	case coverage.CardApart:
		return k == IncidentClonedCard || k == IncidentOtherJournal || k == IncidentRestoredCard
	case coverage.DateOver:
		return k == IncidentExpired
	}
	return false
}

// Around finds the first of the incidents that tells of a cause of a time; nil where none does, or they were not asked for.
func (s Served) Around(c coverage.Cause, span coverage.Span) *IncidentStory {
	since := time.UnixMilli(CauseSince(c, span))
	for n := range s.Care {
		i := &s.Care[n].Incident
		if i.Cabinet != c.Cabinet || !i.Kind.Tells(c.Why) || c.Why == coverage.ScaleFaulty && i.Subject != string(c.Platform) {
			continue
		}
		if !i.First.After(time.UnixMilli(span.To)) && (i.Closed.IsZero() || i.Closed.After(since)) {
			return &s.Care[n]
		}
	}
	return nil
}

// CauseSince is since when a cause of a time was there, UTC milliseconds: no later than the time began.
func CauseSince(c coverage.Cause, span coverage.Span) int64 {
	if c.Since == 0 {
		return span.From
	}
	return min(c.Since, span.From)
}

// Took is the step by which somebody first took an incident, or gave it to somebody; false where nobody did.
func (s IncidentStory) Took() (IncidentStep, bool) {
	for _, step := range s.Steps {
		if step.Did == IncidentAcknowledged || step.Did == IncidentAssigned {
			return step, true
		}
	}
	return IncidentStep{}, false
}
