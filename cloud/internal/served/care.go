package served

import (
	"cmp"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/protocol"
)

// mostCare is how many incidents are told with a store's days.
const mostCare = 200

// careOf finds the incidents around what was lacking or unknown, each with all that was done with it.
func careOf(tx cloud.Tx, of cloud.Served) (all []cloud.IncidentStory, err error) {
	blamed := make(map[protocol.CabinetID]*blame)
	for _, d := range of.Days {
		for i := range d.Pieces {
			for _, c := range d.Pieces[i].Causes {
				if c.Cabinet == "" {
					continue
				}
				span := coverage.Span{From: cloud.CauseSince(c, d.Pieces[i].Span), To: d.Pieces[i].To}
				if blamed[c.Cabinet] == nil {
					blamed[c.Cabinet] = &blame{Span: span}
				}
				blamed[c.Cabinet].add(c.Why, span)
			}
		}
	}
	for _, id := range sortedKeys(blamed) {
		b := blamed[id]
		found, err := tx.Incidents.Around(id, time.UnixMilli(b.From), time.UnixMilli(b.To), "")
		if err != nil {
			return nil, err
		}
		for _, i := range found {
			if slices.ContainsFunc(b.whys, i.Kind.Tells) && len(all) < mostCare {
				all = append(all, cloud.IncidentStory{Incident: i})
			}
		}
	}
	for n := range all {
		if all[n].Steps, err = tx.Followed.Of(all[n].Incident.Number); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(all, func(a, b cloud.IncidentStory) int {
		return cmp.Or(a.Incident.First.Compare(b.Incident.First), cmp.Compare(a.Incident.Number, b.Incident.Number))
	})
	return all, nil
}

// blame is what a cabinet is blamed for, and over which time.
type blame struct {
	coverage.Span
	whys []coverage.Why
}

func (b *blame) add(why coverage.Why, span coverage.Span) {
	b.From, b.To = min(b.From, span.From), max(b.To, span.To)
	if !slices.Contains(b.whys, why) {
		b.whys = append(b.whys, why)
	}
}
