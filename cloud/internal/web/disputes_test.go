package web_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/web"
	"allhours/protocol"
)

// disputed is a world with a bill of anna's and what was said against it.
func disputed(said ...cloud.Dispute) *world {
	w := newWorld()
	w.put(visitIn(cloud.StateCharged))
	w.desk.disputes = said
	return w
}

var visitPage = "/v/" + id(1).String()

func TestAResidentObjectsOnTheReceipt(t *testing.T) {
	for i, lang := range bothLanguages {
		w := disputed()
		v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "anna"}
		mustSee(t, v.get(visitPage), http.StatusOK, `action="`+visitPage+`/dispute"`, []string{"没拿这个", "I did not take this"}[i], `name="why-2001"`, "00000001")
		rec := v.post(visitPage+"/dispute", "key", "k", "why-2001", "not_taken", "why-1301", "", "words", " 没拿 ")
		if rec.Code != http.StatusSeeOther || len(w.desk.objected) != 1 {
			t.Fatalf("got %d, taken %+v", rec.Code, w.desk.objected)
		}
		want := cloud.Objection{Visit: id(1), Person: anna.ID, Key: "k", Words: "没拿", Lines: []cloud.DisputeLine{{SKU: "2001", Qty: 1, Why: cloud.ComplaintNotTaken}}}
		if !reflect.DeepEqual(w.desk.objected[0], want) {
			t.Errorf("taken as %+v, want %+v", w.desk.objected[0], want)
		}
		if v.post(visitPage+"/dispute", "why-2001", ""); len(w.desk.objected) != 1 {
			t.Error("an objection to nothing was taken")
		}
	}
}

// A resident who keeps the receipt open reads the decision without loading the page again. Once more may be said after it, and
// what is being written then is left alone.
func TestAReceiptAsksAgainWhileAnObjectionWaits(t *testing.T) {
	for name, c := range map[string]struct {
		said []cloud.Dispute
		want bool
	}{
		"nothing said":       {nil, false},
		"nobody has decided": {[]cloud.Dispute{objection(nil)}, true},
		"it is decided":      {[]cloud.Dispute{objection(someRuling(), refundOp(cloud.OpDone))}, false},
	} {
		page := visitor{t: t, handler: handlerOf(disputed(c.said...), false), lang: "en", session: "anna"}.get(visitPage).Body.String()
		if asks := strings.Contains(page, " data-poll"); asks != c.want {
			t.Errorf("%s: the page asks again: %v, want %v", name, asks, c.want)
		}
	}
}

func TestAnObjectionIsForItsResidentAlone(t *testing.T) {
	w := disputed()
	handler := handlerOf(w, false)
	for session, want := range map[string]int{"bert": http.StatusNotFound, "manager": http.StatusForbidden, "": http.StatusUnauthorized} {
		if rec := (visitor{t: t, handler: handler, lang: "en", session: session}).post(visitPage+"/dispute", "why-2001", "other"); rec.Code != want && rec.Code != http.StatusSeeOther {
			t.Errorf("%q got %d, want %d", session, rec.Code, want)
		}
	}
	if len(w.desk.objected) != 0 {
		t.Errorf("taken: %+v", w.desk.objected)
	}
	mustNotSee(t, visitor{t: t, handler: handler, lang: "en", session: "manager"}.get(visitPage), `action="`+visitPage+`/dispute"`)
}

func TestTheReceiptTellsWhereAnObjectionStands(t *testing.T) {
	for name, c := range map[string]struct {
		said cloud.Dispute
		want [2]string
		form bool
	}{
		"open":                         {objection(nil), [2]string{"会有人来看", "A person will look at it"}, false},
		"refused":                      {objection(&cloud.Ruling{By: "li", At: noon, Reason: "camera"}), [2]string{"账单不变", "the bill stands"}, true},
		"refunded":                     {objection(someRuling(), refundOp(cloud.OpDone)), [2]string{"¥3.50 已退回", "¥3.50 has been given back"}, true},
		"refunded, and nobody knows":   {objection(someRuling(), refundOp(cloud.OpUnknown)), [2]string{"还在等支付那边的回话", "has not confirmed it yet"}, true},
		"the provider refuses":         {objection(someRuling(), refundOp(cloud.OpRefused)), [2]string{"店里会再处理", "the store is seeing to it"}, true},
		"less is owed because of that": {objection(&cloud.Ruling{By: "li", At: noon, Waived: 350, Reason: "x"}), [2]string{"欠的少付 ¥3.50", "¥3.50 less is owed"}, true},
	} {
		for i, lang := range bothLanguages {
			w := disputed(c.said)
			rec := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "anna"}.get(visitPage)
			mustSee(t, rec, http.StatusOK, c.want[i])
			if has := strings.Contains(rec.Body.String(), visitPage+"/dispute"); has != c.form {
				t.Errorf("%s: the form is there: %v", name, has)
			}
			mustNotSee(t, rec, ">li<", "li ·")
		}
	}
}

func TestAManagerDecidesAnObjectionOnOnePage(t *testing.T) {
	w := disputed(objection(nil))
	handler := handlerOf(w, false)
	path := "/disputes/" + id(60).String()
	v := visitor{t: t, handler: handler, lang: "en", session: "manager"}
	mustSee(t, v.get("/disputes"), http.StatusOK, "One objection waits", path)
	mustSee(t, v.get(path), http.StatusOK, "All of it: ¥3.50", `name="amount-2001"`, `value="misplaced:S2"`, `value="back" selected`, "The door was pulled", "我只拿了咖啡", "mei noted")
	for _, c := range []struct {
		fields []string
		want   []cloud.RulingLine
	}{
		{[]string{"how", "full", "goods-2001", "back", "amount-2001", "1"}, []cloud.RulingLine{{SKU: "2001", Qty: 1, Amount: 350, Goods: cloud.FateBack}}},
		{[]string{"how", "part", "goods-2001", "misplaced:S2", "amount-2001", "1.5"}, []cloud.RulingLine{{SKU: "2001", Qty: 1, Amount: 150, Goods: cloud.FateMisplaced, Platform: "S2"}}},
		{[]string{"how", "part", "goods-2001", "sold", "amount-2001", "0"}, nil},
		{[]string{"how", "refuse", "goods-2001", "back", "amount-2001", "3.50"}, nil},
	} {
		w.desk.ruled = nil
		if rec := v.post(path, append(c.fields, "reason", " seen ")...); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != path {
			t.Fatalf("%v: got %d to %q", c.fields, rec.Code, rec.Header().Get("Location"))
		}
		want := cloud.RuleDispute{Dispute: id(60), By: "manager", Role: protocol.RoleManager, Lines: c.want, Reason: "seen"}
		if len(w.desk.ruled) != 1 || !reflect.DeepEqual(w.desk.ruled[0], want) {
			t.Errorf("%v was taken as %+v, want %+v", c.fields, w.desk.ruled, want)
		}
	}
	w.desk.ruled = nil
	for _, fields := range [][]string{{}, {"how", "all"}, {"how", "part", "amount-2001", "-1"}, {"how", "part", "amount-2001", "1.234"}, {"how", "part", "amount-2001", "1e3"}, {"how", "full", "units-2001", "x"}} {
		if rec := v.post(path, append(fields, "reason", "seen")...); rec.Code != http.StatusBadRequest {
			t.Errorf("%v: got %d", fields, rec.Code)
		}
	}
	for session, want := range map[string]int{"anna": http.StatusForbidden, "technician": http.StatusForbidden, "auditor": http.StatusForbidden} {
		if rec := (visitor{t: t, handler: handler, lang: "en", session: session}).post(path, "how", "refuse", "reason", "x"); rec.Code != want {
			t.Errorf("%s got %d", session, rec.Code)
		}
	}
	mustNotSee(t, visitor{t: t, handler: handler, lang: "en", session: "auditor"}.get(path), `class="decide`)
	if len(w.desk.ruled) != 0 {
		t.Errorf("ruled %+v", w.desk.ruled)
	}
}

func TestARefusedRefundIsShownAndTriedAgain(t *testing.T) {
	w := disputed(objection(someRuling(), refundOp(cloud.OpRefused)))
	path := "/disputes/" + id(60).String()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	mustSee(t, v.get("/disputes"), http.StatusOK, "refused to give it back")
	mustSee(t, v.get(path), http.StatusOK, "Try ¥3.50 once more", "Misplaced: it lies on S2")
	if rec := v.post(path+"/retry", "reason", "the card is well"); rec.Code != http.StatusSeeOther || len(w.desk.retried) != 1 || w.desk.retried[0] != "manager: the card is well" {
		t.Errorf("got %d, retried %v", rec.Code, w.desk.retried)
	}
	w.desk.disputes[0].Refunds = append(w.desk.disputes[0].Refunds, refundOp(cloud.OpSent))
	mustNotSee(t, v.get(path), "once more")
}

func TestAManagerOfOneStoreDecidesTheObjectionsOfThatStore(t *testing.T) {
	w, handler := neighbourhood()
	own, other := visitIn(cloud.StateCharged), visitIn(cloud.StateCharged)
	other.ID, other.Cabinet = id(2), "xh-1"
	w.put(own)
	w.put(other)
	theirs := objection(nil)
	theirs.ID, theirs.Visit = id(62), other.ID
	w.desk.disputes = []cloud.Dispute{objection(nil), theirs}
	w.purses.rests = someResting()
	v := visitor{t: t, handler: handler, lang: "en", session: "zhao"}
	mine, foreign := "/disputes/"+id(60).String(), "/disputes/"+id(62).String()
	for _, path := range []string{"/disputes", "/disputes?store=qj"} {
		list := v.get(path)
		mustSee(t, list, http.StatusOK, "One objection waits", `href="`+mine+`"`, `href="/disputes" aria-current="page"`)
		mustNotSee(t, list, foreign, "/debts", `href="/support"`)
	}
	mustSee(t, v.get("/disputes?store=qj"), http.StatusOK, `href="/disputes/lines.csv?store=qj"`, `href="/stores/qj"`)
	lines := v.get("/disputes/lines.csv")
	mustSee(t, lines, http.StatusOK, id(60).String())
	mustNotSee(t, lines, id(62).String())
	mustSee(t, v.get(mine), http.StatusOK, "All of it: ¥3.50", `<a class="line" href="/disputes">`)
	for _, path := range []string{"/disputes?store=xh", "/disputes/lines.csv?store=xh", foreign} {
		mustSee(t, v.get(path), http.StatusForbidden)
	}
	mustSee(t, v.get("/disputes/"+id(63).String()), http.StatusNotFound)
	refuse := []string{"how", "refuse", "reason", "seen"}
	mustSee(t, v.post(foreign, refuse...), http.StatusForbidden)
	mustSee(t, v.post(mine, refuse...), http.StatusSeeOther)
	if len(w.desk.ruled) != 1 || w.desk.ruled[0].Dispute != id(60) || w.desk.ruled[0].By != "zhao" {
		t.Errorf("ruled %+v", w.desk.ruled)
	}
	v.session = "manager" // of the whole chain
	mustSee(t, v.get("/disputes"), http.StatusOK, "2 objections wait", mine, foreign, "/debts", `href="/support"`)
	mustNotSee(t, v.get("/disputes?store=qj"), foreign, "/debts")
	mustSee(t, v.get("/disputes?store=moon"), http.StatusNotFound)
}

func TestAFormThatIsSentTwiceSaysTheSameAgain(t *testing.T) {
	given := objection(someRuling())
	given.By, given.Key = "manager", "k"
	w := disputed(given)
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	all := cloud.RulingLine{SKU: "2001", Qty: 1, Amount: 350, Goods: cloud.FateSold}
	v.post("/disputes/"+id(60).String(), "how", "full", "goods-2001", "sold", "reason", "seen")
	if len(w.desk.ruled) != 1 || len(w.desk.ruled[0].Lines) != 1 || w.desk.ruled[0].Lines[0] != all {
		t.Errorf("ruled %+v", w.desk.ruled)
	}
	v.post("/support/"+id(1).String()+"/refund", "key", "k", "how", "full", "reason", "seen")
	if len(w.desk.refunded) != 1 || len(w.desk.refunded[0].Lines) != 2 || w.desk.refunded[0].Lines[0].Amount+w.desk.refunded[0].Lines[1].Amount != 950 {
		t.Errorf("refunded %+v", w.desk.refunded)
	}
}

func TestWhatWasDecidedOnceIsForAManager(t *testing.T) {
	again := objection(nil)
	again.ID = id(61)
	w := disputed(again)
	path := "/disputes/" + id(61).String()
	rec := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "mei"}.get(path)
	mustSee(t, rec, http.StatusOK, "a manager or an owner decides now")
	mustNotSee(t, rec, `name="how"`)
	mustSee(t, visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}.get(path), http.StatusOK, `name="how"`)
}

func TestSupportFindsAVisit(t *testing.T) {
	w := disputed()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "mei"}
	rec := v.post("/support/find", "phone", "138 0000 1234")
	if to := rec.Header().Get("Location"); rec.Code != http.StatusSeeOther || to != "/support?who="+anna.ID.String() {
		t.Fatalf("got %d to %q", rec.Code, to)
	}
	mustSee(t, v.get("/support?who="+anna.ID.String()), http.StatusOK, "Visits of 138****1234", "/support/"+id(1).String())
	mustSee(t, v.post("/support/find", "phone", "139 0000 1234"), http.StatusNotFound, "Nobody has signed in")
	mustSee(t, v.post("/support/find", "phone", "12"), http.StatusBadRequest, "not a phone number")
	w.desk.sought = nil
	for query, want := range map[string]cloud.FindVisits{
		"cabinet=qj-1&at=2026-11-22T02:14": {Cabinet: "qj-1", From: noon.Add(-30 * time.Minute), To: noon.Add(30 * time.Minute)}, // the chain's own hour
		"cabinet=qj-1":                     {Cabinet: "qj-1"},
		"number=0000-0001":                 {Number: "00000001"},
		"number=" + id(1).String():         {Number: "00000001"},
	} {
		w.desk.sought = nil
		mustSee(t, v.get("/support?"+query), http.StatusOK, "Found", "/support/"+id(1).String())
		if len(w.desk.sought) != 1 || !w.desk.sought[0].From.Equal(want.From) || !w.desk.sought[0].To.Equal(want.To) || w.desk.sought[0].Cabinet != want.Cabinet || w.desk.sought[0].Number != want.Number {
			t.Errorf("%s was looked for as %+v, want %+v", query, w.desk.sought, want)
		}
	}
	w.desk.more = true
	earlier := "before=" + id(1).String() + "&amp;cabinet=qj-1"
	mustSee(t, v.get("/support?cabinet=qj-1"), http.StatusOK, "there are earlier ones", `href="/support?`+earlier)
	w.desk.more, w.desk.sought = false, nil
	mustSee(t, v.get("/support?before="+id(1).String()+"&cabinet=qj-1"), http.StatusOK, "There are no earlier ones", `href="/support?cabinet=qj-1"`)
	if len(w.desk.sought) != 1 || w.desk.sought[0].Before != id(1) {
		t.Errorf("looked for %+v", w.desk.sought)
	}
	for _, query := range []string{"before=x&cabinet=qj-1", "who=x", "cabinet=%20a%20b", "at=now", "number=123", "number=zzzzzzzz"} {
		if rec := v.get("/support?" + query); rec.Code != http.StatusBadRequest {
			t.Errorf("%s got %d", query, rec.Code)
		}
	}
	for _, session := range []string{"anna", "technician"} {
		if rec := (visitor{t: t, handler: handlerOf(w, false), lang: "en", session: session}).get("/support"); rec.Code != http.StatusForbidden {
			t.Errorf("%s got %d", session, rec.Code)
		}
	}
}

func TestTheStaffSeesWhatIsOwed(t *testing.T) {
	w := disputed()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "mei"}
	mustSee(t, v.get("/owed"), http.StatusOK, "2 debts are open", "¥12.50 in all", "138****1234", "no more by itself", "/support/"+id(1).String(), `href="/owed?after=`+id(1).String()+`"`)
	rec := v.get("/owed?after=" + id(1).String())
	mustSee(t, rec, http.StatusOK, "/support/"+id(2).String(), `href="/owed"`)
	mustNotSee(t, rec, "no more by itself", "?after=")
	mustSee(t, v.get("/owed?after=x"), http.StatusBadRequest)
	mustSee(t, v.get("/owed/list.csv"), http.StatusOK, id(1).String()+",qj-1,", ",9.50,7,,138****1234", ",3.00,1,2")
	mustSee(t, v.get("/support"), http.StatusOK, `href="/owed"`)
	for _, session := range []string{"anna", "technician"} {
		if rec := (visitor{t: t, handler: handlerOf(w, false), lang: "en", session: session}).get("/owed"); rec.Code != http.StatusForbidden {
			t.Errorf("%s got %d", session, rec.Code)
		}
	}
}

func TestTheStoryHasNoWordOfTheMachines(t *testing.T) {
	w := disputed()
	w.desk.story = func(s *cloud.VisitStory) {
		at := s.Visit.Created.Add(time.Hour)
		s.Ops = append(s.Ops,
			cloud.PaymentOp{ID: id(73), Kind: cloud.OpPay, Amount: 300, Provider: cloud.ProviderPrepaid, State: cloud.OpDone, Created: at},
			cloud.PaymentOp{ID: id(74), Kind: cloud.OpWaive, Amount: 200, Provider: cloud.ProviderNone, State: cloud.OpDone, By: "li", Note: "门坏了", Created: at},
		)
	}
	for lang, want := range map[string][]string{
		"zh-CN": {"S3 的秤信不过", "它乱跳，静不下来。", "柜子当时不知道时间", "补收欠款 ¥3.00", "用余额", "免收欠款 ¥2.00", "li：门坏了"},
		"en":    {"It never comes to rest.", "Debt of ¥3.00 charged", "By the balance", "Debt of ¥2.00 waived", "li: 门坏了"},
	} {
		v := visitor{t: t, handler: handlerOf(w, false), lang: lang, session: "mei"}
		rec := v.get("/support/" + id(1).String())
		mustSee(t, rec, http.StatusOK, want...)
		for _, raw := range []string{">wild<", ">waive<", ">pay<"} {
			if strings.Contains(rec.Body.String(), raw) {
				t.Errorf("in %s it says %s", lang, raw)
			}
		}
	}
}

func TestSupportSeesTheWholeStoryAndGivesBack(t *testing.T) {
	w := disputed()
	handler := handlerOf(w, false)
	path := "/support/" + id(1).String()
	v := visitor{t: t, handler: handler, lang: "en", session: "mei"}
	body := v.get(path).Body.String()
	last := -1
	for _, want := range []string{ // in the order in which it happened
		"The scale S3 cannot be trusted", "It never comes to rest.", "138****1234 asked for the door", "The permission to open went", "The door was pulled", "The door opened", "The door was shut", "The cabinet did not know the time", "Settled by the scales", "Charge of ¥9.50", "mei noted",
	} {
		at := strings.Index(body, want)
		if at < 0 || at < last {
			t.Errorf("%q stands at %d, after %d", want, at, last)
		}
		last = at
	}
	mustSee(t, v.get(path), http.StatusOK, "You may give back ¥50 a visit, and ¥200 to a resident within 30 days", "The whole bill: ¥9.50")
	rec := v.post(path+"/refund", "key", "k", "how", "part", "amount-2001", "2", "goods-2001", "written_off", "amount-1301", "0", "goods-1301", "sold", "reason", "sour")
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/disputes/"+id(60).String() {
		t.Fatalf("got %d to %q", rec.Code, rec.Header().Get("Location"))
	}
	want := cloud.SupportRefund{Visit: id(1), By: "mei", Role: protocol.RoleSupport, Key: "k", Reason: "sour", Lines: []cloud.RulingLine{{SKU: "2001", Qty: 1, Amount: 200, Goods: cloud.FateWrittenOff}}}
	if len(w.desk.refunded) != 1 || !reflect.DeepEqual(w.desk.refunded[0], want) {
		t.Errorf("refunded %+v, want %+v", w.desk.refunded, want)
	}
	if rec := v.post(path+"/note", "text", "called"); rec.Code != http.StatusSeeOther || len(w.desk.noted) != 1 || w.desk.noted[0] != "mei: called" {
		t.Errorf("got %d, noted %v", rec.Code, w.desk.noted)
	}
	reader := visitor{t: t, handler: handler, lang: "en", session: "auditor"}
	mustSee(t, reader.get(path), http.StatusOK, "The door was shut")
	mustNotSee(t, reader.get(path), path+"/refund", path+"/note")
	if rec := reader.post(path+"/note", "text", "x"); rec.Code != http.StatusForbidden {
		t.Errorf("an auditor wrote a note: %d", rec.Code)
	}
}

func TestAPhoneThatIsLookedForIsInNoAddressAndNoLog(t *testing.T) {
	w := disputed()
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	e := httpx.New(httpx.Options{People: w, Logger: logger})
	o := optionsOf(w)
	o.Logger = logger
	web.New(o).Register(e)
	v := visitor{t: t, handler: e, lang: "en", session: "mei"}
	for _, canary := range []string{"13800001234", "13912345678", "1", "+8613900007777x"} {
		for _, lost := range []bool{false, true} {
			w.desk.refusal = nil
			if lost {
				w.desk.refusal = protocol.Errorf("unheard_of", "lost")
			}
			rec := v.post("/support/find", "phone", canary)
			if len(canary) > 4 && (strings.Contains(rec.Header().Get("Location"), canary[1:]) || strings.Contains(rec.Body.String(), canary) || strings.Contains(log.String(), canary)) {
				t.Errorf("%s is in the address %q, in the page or in the log", canary, rec.Header().Get("Location"))
			}
		}
	}
	if !strings.Contains(log.String(), "/support/find") {
		t.Error("the log tells nothing at all")
	}
}

func TestSupportIsToldWhatAManagerHasRuledOn(t *testing.T) {
	w := disputed(objection(someRuling()))
	path := "/support/" + id(1).String()
	mei := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "mei"}
	mustSee(t, mei.get(path), http.StatusOK, "What a manager has ruled on is not here", "All of it: ¥6", "goods-1301")
	mustNotSee(t, mei.get(path), "goods-2001")
	mei.post(path+"/refund", "key", "k", "how", "full", "reason", "sour")
	want := []cloud.RulingLine{{SKU: "1301", Qty: 1, Amount: 600, Goods: cloud.FateSold}}
	if len(w.desk.refunded) != 1 || !reflect.DeepEqual(w.desk.refunded[0].Lines, want) {
		t.Errorf("refunded %+v, want %+v", w.desk.refunded, want)
	}
	manager := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "manager"}
	mustNotSee(t, manager.get(path), "What a manager has ruled on is not here")
	w.desk.disputes[0].Lines = append(w.desk.disputes[0].Lines, cloud.DisputeLine{SKU: "1301", Qty: 1, Why: cloud.ComplaintOther})
	mustSee(t, mei.get(path), http.StatusOK, "What a manager has ruled on is not here")
	mustNotSee(t, mei.get(path), path+"/refund")
	w.desk.refusal = protocol.Errorf(cloud.CodeManagerRuled, "ruled")
	mustSee(t, mei.post(path+"/refund", "key", "l", "how", "full", "reason", "sour"), http.StatusForbidden, "only a manager or an owner gives back more")
}

func TestTheStoryTellsWhatWasToldAndWhatWasNot(t *testing.T) {
	w := disputed()
	at := noon.Add(time.Hour)
	told := func(kind cloud.MessageKind, state cloud.MessageState, why cloud.MessageWhy) cloud.OutMessage {
		m := cloud.OutMessage{Message: cloud.Message{Kind: kind, Amount: 950, Created: at}, State: state, Why: why, Ended: at.Add(time.Minute)}
		if state == cloud.MessageWaiting {
			m.Ended = time.Time{}
		}
		return m
	}
	w.desk.story = func(s *cloud.VisitStory) {
		s.Messages = []cloud.OutMessage{
			told(cloud.MessageReceipt, cloud.MessageUnneeded, cloud.MessageSeen), told(cloud.MessageDebt, cloud.MessageUnneeded, cloud.MessageOver),
			told(cloud.MessageDebtWaived, cloud.MessageSent, ""), told(cloud.MessageRefund, cloud.MessageWaiting, ""), told(cloud.MessageReviewWaived, cloud.MessageRefused, cloud.MessageUnanswered),
		}
	}
	mustSee(t, visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "mei"}.get("/support/"+id(1).String()), http.StatusOK,
		"No message needed: the bill of ¥9.50", "It was read on the page", "It was over before it could be sent", "Message sent: ¥9.50 that was owed need not be paid",
		"To be told: ¥9.50 was given back", "Message not sent: nothing is charged", "The message service never answered")
}
