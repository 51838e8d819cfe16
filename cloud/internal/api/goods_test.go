package api

import (
	"context"
	"net/http"
	"reflect"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Move implements cloud.Goods.
func (w *workshop) Move(_ context.Context, m cloud.MoveGoods) (cloud.Movement, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moved = append(w.moved, m)
	return cloud.Movement{ID: protocol.UUID{9, 6: 0x70, 8: 0x80}, At: time.UnixMilli(1), Store: "north", Cabinet: "xs-01", MoveGoods: m}, nil
}

// Movements implements cloud.Goods.
func (w *workshop) Movements(context.Context, protocol.CabinetID, int) ([]cloud.Movement, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []cloud.Movement
	for _, m := range w.moved {
		all = append(all, cloud.Movement{ID: protocol.UUID{9, 6: 0x70, 8: 0x80}, At: time.UnixMilli(1), MoveGoods: m})
	}
	return all, nil
}

// Carried implements cloud.Goods.
func (w *workshop) Carried(context.Context) ([]cloud.Carried, error) {
	return []cloud.Carried{{Place: "van:north", SKU: "1001", Units: 3}}, nil
}

func TestGoodsAreMovedUnderAKeyInTheNameOfWhoeverIsSignedIn(t *testing.T) {
	r := newRig(t)
	const path, body = "/api/v1/movements", `{"kind":"write_off","from":"stock:xs-01:S1","reason":"expired","lines":[{"sku":"1001","qty":2}]}`
	r.stranger().refused(http.StatusUnauthorized, cloud.CodeNoSession, "POST", path, body)
	r.resident(anna).refused(http.StatusForbidden, cloud.CodeForbidden, "POST", path, body)
	manager := r.manager()
	manager.refused(http.StatusBadRequest, protocol.CodeMalformed, "POST", path, body) // It has no key.
	var told movementAnswer
	manager.want(http.StatusCreated, "POST", path, body, &told, "Idempotency-Key", "k1")
	want := cloud.MoveGoods{By: "manager", Key: "k1", Kind: cloud.MoveWriteOff, From: "stock:xs-01:S1", Reason: ledger.Expired, Lines: []cloud.MovedLine{{SKU: "1001", Qty: 2}}}
	if len(r.workshop.moved) != 1 {
		t.Fatalf("moved %+v", r.workshop.moved)
	}
	got := r.workshop.moved[0]
	got.Person = protocol.UUID{}
	if !reflect.DeepEqual(got, want) || told.Kind != cloud.MoveWriteOff || told.Cabinet != "xs-01" {
		t.Errorf("moved %+v, want %+v; told %+v", got, want, told)
	}
	var list struct{ Movements []movementAnswer }
	manager.want(http.StatusOK, "GET", path+"?cabinet=xs-01", "", &list)
	if len(list.Movements) != 1 || list.Movements[0].Reason != ledger.Expired {
		t.Errorf("listed %+v", list)
	}
	manager.refused(http.StatusNotFound, cloud.CodeUnknownCabinet, "GET", path+"?cabinet=%2F", "")
}
