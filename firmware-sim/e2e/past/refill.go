package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/firmware-sim/cabinet"
	"allhours/protocol"
)

// round walks a store's round of the day, from the shelf into the lanes.
func (s *story) round(ctx context.Context, store string) error {
	needs, err := s.fleet.RoundPlans().Needs(ctx, cloud.StoreID(store))
	if err != nil {
		return err
	}
	wanted := map[protocol.SKU]int{}
	var stops []protocol.CabinetID
	var lines []cloud.PlannedLine
	for _, n := range needs.Stops {
		b := s.boxOf(n.Cabinet.ID)
		lacks, over := s.lacking(b, n)
		if len(lacks)+over == 0 || b.off {
			continue
		}
		stops, lines = append(stops, n.Cabinet.ID), append(lines, lacks...)
		for _, l := range lacks {
			wanted[l.SKU] += l.Units
		}
	}
	if len(stops) == 0 {
		return nil
	}
	if err := s.receive(ctx, store, wanted); err != nil {
		return err
	}
	r, err := s.fleet.Rounds().Plan(ctx, cloud.PlanRound{
		Person: s.staff[protocol.RoleManager], By: "manager", Key: s.key(), Store: cloud.StoreID(store), Restocker: s.staff[protocol.RoleRestocker], Cabinets: stops, Lines: lines,
	})
	if err != nil {
		return err
	}
	w := &walk{s, r.ID}
	return w.all(ctx, r)
}

// lacking is what fills the lanes of a cabinet, whatever the shelf has, for the supplier comes before the round; and how many units
// are past their date by then.
func (s *story) lacking(b *box, n cloud.StopNeed) (lines []cloud.PlannedLine, over int) {
	for _, l := range n.Lines {
		over += l.Expired
		full := l.Proposed
		if l.HasPar {
			full = min(l.Par, s.sells(b, l.Article))
		}
		if units := full - max(l.Book-l.Expired, 0); units > 0 {
			lines = append(lines, cloud.PlannedLine{Place: l.Place, Units: units})
		}
	}
	return lines, over
}

// How a manager orders what spoils soon.
const (
	spoilsIn  = 14 // days, or sooner
	ordersFor = 3  // days of sales
	leastOf   = 2  // units that a lane is filled up to at least
)

// sells is up to how many units somebody who knows the neighbourhood fills a lane with what spoils soon: what is asked for in some days,
// or while it keeps, and a little more.
func (s *story) sells(b *box, a cloud.Article) int {
	if a.ShelfLifeDays == 0 || a.ShelfLifeDays > spoilsIn {
		return math.MaxInt
	}
	i := slices.IndexFunc(s.town.Articles, func(t article) bool { return t.SKU == a.SKU })
	from := int(s.now().Sub(s.first).Hours())
	wanted := s.wishes.Mean(b.number, i, from, from+24*min(a.ShelfLifeDays, ordersFor))
	return max(int(math.Ceil(wanted+math.Sqrt(wanted)/2)), leastOf)
}

// receive lets a supplier bring what the store's shelf lacks, in whole cases.
func (s *story) receive(ctx context.Context, store string, wanted map[protocol.SKU]int) error {
	have := s.shelf[store]
	if have == nil {
		have = map[protocol.SKU]int{}
		s.shelf[store] = have
	}
	var lines []cloud.MovedLine
	for _, a := range s.town.Articles {
		if lack := wanted[a.SKU] - have[a.SKU]; lack > 0 {
			size := max(a.CaseSize, 1)
			units := (lack + size - 1) / size * size
			lines = append(lines, cloud.MovedLine{SKU: a.SKU, Qty: units})
			have[a.SKU] += units
		}
		have[a.SKU] -= wanted[a.SKU]
	}
	if len(lines) == 0 {
		return nil
	}
	_, err := s.fleet.Goods().Move(ctx, cloud.MoveGoods{
		Person: s.staff[protocol.RoleManager], By: "manager", Key: s.key(), Kind: cloud.MoveReceive, To: ledger.Shop(store), Lines: lines,
	})
	return err
}

// walk is a round that is under way.
type walk struct {
	*story
	round protocol.UUID
}

func (w *walk) step(ctx context.Context, kind cloud.RoundStepKind, body cloud.RoundStepBody) (cloud.RoundView, error) {
	w.pass(15 * time.Second)
	if body.Cabinet != "" {
		b := w.boxOf(body.Cabinet)
		if err := errors.Join(b.Deliver(), b.Tell()); err != nil {
			return cloud.RoundView{}, err
		}
	}
	view, err := w.fleet.Rounds().Step(ctx, cloud.RoundStep{
		Round: w.round, Person: w.staff[protocol.RoleRestocker], By: "restocker", Key: w.key(), Kind: kind, RoundStepBody: body,
	})
	if err != nil {
		err = fmt.Errorf("%s %+v: %w", kind, body, err)
	}
	return view, err
}

func (w *walk) all(ctx context.Context, r cloud.Round) error {
	if _, err := w.step(ctx, cloud.RoundStart, cloud.RoundStepBody{}); err != nil {
		return err
	}
	planned := map[protocol.SKU]int{}
	for _, l := range r.Lines {
		planned[l.SKU] += l.Planned
	}
	for _, a := range w.town.Articles {
		if planned[a.SKU] == 0 {
			continue
		}
		if _, err := w.step(ctx, cloud.RoundPick, cloud.RoundStepBody{SKU: a.SKU, Units: planned[a.SKU]}); err != nil {
			return err
		}
	}
	if _, err := w.step(ctx, cloud.RoundDepart, cloud.RoundStepBody{}); err != nil {
		return err
	}
	for _, stop := range r.Stops {
		w.pass(4 * time.Minute)
		if err := w.fill(ctx, w.boxOf(stop.Cabinet)); err != nil {
			return fmt.Errorf("stop at %s: %w", stop.Cabinet, err)
		}
	}
	return w.finish(ctx)
}

// finish ends the round with an empty van, whatever the books say.
func (w *walk) finish(ctx context.Context) error {
	view, err := w.fleet.Rounds().Round(ctx, w.round)
	if err != nil {
		return err
	}
	var rest []cloud.RestSaid
	for _, r := range view.InVan() {
		if r.Expected != 0 {
			rest = append(rest, cloud.RestSaid{SKU: r.SKU, Differ: true})
		}
	}
	_, err = w.step(ctx, cloud.RoundFinish, cloud.RoundStepBody{Rest: rest})
	return err
}

// fill opens one cabinet, takes out what is past its date and puts in what was planned.
func (w *walk) fill(ctx context.Context, b *box) error {
	if err := b.Tell(); err != nil {
		return err
	}
	v, err := w.fleet.Refills().Refill(ctx, cloud.RefillVisit{
		Person: w.staff[protocol.RoleRestocker], By: "restocker", Round: w.round, Cabinet: b.ID(), Key: w.key(),
	})
	if err != nil {
		return err
	}
	lines, err := w.found(ctx, b)
	if err != nil {
		return err
	}
	var acts []act
	for _, l := range lines {
		if l.Expired > 0 {
			acts = append(acts, b.take(l.Platform, l.SKU, l.Expired))
			w.count.spoilt += l.Expired
		}
		if l.Planned > 0 {
			acts = append(acts, b.bring(l.Platform, b.good(l.Platform, l.SKU), l.Planned))
		}
	}
	w.count.refills++
	if err := b.visit(rand.New(rand.NewPCG(w.rng.Uint64(), 3)), v.ID, acts); err != nil {
		return err
	}
	var view cloud.RoundView
	for _, l := range lines {
		said := cloud.RoundStepBody{Cabinet: b.ID(), Platform: l.Platform, SKU: l.SKU, Units: l.Planned, Removed: l.Expired}
		if l.Expired > 0 {
			said.Reason = ledger.Expired
		}
		if view, err = w.step(ctx, cloud.RoundCount, said); err != nil {
			return err
		}
	}
	for _, f := range view.Findings(b.ID()) {
		if f.Verdict != picking.Ask {
			continue
		}
		answer := cloud.RoundStepBody{Cabinet: b.ID(), Platform: f.Platform, SKU: f.SKU, Answer: picking.SaidRight}
		_, err := w.step(ctx, cloud.RoundAnswer, answer)
		if protocol.CodeOf(err) == cloud.CodeConflict { // The books cannot follow; they will be counted.
			answer.Answer = picking.ScalesRight
			_, err = w.step(ctx, cloud.RoundAnswer, answer)
		}
		if err != nil {
			return err
		}
	}
	if _, err := w.step(ctx, cloud.RoundClose, cloud.RoundStepBody{Cabinet: b.ID()}); err != nil {
		return err
	}
	return w.stocktake(ctx, b)
}

// found are the lines of a stop whose door is about to open, with what is past its date there: no more of it than really lies there.
func (w *walk) found(ctx context.Context, b *box) ([]cloud.RoundLine, error) {
	view, err := w.fleet.Rounds().Round(ctx, w.round)
	lines := view.LinesOf(b.ID())
	for i := range lines {
		l := &lines[i]
		l.Expired = min(l.Expired, b.there(l.Platform, l.SKU))
	}
	return lines, err
}

func (b *box) good(p protocol.PlatformID, sku protocol.SKU) cabinet.Good {
	for _, platform := range b.plan.Platforms {
		for _, g := range platform.Goods {
			if platform.ID == p && g.SKU == sku {
				return g
			}
		}
	}
	return cabinet.Good{SKU: sku}
}

// stocktake looks whether the books have what lies there, and counts where they have not.
func (s *story) stocktake(ctx context.Context, b *box) error {
	goods, err := s.fleet.Fleet().Goods(ctx, b.ID())
	if err != nil {
		return err
	}
	own, err := b.Book()
	if err != nil {
		return err
	}
	for _, p := range b.plan.Platforms {
		var lines []cloud.MovedLine
		differs := false
		for _, g := range goods {
			if g.Platform == p.ID {
				there := b.there(p.ID, g.Article.SKU)
				lines = append(lines, cloud.MovedLine{SKU: g.Article.SKU, Qty: there})
				differs = differs || g.Units != there || own[p.ID][g.Article.SKU] != there
			}
		}
		if !differs {
			continue
		}
		s.count.counted++
		if err := errors.Join(b.Deliver(), b.Tell()); err != nil {
			return err
		}
		if _, err := s.fleet.Goods().Move(ctx, cloud.MoveGoods{
			Person: s.staff[protocol.RoleRestocker], By: "restocker", Key: s.key(), Kind: cloud.MoveCount, From: ledger.Stock(b.ID(), p.ID), Lines: lines,
		}); err != nil {
			return err
		}
	}
	return b.Deliver()
}
