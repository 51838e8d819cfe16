package served

import (
	"math"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// ahead is how many days ahead is looked for gaps.
const ahead = 7

// coming are the categories that are expected to end while the store is closed, where nobody does anything. What lies behind a
// door that cannot sell now counts for nothing, as long as that is so; what a round is to bring counts when it is there.
func (s *Service) coming(tx cloud.Tx, r *record, articles map[protocol.SKU]cloud.Article) ([]cloud.ComingGap, error) {
	outlooks, err := s.Demand.Outlooks(tx)
	if err != nil || outlooks.Age.Days == 0 || len(r.law.needs) == 0 {
		return nil, err
	}
	now := s.Now()
	hour, model := now.In(r.zone).Truncate(time.Hour), outlooks.Model
	lanes, err := s.stocked(tx, r, model, hour)
	if err != nil {
		return nil, err
	}
	rounds, err := tx.Rounds.List(cloud.RoundQuery{Store: r.store.ID, Open: true})
	if err != nil {
		return nil, err
	}
	var all []cloud.ComingGap
	for _, c := range coverage.Next(lanes, s.nights(r, now)) {
		hours := int(math.Ceil(float64(c.Night.To-hour.UnixMilli()) / float64(time.Hour.Milliseconds())))
		o := model.Outlook(c.Bring.Cabinet, c.Bring.SKU, forecast.HourOf(hour), max(hours, 1))
		c.Units = max(o.Quantile(0.9, hours)+1-c.Bring.Units, 1)
		all = append(all, cloud.ComingGap{Coming: c, Lost: protocol.Fen(s.wanted(model, r, articles, c, hour)), Round: bringing(rounds, lanes, c, ledger.DayOf(now, r.zone), r.zone)})
	}
	return all, nil
}

// stocked are the lanes of what the neighbourhood is owed, with how long they are expected to last.
func (s *Service) stocked(tx cloud.Tx, r *record, model *forecast.Model, hour time.Time) (lanes []coverage.Stocked, err error) {
	able := r.of.Able()
	for _, category := range r.law.needs[len(r.law.needs)-1].Categories {
		for _, c := range r.cabinets {
			if c.Store != r.store.ID {
				continue
			}
			for _, p := range c.Platforms {
				for _, sku := range p.SKUs {
					if !slices.Contains(category.SKUs, sku) {
						continue
					}
					units, err := sold(tx, c.ID, p.ID, sku)
					if err != nil {
						return nil, err
					}
					lane := coverage.Stocked{Cabinet: c.ID, Platform: p.ID, SKU: sku, Category: category.Name, Units: units, Idle: able(c.ID, p.ID) != coverage.Covered}
					if lane.Idle {
						lane.Units, lane.Shut = 0, units
					}
					o := model.Outlook(c.ID, sku, forecast.HourOf(hour), ahead*24)
					lane.Day, lane.Ends = o.Expected(24), endsOf(o.Empty(lane.Units), hour)
					lanes = append(lanes, lane)
				}
			}
		}
	}
	return lanes, nil
}

// sold is how many units of a lane may be sold: none of an article that lies there and is barred.
func sold(tx cloud.Tx, cabinet protocol.CabinetID, platform protocol.PlatformID, sku protocol.SKU) (int, error) {
	units, err := tx.Ledger.Balance(ledger.Stock(cabinet, platform), ledger.Article(sku))
	if err != nil {
		return 0, err
	}
	barred, _, err := tx.CoverageFacts.Newest(cabinet, coverage.Barred, string(sku))
	if err != nil || barred.Value != 0 {
		return 0, err
	}
	return int(units), nil
}

// bringing is the first of some rounds that is to put units of a lacking category into lanes which can sell, before it is lacking;
// nil where none is. A round of a day that is over is not waited for, unless its goods are on the way.
func bringing(rounds []cloud.Round, lanes []coverage.Stocked, c coverage.Coming, today ledger.Day, zone *time.Location) (first *cloud.ComingRound) {
	from := time.UnixMilli(c.From)
	for i := range rounds {
		round := &rounds[i]
		if round.Day > ledger.DayOf(from, zone) || round.Day < today && round.State != cloud.RoundUnderWay || first != nil && round.Day >= first.Day {
			continue
		}
		if units := brought(round, lanes, c.Category, from); units > 0 {
			first = &cloud.ComingRound{ID: round.ID, Day: round.Day, Walks: round.Walks, Units: units}
		}
	}
	return first
}

// brought is how many units of a category a round is to put into lanes which can sell, at stops that are not due after a moment.
func brought(round *cloud.Round, lanes []coverage.Stocked, category string, by time.Time) (units int) {
	for _, l := range round.Lines {
		sells := slices.ContainsFunc(lanes, func(lane coverage.Stocked) bool {
			return !lane.Idle && lane.Category == category && lane.Cabinet == l.Cabinet && lane.Platform == l.Platform && lane.SKU == l.SKU
		})
		if stop := round.Stop(l.Cabinet); sells && stop != nil && !stop.Due.After(by) {
			units += round.Coming(l)
		}
	}
	return units
}

func endsOf(r forecast.Range, hour time.Time) (ends [3]int64) {
	for i, h := range []int{r.Early, r.Likely, r.Late} {
		if h != forecast.Beyond {
			ends[i] = hour.Add(time.Duration(h) * time.Hour).UnixMilli()
		}
	}
	return ends
}

// nights are when the store is closed, from now on.
func (s *Service) nights(r *record, now time.Time) (nights []coverage.Span) {
	at, end := now.UnixMilli(), now.AddDate(0, 0, ahead).UnixMilli()
	for _, open := range r.law.calendar.Open(at, end) {
		if open.From > at {
			nights = append(nights, coverage.Span{From: at, To: open.From})
		}
		at = open.To
	}
	if at < end {
		nights = append(nights, coverage.Span{From: at, To: end})
	}
	return nights
}

// wanted is what would be sold of a category in the store's cabinets from when it is lacking until the night is over.
func (s *Service) wanted(model *forecast.Model, r *record, articles map[protocol.SKU]cloud.Article, c coverage.Coming, hour time.Time) (fen float64) {
	from := int((c.From - hour.UnixMilli()) / time.Hour.Milliseconds())
	to := int((c.Night.To - hour.UnixMilli()) / time.Hour.Milliseconds())
	for _, cab := range r.cabinets {
		for _, p := range cab.Platforms {
			for _, sku := range p.SKUs {
				if a := articles[sku]; a.Category == c.Category {
					o := model.Outlook(cab.ID, sku, forecast.HourOf(hour), max(to, 1))
					fen += (o.Expected(to) - o.Expected(from)) * float64(a.Price)
				}
			}
		}
	}
	return max(fen, 0)
}
