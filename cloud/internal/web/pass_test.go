package web_test

import (
	"net/http"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
)

func TestAVisitWithoutALineIsToldFromTheCodeToItsEnd(t *testing.T) {
	cases := []struct {
		name   string
		visit  cloud.Visit
		zh, en []string
	}{
		{"the code is shown", visitShown(""), []string{"对准", `class="qr"`, "只开一次", "最多预留 ¥50", "断线时能开的次数", supportPhone}, []string{"Hold this code", "Good until 02:24", "for one opening", "at most ¥50 is held", "Nothing is charged"}},
		{"the cabinet has refused it", visitShown(protocol.CodeDoorOpen), []string{`class="qr"`, "门还开着", "没有收钱"}, []string{"stayed shut: The door is not shut", "Nothing was charged"}},
		{"it is over", visitPassed(""), []string{"过期", "没有收钱", "再试一次"}, []string{"The code is over", "Nothing was charged", "the bill comes once", "Try again"}},
		{"it is over and was refused", visitPassed(protocol.CodeResidentLimit), []string{"你能开的次数用完了"}, []string{"no openings left"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			w.put(c.visit)
			for lang, texts := range map[string][]string{"zh-CN": c.zh, "en": c.en} {
				v := visitor{t: t, handler: handlerOf(w, true), lang: lang, session: "anna"}
				mustSee(t, v.get("/v/"+id(1).String()), http.StatusOK, texts...)
			}
			staff := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "manager"}
			if page := staff.get("/v/" + id(1).String()); page.Code != http.StatusOK || strings.Contains(page.Body.String(), `class="qr"`) {
				t.Errorf("staff get %d with the code that opens the door", page.Code)
			}
		})
	}
}

func TestACabinetWithoutItsLineOffersACodeWhereItCanReadOne(t *testing.T) {
	w := newWorld()
	w.cabinet("qj-1").State, w.cabinet("qj-1").Shows = cloud.CabinetAway, true
	v := visitor{t: t, handler: handlerOf(w, true), lang: "en", session: "anna"}
	mustSee(t, v.get("/c/qj-1"), http.StatusOK, "Its line is down", `action="/c/qj-1/open"`)
	w.put(visitShown(""))
	if page := v.get("/c/qj-1"); page.Code != http.StatusSeeOther {
		t.Errorf("a visit whose code is shown: %d", page.Code)
	}
	w.put(visitPassed(""))
	mustSee(t, v.get("/c/qj-1"), http.StatusOK, `action="/c/qj-1/open"`)
}
