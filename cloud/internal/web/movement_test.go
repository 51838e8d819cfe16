package web_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// stockroom is who moves goods; it books nothing.
type stockroom struct {
	mu    sync.Mutex
	moved []cloud.MoveGoods
}

// Move implements cloud.Goods.
func (s *stockroom) Move(_ context.Context, m cloud.MoveGoods) (cloud.Movement, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved = append(s.moved, m)
	return cloud.Movement{MoveGoods: m}, nil
}

// Movements implements cloud.Goods.
func (s *stockroom) Movements(context.Context, protocol.CabinetID, int) ([]cloud.Movement, error) {
	return []cloud.Movement{{ID: protocol.UUID{9, 6: 0x70, 8: 0x80}, At: time.UnixMilli(1_795_312_927_345), MoveGoods: cloud.MoveGoods{
		Kind: cloud.MoveWriteOff, Reason: ledger.Expired, By: "wang", Note: "two days over", Lines: []cloud.MovedLine{{SKU: "1001", Qty: 2}},
	}}, {ID: protocol.UUID{9, 6: 0x70, 8: 0x81}, At: time.UnixMilli(1_795_312_927_346), MoveGoods: cloud.MoveGoods{
		Kind: cloud.MoveTransfer, From: ledger.Stock("qj-1", "S1"), To: "van:qj", By: "mei", Lines: []cloud.MovedLine{{SKU: "1001", Qty: 2}},
	}}}, nil
}

// Carried implements cloud.Goods.
func (s *stockroom) Carried(context.Context) ([]cloud.Carried, error) {
	return []cloud.Carried{{Place: "van:qj", SKU: "2001", Units: 3}, {Place: ledger.Hands(manager.ID), SKU: "1101", Units: 2}, {Place: ledger.Hands(id(9)), SKU: "1101", Units: -1}}, nil
}

func TestGoodsAreCarriedFromOnePlaceToAnotherAndWhatIsOnTheWayIsSeen(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	own := string(ledger.Hands(manager.ID))
	mustSee(t, v.get("/transfers"), http.StatusOK, "Milk 250 ml · Qianjiang Garden store · van", "Cola 330 ml can · My hands", "A colleague&#39;s hands", `value="shop:xh"`, "<td data-th=\"From\">Qianjiang Garden store · Cabinet 1 · S1</td>")
	form := url.Values{"key": {"k"}, "from": {"shop:qj"}, "to": {own}, "sku": {"2001", "1101", "1001"}, "units": {"4", "", "6"}, "note": {"for the other store"}}
	mustSee(t, v.do("POST", "/transfers", form), http.StatusSeeOther)
	got := w.stock.moved[0]
	if got.Kind != cloud.MoveTransfer || got.From != "shop:qj" || string(got.To) != own || got.By != "manager" || !slices.Equal(got.Lines, []cloud.MovedLine{{SKU: "2001", Qty: 4}, {SKU: "1001", Qty: 6}}) {
		t.Errorf("moved %+v", got)
	}
	form.Set("from", string(ledger.Hands(id(9))))
	mustSee(t, v.do("POST", "/transfers", form), http.StatusForbidden)
	mustSee(t, v.post("/transfers", "key", "k", "from", "shop:qj", "to", own), http.StatusBadRequest)
	v.session = "technician"
	mustSee(t, v.get("/transfers"), http.StatusForbidden)
}

func TestGoodsAreWrittenOffAndCountedOnTheCabinetsPage(t *testing.T) {
	w := newWorld()
	handler := handlerOf(w, false)
	for i, lang := range bothLanguages {
		manager := visitor{t: t, handler: handler, lang: lang, session: "manager"}
		mustSee(t, manager.get("/cabinets/qj-1"), http.StatusOK, `action="/cabinets/qj-1/move"`, [2]string{"报损 · 过期", "Written off · expired"}[i], "two days over")
	}
	resident := visitor{t: t, handler: handler, lang: bothLanguages[1], session: "anna"}
	form := []string{"key", "k", "good", "S1 1001", "what", "expired", "units", "2", "note", "best before"}
	if rec := resident.post("/cabinets/qj-1/move", form...); rec.Code != http.StatusForbidden {
		t.Errorf("a resident got %d", rec.Code)
	}
	manager := visitor{t: t, handler: handler, lang: bothLanguages[1], session: "manager"}
	for _, what := range []string{"expired", "count"} {
		form[5] = what
		if rec := manager.post("/cabinets/qj-1/move", form...); rec.Code != http.StatusSeeOther {
			t.Errorf("%s: a manager got %d", what, rec.Code)
		}
	}
	want := cloud.MoveGoods{By: "manager", Key: "k", From: "stock:qj-1:S1", Note: "best before", Lines: []cloud.MovedLine{{SKU: "1001", Qty: 2}}}
	for i, kind := range []cloud.MovementKind{cloud.MoveWriteOff, cloud.MoveCount} {
		got := w.stock.moved[i]
		if got.Kind != kind || (got.Reason != "") != (kind == cloud.MoveWriteOff) || got.By != want.By || got.Key != want.Key || got.From != want.From ||
			got.Note != want.Note || !slices.Equal(got.Lines, want.Lines) {
			t.Errorf("moved %+v, want %+v", got, want)
		}
	}
	form[7] = "some"
	if rec := manager.post("/cabinets/qj-1/move", form...); rec.Code != http.StatusBadRequest {
		t.Errorf("units that are no number got %d", rec.Code)
	}
}
