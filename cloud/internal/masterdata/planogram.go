package masterdata

import (
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/planogram"
)

// Planograms are the planograms of a document's cabinets, in its order.
func Planograms(m cloud.MasterData, known Known) []planogram.Planogram {
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

// Check checks the planograms of a document's cabinets. The error lists what a platform cannot bear, by its path; what
// the scales cannot tell apart is no fault of the document: such visits go to review.
func Check(m cloud.MasterData, known Known) ([]planogram.Report, error) {
	f := &faults{}
	plans := Planograms(m, known)
	reports := make([]planogram.Report, len(plans))
	for i, plan := range plans {
		path := fmt.Sprintf("$.cabinets[%d]", i)
		report, err := planogram.Check(plan)
		if err != nil {
			f.add(path, "%v", err)
			continue
		}
		reports[i] = report
		for k, load := range report.Platforms {
			if load.Over() > 0 {
				f.add(fmt.Sprintf("%s.platforms[%d].goods", path, k), "weigh %d mg: the platform carries %d mg", load.Weight, load.Capacity)
			}
		}
	}
	return reports, f.err()
}
