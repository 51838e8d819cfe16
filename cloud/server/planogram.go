package server

import (
	"context"
	"fmt"

	"allhours/cloud"
	"allhours/cloud/internal/masterdata"
	"allhours/protocol"
	"allhours/protocol/planogram"
)

// PlanogramCheck is what stands against one cabinet's planogram, and a better one.
type PlanogramCheck struct {
	Cabinet protocol.CabinetID          `json:"cabinet"`
	Place   cloud.Text                  `json:"place"`
	Names   map[protocol.SKU]cloud.Text `json:"names"` // of the goods in it
	planogram.Proposal
}

// CheckPlanograms checks the cabinets of a document of master data that says all by itself, and changes nothing.
func CheckPlanograms(document []byte) ([]PlanogramCheck, error) {
	return checkPlanograms(document, masterdata.Known{})
}

// CheckPlanograms checks the cabinets of a document that may refer to what the fleet has, and changes nothing.
func (a *Admin) CheckPlanograms(ctx context.Context, document []byte) ([]PlanogramCheck, error) {
	known, err := a.core.Known(ctx)
	if err != nil {
		return nil, err
	}
	return checkPlanograms(document, known)
}

func checkPlanograms(document []byte, known masterdata.Known) ([]PlanogramCheck, error) {
	m, err := masterdata.Parse(document, known)
	if err != nil {
		return nil, err
	}
	names := namesOf(m, known)
	checks := make([]PlanogramCheck, 0, len(m.Cabinets))
	for i, plan := range masterdata.Planograms(m, known) {
		c := m.Cabinets[i]
		proposal, err := planogram.Propose(plan)
		if err != nil {
			return nil, fmt.Errorf("$.cabinets[%d]: %w", i, err)
		}
		check := PlanogramCheck{Cabinet: c.ID, Place: c.Place, Names: map[protocol.SKU]cloud.Text{}, Proposal: proposal}
		for sku := range plan.Goods {
			check.Names[sku] = names[sku]
		}
		checks = append(checks, check)
	}
	return checks, nil
}

func namesOf(m masterdata.Document, known masterdata.Known) map[protocol.SKU]cloud.Text {
	names := map[protocol.SKU]cloud.Text{}
	for _, list := range [][]cloud.Article{known.Articles, m.Articles} {
		for _, a := range list {
			names[a.SKU] = a.Name
		}
	}
	return names
}
