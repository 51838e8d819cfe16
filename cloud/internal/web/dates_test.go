package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// larder is dates and waste as a test makes them.
type larder struct {
	w     *world
	due   []cloud.LotDue
	would []cloud.Markdowns
	asked []cloud.WasteQuery
}

func (l *larder) lot(until ledger.Day, days int, stage picking.Stage) cloud.LotLeft {
	return cloud.LotLeft{Lot: cloud.Lot{Place: "stock:qj-1:S1", SKU: "1001", Until: until, Units: 3, Said: days < 0, Since: noon, Told: picking.Soon}, DaysLeft: days, Stage: stage}
}

// aging is a lot that is over and one whose price has stepped down.
func aging(w *world) {
	cab, costly := w.cabinet("qj-1").Cabinet, water
	costly.Cost, costly.Price, costly.Category = 120, 200, "drinks"
	over := cloud.LotDue{LotLeft: w.larder.lot("2026-11-21", -1, picking.Over), Lane: lane("1001"), Cabinet: cab, Article: costly, Full: 200, Fate: cloud.LotFate{Next: noon.Add(8 * time.Hour), Over: true}}
	near := cloud.LotDue{LotLeft: w.larder.lot("2026-11-23", 1, picking.Soon), Lane: lane("1001"), Cabinet: cab, Article: costly, Full: 200, Price: 180, Percent: 10, Step: 150, Fate: cloud.LotFate{Round: id(90), Out: 2}}
	near.Next = &cloud.PriceStep{Day: "2026-11-23", Percent: 50, Price: 100}
	w.larder.due = []cloud.LotDue{over, near}
}

// Due implements cloud.Expiry.
func (l *larder) Due(context.Context, cloud.StoreID) ([]cloud.LotDue, error) { return l.due, nil }

// Would implements cloud.Expiry.
func (l *larder) Would(_ context.Context, rules cloud.Markdowns) ([]cloud.LotDue, error) {
	l.would = append(l.would, rules)
	return l.due, nil
}

// Rules implements cloud.Expiry.
func (l *larder) Rules(context.Context) (cloud.Markdowns, error) {
	return cloud.Markdowns{
		{Markdown: picking.Markdown{AlertAt: 1}}, {Category: "dairy", Markdown: picking.Markdown{AlertAt: 2, AtCost: true, Steps: []picking.Step{{DaysLeft: 1, Percent: 20}, {Percent: 50}}}},
	}, nil
}

// Lanes implements cloud.Expiry.
func (l *larder) Lanes(context.Context, protocol.CabinetID) ([]cloud.LaneLots, error) {
	return []cloud.LaneLots{
		{Place: lane("1001"), Article: water, Book: 7, Undated: 1, Lots: []cloud.LotLeft{l.lot("2026-11-21", -1, picking.Over), l.lot("2026-12-24", 32, picking.Fresh)}},
		{Place: lane("1002"), Book: 4, Undated: 4},
	}, nil
}

// Lane implements cloud.Expiry.
func (l *larder) Lane(_ context.Context, at picking.Place) (h cloud.LaneHistory, err error) {
	if at != lane("1001") {
		return h, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	lanes, _ := l.Lanes(context.Background(), at.Cabinet)
	h = cloud.LaneHistory{Cabinet: l.w.cabinet("qj-1").Cabinet, LaneLots: lanes[0], Moved: map[ledger.Ref]cloud.Movement{}}
	ref := ledger.MovementRef(id(70))
	h.Moved[ref] = cloud.Movement{MoveGoods: cloud.MoveGoods{Kind: cloud.MoveWriteOff, Reason: ledger.Expired, By: "wang", Note: "two days over"}}
	h.Entries = []ledger.Entry{
		{At: noon, Ref: ref, Day: "2026-11-22", Postings: ledger.Move("1001", 2, "stock:qj-1:S1", "off:expired")},
		{At: noon, Ref: "event:qj-1/x/7", Day: "2026-11-22", Postings: append(ledger.Move("1001", 1, "stock:qj-1:S1", "sold:qj-1"), ledger.Posting{Account: ledger.Due(id(1)), Unit: ledger.Fen, Amount: 200})},
	}
	return h, nil
}

// Wasted implements cloud.Wastes.
func (l *larder) Wasted(_ context.Context, q cloud.WasteQuery) ([]cloud.Wasted, error) {
	l.asked = append(l.asked, q)
	if !q.From.Valid() {
		return nil, protocol.Errorf(protocol.CodeMalformed, "days")
	}
	dairy := water
	dairy.Category = "dairy"
	return []cloud.Wasted{
		{Store: "qj", Cabinet: l.w.cabinet("qj-1").Cabinet, Article: dairy, There: 10, ThereCost: 1200, Brought: 40, Sold: 30, Off: map[ledger.Reason]int{ledger.Expired: 4, ledger.Damaged: 1}, Lost: 2, BroughtCost: 4800, OffCost: 600, GapCost: 240},
		{Store: "xh", Article: dairy, Off: map[ledger.Reason]int{ledger.Leaked: 1}, OffCost: 120},
	}, nil
}

// Entries implements cloud.Wastes.
func (l *larder) Entries(_ context.Context, q cloud.WasteQuery) ([]cloud.WasteEntry, error) {
	l.asked = append(l.asked, q)
	m := cloud.Movement{MoveGoods: cloud.MoveGoods{Kind: cloud.MoveWriteOff, Reason: ledger.Expired, By: "wang", Note: "two days over"}}
	return []cloud.WasteEntry{{Entry: ledger.Entry{At: noon, Day: "2026-11-22", Ref: ledger.MovementRef(id(70)), Store: "qj", Cabinet: "qj-1", Postings: ledger.Move("1001", 2, "stock:qj-1:S1", "off:expired")}, Movement: &m}}, nil
}

// Unsure implements cloud.Stocktakes.
func (l *larder) Unsure(_ context.Context, store cloud.StoreID) ([]cloud.StocktakeStop, error) {
	if store != "qj" {
		return nil, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	varies := cloud.StocktakeLane{Unsure: picking.Unsure{Place: lane("1001"), Off: 2, Gap: 1, Days: 9}, Article: water, Book: 7, Scales: &reconcile.Level{Qty: 5, Low: 4, High: 5}, Chosen: true}
	varies.Last = &cloud.LaneCount{At: noon, Booked: 8, Counted: 7}
	return []cloud.StocktakeStop{
		{Cabinet: l.w.cabinet("qj-1").Cabinet, Lanes: []cloud.StocktakeLane{varies, {Unsure: picking.Unsure{Place: lane("1002"), Days: 3}, Article: water, Book: 4}}},
		{Cabinet: l.w.cabinet("qj-2").Cabinet, Round: id(90), Lanes: []cloud.StocktakeLane{{Unsure: picking.Unsure{Place: lane("1003"), Days: picking.Never}, Book: 4, Chosen: true}}},
	}, nil
}

func datePages() []page {
	return []page{
		{name: "transfers", path: "/transfers", session: "manager"},
		{name: "stocktake", path: "/rounds/count?store=qj", session: "manager"},
		{name: "stocktake-lane", path: "/walk/" + id(90).String() + "/at/qj-1#l-S1-1001", session: "manager", setUp: counted},
		{name: "expiry", path: "/expiry", session: "manager", setUp: aging},
		{name: "expiry-none", path: "/expiry", session: "manager"},
		{name: "expiry-lane", path: "/expiry/qj-1/S1/1001", session: "manager"},
		{name: "waste", path: "/waste?store=*", session: "manager", setUp: func(w *world) { w.album.photos = []cloud.RoundPhoto{somePhoto()} }},
		{name: "waste-entries", path: "/waste/entries", session: "manager"},
		{name: "master-markdowns", path: "/master/markdowns?category=dairy", session: "manager", setUp: aging},
	}
}

func larderOf(t *testing.T, lang string) (visitor, *world) {
	t.Helper()
	w := newWorld()
	aging(w)
	return visitor{t: t, handler: handlerOf(w, true), lang: lang, session: "manager"}, w
}

func TestWhatGoesOverIsListedWithItsPriceAndWhatTheRoundsDo(t *testing.T) {
	for lang, want := range map[string][]string{
		"zh-CN": {"有 3 件已过期，要取出来", "昨天到期", "看过日期", "按保质期推算", "停售", "11-23 起 −50%，¥1.00", "下一轮取出来", "正在走的这一轮取出 2 件", "取出 3 件", "7.20"},
		"en":    {"3 units are past their date", "over since yesterday", "date was read", "worked out from its shelf life", "not sold", "from 11-23: −50 %, ¥1.00", "the next round takes it out", "the round that goes there takes out 2", "take out 3"},
	} {
		v, _ := larderOf(t, lang)
		mustSee(t, v.get("/expiry"), http.StatusOK, append(want, `href="/rounds/`+id(90).String()+`"`, `action="/rounds/new"`, `name="cabinet" value="qj-1" checked`, `href="/expiry/qj-1/S1/1001"`)...)
	}
	v, w := larderOf(t, "en")
	mustSee(t, v.get("/expiry/lots.csv"), http.StatusOK, "qj,qj-1,S1,1001,<Water>,2026-11-23,1,false,3,3.60,1.80,2.00,10,2026-11-23,1.00,"+id(90).String()+",2")
	mustSee(t, v.get("/expiry/qj-1/S1/1001"), http.StatusOK, "7 units by book", "Of 1 of them nobody knows the date", "Written off · expired", "wang · two days over", `href="/v/`+id(1).String()+`"`, "−2", "Sold")
	mustSee(t, v.get("/expiry/qj-1/S1/9999"), http.StatusNotFound)
	mustSee(t, v.get("/cabinets/qj-1"), http.StatusOK, "3 until 2026-11-21", "1 without a date", `href="/expiry/qj-1/S1/1001"`)
	mustSee(t, v.get("/rounds/new?store=qj&cabinet=qj-2"), http.StatusOK, `value="qj-2" checked`, `value="qj-1">`)
	w.larder.due = nil
	mustSee(t, v.get("/expiry"), http.StatusOK, "Nothing is near its date")
	v.session = "technician"
	mustSee(t, v.get("/cabinets/qj-1"), http.StatusOK, "3 until 2026-11-21")
	mustNotSee(t, v.get("/cabinets/qj-1"), `href="/expiry/`)
	mustSee(t, v.get("/expiry"), http.StatusForbidden)
}

func TestWasteIsShownFromEachSideAndOpensToItsEntries(t *testing.T) {
	v, w := larderOf(t, "en")
	mustSee(t, v.get("/waste"), http.StatusOK, "¥7.20 were written off, 12.0 % of what was there and was brought", "10.0 %", "expired 4 · damaged 1", "dairy", "The store and its van", `href="/waste/entries?from=2026-10-26&amp;store=qj&amp;to=2026-11-22"`)
	in := v
	in.lang = "zh"
	mustSee(t, in.get("/waste"), http.StatusOK, "奶制品")
	w.larder.asked = w.larder.asked[:1]
	if q := w.larder.asked[0]; q.Store != "qj" || q.To != "2026-11-22" || q.From != "2026-10-26" {
		t.Errorf("asked for %+v", q)
	}
	rec := v.get("/waste?store=*&from=2026-11-01&to=2026-11-20")
	mustSee(t, rec, http.StatusOK, "Xianghu store")
	if q := w.larder.asked[1]; q.Store != "" || q.From != "2026-11-01" || q.To != "2026-11-20" {
		t.Errorf("asked for %+v", q)
	}
	mustSee(t, v.get("/waste/entries?sku=1001&cabinet=qj-1"), http.StatusOK, "Written off · expired", "Spring water 550 ml −2", "wang · two days over")
	if q := w.larder.asked[2]; q.SKU != "1001" || q.Cabinet != "qj-1" {
		t.Errorf("asked for %+v", q)
	}
	mustSee(t, v.get("/waste/lines.csv"), http.StatusOK, "qj,qj-1,1001,<Water>,dairy,10,12.00,40,48.00,30,5,6.00,2,0,2.40,4,1,0,0,0,0")
	mustSee(t, v.get("/waste/entries.csv"), http.StatusOK, "off:expired,1001,2,expired,wang,two days over")
	mustSee(t, v.get("/waste?from=soon"), http.StatusBadRequest)
	v.session = "technician"
	mustSee(t, v.get("/waste"), http.StatusForbidden)
}

func TestARuleOfMarkdownsIsPreviewedWithThePricesThatItChanges(t *testing.T) {
	v, w := larderOf(t, "en")
	mustSee(t, v.get("/master/markdowns?category=dairy"), http.StatusOK, "Every other category", "1 days left: −20 % · 0 days left: −50 %", "never below cost", `value="20"`, `value="2"`, "1.80", `href="/master/export/markdowns"`)
	mustSee(t, v.get("/master"), http.StatusOK, `href="/master/markdowns"`, "2 rules")
	w.planner.preview = cloud.Preview{
		Revision: 7, Changes: []cloud.MasterChange{{Kind: cloud.MasterMarkdowns, Key: "dairy", Fields: []cloud.FieldChange{{Field: "percent", From: "1: 20 %", To: "2: 30 %"}}}},
		Markdowns: cloud.Markdowns{{Category: "dairy"}},
	}
	form := url.Values{"category": {"dairy"}, "alert": {"2"}, "at_cost": {"1"}, "days": {"2", "", "0"}, "percent": {"30", "", "60"}}
	rec := v.do("POST", "/master/markdowns", form)
	mustSee(t, rec, http.StatusOK, "By the new rules these prices would change now", "1.50", `name="back" value="/master/markdowns"`)
	if got := string(w.planner.asked[0].Text); !strings.Contains(got, "dairy,2,30,1,2") || !strings.Contains(got, "dairy,0,60,1,2") || w.planner.asked[0].Kind != cloud.MasterMarkdowns {
		t.Errorf("the rule was sent as %q", got)
	}
	mustSee(t, v.post("/master/markdowns", "category", "*", "alert", "3"), http.StatusOK)
	if got := string(w.planner.asked[1].Text); !strings.Contains(got, "*,,,0,3") {
		t.Errorf("a rule without steps was sent as %q", got)
	}
	v.session = "technician"
	rec = v.get("/master/markdowns")
	mustSee(t, rec, http.StatusOK)
	mustNotSee(t, rec, `action="/master/markdowns"`)
}

// counted is a count under way at which one lane differs.
func counted(w *world) { w.trolley.state, w.trolley.kind = cloud.RoundUnderWay, cloud.RoundTally }

func TestACountIsProposedPlannedAndTakenOnTheRestockersPages(t *testing.T) {
	v, w := larderOf(t, "en")
	mustSee(t, v.get("/rounds/count?store=qj"), http.StatusOK, "scales and book differ by 2 · counted 9 days ago", "5 (4 to 5)", "−1", "is being counted", `value="qj-1" checked`, `value="qj-1 S1 1001" checked`, "Nothing speaks for the 1 other lane")
	mustSee(t, v.get("/rounds/count?store=west"), http.StatusNotFound)
	form := url.Values{"store": {"qj"}, "key": {"k"}, "cabinet": {"qj-1"}, "lane": {"qj-1 S1 1001", "qj-2 S1 1003"}, "what": {"lanes"}}
	mustSee(t, v.do("POST", "/rounds/count", form), http.StatusSeeOther)
	form.Set("what", "whole")
	mustSee(t, v.do("POST", "/rounds/count", form), http.StatusSeeOther)
	planned := w.trolley.planned
	if len(planned) != 2 || planned[0].Kind != cloud.RoundTally || len(planned[0].Lanes) != 1 || planned[0].Lanes[0] != lane("1001") || planned[1].Lanes != nil {
		t.Errorf("planned %+v", planned)
	}
	counted(w)
	mustSee(t, v.get("/walk/"+id(90).String()), http.StatusOK, `data-kind="count"`)
	mustSee(t, v.get("/walk/"+id(90).String()+"/at/qj-1"), http.StatusOK, "The book says 1, you counted 7. Why?", "Stolen", `value="misput"`, "You counted", `min="0"`)
	mustSee(t, v.get("/rounds/"+id(90).String()), http.StatusOK, "Stock-take of", "&#43;6")
	mustSee(t, v.get("/rounds"), http.StatusOK, "Stock-take · under way", `href="/rounds/count"`)
}
