package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/cloud/server"
	"allhours/firmware-sim/shopper"
	"allhours/protocol"
)

// restocker walks one round from the store's shelf into the lanes and back. Whatever befalls the town, they put what they have, and
// say truly what their hands did.
type restocker struct {
	town   *town
	chance *rand.Rand
	person protocol.UUID
	round  protocol.UUID
	keys   int
	shelf  map[protocol.SKU]int // truth: what lies in the store
	hands  map[protocol.SKU]int // truth: what was picked and lies in no lane
}

// roundWork counts what restockers did in all seeds, so that a run in which nobody filled anything shows.
var roundWork struct{ filled, skipped, answered atomic.Int64 }

// restockerName is by whom the steps are signed.
const restockerName = "wang"

func (v *town) newRestocker(chance *rand.Rand) *restocker {
	v.t.Helper()
	member, err := v.service.up().server.Admin().StaffNamed(v.t.Context(), restockerName)
	if err != nil {
		v.t.Fatal(err)
	}
	return &restocker{town: v, chance: chance, person: member.ID, shelf: map[protocol.SKU]int{}, hands: map[protocol.SKU]int{}}
}

// insists asks until a service answers that is there.
func insists[T any](r *restocker, question func(context.Context, *server.Server) (T, error)) (T, error) {
	for {
		answer, err := ask(r.town.service, func(s *server.Server) (T, error) { return question(context.Background(), s) })
		if !errors.Is(err, errDeadLink) {
			return answer, err
		}
		time.Sleep(between(r.chance, time.Second, 5*time.Second))
	}
}

func (r *restocker) key() string { r.keys++; return fmt.Sprint("round ", r.keys) }

// walks is the restocker's evening.
func (r *restocker) walks() {
	time.Sleep(between(r.chance, 0, span/3))
	if !r.leaves(r.wanted()) {
		return
	}
	for _, b := range r.town.boxes {
		time.Sleep(between(r.chance, time.Second, 10*time.Second))
		r.stops(b)
	}
	r.comesHome()
}

// wanted draws what is brought to each lane; nothing to half of them.
func (r *restocker) wanted() (lines []cloud.PlannedLine) {
	for _, b := range r.town.boxes {
		for _, p := range b.plan.Platforms {
			for _, g := range p.Goods {
				at := picking.Place{Cabinet: b.id, Platform: p.ID, SKU: g.SKU}
				lines = append(lines, cloud.PlannedLine{Place: at, Units: max(r.chance.IntN(6)-2, 0)})
			}
		}
	}
	return lines
}

// leaves receives what the round needs, plans it, picks and departs.
func (r *restocker) leaves(lines []cloud.PlannedLine) bool {
	planned := map[protocol.SKU]int{}
	var cabinets []protocol.CabinetID
	for _, b := range r.town.boxes {
		cabinets = append(cabinets, b.id)
	}
	for _, l := range lines {
		planned[l.SKU] += l.Units
	}
	var brought []cloud.MovedLine
	for _, w := range wares {
		if n := planned[w.sku]; n > 0 {
			brought = append(brought, cloud.MovedLine{SKU: w.sku, Qty: n + 2})
			r.shelf[w.sku] = n + 2
		}
	}
	if len(brought) == 0 {
		return false
	}
	receive := cloud.MoveGoods{Person: r.person, By: restockerName, Key: r.key(), Kind: cloud.MoveReceive, To: ledger.Shop("one"), Lines: brought}
	if _, err := insists(r, func(ctx context.Context, s *server.Server) (cloud.Movement, error) {
		return s.Goods().Move(ctx, receive)
	}); err != nil {
		r.town.t.Errorf("receive: %v", err)
		return false
	}
	plan := cloud.PlanRound{Person: r.person, By: restockerName, Key: r.key(), Store: "one", Restocker: r.person, Cabinets: cabinets, Lines: lines}
	round, err := insists(r, func(ctx context.Context, s *server.Server) (cloud.Round, error) { return s.Rounds().Plan(ctx, plan) })
	if err != nil {
		r.town.t.Errorf("plan a round: %v", err)
		return false
	}
	r.round = round.ID
	r.step(cloud.RoundStart, cloud.RoundStepBody{})
	for _, w := range wares {
		if n := planned[w.sku]; n > 0 {
			r.picks(w.sku, n)
		}
	}
	r.step(cloud.RoundDepart, cloud.RoundStepBody{})
	return !r.town.t.Failed()
}

// picks what was planned, or one less.
func (r *restocker) picks(sku protocol.SKU, units int) {
	body := cloud.RoundStepBody{SKU: sku, Units: units}
	if r.chance.IntN(4) == 0 {
		body.Units, body.Short = units-1, cloud.ShortDamaged
	}
	r.shelf[sku] -= body.Units
	r.hands[sku] += body.Units
	r.step(cloud.RoundPick, body)
}

// step takes one, again where a cabinet is busy or away.
func (r *restocker) step(kind cloud.RoundStepKind, body cloud.RoundStepBody) cloud.RoundView {
	r.town.t.Helper()
	view, err := r.tries(kind, body)
	if err != nil {
		r.town.t.Errorf("%s %+v: %v", kind, body, err)
	}
	return view
}

func (r *restocker) tries(kind cloud.RoundStepKind, body cloud.RoundStepBody) (view cloud.RoundView, err error) {
	s := cloud.RoundStep{Round: r.round, Person: r.person, By: restockerName, Key: r.key(), Kind: kind, RoundStepBody: body}
	for end := time.Now().Add(quietWithin); time.Now().Before(end); time.Sleep(between(r.chance, time.Second, 10*time.Second)) {
		view, err = insists(r, func(ctx context.Context, srv *server.Server) (cloud.RoundView, error) {
			return srv.Rounds().Step(ctx, s)
		})
		if code := protocol.CodeOf(err); code != cloud.CodeCabinetBusy && code != cloud.CodeCabinetAway {
			break
		}
	}
	r.town.note("step of the round", "kind", kind, "body", fmt.Sprintf("%+v", body), "error", err)
	return view, err
}

// look is the round as it stands.
func (r *restocker) look() *cloud.RoundView {
	r.town.t.Helper()
	view, err := insists(r, func(ctx context.Context, s *server.Server) (cloud.RoundView, error) {
		return s.Rounds().Round(ctx, r.round)
	})
	if err != nil {
		r.town.t.Errorf("round: %v", err)
	}
	return &view
}

// stops at a cabinet: fills it, says what was put, answers what is asked, and goes on.
func (r *restocker) stops(b *box) {
	put := map[picking.Place]int{}
	opened := false
	for range 3 {
		opened = r.fills(b, put) || opened
		if len(put) > 0 {
			break
		}
	}
	if !opened {
		roundWork.skipped.Add(1)
		r.step(cloud.RoundClose, cloud.RoundStepBody{Cabinet: b.id, Why: "it does not open"})
		return
	}
	roundWork.filled.Add(1)
	for _, l := range r.look().LinesOf(b.id) {
		r.step(cloud.RoundCount, cloud.RoundStepBody{Cabinet: b.id, Platform: l.Platform, SKU: l.SKU, Units: put[l.Place()]})
	}
	r.answers(b)
	r.step(cloud.RoundClose, cloud.RoundStepBody{Cabinet: b.id})
}

// answers insists on what the hands did.
func (r *restocker) answers(b *box) {
	for _, f := range r.look().Findings(b.id) {
		if f.Verdict != picking.Ask {
			continue
		}
		roundWork.answered.Add(1)
		r.step(cloud.RoundAnswer, cloud.RoundStepBody{Cabinet: b.id, Platform: f.Platform, SKU: f.SKU, Answer: picking.SaidRight})
	}
}

// fills opens the cabinet once and puts in what was picked for it; false where no door was promised. Nobody else stands there
// meanwhile.
func (r *restocker) fills(b *box, put map[picking.Place]int) bool {
	b.front <- struct{}{}
	visit, err := r.asksDoor(b)
	if err == nil && r.pulls(b, visit.ID) {
		before := truthOf(b)
		err := shopper.Run(context.Background(), b.cabinet, r.script(b))
		r.town.note("restocker done", "cabinet", b.id, "visit", visit.ID, "error", err)
		if b.cabinet.State().DoorOpen {
			_ = b.cabinet.Shut(time.Now())
		}
		for at, n := range truthOf(b) {
			if more := n - before[at]; more != 0 {
				put[picking.Place{Cabinet: b.id, Platform: protocol.PlatformID(at.platform), SKU: protocol.SKU(at.sku)}] += more
				r.hands[protocol.SKU(at.sku)] -= more
			}
		}
	}
	<-b.front
	if err != nil {
		return false
	}
	if !waitFor(quietWithin, func() bool { seen, err := r.town.service.visit(visit.ID); return err == nil && !seen.Ended.IsZero() }) {
		r.town.t.Errorf("the opening %s of %s has no end", visit.ID, b.id)
	}
	return true
}

// pulls while the phone says that the door opens. Nobody pulls at a door that may open for somebody else.
func (r *restocker) pulls(b *box, visit protocol.VisitID) bool {
	return waitFor(hearsWithin, func() bool {
		seen, err := r.town.service.visit(visit)
		return err == nil && seen.Phase != "" && seen.Ended.IsZero() && b.cabinet.Pull(time.Now()) == nil
	})
}

// asksDoor until it is promised, for about a minute.
func (r *restocker) asksDoor(b *box) (visit cloud.Visit, err error) {
	for range 5 {
		refill := cloud.RefillVisit{Person: r.person, By: restockerName, Round: r.round, Cabinet: b.id, Key: r.key()}
		visit, err = insists(r, func(ctx context.Context, s *server.Server) (cloud.Visit, error) {
			return s.Refills().Refill(ctx, refill)
		})
		r.town.note("door asked for", "cabinet", b.id, "visit", visit.ID, "error", err)
		if err == nil {
			return visit, nil
		}
		time.Sleep(between(r.chance, 5*time.Second, 15*time.Second))
	}
	return visit, err
}

// script puts in what was picked for the cabinet.
func (r *restocker) script(b *box) []shopper.Action {
	var script []shopper.Action
	for _, l := range r.look().LinesOf(b.id) {
		if l.Picked > 0 {
			script = append(script, shopper.Action{Do: shopper.Bring, AfterMS: 200, SKU: l.SKU, Qty: l.Picked},
				shopper.Action{Do: shopper.Put, AfterMS: 1500, Platform: l.Platform, SKU: l.SKU, Qty: l.Picked})
		}
	}
	return append(script, shopper.Action{Do: shopper.Shut, AfterMS: 1500})
}

// comesHome puts back on the shelf what is left. Who says the truth lacks nothing.
func (r *restocker) comesHome() {
	var rest []cloud.RestSaid
	for _, x := range r.look().InVan() {
		if x.Expected != r.hands[x.SKU] {
			r.town.t.Errorf("of %s %d should be left by the round, and %d are", x.SKU, x.Expected, r.hands[x.SKU])
		}
		rest = append(rest, cloud.RestSaid{SKU: x.SKU, Back: r.hands[x.SKU], Differ: x.Expected != r.hands[x.SKU]})
		r.shelf[x.SKU] += r.hands[x.SKU]
		r.hands[x.SKU] = 0
	}
	r.step(cloud.RoundFinish, cloud.RoundStepBody{Rest: rest})
}

// goods: what a round took out of the store lies in the cabinets or in the store again, by the books as in truth.
func (r *restocker) goods(k *books) {
	for _, w := range wares {
		of := func(account ledger.Account) int64 {
			return k.fleet.number(`SELECT COALESCE(SUM(amount), 0) FROM ledger_balances WHERE account = ? AND unit = ?`, string(account), string(ledger.Article(w.sku)))
		}
		if n := of(ledger.Shop("one")); n != int64(r.shelf[w.sku]) {
			k.Errorf("%s: the store's shelf has %d by the books, and there are %d", w.sku, n, r.shelf[w.sku])
		}
		if n := of(ledger.Van("one")); n != int64(r.hands[w.sku]) {
			k.Errorf("%s: the van has %d by the books, and there are %d", w.sku, n, r.hands[w.sku])
		}
	}
}
