package web_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/wire"
)

func TestATechnicianSeesWhatIsWrongAndWhatMayBeDone(t *testing.T) {
	want := map[string][]string{
		"zh-CN": {
			"开门检修", `action="/cabinets/qj-1/service/open"`, "7.2 % 没答好", "不回话：查电", "停售：", "还不知道时间", "S1：误差 -6.8 g → 0.1 g",
			"S2：柜子没有照做：这扇门没有开着检修", "还差：S3", "Chen Jun", "the floor is done tomorrow", "正在取", "下载", "取来", "18 KB", "换整个盒子",
		},
		"en": {
			"Open for service", "7.2 % failed", "does not answer: look at power", "does not know the time yet", "S1: error -6.8 g, now 0.1 g",
			"Still: S3", "Left open then: The cabinet is level and fixed (the floor is done tomorrow)", "On its way", "laser", "aligned",
			`name="tick-sticker"`, `name="why-scales"`, `href="/cabinets/qj-1/logs/` + id(121).String(), `href="/v/` + id(1).String() + `/trace"`,
		},
	}
	for lang, texts := range want {
		w := newWorld()
		w.shop.inUse()
		v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "technician"}
		w.cabinet("qj-1").Incidents = []cloud.Incident{{Number: 7, Cabinet: "qj-1", Kind: cloud.IncidentLock, Subject: "1", First: noon, Count: 2}}
		mustSee(t, v.get("/cabinets/qj-1/service"), http.StatusOK, append(texts, `href="/incidents/7"`)...)
		mustSee(t, v.get("/cabinets/qj-1"), http.StatusOK, `href="/cabinets/qj-1/service"`)
	}
}

func TestThePageOfACabinetThatWasNeverAskedSaysSo(t *testing.T) {
	v := visitor{t: t, handler: handlerOf(newWorld(), false), lang: "en", session: "technician"}
	mustSee(t, v.get("/cabinets/qj-2/service"), http.StatusOK, "Not asked yet", "Never handed over")
}

// TestAFirstOpeningIsOfItsOwnCabinet: a technician who opened one cabinet has never opened the next one, and must be able to.
func TestAFirstOpeningIsOfItsOwnCabinet(t *testing.T) {
	v := visitor{t: t, handler: handlerOf(newWorld(), false), lang: "en", session: "technician"}
	keys := regexp.MustCompile(`name="key" value="([^"]+)"`)
	one := keys.FindStringSubmatch(v.get("/cabinets/qj-1/service").Body.String())
	other := keys.FindStringSubmatch(v.get("/cabinets/qj-2/service").Body.String())
	if one == nil || other == nil || one[1] == other[1] {
		t.Errorf("the keys are %v and %v: want two", one, other)
	}
	if again := keys.FindStringSubmatch(v.get("/cabinets/qj-1/service").Body.String()); !slices.Equal(again, one) {
		t.Errorf("the key was %v and is %v, and nothing was opened", one, again)
	}
}

func TestWhoMayServiceACabinet(t *testing.T) {
	w := newWorld()
	w.shop.inUse()
	handler := handlerOf(w, false)
	servicers := []string{"technician", "manager", "boss"}
	askers := append([]string{"mei"}, servicers...)
	for _, c := range []struct {
		path string
		form []string
		who  []string
		ok   int
	}{
		{"/cabinets/qj-1/service", nil, askers, http.StatusOK},
		{"/cabinets/qj-1/logs/" + id(121).String(), nil, askers, http.StatusOK},
		{"/v/" + id(1).String() + "/trace", nil, askers, http.StatusOK},
		{"/cabinets/qj-1/service/ask", []string{"kind", "selftest"}, askers, http.StatusSeeOther},
		{"/cabinets/qj-1/service/ask", []string{"kind", "calibrate", "platform", "S1", "grams", "0"}, servicers, http.StatusSeeOther},
		{"/cabinets/qj-1/service/open", []string{"compartment", "1", "why", "x"}, servicers, http.StatusSeeOther},
		{"/cabinets/qj-1/handover", []string{"why-sticker", "x"}, servicers, http.StatusSeeOther},
	} {
		for _, who := range []string{"technician", "manager", "boss", "mei", "anna"} {
			v := visitor{t: t, handler: handler, lang: "en", session: who}
			rec := v.get(c.path)
			if c.form != nil {
				rec = v.post(c.path, c.form...)
			}
			want := http.StatusForbidden
			for _, may := range c.who {
				if may == who {
					want = c.ok
				}
			}
			if rec.Code != want {
				t.Errorf("%s %v by %s: %d, want %d", c.path, c.form, who, rec.Code, want)
			}
		}
	}
	read := visitor{t: t, handler: handler, lang: "en", session: "mei"}.get("/cabinets/qj-1/service").Body.String()
	if strings.Contains(read, "service/open") || strings.Contains(read, `value="calibrate"`) || strings.Contains(read, "tick-") {
		t.Error("support is offered what technicians do")
	}
}

func TestWhatATechnicianAsksForIsAskedInTheirName(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "technician"}
	for _, c := range []struct {
		form []string
		kind wire.TaskKind
		args any
		back string
	}{
		{[]string{"kind", "selftest"}, wire.TaskSelfTest, struct{}{}, "/cabinets/qj-1/service#selftest"},
		{[]string{"kind", "logs"}, wire.TaskLogs, wire.LogsArgs{Lines: 1000}, "/cabinets/qj-1/service#logs"},
		{[]string{"kind", "trace", "visit", id(1).String(), "back", "/v/" + id(1).String()}, wire.TaskTrace, wire.TraceArgs{Visit: id(1)}, "/v/" + id(1).String()},
		{[]string{"kind", "calibrate", "platform", "S1", "grams", "5000.5"}, wire.TaskCalibrate, wire.CalibrateArgs{Platform: "S1", Mass: 5_000_500}, "/cabinets/qj-1/service#calibrate"},
	} {
		rec := v.post("/cabinets/qj-1/service/ask", c.form...)
		last := w.shop.asked[len(w.shop.asked)-1]
		if rec.Header().Get("Location") != c.back || last.Kind != c.kind || last.Args != c.args || last.By != "technician" || last.Cabinet != "qj-1" {
			t.Errorf("%v asks %+v and leads to %s", c.form, last, rec.Header().Get("Location"))
		}
	}
	for _, form := range [][]string{{"kind", "attest"}, {"kind", "trace"}, {"kind", "calibrate", "platform", "S1", "grams", "-1"}, {"kind", "calibrate", "platform", "S1", "grams", "NaN"}} {
		if rec := v.post("/cabinets/qj-1/service/ask", form...); rec.Code != http.StatusBadRequest {
			t.Errorf("%v: %d", form, rec.Code)
		}
	}
	v.post("/cabinets/qj-1/handover", "tick-sticker", "on", "why-stands", "tomorrow")
	if s := w.shop.signed[0]; s.By != "technician" || !s.Ticks[cloud.HandoverSticker] || s.Ticks[cloud.HandoverStands] || s.Why[cloud.HandoverStands] != "tomorrow" {
		t.Errorf("signed %+v", s)
	}
}

func TestAServiceVisitIsFollowedWithItsScales(t *testing.T) {
	for _, c := range []struct {
		name   string
		visit  cloud.Visit
		zh, en []string
	}{
		{"opening", serviceVisit(cloud.StateOpening), []string{"检修 1 号门", "请拉门"}, []string{"Servicing door 1", "Pull the door", "4.12 kg"}},
		{"open", serviceVisit(cloud.StateOpen), []string{"门开着", "S5"}, []string{"The door is open", "4.12 kg", "Shut the door", "service#calibrate"}},
		{"over", serviceVisit(cloud.StateServiced), []string{"检修记好了", "scale of S3 silent"}, []string{"Service recorded", "Nothing was charged", "scale of S3 silent", "Fetch it from the cabinet"}},
		{"without an answer", serviceVisit(cloud.StateUnknown), []string{"柜子没有回答"}, []string{"The cabinet has not answered", "Nothing is paid"}},
		{"without a line", servicePass(), []string{`class="qr"`, "AH1."}, []string{`class="qr"`, "AH1.", "Nothing is paid", "doctor --grant"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			w.put(c.visit)
			for lang, texts := range map[string][]string{"zh-CN": c.zh, "en": c.en} {
				v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "technician"}
				page := v.get("/v/" + id(1).String())
				mustSee(t, page, http.StatusOK, texts...)
				if strings.Contains(page.Body.String(), "¥") {
					t.Error("it speaks of money")
				}
			}
			manager := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}.get("/v/" + id(1).String())
			if strings.Contains(manager.Body.String(), "AH1.") || strings.Contains(manager.Body.String(), `class="qr"`) {
				t.Error("somebody else gets the code that opens the door")
			}
		})
	}
}

func TestARefusedServiceVisitSaysWhy(t *testing.T) {
	w := newWorld()
	w.shop.refuse = protocol.Errorf(cloud.CodeDoorNotShut, "open")
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "technician"}
	mustSee(t, v.post("/cabinets/qj-1/service/open", "compartment", "1", "why", "x"), http.StatusConflict, "The door is not quite shut")
}
