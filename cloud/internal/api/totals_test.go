package api

import (
	"context"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// totals are those of one cabinet.
type totals struct{}

func (totals) Totals(_ context.Context, q cloud.TotalQuery) (cloud.Totals, error) {
	t := cloud.Total{Visits: 3, Gross: 900, Net: 800, Cost: 500, Walked: time.Minute}
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
