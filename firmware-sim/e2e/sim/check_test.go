package sim

import (
	"database/sql"
	"maps"
	"slices"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/audit"
	"allhours/protocol"
)

// The checks are the invariants of the design's section 5, asked of what both sides have on disk, of the payment
// provider's own book and of the matter in the cabinets. They hold once everything is quiet.

// books is what is on disk when everything is quiet.
type books struct {
	*testing.T
	town   *town
	fleet  *disk
	visits map[protocol.VisitID]cloud.Visit
	holds  map[protocol.VisitID][]protocol.UUID
	taken  map[protocol.VisitID]map[protocol.SKU]int // truth, of all cabinets
	pulses map[protocol.VisitID]int
}

func (v *town) books() *books {
	v.t.Helper()
	k := &books{
		T: v.t, town: v, fleet: openDisk(v.t, v.service.folder(), fleetFile), visits: map[protocol.VisitID]cloud.Visit{},
		holds: map[protocol.VisitID][]protocol.UUID{}, taken: map[protocol.VisitID]map[protocol.SKU]int{}, pulses: map[protocol.VisitID]int{},
	}
	for _, visit := range v.service.visits() {
		k.visits[visit.ID] = visit
	}
	k.fleet.each(func(r *sql.Rows) error {
		visit, op, err := twoIDs(r)
		k.holds[visit] = append(k.holds[visit], op)
		return err
	}, `SELECT visit, id FROM payment_ops WHERE kind = 'hold'`)
	for _, b := range v.boxes {
		maps.Copy(k.taken, b.taken())
		for _, p := range b.tap.seen() {
			k.pulses[p.visit]++
		}
	}
	return k
}

func twoIDs(r *sql.Rows) (a, b protocol.UUID, err error) {
	var x, y string
	if err = r.Scan(&x, &y); err != nil {
		return a, b, err
	}
	if a, err = protocol.ParseUUID(x); err != nil {
		return a, b, err
	}
	b, err = protocol.ParseUUID(y)
	return a, b, err
}

// check asks everything, and what a story asks beside.
func (v *town) check(more ...func(*books)) {
	v.t.Helper()
	k := v.books()
	defer k.fleet.close()
	k.openings()
	for _, id := range slices.SortedFunc(maps.Keys(k.visits), func(a, b protocol.VisitID) int { return slices.Compare(a[:], b[:]) }) {
		k.outcome(k.visits[id])
		k.money(k.visits[id])
	}
	k.bank()
	k.audit()
	for _, b := range v.boxes {
		k.journal(b)
		k.stock(b)
		if _, burns := b.cabinet.Broken(time.Now()); burns != 0 {
			k.Errorf("%s: the lock was left energised %d times for longer than it survives", b.id, burns)
		}
	}
	k.incidents()
	for _, ask := range more {
		ask(k)
	}
}

// openings: one grant, one opening, and none without a grant.
func (k *books) openings() {
	for visit, n := range k.pulses {
		if visit.IsZero() {
			k.Errorf("the lock was pulsed %d times without a grant burnt on disk", n)
		} else if n > 1 {
			k.Errorf("visit %s pulsed the lock %d times", visit, n)
		}
		if _, known := k.visits[visit]; !known {
			k.Errorf("visit %s opened a door and the service does not know it", visit)
		}
	}
	for visit := range k.taken {
		if k.pulses[visit] == 0 {
			k.Errorf("a door stood open in visit %s, which never pulsed the lock", visit)
		}
	}
}

// outcome: every visit has exactly one, and it is the truth, or a human decides.
func (k *books) outcome(v cloud.Visit) {
	truth := k.taken[v.ID]
	if v.Ended.IsZero() {
		k.Errorf("visit %s has no end: outcome %q, payment %q", v.ID, v.Outcome, v.Payment)
		return
	}
	if v.Purpose == protocol.PurposeRefill {
		if v.Outcome != cloud.OutcomeRestocked && (v.Outcome != cloud.OutcomeAborted || !nothing(truth)) || v.Payment != cloud.PaymentNone {
			k.Errorf("refill %s ended as %s (%s) with payment %s, and %v was taken", v.ID, v.Outcome, v.Code, v.Payment, truth)
		}
		return
	}
	if v.Payment == cloud.PaymentReview || v.Payment == cloud.PaymentWaived {
		return
	}
	switch v.Outcome {
	case cloud.OutcomeAborted, cloud.OutcomeNothingTaken:
		if !nothing(truth) {
			k.Errorf("visit %s ended as %s (%s), but %v was taken", v.ID, v.Outcome, v.Code, truth)
		}
	case cloud.OutcomeSold:
		if billed := unitsOf(v.Lines); !maps.Equal(billed, truth) {
			k.Errorf("visit %s was billed %v, and %v was taken: %s", v.ID, billed, truth, k.evidence(v.ID))
		}
		if want := k.priced(truth); v.Total != want {
			k.Errorf("visit %s was billed %s: want %s", v.ID, v.Total, want)
		}
	default:
		k.Errorf("visit %s has outcome %q with payment %q", v.ID, v.Outcome, v.Payment)
	}
}

// evidence is what the cabinet sent of a visit: the weights before it, the steps that it saw, and its settlement.
func (k *books) evidence(visit protocol.VisitID) (all string) {
	k.fleet.each(func(r *sql.Rows) error {
		var event string
		err := r.Scan(&event)
		all += "\n" + event
		return err
	}, `SELECT event FROM inbox WHERE json_extract(event, '$.body.visit') = ? ORDER BY seq`, visit.String())
	return all
}

func (k *books) priced(units map[protocol.SKU]int) protocol.Fen {
	var sum protocol.Fen
	for sku, n := range units {
		sum += protocol.Fen(n) * k.town.prices[sku]
	}
	return sum
}

func unitsOf(lines []cloud.OrderLine) map[protocol.SKU]int {
	by := map[protocol.SKU]int{}
	for _, l := range lines {
		by[l.SKU] += l.Qty
	}
	return by
}

func nothing(units map[protocol.SKU]int) bool {
	for _, n := range units {
		if n != 0 {
			return false
		}
	}
	return true
}

// money: captured once at most and exactly what was billed, nothing where nothing was, and no hold forgotten.
func (k *books) money(v cloud.Visit) {
	var sum protocol.Fen
	times := 0
	for _, op := range k.holds[v.ID] {
		fen, n := k.town.bank.captured(op)
		sum, times = sum+fen, times+n
	}
	if times > 1 {
		k.Errorf("visit %s was captured %d times", v.ID, times)
	}
	paid := k.paid(v.ID)
	switch v.Payment {
	case cloud.PaymentCaptured, cloud.PaymentRefunded:
		sum += paid
		if sum != v.Total || v.Outcome != cloud.OutcomeSold {
			k.Errorf("visit %s (%s) says captured: %s of %s", v.ID, v.Outcome, sum, v.Total)
		}
	case cloud.PaymentOwed:
		if paid != 0 || sum >= v.Total || sum != 0 && sum != v.Hold || v.Outcome != cloud.OutcomeSold {
			k.Errorf("visit %s (%s) says owed: %s of %s were captured", v.ID, v.Outcome, sum, v.Total)
		}
	case cloud.PaymentReview, cloud.PaymentNone, cloud.PaymentWaived:
		if sum != 0 || paid != 0 {
			k.Errorf("visit %s says %s, and %s were captured", v.ID, v.Payment, sum)
		}
		if v.Payment == cloud.PaymentNone && v.Outcome == cloud.OutcomeSold {
			k.Errorf("visit %s was sold and not paid", v.ID)
		}
	default:
		k.Errorf("visit %s (%s) still says %q", v.ID, v.Outcome, v.Payment)
	}
	if back := k.town.bank.refunded(k.ops(v.ID, cloud.OpCapture, cloud.OpPay)...); back != v.Refunded {
		k.Errorf("visit %s says that %s went back, and %s did", v.ID, v.Refunded, back)
	}
}

// ops are the operations of a visit of some kinds.
func (k *books) ops(visit protocol.VisitID, kinds ...cloud.OpKind) (ops []protocol.UUID) {
	for _, kind := range kinds {
		k.fleet.each(func(r *sql.Rows) error {
			_, op, err := twoIDs(r)
			ops = append(ops, op)
			return err
		}, `SELECT visit, id FROM payment_ops WHERE visit = ? AND kind = ?`, visit.String(), string(kind))
	}
	return ops
}

// paid is what was taken of a visit's debt, once at most.
func (k *books) paid(visit protocol.VisitID) (sum protocol.Fen) {
	times := 0
	for _, op := range k.ops(visit, cloud.OpPay) {
		if fen := k.town.bank.charged(op); fen != 0 {
			sum, times = sum+fen, times+1
		}
	}
	if times > 1 {
		k.Errorf("the debt of visit %s was charged %d times", visit, times)
	}
	return sum
}

// bank: nothing dishonest was asked of it, and what it still reserves is for a human to decide.
func (k *books) bank() {
	open, wrongs := k.town.bank.standing()
	for _, wrong := range wrongs {
		k.Errorf("payment provider: %s", wrong)
	}
	for visit, holds := range k.holds {
		for _, op := range holds {
			if _, still := open[op]; still && k.visits[visit].Payment != cloud.PaymentReview {
				k.Errorf("visit %s (%s, %s) still holds the resident's money", visit, k.visits[visit].Outcome, k.visits[visit].Payment)
			}
			delete(open, op)
		}
	}
	for op := range open {
		k.Errorf("hold %s is of no visit", op)
	}
	if n := k.fleet.number(`SELECT count(*) FROM payment_ops WHERE state IN ('pending', 'sent', 'unknown')`); n != 0 {
		k.Errorf("%d payment operations have no end", n)
	}
}

// audit: the books are what they are made of, as fleetctl audit looks at them.
func (k *books) audit() {
	if _, err := k.town.service.up().server.Admin().Audit(k.Context(), func(d audit.Difference) error {
		if !d.Shown {
			k.Errorf("audit: %+v", d)
		}
		return nil
	}); err != nil {
		k.Error(err)
	}
}

// never are the incidents that no fault of these simulations may lead to: each says that something was lost or confused.
var never = []cloud.IncidentKind{
	cloud.IncidentUnknownCabinet, cloud.IncidentOtherJournal, cloud.IncidentOtherEvent, cloud.IncidentMalformed, cloud.IncidentPoison,
	cloud.IncidentEventsLost, cloud.IncidentSecondSettling, cloud.IncidentUnknownVisit, cloud.IncidentServiceByClaim,
	cloud.IncidentCounters, cloud.IncidentKeyOpening,
}

func (k *books) incidents() {
	k.fleet.each(func(r *sql.Rows) error {
		var cabinet, kind, subject, detail string
		err := r.Scan(&cabinet, &kind, &subject, &detail)
		if slices.Contains(never, cloud.IncidentKind(kind)) && !k.town.expected[cloud.IncidentKind(kind)] {
			k.Errorf("%s: incident %s of %s: %s", cabinet, kind, subject, detail)
		}
		return err
	}, `SELECT cabinet, kind, subject, detail FROM incidents`)
	if len(k.town.expected) > 0 {
		return // What was kept apart is what the incidents tell of.
	}
	k.fleet.each(func(r *sql.Rows) error {
		var what string
		err := r.Scan(&what)
		k.Errorf("quarantine: %s", what)
		return err
	}, `SELECT cabinet || ' ' || seq || ' ' || reason || ' ' || detail FROM quarantine`)
}

// forgive lets the last check find an incident that the story is about.
func (v *town) forgive(kinds ...cloud.IncidentKind) {
	for _, kind := range kinds {
		v.expected[kind] = true
	}
}
