package web_test

import (
	"context"
	"net/http"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
)

func (w *world) Wishes(context.Context, protocol.UUID) (cloud.Wishes, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.wishes, nil
}

func (w *world) Wish(_ context.Context, _ protocol.UUID, wishes cloud.Wishes) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wishes = wishes
	return nil
}

func (w *world) Seen(_ context.Context, visit protocol.VisitID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, visit)
	return nil
}

func TestWhatAResidentReadsNeedsNoMessage(t *testing.T) {
	for _, c := range []struct {
		name, who string
		state     cloud.VisitState
		want      int
	}{
		{"their own receipt", "anna", cloud.StateCharged, 1},
		{"that a review was waived", "anna", cloud.StateWaived, 1},
		{"a visit that is not over", "anna", cloud.StateOpen, 0},
		{"a receipt that staff read", "manager", cloud.StateCharged, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			w.put(visitIn(c.state))
			visitor{t: t, handler: handlerOf(w, false), lang: "en", session: c.who}.get("/v/" + id(1).String())
			if len(w.seen) != c.want {
				t.Errorf("%d messages withdrawn, want %d", len(w.seen), c.want)
			}
		})
	}
}

func TestAResidentTurnsReceiptsOffAndOn(t *testing.T) {
	w := newWorld()
	w.wishes = cloud.Wishes{Lang: "zh", Receipts: true}
	w.put(visitIn(cloud.StateCharged))
	path := "/v/" + id(1).String()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "anna"}
	mustSee(t, v.get(path), http.StatusOK, "a message tells you the bill", `value="off"`)
	rec := v.post("/messages/receipts", "receipts", "off", "back", path)
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != path || w.wishes.Receipts || w.wishes.Lang != "zh" {
		t.Errorf("got %d to %q, wishes %+v", rec.Code, rec.Header().Get("Location"), w.wishes)
	}
	mustSee(t, v.get(path), http.StatusOK, "You get no messages of bills.", `value="on"`)
	v.post("/messages/receipts", "receipts", "on", "back", path)
	v.post("/prefs", "lang", "en", "back", path)
	if w.wishes != (cloud.Wishes{Lang: "en", Receipts: true}) {
		t.Errorf("wishes %+v", w.wishes)
	}
	v.session = "manager"
	if rec := v.post("/messages/receipts", "receipts", "off"); rec.Code != http.StatusForbidden {
		t.Errorf("staff got %d", rec.Code)
	}
}
