package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/demand"
	"allhours/firmware-sim/physics"
	"allhours/protocol"
)

// neighbourhood is what is read of neighbourhood.json; the whole document goes to the service as it is.
type neighbourhood struct {
	Chain struct {
		TimeZone string `json:"time_zone"`
	} `json:"chain"`
	Stores []struct {
		ID string `json:"id"`
	} `json:"stores"`
	Articles []article `json:"articles"`
	Cabinets []struct {
		ID    protocol.CabinetID `json:"id"`
		Store string             `json:"store"`
	} `json:"cabinets"`
}

type article struct {
	SKU       protocol.SKU `json:"sku"`
	Category  string       `json:"category"`
	Price     protocol.Fen `json:"price_fen"`
	Essential bool         `json:"essential"`
	CaseSize  int          `json:"case_size"`
}

func readTown(p place) (n neighbourhood, document []byte, err error) {
	if document, err = os.ReadFile(p.path("neighbourhood.json")); err != nil {
		return n, nil, err
	}
	if err := json.Unmarshal(document, &n); err != nil {
		return n, nil, fmt.Errorf("neighbourhood.json: %w", err)
	}
	return n, document, nil
}

// perDay is how many units a cabinet of 30 articles is asked for on an ordinary day.
const perDay = 40

// wishes are the neighbourhood's, by the habits of package demand. Public holidays are days like others here.
func (n neighbourhood) wishes(seed int64, first time.Time, days int) *demand.Demand {
	town := demand.Town{First: first, Days: days, Cabinets: len(n.Cabinets), Stores: len(n.Stores), PerDay: perDay}
	for _, a := range n.Articles {
		town.Articles = append(town.Articles, demand.Article{SKU: a.SKU, Category: a.Category, Price: a.Price, Essential: a.Essential})
	}
	return demand.New(uint64(seed), town)
}

// matter is a cabinet's goods on its scales when it is new.
func matter(plan cabinet.Plan) *physics.World {
	specs := make([]physics.PlatformSpec, len(plan.Platforms))
	for i, platform := range plan.Platforms {
		specs[i] = physics.PlatformSpec{ID: platform.ID, CapacityG: platform.Capacity.Grams()}
		for _, good := range platform.Goods {
			specs[i].Lots = append(specs[i].Lots, lotOf(good, good.Stock))
		}
	}
	return physics.NewWorld(specs, plan.Seed)
}

func lotOf(g cabinet.Good, units int) physics.Lot {
	return physics.Lot{SKU: g.SKU, UnitG: g.Unit.Grams(), SDG: g.SD.Grams(), Qty: units}
}
