package audit

import (
	"fmt"
	"slices"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// story is a visit with everything of it that is in the books.
type story struct {
	cloud.VisitRecord
	order     *cloud.Order
	decision  *cloud.Decision
	ops       []Op
	hold, due int64
	rulings   []cloud.Ruling
	debt      int64 // kept as owed
	undecided []ledger.Posting
}

// visits holds each visit to its order, its decision, its operations and its accounts, and each person's debt to their visits.
func (a *auditor) visits() error {
	of := func(p ledger.Posting) protocol.VisitID {
		id, _ := visitOf(p.Account)
		return id
	}
	orders := beside(a.books.Orders, func(o cloud.Order) protocol.VisitID { return o.Visit }, compareIDs)
	decisions := beside(a.books.Decisions, func(d cloud.Decision) protocol.VisitID { return d.Visit }, compareIDs)
	ops := beside(a.books.Ops, func(o Op) protocol.VisitID { return o.Visit }, compareIDs)
	holds := beside(a.books.Of("hold:"), of, compareIDs)
	dues := beside(a.books.Of("due:"), of, compareIDs)
	undecided := beside(a.books.Of("undecided:"), of, compareIDs)
	rulings := beside(a.books.Rulings, func(r cloud.Ruling) protocol.VisitID { return r.Visit }, compareIDs)
	kept := beside(a.books.Debts, func(m Amount) protocol.VisitID { return m.Visit }, compareIDs)
	defer stopAll(orders.stop, decisions.stop, ops.stop, holds.stop, dues.stop, undecided.stop, rulings.stop, kept.stop)
	debts := make(map[protocol.UUID]int64)
	for v, err := range a.books.Visits {
		if err != nil {
			return err
		}
		a.looked.Visits++
		s := story{VisitRecord: v}
		for _, read := range []func() error{
			func() error { return last(&s.order, orders, v.ID, a.orphanOrder) },
			func() error { return last(&s.decision, decisions, v.ID, a.orphanDecision) },
			func() (err error) { s.ops, err = ops.to(v.ID, a.orphanOp); return err },
			func() error { return a.sum(&s.hold, holds, v.ID) },
			func() error { return a.sum(&s.due, dues, v.ID) },
			func() (err error) { s.undecided, err = undecided.to(v.ID, a.orphanBalance); return err },
			func() (err error) { s.rulings, err = rulings.to(v.ID, a.orphanRuling); return err },
			func() error { return a.amount(&s.debt, kept, v.ID) },
		} {
			if err := read(); err != nil {
				return err
			}
		}
		if err := a.visit(s); err != nil {
			return err
		}
		if owed := s.owed(); owed != 0 {
			debts[v.Person] += owed
		}
	}
	for _, rest := range []func() error{
		func() error { return orders.rest(a.orphanOrder) },
		func() error { return decisions.rest(a.orphanDecision) },
		func() error { return ops.rest(a.orphanOp) },
		func() error { return holds.rest(a.orphanBalance) },
		func() error { return dues.rest(a.orphanBalance) },
		func() error { return undecided.rest(a.orphanBalance) },
		func() error { return rulings.rest(a.orphanRuling) },
		func() error { return kept.rest(a.orphanAmount) },
	} {
		if err := rest(); err != nil {
			return err
		}
	}
	return a.debts(debts)
}

func stopAll(all ...func()) {
	for _, stop := range all {
		stop()
	}
}

// last takes the one row of a visit; the schema lets no second one in.
func last[T any](into **T, rows *along[protocol.VisitID, T], id protocol.VisitID, orphan func(T) error) error {
	found, err := rows.to(id, orphan)
	if len(found) > 0 {
		*into = &found[len(found)-1]
	}
	return err
}

func (a *auditor) sum(into *int64, rows *along[protocol.VisitID, ledger.Posting], id protocol.VisitID) error {
	found, err := rows.to(id, a.orphanBalance)
	for _, p := range found {
		*into += p.Amount
	}
	return err
}

func (a *auditor) amount(into *int64, rows *along[protocol.VisitID, Amount], id protocol.VisitID) error {
	found, err := rows.to(id, a.orphanAmount)
	for _, m := range found {
		*into += m.Fen
	}
	return err
}

func (a *auditor) orphanAmount(m Amount) error {
	return a.tell(Difference{Check: CheckDebt, Where: "debt of visit " + m.Visit.String(), Expected: "a visit", Found: fmt.Sprintf("none, and %d fen", m.Fen)})
}

func (a *auditor) orphanRuling(r cloud.Ruling) error {
	return a.tell(Difference{Check: CheckFact, Where: "ruling " + r.Dispute.String(), Expected: "a visit", Found: "none", Refs: []ledger.Ref{ledger.DisputeRef(r.Dispute)}})
}

func (a *auditor) orphanOrder(o cloud.Order) error {
	return a.tell(Difference{Check: CheckOutcome, Where: "order of visit " + o.Visit.String(), Expected: "a visit", Found: "none"})
}

func (a *auditor) orphanDecision(d cloud.Decision) error {
	return a.tell(Difference{Check: CheckOutcome, Where: "decision of visit " + d.Visit.String(), Expected: "a visit", Found: "none"})
}

func (a *auditor) orphanOp(o Op) error {
	a.looked.Operations++
	return a.tell(Difference{Check: CheckOperation, Where: "operation " + o.ID.String(), Expected: "a visit", Found: "none", Refs: []ledger.Ref{ledger.OpRef(o.ID)}})
}

func (a *auditor) orphanBalance(p ledger.Posting) error {
	if p.Amount == 0 {
		return nil
	}
	refs, err := a.books.Refs(p.Account)
	if err != nil {
		return err
	}
	return a.tell(Difference{Check: CheckBalance, Where: string(p.Account), Expected: "a visit", Found: "none, and " + amountOf(p.Amount, p.Unit), Refs: refs})
}

func (a *auditor) visit(s story) error {
	a.looked.Operations += len(s.ops)
	var found []Difference
	for _, check := range []func() []Difference{s.outcomes, s.totals, s.accounts, s.payments, s.operations} {
		found = append(found, check()...)
	}
	for _, d := range found {
		d.Where, d.Refs = "visit "+s.ID.String()+d.Where, s.refs()
		if err := a.tell(d); err != nil {
			return err
		}
	}
	if err := a.amounts(s); err != nil {
		return err
	}
	return a.judged(s)
}

// refs names what a visit's money was made from.
func (s story) refs() []ledger.Ref {
	var refs []ledger.Ref
	if s.decision != nil {
		refs = append(refs, ledger.DecisionRef(s.ID))
	}
	for _, op := range s.ops {
		refs = append(refs, ledger.OpRef(op.ID))
	}
	return refs
}

// reviewed reports a visit that a person is asked about and has not decided.
func (s story) reviewed() bool { return s.order != nil && s.order.Why != "" && s.decision == nil }

// bill is what the visit costs in the end; none where nobody has decided that, or it is forgiven.
func (s story) bill() (lines int, total int64) {
	switch {
	case s.order == nil || s.reviewed():
		return 0, 0
	case s.order.Why == "":
		return len(s.order.Lines), int64(s.order.Total)
	case s.decision.Waived:
		return 0, 0
	}
	return len(s.decision.Lines), int64(s.decision.Total)
}

// done adds up what the provider did of some kind.
func (s story) done(kinds ...cloud.OpKind) (sum int64) {
	for _, op := range s.ops {
		if op.State == cloud.OpDone && slices.Contains(kinds, op.Kind) {
			sum += int64(op.Amount)
		}
	}
	return sum
}

// underWay reports an operation of a kind whose outcome nobody knows yet.
func (s story) underWay(kind cloud.OpKind) bool {
	return slices.ContainsFunc(s.ops, func(op Op) bool { return op.Kind == kind && !op.State.Final() })
}

// owed is what the person still has to pay for this visit.
func (s story) owed() int64 {
	if s.Payment != cloud.PaymentOwed {
		return 0
	}
	_, total := s.bill()
	return total - s.taken() - s.forgiven()
}

// taken is what providers took of the person, or their balance gave.
func (s story) taken() int64 { return s.done(cloud.OpCapture, cloud.OpPay) }

// forgiven is what need not be paid of what was owed.
func (s story) forgiven() int64 {
	sum := s.done(cloud.OpWaive)
	for _, r := range s.rulings {
		sum += int64(r.Waived)
	}
	return sum
}

// outcomes: exactly one, set when the visit ended, which says what its order says.
func (s story) outcomes() []Difference {
	differs := func(expected string) []Difference {
		return []Difference{{Check: CheckOutcome, Expected: expected, Found: s.told()}}
	}
	lines, _ := s.bill()
	if s.reviewed() || s.decision != nil && s.decision.Waived {
		lines = len(s.order.Lines)
	}
	switch s.Outcome {
	case cloud.OutcomeNone:
		if !s.Ended.IsZero() && (!s.reviewed() || s.Payment != cloud.PaymentReview) {
			return differs("an outcome, for it has ended")
		}
		return nil
	case cloud.OutcomeSold, cloud.OutcomeNothingTaken:
		if s.order == nil || s.Purpose != protocol.PurposePurchase {
			return differs("an order of a purchase")
		}
		if (lines > 0) != (s.Outcome == cloud.OutcomeSold) && !s.reviewed() {
			return differs(fmt.Sprintf("what an order of %d lines makes of it", lines))
		}
	case cloud.OutcomeRestocked, cloud.OutcomeServiced:
		if s.order != nil || s.Purpose == protocol.PurposePurchase {
			return differs("no order, and no purchase")
		}
	case cloud.OutcomeAborted:
	default:
		return differs("an outcome that there is")
	}
	if s.Ended.IsZero() {
		return differs("an end, for it has an outcome")
	}
	return nil
}

// told is a visit in a few words.
func (s story) told() string {
	text := fmt.Sprintf("purpose %d, outcome %q, payment %q", s.Purpose, s.Outcome, s.Payment)
	switch {
	case s.order == nil:
		text += ", no order"
	default:
		text += fmt.Sprintf(", an order of %d lines", len(s.order.Lines))
		if s.order.Why != "" {
			text += fmt.Sprintf(" in review (%s)", s.order.Why)
		}
	}
	if s.decision != nil {
		text += fmt.Sprintf(", decided for %d lines", len(s.decision.Lines))
	}
	if s.Ended.IsZero() {
		text += ", no end"
	}
	return text
}

// totals: the lines of order and decision come to what each says.
func (s story) totals() (found []Difference) {
	check := func(what string, lines []cloud.OrderLine, total protocol.Fen) {
		var sum protocol.Fen
		for _, l := range lines {
			sum += l.Price * protocol.Fen(l.Qty)
		}
		if sum != total {
			found = append(found, Difference{
				Check: CheckTotal, Where: what, Expected: fmt.Sprintf("%d fen, as its %d lines say", sum, len(lines)), Found: fmt.Sprintf("%d fen", total),
			})
		}
	}
	if s.order != nil {
		check(", order", s.order.Lines, s.order.Total)
	}
	if s.decision != nil {
		check(", decision", s.decision.Lines, s.decision.Total)
	}
	return found
}

// accounts: what is held, due and undecided of the visit.
func (s story) accounts() (found []Difference) {
	held := s.done(cloud.OpHold)
	for _, op := range s.ops {
		if op.Kind == cloud.OpCapture && op.State == cloud.OpDone || op.Kind == cloud.OpRelease && (op.State == cloud.OpDone || op.State == cloud.OpRefused) {
			held = 0
		}
	}
	if s.hold != held {
		found = append(found, Difference{Check: CheckHold, Expected: fmt.Sprintf("%d fen, as the operations say", held), Found: fmt.Sprintf("%d fen", s.hold)})
	}
	_, due := s.bill()
	if !s.underWay(cloud.OpCapture) {
		due = 0
	}
	if owed := s.owed(); s.debt != owed {
		found = append(found, Difference{Check: CheckDebt, Expected: fmt.Sprintf("%d fen kept as owed", owed), Found: fmt.Sprintf("%d fen", s.debt)})
	}
	if s.due != due {
		found = append(found, Difference{Check: CheckDue, Expected: fmt.Sprintf("%d fen", due), Found: fmt.Sprintf("%d fen", s.due)})
	}
	for _, p := range s.undecided {
		if p.Amount != 0 && (!s.reviewed() || s.Payment != cloud.PaymentReview) {
			found = append(found, Difference{Check: CheckUndecided, Expected: "no undecided goods: " + s.told(), Found: amountOf(p.Amount, p.Unit)})
		}
	}
	return found
}

// payments: the payment is where the operations brought it.
func (s story) payments() []Difference {
	_, total := s.bill()
	taken, given, forgiven := s.taken(), s.done(cloud.OpRefund), s.forgiven()
	capturing, says := s.underWay(cloud.OpCapture), ""
	switch s.Payment {
	case cloud.PaymentNone:
		if taken != 0 || total != 0 {
			says = "nothing to pay, and nothing taken"
		}
	case cloud.PaymentHeld:
		if s.hold == 0 || taken != 0 || total != 0 && !capturing {
			says = "money that is held and not yet taken"
		}
	case cloud.PaymentUnknown:
		if taken != 0 {
			says = "nothing taken, as far as is known"
		}
	case cloud.PaymentReview:
		if s.order == nil || s.order.Why == "" || taken != 0 || s.decision != nil && !capturing {
			says = "a case that waits for a person, or for its capture"
		}
	case cloud.PaymentCaptured:
		if taken == 0 || taken+forgiven != total || given >= taken {
			says = "the bill taken or forgiven, no more and no less, and not all of it given back"
		}
	case cloud.PaymentOwed:
		if taken+forgiven >= total || given > taken {
			says = "a bill that is not all taken or forgiven"
		}
	case cloud.PaymentWaived:
		decided := s.decision != nil && s.decision.Waived
		if !decided && (total == 0 || forgiven != total) || taken != 0 {
			says = "a case, or a whole bill, that was forgiven"
		}
	case cloud.PaymentRefunded:
		if given == 0 || given != taken {
			says = "all given back that was taken"
		}
	default:
		says = "a payment that there is"
	}
	if says == "" {
		return nil
	}
	return []Difference{{Check: CheckPayment, Expected: says, Found: fmt.Sprintf("payment %q, bill %d fen, taken %d, given back %d, held %d", s.Payment, total, taken, given, s.hold)}}
}

// operations: an outcome that moves something is booked, and nothing else is.
func (s story) operations() (found []Difference) {
	for _, op := range s.ops {
		if d, differs := op.booked(); differs {
			d.Where = ", " + d.Where
			found = append(found, d)
		}
	}
	return found
}

// outcome reports an operation that moved something: a hold that is refused for release is gone, a refused capture is owed.
func (op Op) outcome() bool {
	return op.State == cloud.OpDone || op.State == cloud.OpRefused && (op.Kind == cloud.OpCapture || op.Kind == cloud.OpRelease)
}

// booked holds an operation to its entry.
func (op Op) booked() (Difference, bool) {
	moves := op.outcome()
	if op.Booked == moves {
		return Difference{}, false
	}
	expected, is := "no entry", "one"
	if moves {
		expected, is = "an entry", "none"
	}
	return Difference{
		Check: CheckOperation, Where: fmt.Sprintf("%s %s", op.Kind, op.ID), Expected: fmt.Sprintf("%s: it is %s", expected, op.State), Found: is,
	}, true
}
