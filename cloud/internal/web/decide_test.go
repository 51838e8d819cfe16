package web_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

func TestAManagerIsOfferedEveryStoryThatCanBeCharged(t *testing.T) {
	for i, lang := range bothLanguages {
		w := newWorld()
		w.reviews = []cloud.Review{twins(), afterPowerCut()}
		v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "manager"}
		parts := []string{v.get(pathOf(twins())).Body.String(), v.get(pathOf(afterPowerCut())).Body.String()}
		for _, want := range []string{
			[]string{"最像的说法：收 ¥4.00", "Likeliest story: charge ¥4.00"}[i], []string{"其次的说法：收 ¥5.50", "Second story: charge ¥5.50"}[i],
			`value="nothing"`, `value="lines"`, `value="waive"`, `name="qty-1001" value="2"`,
		} {
			if !strings.Contains(parts[0], want) {
				t.Errorf("in %s the twins lack %q", lang, want)
			}
		}
		// Its likeliest story has an article without a price, and its second one is that nothing was taken.
		if strings.Contains(parts[1], `value="0" required`) || !strings.Contains(parts[1], `value="1" required`) || strings.Contains(parts[1], `value="nothing"`) {
			t.Errorf("in %s the review after a power cut offers what cannot be charged, or the same twice", lang)
		}
	}
}

func TestWhatComesToLessThanWasTakenIsNotOffered(t *testing.T) {
	w := newWorld()
	w.reviews, w.taken = []cloud.Review{twins()}, 500
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	page := v.get(pathOf(twins())).Body.String()
	if !strings.Contains(page, "took ¥5.00 after the backup") || !strings.Contains(page, "Second story: charge ¥5.50") || !strings.Contains(page, `value="lines"`) {
		t.Error("what can be decided is not offered")
	}
	for _, less := range []string{"Likeliest story: charge ¥4.00", `value="nothing"`, `value="waive"`, "Waived at"} {
		if strings.Contains(page, less) {
			t.Errorf("%s is offered", less)
		}
	}
	mustSee(t, v.get("/reviews"), http.StatusOK, "It is not: money was taken")
}

func TestADecisionTakesTheNameOfWhoeverIsSignedIn(t *testing.T) {
	w := newWorld()
	reviewed(w)
	handler := handlerOf(w, false)
	path := "/reviews/" + id(78).String()
	resident := visitor{t: t, handler: handler, lang: "en", session: "anna"}
	if rec := resident.post(path, "how", "waive"); rec.Code != http.StatusForbidden {
		t.Errorf("a resident got %d", rec.Code)
	}
	manager := visitor{t: t, handler: handler, lang: "en", session: "manager"}
	for _, c := range []struct {
		fields []string
		want   cloud.DecideReview
	}{
		{[]string{"how", "1", "note", "seen", "qty-1001", "2"}, cloud.DecideReview{Story: 1, Note: "seen"}},
		{[]string{"how", "nothing"}, cloud.DecideReview{Story: cloud.NoStory}},
		{[]string{"how", "waive"}, cloud.DecideReview{Story: cloud.NoStory, Waive: true}},
		{[]string{"how", "lines", "qty-1204", "1", "qty-1001", "2", "qty-2001", "0", "qty-2004", ""}, cloud.DecideReview{
			Story: cloud.NoStory, Lines: []settle.Line{{SKU: "1001", Qty: 2}, {SKU: "1204", Qty: 1}},
		}},
	} {
		w.decided = nil
		if rec := manager.post(path, c.fields...); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != pathOf(odd()) {
			t.Errorf("%v: got %d to %q", c.fields, rec.Code, rec.Header().Get("Location"))
		}
		c.want.Visit, c.want.By, c.want.Role = id(78), "manager", protocol.RoleManager
		if len(w.decided) != 1 || !reflect.DeepEqual(w.decided[0], c.want) {
			t.Errorf("%v was taken as %+v, want %+v", c.fields, w.decided, c.want)
		}
	}
	w.decided = nil
	for _, fields := range [][]string{{}, {"how", "-1"}, {"how", "first"}, {"how", "lines", "qty-1001", "-3"}, {"how", "lines", "qty-1001", "1.5"}} {
		if rec := manager.post(path, fields...); rec.Code != http.StatusBadRequest {
			t.Errorf("%v: got %d", fields, rec.Code)
		}
	}
	if rec := manager.post("/reviews/9", "how", "waive"); rec.Code != http.StatusNotFound {
		t.Errorf("an id that is none: got %d", rec.Code)
	}
	if len(w.decided) != 0 {
		t.Errorf("decided %+v", w.decided)
	}
}
