package api

import (
	"context"
	"slices"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/protocol"
)

// evening is a night on which one store is not served and bills wait.
type evening struct{}

func (evening) Sold(_ context.Context, store cloud.StoreID) (cloud.NightSold, error) {
	n := cloud.NightSold{From: time.Now().Add(-20 * time.Minute), Known: true, Bills: 3, Now: []protocol.Fen{500, 300, 0}, Before: []protocol.Fen{400, 300, 900}}
	if store == "north" {
		n.Now = []protocol.Fen{500, 0, 0}
	}
	n.To = n.From.Add(24 * time.Hour)
	return n, nil
}

func (evening) Needs(_ context.Context, store cloud.StoreID) (cloud.Needs, error) {
	if store == "south" {
		return cloud.Needs{}, nil
	}
	return cloud.Needs{More: 2, List: []cloud.Need{
		{Kind: cloud.NeedGap, Store: "north", Costs: true, Hour: 9200, Urgent: true, Gap: &coverage.Gap{Categories: []string{"dairy"}}, Incidents: []cloud.Incident{{Number: 7}}},
		{Kind: cloud.NeedReviews, Reviews: 3, Guess: 4260},
		{Kind: cloud.NeedDisputes, Disputes: 2},
		{Kind: cloud.NeedRound, Store: "north", Whom: "Wang", Taken: true, Round: protocol.UUID{1}, Stops: 2},
	}}, nil
}

func (evening) Came(context.Context, cloud.CameQuery) ([]cloud.Came, error) { return nil, nil }

func TestTheNightIsToldWithWhatNeedsAPersonByItsCost(t *testing.T) {
	r := newRig(t)
	var all, south tonightAnswer
	manager := r.manager()
	manager.want(200, "GET", "/api/v1/tonight", "", &all)
	if len(all.Needs) != 4 || all.More != 2 || all.Needs[0].Hour == nil || *all.Needs[0].Hour != 9200 || !slices.Equal(all.Needs[0].Categories, []string{"dairy"}) || !slices.Equal(all.Needs[0].Incidents, []int{7}) {
		t.Errorf("what needs a person: %+v", all.Needs)
	}
	if all.Needs[1].Hour != nil || all.Needs[2].Disputes != 2 || all.Needs[3].Round == "" {
		t.Errorf("what nobody knows is told, or what is known is not: %+v", all.Needs[1:])
	}
	if all.Sold.Now != 800 || all.Sold.WeekAgo < 400 || all.Sold.WeekAgo > 700 || all.Sold.Step != 900 || len(all.Sold.Before) != 3 {
		t.Errorf("sold: %+v", all.Sold)
	}
	manager.want(200, "GET", "/api/v1/tonight?store=south", "", &south)
	if len(south.Needs) != 0 {
		t.Errorf("another store needs %+v", south.Needs)
	}
	r.resident(anna).refused(403, cloud.CodeForbidden, "GET", "/api/v1/tonight", "")
}
