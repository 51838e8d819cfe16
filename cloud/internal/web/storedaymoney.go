package web

import (
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// money is the sum of what was billed.
func (w dayWords) money() []moneyLine {
	m := w.d.Money
	lines := []moneyLine{{Say: w.v.count("money.billed", m.Orders), Sum: yuan(m.Billed)}}
	add := func(key string, sum protocol.Fen, always bool) {
		if sum != 0 || always {
			lines = append(lines, moneyLine{Say: w.v.say(key), Sum: minus(sum)})
		}
	}
	add("money.takenback", -m.TakenBack, false)
	lines = append(lines, moneyLine{Say: w.v.say("money.is"), Sum: minus(m.Billed - m.TakenBack), Total: true, Well: m.Check() == nil})
	add("money.captured", m.Captured, true)
	add("money.refunded", -m.Refunded, false)
	add("money.cash", m.Cash, false)
	add("money.balance", m.Balance, false)
	add("money.debtmade", m.DebtMade, true)
	add("money.debtended", -m.DebtEnded, false)
	add("money.waived", m.Waived, true)
	add("money.underway", m.UnderWay, true)
	return lines
}

// payout is the sum of what the provider pays.
func (w dayWords) payout() []moneyLine {
	if !w.d.Stated {
		return nil
	}
	m, p := w.d.Money, w.d.Paid
	gap := m.Gap(p)
	lines := []moneyLine{
		{Say: w.v.say("payout.captured"), Sum: yuan(m.Captured)},
		{Say: w.v.say("payout.refunded"), Sum: minus(-m.Refunded)},
		{Say: w.v.say("payout.fees"), Sum: minus(-p.Fees)},
		{Say: w.v.say("payout.book"), Sum: minus(m.Captured - m.Refunded - p.Fees), Total: true, Well: gap == 0},
		{Say: w.v.say("payout.stated"), Sum: minus(p.Net())},
	}
	if gap != 0 {
		lines = append(lines, moneyLine{Say: w.v.say("payout.gap"), Sum: minus(gap)})
	}
	return lines
}

// whole is the provider's statement, store by store, on the chain's own day.
func (w dayWords) whole() (lines []moneyLine) {
	var sum reconcile.Paid
	for _, s := range w.d.Whole {
		name := string(s.Store)
		if s.Store == cloud.Chainwide {
			name = w.v.lang.Pick(w.d.StoreName)
		}
		lines = append(lines, moneyLine{Say: w.v.say("whole.of", name, s.Lines), Sum: minus(s.Net())})
		sum = sum.Add(s.Paid)
	}
	if sum.Lines == 0 {
		return nil
	}
	return append(lines, moneyLine{Say: w.v.say("whole.sum", sum.Lines), Sum: minus(sum.Net()), Total: true, Well: true})
}

// moved tells which cabinets came and went.
func (w dayWords) moved() (all []string) {
	for _, m := range w.d.Moves {
		at := w.v.clock(moment{At: m.At.In(w.loc)})
		switch {
		case m.From == "":
			all = append(all, w.v.say("moves.new", w.cabinet(m.Cabinet), at))
		case m.To == w.d.Store:
			all = append(all, w.v.say("moves.came", w.cabinet(m.Cabinet), at, m.From))
		default:
			all = append(all, w.v.say("moves.went", w.cabinet(m.Cabinet), at, m.To))
		}
	}
	return all
}

func (w dayWords) pairs() []statedView {
	all := make([]statedView, 0, len(w.d.Pairs))
	for _, p := range w.d.Pairs {
		if p.State == reconcile.Matched || p.State == reconcile.FeeOnly {
			continue
		}
		one := statedView{State: w.v.say("pair." + string(p.State)), Fault: p.State.Fault(), Ours: "—", Theirs: "—"}
		if p.Stated != nil {
			one.Kind, one.Number, one.Theirs = w.v.say("pair.kind."+string(p.Stated.Kind)), p.Stated.Order, yuan(p.Stated.Amount)
			if p.Stated.Kind == reconcile.Refund {
				one.Number = p.Stated.Refund
			}
		}
		if p.Booked != nil {
			one.Kind, one.Number, one.Ours = w.v.say("pair.kind."+string(p.Booked.Kind)), p.Booked.Number, yuan(p.Booked.Amount)
			if !p.Booked.Visit.IsZero() { // What is paid ahead is of none.
				one.Visit = p.Booked.Visit.String()
			}
		}
		all = append(all, one)
	}
	return all
}

func (w dayWords) earned() []earnedView {
	ids := make([]protocol.CabinetID, 0, len(w.d.Earned))
	for id := range w.d.Earned {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b protocol.CabinetID) int { return w.order(a) - w.order(b) })
	var all []earnedView
	for _, id := range ids {
		name := w.cabinet(id)
		if id == "" { // What was lost before it came to a cabinet.
			name = w.v.say("waste.shop")
		}
		all = append(all, w.earnedOf(name, w.d.Earned[id]))
	}
	total := w.earnedOf(w.v.say("earned.all"), w.d.Total())
	total.Total = true
	return append(all, total)
}

func (w dayWords) order(id protocol.CabinetID) int {
	return slices.IndexFunc(w.d.Cabinets, func(c cloud.Cabinet) bool { return c.ID == id })
}

func (w dayWords) earnedOf(name string, e reconcile.Earned) earnedView {
	one := earnedView{Name: name, Net: yuan(e.Net), Cost: yuan(e.Cost), Margin: minus(e.Margin()), Rate: "—", Stock: minus(e.Stock), Lost: minus(e.Waste + e.Shrink)}
	if e.Net > 0 {
		one.Rate = w.v.say("earned.rate", e.PerMille()/10, max(e.PerMille(), -e.PerMille())%10)
	}
	return one
}

// openShown bounds the items that are named one by one.
const openShown = 12

// closeView is what is open, and whether the reader may close over it.
func (v *view) closeView(d cloud.StoreDay, loc *time.Location, may, all bool) *closeView {
	w := dayWords{v: v, d: d, loc: loc, all: all}
	view := &closeView{Path: dayPath(d.Store, d.Day), Sum: d.Sum}
	for _, o := range d.Open[:min(len(d.Open), openShown)] {
		view.Open = append(view.Open, w.openItem(o))
	}
	view.More = len(d.Open) - len(view.Open)
	switch {
	case !d.Over:
		view.Not = v.say("close.running")
	case d.Next != "" && d.Next < d.Day:
		view.Not, view.First = v.say("close.first", v.dayName(d.Next)), d.Next
	case d.Next > d.Day:
		view.Not = v.say("close.within")
	case !may:
		view.Not = v.say("close.others")
	default:
		view.Sign = true
	}
	return view
}

func (w dayWords) openItem(o cloud.OpenItem) evidenceView {
	at := w.v.say("never")
	if !o.At.IsZero() {
		at = w.v.clock(moment{At: o.At.In(w.loc), Day: true})
	}
	switch o.Kind {
	case cloud.OpenReview, cloud.OpenVisit, cloud.OpenPayment:
		return evidenceView{w.v.say("open."+string(o.Kind), w.cabinet(o.Cabinet), at), "/v/" + o.Visit}
	case cloud.OpenEvents:
		return evidenceView{w.v.say("open.events", w.cabinet(o.Cabinet), at), "/cabinets/" + string(o.Cabinet)}
	case cloud.OpenClock:
		return evidenceView{w.v.say("open.clock", w.cabinet(o.Cabinet)), "#doubts"}
	case cloud.OpenStatement:
		told := evidenceView{Say: w.v.say("open.statement")}
		if w.all {
			told.Link = "/statements"
		}
		return told
	}
	return evidenceView{w.v.count("open."+string(o.Kind), o.Count), ""}
}
