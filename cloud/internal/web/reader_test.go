package web_test

import (
	"net/http"
	"regexp"
	"testing"
)

// changing is what a form that changes the plan says.
var changing = regexp.MustCompile(`action="/(master|rollouts|drafts)[^"]*"|formaction="/`)

func TestAnAuditorReadsThePlanAndCannotChangeIt(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "auditor"}
	mustSee(t, v.get("/tonight"), http.StatusOK, `href="/master"`)
	for _, path := range []string{"/master", "/master/articles", "/master/prices", "/master/stores", "/master/markdowns", "/master/planograms", "/rollouts", "/stickers"} {
		page := v.get(path)
		mustSee(t, page, http.StatusOK)
		if form := changing.FindString(page.Body.String()); form != "" {
			t.Errorf("%s offers an auditor %s", path, form)
		}
	}
	for _, path := range []string{"/master/articles/new", "/master/stores/new", "/rollouts/new/price"} {
		mustSee(t, v.get(path), http.StatusForbidden)
	}
	for _, path := range []string{"/master/import", "/master/apply", "/master/prices", "/rollouts"} {
		mustSee(t, v.post(path), http.StatusForbidden)
	}
}
