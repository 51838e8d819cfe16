package masterdata

import (
	"fmt"
	"slices"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/planogram"
)

// Planograms are the planograms of a document's cabinets, in its order.
func Planograms(m Document, known Known) []planogram.Planogram {
	articles := map[protocol.SKU]cloud.Article{}
	for _, list := range [][]cloud.Article{known.Articles, m.Articles} {
		for _, a := range list {
			articles[a.SKU] = a
		}
	}
	plans := make([]planogram.Planogram, 0, len(m.Cabinets))
	for _, c := range m.Cabinets {
		plans = append(plans, c.Planogram(articles, c.Stock))
	}
	return plans
}

// Check checks what the entries of a document mean together with the fleet's. The error lists what a platform cannot bear, and
// articles that become too old for where they lie; what the scales cannot tell apart is no fault of the document: such visits
// go to review.
func Check(m Document, known Known) ([]planogram.Report, error) {
	checkAges(m, known)
	plans := Planograms(m, known)
	reports := make([]planogram.Report, len(plans))
	for i, plan := range plans {
		report, err := planogram.Check(plan)
		if err != nil {
			m.faults.add(place{path: fmt.Sprintf("$.cabinets[%d]", i)}, "%v", err)
			continue
		}
		reports[i] = report
		for _, load := range report.Platforms {
			at, named := m.places[goodsKey(m.Cabinets[i].ID, load.Platform)]
			if named && load.Over() > 0 {
				m.faults.add(at, "weigh %d mg: the platform carries %d mg", load.Weight, load.Capacity)
			}
		}
	}
	return reports, m.faults.err()
}

// checkAges finds articles that would be for people of an age, and lie in a cabinet that the document says nothing of.
func checkAges(m Document, known Known) {
	if known.Ages {
		return
	}
	old := map[protocol.SKU]bool{}
	for _, a := range m.Articles {
		old[a.SKU] = a.MinAge > 0
	}
	for _, c := range known.Cabinets {
		if slices.ContainsFunc(m.Cabinets, func(said cloud.PlannedCabinet) bool { return said.ID == c.ID }) {
			continue
		}
		for _, p := range c.Platforms {
			for _, sku := range p.SKUs {
				if old[sku] {
					m.faults.add(m.places[articleKey(sku)], "article %q lies in cabinet %s on %s, where nobody looks at who opens it", sku, c.ID, p.ID)
				}
			}
		}
	}
}
