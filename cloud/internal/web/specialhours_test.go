package web_test

import (
	"bytes"
	"context"
	"net/http"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
)

// signboard is what was said of stores' hours.
type signboard struct {
	set   []cloud.SpecialHours
	ended []protocol.UUID
}

func (s *signboard) Preview(_ context.Context, h cloud.SpecialHours) ([]cloud.HoursChange, error) {
	if h.Reason == "" || len(h.Stores) == 0 || len(h.Hours) == 1 && h.Hours[0].Open < 0 {
		return nil, protocol.Errorf(protocol.CodeMalformed, "no")
	}
	return []cloud.HoursChange{{Store: servedStore, Day: h.From, Before: []cloud.Hours{{Open: 420, Close: 1320}}, After: h.Hours, Told: true}}, nil
}

func (s *signboard) Set(ctx context.Context, h cloud.SpecialHours) (cloud.SpecialHours, error) {
	if _, err := s.Preview(ctx, h); err != nil {
		return h, err
	}
	s.set = append(s.set, h)
	return h, nil
}

func (s *signboard) TakeBack(_ context.Context, id protocol.UUID, _ string) error {
	s.ended = append(s.ended, id)
	return nil
}

func (s *signboard) List(context.Context) ([]cloud.SpecialHours, error) {
	return []cloud.SpecialHours{
		{ID: id(3), Stores: []cloud.StoreID{"qj"}, From: "2026-11-22", To: "2026-11-24", Hours: []cloud.Hours{}, Reason: "盘点 <x>", By: "li"},
		{ID: id(2), Stores: []cloud.StoreID{"qj", "xh"}, From: "2026-12-31", To: "2026-12-31", Hours: cloud.AllDay(), Reason: "跨年", By: "li"},
		{ID: id(1), Stores: []cloud.StoreID{"xh"}, From: "2026-11-01", To: "2026-11-01", Hours: []cloud.Hours{{Open: 540, Close: 60}}, Reason: "节日", By: "li", Ended: noon, Ender: "wang"},
	}, nil
}

func (s *signboard) Today(context.Context) (map[cloud.StoreID]cloud.SpecialHours, error) {
	all, err := s.List(context.Background())
	return map[cloud.StoreID]cloud.SpecialHours{"qj": all[0]}, err
}

func TestOtherHoursAreSeenBeforehandSetAndTakenBack(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
	mustSee(t, v.get("/hours"), http.StatusOK, "Closed all day", "Open all day and night", "09:00–01:00", "Taken back by wang", "Holds today", "Still to come", "&lt;x&gt;")
	form := []string{"store", "qj", "from", "2026-11-23", "to", "2026-11-24", "kind", "other", "open", "09:30", "close", "01:00", "reason", "feast"}
	mustSee(t, v.post("/hours/preview", form...), http.StatusOK, "07:00–22:00", "09:30–01:00", "told already, will be corrected", `name="reason" value="feast"`)
	if len(w.signs.set) != 0 {
		t.Error("looking sets them")
	}
	mustSee(t, v.post("/hours/preview", "store", "qj", "from", "2026-11-23", "kind", "other", "open", "x", "close", "01:00", "reason", "feast"), http.StatusUnprocessableEntity, "Not kept")
	mustSee(t, v.post("/hours", form...), http.StatusSeeOther)
	mustSee(t, v.post("/hours", "from", "2026-11-23", "kind", "shut", "reason", "feast"), http.StatusUnprocessableEntity, "Not kept")
	if len(w.signs.set) != 1 || w.signs.set[0].By != "manager" || w.signs.set[0].Hours[0] != (cloud.Hours{Open: 570, Close: 60}) || w.signs.set[0].To != "2026-11-24" {
		t.Errorf("set %+v", w.signs.set)
	}
	mustSee(t, v.post("/hours/"+id(3).String()+"/end"), http.StatusSeeOther)
	mustSee(t, v.post("/hours/x/end"), http.StatusNotFound)
	if len(w.signs.ended) != 1 || w.signs.ended[0] != id(3) {
		t.Errorf("ended %v", w.signs.ended)
	}
	v.session = "technician"
	mustSee(t, v.post("/hours", form...), http.StatusForbidden)
}

func TestOtherHoursStandWhereTheyMatter(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
	mustSee(t, v.get("/tonight"), http.StatusOK, "today: Closed all day")
	mustSee(t, v.get("/c/qj-1"), http.StatusOK, "The store today: Closed all day")
	store := v.get("/stores/qj")
	mustSee(t, store, http.StatusOK, "Today: Closed all day (盘点 &lt;x&gt;)")
	mustNotSee(t, store, "07:00–22:00")
}

func TestStickersArePrintedForTheCabinetsThatAreChosen(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
	mustSee(t, v.get("/stickers"), http.StatusOK, `value="qj-1"`, `name="store" value="xh"`, "on a sheet")
	for path, status := range map[string]int{
		"/stickers.pdf?cabinet=qj-1&size=label": http.StatusOK, "/stickers.pdf?store=xh&cabinet=qj-1": http.StatusOK, "/stickers.pdf": http.StatusBadRequest,
		"/stickers.pdf?cabinet=qj-1&size=a3": http.StatusBadRequest, "/stickers.pdf?cabinet=none": http.StatusBadRequest,
	} {
		answer := v.get(path)
		mustSee(t, answer, status)
		if pdf := answer.Header().Get("Content-Type") == "application/pdf" && bytes.HasPrefix(answer.Body.Bytes(), []byte("%PDF-")); pdf != (status == http.StatusOK) {
			t.Errorf("%s: %s", path, answer.Header())
		}
	}
}
