package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// storeDayView is one day of one store.
type storeDayView struct {
	Path    string
	All     bool // the reader sees to all stores
	Store   cloud.Text
	Day     ledger.Day
	Head    string
	Lead    string
	State   string // closed, open or running
	Said    string // of the state
	Differ  []differView
	Goods   []goodsView
	Adds    string
	Money   []moneyLine
	Payout  []moneyLine
	Matched string
	Partly  string      // what is stated where there is no statement of the whole day
	Whole   []moneyLine // of the chain's own day: the statement store by store
	Moves   []string    // cabinets that came or went
	Pairs   []statedView
	Earned  []earnedView
	Late    []string
	Doubts  []string // what has no certain day
	Close   *closeView
	Signed  *signedView

	StatedSince string // what is stated by now, where that is not what was signed
}

// differView is one difference with its likely cause.
type differView struct {
	What, How, Cause, Cost string
	Missing                bool
	Evidence               []evidenceView
}

// evidenceView is one thing that a cause was judged by; Link is empty where there is nothing to open.
type evidenceView struct{ Say, Link string }

// goodsView is one article over the day.
type goodsView struct {
	Name                                 string
	Opening, In, Sold, Out, Book, Scales string
	Why                                  string // what the other ways were
	Off                                  bool   // scales and book differ
	Cabinets                             []goodsView
}

// moneyLine is one line of a sum.
type moneyLine struct {
	Say, Sum string
	Total    bool
	Well     bool // of a total: it adds up
}

// statedView is a line of the statement, or an operation that is not on it.
type statedView struct {
	State, Kind, Number, Ours, Theirs string
	Visit                             string
	Fault                             bool
}

// earnedView is what one cabinet earned.
type earnedView struct {
	Name                                 string
	Net, Cost, Margin, Rate, Stock, Lost string
	Total                                bool
}

// closeView asks for a signature.
type closeView struct {
	Path    string
	Open    []evidenceView
	More    int
	Sum     string
	Sign    bool       // the reader may, and the day can be closed now
	Not     string     // why it cannot
	First   ledger.Day // to be closed before; empty: none
	Problem string
	Note    string
}

type signedView struct{ Say, Note, Sum string }

func (p *Pages) storeDay(c echo.Context) error { return p.showStoreDay(c, "", "", http.StatusOK) }

func (p *Pages) showStoreDay(c echo.Context, problem, note string, status int) error {
	ctx, v := c.Request().Context(), p.view(c)
	d, err := p.StoreDays.Day(ctx, cloud.StoreID(c.Param("store")), ledger.Day(c.Param("day")))
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return err
	}
	view := v.storeDayView(d, zone(chain))
	view.All = boundOf(c) == ""
	if who, err := httpx.PrincipalOf(c); err == nil && d.Closed == nil {
		view.Close = v.closeView(d, zone(chain), httpx.Closers().Allows(who), view.All)
		view.Close.Problem, view.Close.Note = problem, note
	}
	return p.show(c, screen{
		Template: "storeday", Face: "staff", Title: v.say("day.title") + " · " + v.lang.Pick(d.StoreName) + " · " + string(d.Day), Say: view.Lead,
		Path: view.Path, Status: status, Nav: "reconcile", Data: view,
	})
}

// closeDay takes a signature. What keeps the day open is told on the page itself.
func (p *Pages) closeDay(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	close := cloud.CloseDay{
		Store: cloud.StoreID(c.Param("store")), Day: ledger.Day(c.Param("day")), By: who.Name, Role: who.Role, Note: c.FormValue("note"), Sum: c.FormValue("sum"),
	}
	if _, err := p.StoreDays.Close(c.Request().Context(), close); err != nil {
		code := protocol.CodeOf(err)
		switch code {
		case cloud.CodeNoteNeeded, cloud.CodeFiguresMoved, cloud.CodeDayNotOver, cloud.CodeDayBefore:
			told := p.view(c).tellCode(code)
			return p.showStoreDay(c, p.view(c).sentences(told.What+p.view(c).say("day.stop"), told.Now), close.Note, http.StatusConflict)
		}
		return err
	}
	return c.Redirect(http.StatusSeeOther, dayPath(close.Store, close.Day)+"#close")
}

func dayPath(store cloud.StoreID, day ledger.Day) string {
	return "/reconcile/" + string(store) + "/" + string(day)
}

func (v *view) storeDayView(d cloud.StoreDay, loc *time.Location) storeDayView {
	w := dayWords{v: v, d: d, loc: loc}
	view := storeDayView{
		Path: dayPath(d.Store, d.Day), Store: d.StoreName, Day: d.Day, Head: v.dayName(d.Day), State: "open", Said: v.say("day.open"),
		Differ: w.differences(), Goods: w.goods(), Money: w.money(), Payout: w.payout(), Pairs: w.pairs(), Earned: w.earned(), Late: w.late(), Doubts: w.doubts(),
	}
	switch {
	case d.Closed != nil:
		view.State, view.Said = "closed", v.say("day.closed", d.Closed.By, v.clock(moment{At: d.Closed.At.In(loc), Day: true}))
		view.Signed = &signedView{Say: view.Said, Note: d.Closed.Note, Sum: d.Closed.Sum}
		if d.Closed.Open > 0 {
			view.Signed.Say = v.sentences(view.Said, v.count("day.closedover", d.Closed.Open))
		}
	case !d.Over:
		view.State, view.Said = "running", v.say("day.running")
	}
	view.Lead, view.Adds, view.Whole, view.Moves = w.lead(), w.adds(), w.whole(), w.moved()
	if !d.Stated && d.Paid.Lines > 0 {
		view.Partly = v.say("payout.partly", d.Paid.Lines, d.Awaited)
	}
	if d.Closed != nil && d.PaidNow != d.Paid {
		view.StatedSince = v.say("payout.since", d.PaidNow.Lines, minus(d.PaidNow.Net()))
	}
	if d.Stated {
		view.Matched = v.count("day.matched", d.Matched)
	}
	return view
}

// dayWords writes a day in one language.
type dayWords struct {
	v   *view
	d   cloud.StoreDay
	loc *time.Location
	all bool // the reader sees the whole chain
}

func (w dayWords) lead() string {
	missing, more := w.d.Differs()
	say := w.v.say("day.lead.agree")
	if len(w.d.Differences) > 0 {
		say = w.v.count("day.lead.differ", len(w.d.Differences), missing, more)
	}
	if n := w.d.Faults(); n > 0 {
		say = w.v.sentences(say, w.v.count("day.faults", n))
	}
	return say
}

// adds is the sentence of the goods: what began the day and what ended it.
func (w dayWords) adds() string {
	var opening, closing, in, sold, out int64
	well := true
	for _, g := range w.d.Goods {
		i, o := inOut(g)
		opening, closing, in, sold, out = opening+g.Opening, closing+g.Closing, in+i, sold-g.Total(reconcile.Sold), out-o
		well = well && g.Check() == nil
	}
	if !well {
		return w.v.say("day.broken")
	}
	return w.v.say("day.adds", opening, in, sold, out, closing)
}

// inOut is what came onto the shelves, and what left them unsold.
func inOut(g reconcile.Goods) (in, out int64) {
	for flow, units := range g.Flows {
		switch {
		case flow.Way == reconcile.Sold:
		case flow.Way == reconcile.Refilled, flow.Way == reconcile.Counted, flow.Way == reconcile.Found:
			in += units
		default:
			out += units
		}
	}
	return in, out
}

func (w dayWords) name(sku protocol.SKU) string {
	return cmp.Or(w.v.lang.Pick(w.d.Names[sku]), string(sku))
}

func (w dayWords) cabinet(id protocol.CabinetID) string {
	for _, c := range w.d.Cabinets {
		if c.ID == id {
			return w.v.say("cabinet.number", c.Number)
		}
	}
	return string(id)
}

func (w dayWords) differences() []differView {
	all := make([]differView, 0, len(w.d.Differences))
	for _, d := range w.d.Differences {
		g := d.Goods
		key := "day.less"
		if g.Diff() > 0 {
			key = "day.more"
		}
		one := differView{
			What: w.name(g.SKU) + " · " + w.cabinet(g.Cabinet), How: w.v.say(key, g.Closing, g.Scales.Qty, max(g.Diff(), -g.Diff())),
			Cause: w.v.say("cause." + string(d.Cause)), Cost: minus(d.Cost), Missing: d.Cost < 0,
		}
		if g.Before != 0 && g.New() != 0 {
			one.How = w.v.sentences(one.How+w.v.say("day.stop"), w.v.say("day.before", signed(g.Before)))
		}
		for _, e := range d.Evidence {
			one.Evidence = append(one.Evidence, w.evidence(e))
		}
		all = append(all, one)
	}
	return all
}

func (w dayWords) evidence(e reconcile.Evidence) evidenceView {
	at := w.v.clock(moment{At: e.At.In(w.loc), Day: ledger.DayOf(e.At, w.loc) != w.d.Day})
	if e.At.IsZero() {
		at = w.v.say("never")
	}
	cabinet := "/cabinets/" + string(e.Cabinet)
	switch e.Kind {
	case reconcile.EvidenceVisit:
		return evidenceView{w.v.say("evidence.visit", at, w.v.say("short."+e.Word)), "/v/" + e.ID}
	case reconcile.EvidenceIncident:
		return evidenceView{w.v.say("evidence.incident", at, w.incident(e)), cabinet}
	case reconcile.EvidenceStray:
		return evidenceView{w.v.say("evidence.stray", e.Count), cabinet}
	case reconcile.EvidenceScales:
		return evidenceView{w.v.say("evidence.scales", at), cabinet}
	}
	return evidenceView{w.v.say("evidence.events", at), cabinet}
}

// incident is what an incident is called on the page of its cabinet.
func (w dayWords) incident(e reconcile.Evidence) string {
	if key := "incident." + e.Word; w.v.has(key) {
		return w.v.say(key, e.ID)
	}
	return e.Word
}

func (w dayWords) goods() []goodsView {
	of := make(map[protocol.SKU][]reconcile.Goods)
	for _, g := range w.d.Goods {
		of[g.SKU] = append(of[g.SKU], g)
	}
	all := []goodsView{}
	for _, sum := range reconcile.ByArticle(w.d.Goods) {
		one := w.goodsOf(w.name(sum.SKU), sum)
		for _, g := range of[sum.SKU] {
			one.Cabinets = append(one.Cabinets, w.goodsOf(w.cabinet(g.Cabinet), g))
			one.Off = one.Off || g.Diff() != 0
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b goodsView) int {
		switch {
		case a.Off == b.Off:
			return 0
		case a.Off:
			return -1
		}
		return 1
	})
	return all
}

func (w dayWords) goodsOf(name string, g reconcile.Goods) goodsView {
	in, out := inOut(g)
	one := goodsView{
		Name: name, Opening: strconv.FormatInt(g.Opening, 10), In: signed(in), Sold: signed(g.Total(reconcile.Sold)), Out: signed(out),
		Book: strconv.FormatInt(g.Closing, 10), Scales: w.v.say("day.noscales"), Why: w.ways(g.Flows), Off: g.Diff() != 0,
	}
	if g.Scales != nil {
		one.Scales = strconv.FormatInt(g.Scales.Qty, 10)
	}
	if g.Count != nil {
		one.Scales = w.v.say("day.counted", *g.Count)
	}
	return one
}

// ways names what happened beside sales.
func (w dayWords) ways(flows map[reconcile.Flow]int64) string {
	var words []string
	for _, way := range reconcile.Ways() {
		for _, flow := range sortedFlows(flows) {
			if flow.Way == way && way != reconcile.Sold && flows[flow] != 0 {
				words = append(words, w.flow(flow)+" "+signed(flows[flow]))
			}
		}
	}
	return strings.Join(words, " · ")
}

func (w dayWords) flow(f reconcile.Flow) string {
	if key := "off." + f.Reason; f.Reason != "" && w.v.has(key) {
		return w.v.say(key)
	}
	return w.v.say("way." + string(f.Way))
}

func sortedFlows(flows map[reconcile.Flow]int64) []reconcile.Flow {
	all := make([]reconcile.Flow, 0, len(flows))
	for f := range flows {
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b reconcile.Flow) int {
		return cmp.Or(cmp.Compare(a.Way, b.Way), cmp.Compare(a.Reason, b.Reason))
	})
	return all
}

func (w dayWords) late() []string {
	var all []string
	for _, l := range w.d.LateFor {
		all = append(all, w.lateSum("day.late.for", l.Booked, l))
	}
	for _, l := range w.d.LateHere {
		all = append(all, w.lateSum("day.late.here", l.Belonged, l))
	}
	return all
}

func (w dayWords) lateSum(key string, day ledger.Day, l cloud.LateSum) string {
	return w.v.say(key, w.v.dayName(day), w.sums(l.Flows, l.Money))
}

// sums are units and money in a few words.
func (w dayWords) sums(flows map[reconcile.Flow]int64, money reconcile.Money) string {
	var words []string
	if sold := -flows[reconcile.Flow{Way: reconcile.Sold}]; sold != 0 {
		words = append(words, w.v.say("day.late.sold", signed(sold)))
	}
	if others := w.ways(flows); others != "" {
		words = append(words, others)
	}
	if money.Billed != 0 {
		words = append(words, w.v.say("day.late.billed", money.Billed))
	}
	if money.Fees != 0 {
		words = append(words, w.v.say("day.late.fees", money.Fees))
	}
	return strings.Join(words, " · ")
}

// doubts tells of which cabinet something may have happened on another day than it is booked on.
func (w dayWords) doubts() (all []string) {
	for _, d := range w.d.Doubts {
		all = append(all, w.v.say("day.doubt", w.cabinet(d.Cabinet), w.v.dayName(d.Booked), w.v.dayName(d.First), w.v.dayName(d.Last), w.sums(d.Flows, d.Money)))
	}
	return all
}
