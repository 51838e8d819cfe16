package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// accounts are days that add up as the test says.
type accounts struct {
	closed []cloud.CloseDay
}

func (*accounts) Today(context.Context) (ledger.Day, error) { return "2026-11-28", nil }

func (*accounts) Heads(_ context.Context, last ledger.Day, days int, _ ...cloud.StoreID) ([]cloud.DayHead, error) {
	return []cloud.DayHead{{Store: "north", Day: last, Known: true, Closed: &cloud.ClosedDay{Store: "north", Day: last}}, {Store: "north", Day: last.Add(1 - days)}}, nil
}

func (*accounts) Day(_ context.Context, store cloud.StoreID, day ledger.Day) (cloud.StoreDay, error) {
	if store != "north" {
		return cloud.StoreDay{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	g := reconcile.Goods{
		Cabinet: "xs-01", SKU: "1001", Opening: 8, Flows: map[reconcile.Flow]int64{{Way: reconcile.Sold}: -2, {Way: reconcile.WrittenOff, Reason: "expired"}: -1}, Closing: 5,
		Scales: &reconcile.Level{Qty: 4, Low: 4, High: 4, At: time.UnixMilli(1_700_000_000_000)},
	}
	return cloud.StoreDay{
		Store: store, Day: day, Over: true, Goods: []reconcile.Goods{g}, Sum: "ab", Money: reconcile.Money{Orders: 1, Billed: 400, Captured: 400},
		Differences: []reconcile.Difference{{Goods: g, Cause: reconcile.CauseTheft, Cost: -100, Evidence: []reconcile.Evidence{{Kind: reconcile.EvidenceVisit, ID: "x"}}}},
		Pairs:       []reconcile.Pair{{State: reconcile.MissingThere, Booked: &reconcile.Booked{Kind: reconcile.Capture, Amount: 400, Day: day}}},
		Open:        []cloud.OpenItem{{Kind: cloud.OpenStatement, Count: 1}, {Kind: cloud.OpenClock, Cabinet: "xs-01", Count: 1}, {Kind: cloud.OpenTopUp, Count: 1}},
		Doubts:      []cloud.DoubtSum{{Cabinet: "xs-01", Booked: day, First: day.Add(-1), Last: day, Flows: map[reconcile.Flow]int64{{Way: reconcile.Sold}: -1}}},
		LateFor:     []cloud.LateSum{{Belonged: day, Booked: day.Add(2), Flows: map[reconcile.Flow]int64{{Way: reconcile.Sold}: -2}}},
		Earned:      map[protocol.CabinetID]reconcile.Earned{"xs-01": {Net: 100}}, Articles: map[protocol.SKU]reconcile.Article{"1001": {Cost: 100}},
	}, nil
}

func (a *accounts) Pairs(context.Context, cloud.StoreID, ledger.Day) ([]reconcile.Pair, error) {
	return nil, nil
}

func (*accounts) Entries(_ context.Context, _ cloud.StoreID, day ledger.Day) ([]ledger.Entry, error) {
	return []ledger.Entry{{Day: day, Ref: "op:1", Postings: ledger.Bill(protocol.UUID{}, "north", 400)}}, nil
}

func (a *accounts) Close(_ context.Context, c cloud.CloseDay) (cloud.ClosedDay, error) {
	if c.Note == "" {
		return cloud.ClosedDay{}, protocol.Errorf(cloud.CodeNoteNeeded, "one item is open")
	}
	a.closed = append(a.closed, c)
	return cloud.ClosedDay{Store: c.Store, Day: c.Day, By: c.By, Role: c.Role}, nil
}

func (*accounts) Import(_ context.Context, f cloud.StatementFile) (cloud.StatementImport, []cloud.BadRow, error) {
	raw, err := io.ReadAll(f.Text)
	if bytes.HasPrefix(raw, []byte("bad")) {
		return cloud.StatementImport{}, []cloud.BadRow{{Line: 1, Column: "time", Why: "is missing"}, {Line: 2, Why: "1 field: want 8"}}, nil
	}
	return cloud.StatementImport{Name: f.Name, By: f.By, Lines: len(raw)}, nil, err
}

// Lines implements cloud.Statements.
func (*accounts) Lines(context.Context, ledger.Day) ([]cloud.StatementLine, error) { return nil, nil }

func (*accounts) Imports(context.Context, int) ([]cloud.StatementImport, error) {
	return []cloud.StatementImport{{Name: "s.csv"}}, nil
}

func (*accounts) Unknown(context.Context, int) ([]cloud.StatementLine, error) { return nil, nil }

func TestADayIsClosedInTheNameOfWhoIsSignedIn(t *testing.T) {
	r := newRig(t)
	r.manager().want(http.StatusCreated, "POST", "/api/v1/reconcile/north/2026-11-27/close", `{"note":"x","sum":"ab"}`, nil)
	if c := r.accounts.closed; len(c) != 1 || c[0].By != "manager" || c[0].Role != protocol.RoleManager || c[0].Sum != "ab" {
		t.Errorf("closed: %+v", c)
	}
}

func TestEveryBadPlaceOfAStatementIsNamed(t *testing.T) {
	answer := newRig(t).manager().send("POST", "/api/v1/statements/import", "bad")
	var p importProblem
	if err := json.NewDecoder(answer.Body).Decode(&p); err != nil || answer.StatusCode != http.StatusBadRequest || len(p.Rows) != 2 || p.Rows[0].Column != "time" {
		t.Errorf("%d %+v %v", answer.StatusCode, p, err)
	}
}
