package agent

import (
	"slices"
	"testing"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/wire"
)

func TestWhatIsToComeIsWeighedInARefillAndAsSoonAsItLiesThere(t *testing.T) {
	platform := wire.Platform{ID: "S1", SKUs: []protocol.SKU{"tofu"}, Coming: []protocol.SKU{"yoghurt", "juice"}}
	for name, c := range map[string]struct {
		book    edge.Book
		purpose protocol.Purpose
		want    []protocol.SKU
	}{
		"a resident finds what the planogram in force puts there": {edge.Book{"S1": {"tofu": 3}}, protocol.PurposePurchase, []protocol.SKU{"tofu"}},
		"a refill may bring all that is to come":                  {edge.Book{"S1": {"tofu": 3}}, protocol.PurposeRefill, []protocol.SKU{"tofu", "yoghurt", "juice"}},
		"a resident finds what a refill has put there":            {edge.Book{"S1": {"yoghurt": 2}}, protocol.PurposePurchase, []protocol.SKU{"tofu", "yoghurt"}},
		"what lies on another platform is not here":               {edge.Book{"S2": {"yoghurt": 2}}, protocol.PurposePurchase, []protocol.SKU{"tofu"}},
		"a technician brings nothing":                             {edge.Book{}, protocol.PurposeService, []protocol.SKU{"tofu"}},
	} {
		if got := lying(platform, c.book, c.purpose); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if len(platform.SKUs) != 1 {
		t.Errorf("the planogram in force has changed to %v", platform.SKUs)
	}
}
