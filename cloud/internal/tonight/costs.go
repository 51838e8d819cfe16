package tonight

import (
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/protocol"
)

// costs remember what cabinets are expected to sell in the hour that it is.
type costs struct {
	mu sync.Mutex
	at time.Time // the hour
	by map[protocol.CabinetID]protocol.Fen
}

// rates tell what cabinets are expected to sell in one hour.
type rates struct {
	costs    *costs
	model    *forecast.Model // nil: nothing was learned
	articles map[protocol.SKU]cloud.Article
	hour     forecast.Hour
}

// rates are those of the hour that it is.
func (c *costs) rates(s *Service, tx cloud.Tx) (rates, error) {
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return rates{}, err
	}
	outlooks, err := s.Demand.Outlooks(tx)
	if err != nil || outlooks.Age.Days == 0 {
		return rates{}, err
	}
	articles, err := s.Catalog.Articles(tx)
	if err != nil {
		return rates{}, err
	}
	hour := s.Now().In(zone).Truncate(time.Hour)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.at.Equal(hour) {
		c.at, c.by = hour, make(map[protocol.CabinetID]protocol.Fen)
	}
	return rates{costs: c, model: outlooks.Model, articles: articles, hour: forecast.HourOf(hour)}, nil
}

// of is what a cabinet is expected to sell; false where nothing was learned yet.
func (r rates) of(c *cloud.Cabinet) (protocol.Fen, bool) {
	if r.model == nil {
		return 0, false
	}
	r.costs.mu.Lock()
	defer r.costs.mu.Unlock()
	if fen, known := r.costs.by[c.ID]; known {
		return fen, true
	}
	fen := 0.0
	for _, p := range c.Platforms {
		for _, sku := range p.SKUs {
			fen += r.model.Outlook(c.ID, sku, r.hour, 1).Expected(1) * float64(r.articles[sku].Price)
		}
	}
	r.costs.by[c.ID] = protocol.Fen(fen)
	return protocol.Fen(fen), true
}
