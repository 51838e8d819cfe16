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

// coming are the categories that are expected to end while the store is closed.
func (s *Service) coming(tx cloud.Tx, r *record, articles map[protocol.SKU]cloud.Article) ([]cloud.ComingGap, error) {
	outlooks, err := s.Demand.Outlooks(tx)
	if err != nil || outlooks.Age.Days == 0 || len(r.law.needs) == 0 {
		return nil, err
	}
	now := s.Now()
	hour := now.In(r.zone).Truncate(time.Hour)
	lanes, model := []coverage.Stocked{}, outlooks.Model
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
					units, err := tx.Ledger.Balance(ledger.Stock(c.ID, p.ID), ledger.Article(sku))
					if err != nil {
						return nil, err
					}
					barred, _, err := tx.CoverageFacts.Newest(c.ID, coverage.Barred, string(sku))
					if err != nil {
						return nil, err
					}
					if barred.Value != 0 {
						units = 0 // It lies there, and is not sold.
					}
					o := model.Outlook(c.ID, sku, forecast.HourOf(hour), ahead*24)
					lanes = append(lanes, coverage.Stocked{
						Cabinet: c.ID, Platform: p.ID, SKU: sku, Category: category.Name, Units: int(units), Day: o.Expected(24), Ends: endsOf(o.Empty(int(units)), hour),
					})
				}
			}
		}
	}
	var all []cloud.ComingGap
	for _, c := range coverage.Next(lanes, s.nights(r, now)) {
		hours := int(math.Ceil(float64(c.Night.To-hour.UnixMilli()) / float64(time.Hour.Milliseconds())))
		o := model.Outlook(c.Bring.Cabinet, c.Bring.SKU, forecast.HourOf(hour), max(hours, 1))
		c.Units = max(o.Quantile(0.9, hours)+1-c.Bring.Units, 1)
		gap := cloud.ComingGap{Coming: c, Lost: protocol.Fen(s.wanted(model, r, articles, c, hour))}
		for _, cab := range r.cabinets {
			if cab.ID == c.Bring.Cabinet {
				gap.Number = cab.Number
			}
		}
		all = append(all, gap)
	}
	return all, nil
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
