package api

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// totals are those of one cabinet.
type totals struct{ served coverage.Sum }

func (s totals) Totals(_ context.Context, q cloud.TotalQuery) (cloud.Totals, error) {
	t := cloud.Total{Visits: 3, Gross: 900, Net: 800, Cost: 500, Walked: time.Minute, Served: s.served}
	return cloud.Totals{
		Lines: []cloud.TotalLine{{Store: "north", Cabinet: "xs-01", Total: t}}, Sum: t, Causes: cloud.Causes{reconcile.CauseLate: {Missing: 7}}, Made: time.UnixMilli(1_700_000_000_000), Pending: 1,
	}, nil
}

// signs are the hours of stores.
type signs struct{ cloud.StoreHours }

func (signs) Preview(_ context.Context, h cloud.SpecialHours) ([]cloud.HoursChange, error) {
	return []cloud.HoursChange{{Store: cloud.Store{ID: h.Stores[0]}, Day: h.From, Before: cloud.AllDay(), After: h.Hours}}, nil
}

func (signs) Set(_ context.Context, h cloud.SpecialHours) (cloud.SpecialHours, error) {
	h.ID, h.Made = protocol.UUID{6: 0x70, 8: 0x80}, time.UnixMilli(1_700_000_000_000)
	return h, nil
}

func (s signs) List(ctx context.Context) ([]cloud.SpecialHours, error) {
	h, err := s.Set(ctx, cloud.SpecialHours{Stores: []cloud.StoreID{"north"}, From: "2026-11-27", To: "2026-11-28", Reason: "x", By: "li", Ended: time.UnixMilli(1_700_000_000_000), Ender: "wang"})
	return []cloud.SpecialHours{h}, err
}

func TestTotalsTellTheirMargin(t *testing.T) {
	r := newRig(t)
	var told totalsAnswer
	manager := r.manager()
	manager.want(200, "GET", "/api/v1/totals?by=cabinet&from=2026-11-01&to=2026-11-27", "", &told)
	if told.Sum.Margin != 300 || len(told.Lines) != 1 || told.Lines[0].Walked != 60_000 || told.Causes[reconcile.CauseLate].Missing != 7 {
		t.Errorf("got %+v", told)
	}
}

func TestWhatNobodyCouldExpectToSellIsNull(t *testing.T) {
	gaps := coverage.Sum{Covered: 9000, Uncovered: 5000}
	for name, c := range map[string]struct {
		total cloud.Total
		want  string
	}{
		"priced":                   {cloud.Total{Served: gaps, Lost: 70}, `"lost_fen":70,"blind_ms":0`},
		"no gaps":                  {cloud.Total{Served: coverage.Sum{Open: 1}}, `"lost_fen":0,"blind_ms":0`},
		"nothing was learned":      {cloud.Total{Served: gaps, Blind: 5 * time.Second}, `"lost_fen":null,"blind_ms":5000`},
		"some of it was learned":   {cloud.Total{Served: gaps, Lost: 70, Blind: 2 * time.Second}, `"lost_fen":70,"blind_ms":2000`},
		"a cabinet has no gaps":    {cloud.Total{Visits: 3}, `"lost_fen":null,"blind_ms":0`},
		"some days are not served": {cloud.Total{Served: coverage.Sum{Unknown: 4}}, `"lost_fen":0,"blind_ms":0`},
	} {
		text, err := json.Marshal(describeTotal(c.total))
		if err != nil || !strings.Contains(string(text), c.want) {
			t.Errorf("%s: %s (%v), want %s", name, text, err, c.want)
		}
	}
}
