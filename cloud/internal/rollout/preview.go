package rollout

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/planogram"
)

// looking is what one preview knows.
type looking struct {
	*Service
	tx       cloud.Tx
	ask      cloud.AskRollout
	articles map[protocol.SKU]cloud.Article
	drafts   map[protocol.CabinetID]cloud.Draft
	model    cloud.Cabinet // plan
	prices   map[protocol.SKU]protocol.Fen
	checked  map[string]planogram.Report // planograms; most cabinets are alike, and a check takes its time
}

func (s *Service) preview(tx cloud.Tx, a cloud.AskRollout) (p cloud.RolloutPreview, err error) {
	a.Why = strings.TrimSpace(a.Why)
	if !slices.Contains(cloud.RolloutKinds(), a.Kind) || a.By == "" || a.Why == "" || len(a.Why) > cloud.MaxNote {
		return p, protocol.Errorf(protocol.CodeMalformed, "want one of %v, who asks, and why in %d bytes at most", cloud.RolloutKinds(), cloud.MaxNote)
	}
	l := looking{Service: s, tx: tx, ask: a, checked: make(map[string]planogram.Report)}
	if p.Revision, err = tx.Plans.Revision(); err != nil {
		return p, err
	}
	if l.articles, err = s.Catalog.Articles(tx); err != nil {
		return p, err
	}
	if l.drafts, err = tx.WaitingDrafts(); err != nil {
		return p, err
	}
	if err := l.check(); err != nil {
		return p, err
	}
	p.Names = l.articles
	chosen, err := l.chosen()
	if err != nil {
		return p, err
	}
	if err := l.own(chosen); err != nil {
		return p, err
	}
	for _, c := range chosen {
		one, err := l.cabinet(c)
		if err != nil {
			return p, fmt.Errorf("cabinet %s: %w", c.ID, err)
		}
		p.Cabinets = append(p.Cabinets, one)
	}
	return p, nil
}

// check looks whether what is asked for can be.
func (l *looking) check() (err error) {
	what := l.ask.What
	known := func(sku protocol.SKU) error {
		if _, is := l.articles[sku]; !is {
			return protocol.Errorf(cloud.CodeUnknownArticle, "article %q is not in the assortment", sku)
		}
		return nil
	}
	switch l.ask.Kind {
	case cloud.RolloutPlan:
		if l.model, err = l.tx.Cabinets.Find(what.Model); err != nil {
			return err
		}
		l.model = l.drafts[what.Model].Over(l.model)
	case cloud.RolloutSwap:
		if what.From == what.To {
			return protocol.Errorf(protocol.CodeMalformed, "want two articles")
		}
		for _, sku := range []protocol.SKU{what.From, what.To} {
			if err := known(sku); err != nil {
				return err
			}
		}
	case cloud.RolloutPrices:
		if len(what.Prices) == 0 || !what.At.IsZero() && what.At.Before(l.Now()) {
			return protocol.Errorf(protocol.CodeMalformed, "want prices, and a time that is not past")
		}
		for sku, price := range what.Prices {
			if err := known(sku); err != nil {
				return err
			}
			if price < 1 || price > mostFen {
				return protocol.Errorf(protocol.CodeMalformed, "article %s: want a price of 1 to %d fen", sku, int64(mostFen))
			}
		}
		l.prices, err = current(l.tx)
	}
	return err
}

// mostFen is the highest price that an article may have.
const mostFen protocol.Fen = 10_000_00

// chosen are the cabinets that are asked for, by store and number; of prices all, for prices are the chain's.
func (l *looking) chosen() (chosen []cloud.Cabinet, err error) {
	all, err := l.tx.Cabinets.List()
	if err != nil {
		return nil, err
	}
	what := l.ask.What
	for _, id := range what.Cabinets {
		if !slices.ContainsFunc(all, func(c cloud.Cabinet) bool { return c.ID == id }) {
			return nil, protocol.Errorf(cloud.CodeUnknownCabinet, "cabinet %q is not in the plans", id)
		}
	}
	for _, c := range all {
		if l.ask.Kind == cloud.RolloutPrices || slices.Contains(what.Stores, c.Store) || slices.Contains(what.Cabinets, c.ID) {
			chosen = append(chosen, c)
		}
	}
	if len(chosen) == 0 {
		return nil, protocol.Errorf(protocol.CodeMalformed, "want cabinets, or stores that have some")
	}
	return chosen, nil
}

// own holds what is asked for to the stores that whoever asks is limited to, the model too: its planogram is not theirs to read.
func (l *looking) own(chosen []cloud.Cabinet) error {
	of, foreign := l.ask.Of, func(c cloud.Cabinet) bool { return !l.ask.Of.Holds(c.Store) }
	switch {
	case of == "":
		return nil
	case l.ask.Kind == cloud.RolloutPrices:
		return protocol.Errorf(cloud.CodeOtherStores, "prices are the same in all stores")
	case l.ask.Kind == cloud.RolloutPlan && foreign(l.model), slices.ContainsFunc(chosen, foreign),
		slices.ContainsFunc(l.ask.What.Stores, func(s cloud.StoreID) bool { return !of.Holds(s) }):
		return protocol.Errorf(cloud.CodeOtherStores, "%s sees to the stores %s alone", l.ask.By, of)
	}
	return nil
}

func (l *looking) cabinet(c cloud.Cabinet) (cloud.RolloutCabinet, error) {
	one := cloud.RolloutCabinet{Cabinet: c}
	if l.ask.Kind == cloud.RolloutPrices {
		l.tags(&one)
		return one, nil
	}
	next := c
	switch l.ask.Kind {
	case cloud.RolloutPlan:
		next, one.Why = l.like(c)
	case cloud.RolloutSwap:
		next, one.Why = l.swapped(c)
	}
	if one.Plan = cloud.PlanOf(next, c.Platforms); one.Why == "" && len(one.Plan) == 0 {
		one.Why = cloud.RolloutSame
	}
	if one.Why != "" {
		return one, nil
	}
	if err := l.turns(&one); err != nil {
		return one, err
	}
	return one, l.bars(&one, next)
}

// tags are the prices that change in a cabinet.
func (l *looking) tags(one *cloud.RolloutCabinet) {
	for _, p := range one.Cabinet.Platforms {
		for _, sku := range p.SKUs {
			if price, named := l.ask.What.Prices[sku]; named && price != l.prices[sku] {
				one.Turns = append(one.Turns, cloud.RolloutTurn{Platform: p.ID, SKU: sku, Was: l.prices[sku], Is: price})
			}
		}
	}
	if len(one.Turns) == 0 {
		one.Why = cloud.RolloutSame
	}
}

// like is a cabinet with the planogram of the model, which must have its platforms.
func (l *looking) like(c cloud.Cabinet) (cloud.Cabinet, cloud.RolloutReason) {
	if len(c.Platforms) != len(l.model.Platforms) {
		return c, cloud.RolloutOther
	}
	c.Platforms = slices.Clone(c.Platforms)
	for i := range c.Platforms {
		p := &c.Platforms[i]
		m := slices.IndexFunc(l.model.Platforms, func(q cloud.Platform) bool { return q.ID == p.ID })
		if m < 0 {
			return c, cloud.RolloutOther
		}
		p.SKUs, p.Par, p.Room = l.model.Platforms[m].SKUs, l.model.Platforms[m].Par, l.model.Platforms[m].Room
	}
	return c, ""
}

// swapped is a cabinet with one article in the place of another, and as many of it; how many fit nobody has said yet.
func (l *looking) swapped(c cloud.Cabinet) (cloud.Cabinet, cloud.RolloutReason) {
	from, to := l.ask.What.From, l.ask.What.To
	c.Platforms = slices.Clone(c.Platforms)
	for i := range c.Platforms {
		p := &c.Platforms[i]
		at := slices.Index(p.SKUs, from)
		if at < 0 {
			continue
		}
		if slices.Contains(p.SKUs, to) {
			return c, cloud.RolloutDoubled
		}
		p.SKUs, p.Par, p.Room = slices.Clone(p.SKUs), maps.Clone(p.Par), maps.Clone(p.Room)
		p.SKUs[at] = to
		if par := p.Par[from]; par > 0 {
			p.Par[to] = par
		}
		delete(p.Par, from)
		delete(p.Room, from)
	}
	return c, ""
}

// turns are the articles that come to a cabinet and leave it, and what is to be brought home.
func (l *looking) turns(one *cloud.RolloutCabinet) error {
	d := cloud.Draft{Plan: one.Plan}
	next := d.Over(one.Cabinet)
	for i, p := range one.Cabinet.Platforms {
		for _, sku := range d.Leaving(p) {
			there, err := l.tx.Ledger.Balance(ledger.Stock(one.Cabinet.ID, p.ID), ledger.Article(sku))
			if err != nil {
				return err
			}
			units := int(max(there, 0))
			one.Turns = append(one.Turns, cloud.RolloutTurn{Platform: p.ID, SKU: sku, Turn: cloud.TurnOut, Units: units})
			one.Home += units
			one.Cost += l.articles[sku].Cost * protocol.Fen(units)
		}
		for _, sku := range d.Coming(p) {
			one.Turns = append(one.Turns, cloud.RolloutTurn{Platform: p.ID, SKU: sku, Turn: cloud.TurnIn, Units: next.Platforms[i].Par[sku]})
		}
	}
	return nil
}

// bars says why a cabinet cannot be changed.
func (l *looking) bars(one *cloud.RolloutCabinet, next cloud.Cabinet) error {
	if _, waits := l.drafts[one.Cabinet.ID]; waits {
		one.Why = cloud.RolloutWaits
		return nil
	}
	for _, t := range one.Turns {
		a := l.articles[t.SKU]
		switch {
		case t.Turn != cloud.TurnIn:
		case a.MinAge > 0 && !l.Ages:
			one.Why = cloud.RolloutAge
		case a.Retired && !lies(one.Cabinet, t.SKU):
			one.Why = cloud.RolloutRetired
		}
	}
	report, err := l.report(next)
	if err != nil {
		one.Why = cloud.RolloutTooHeavy
		return nil
	}
	one.Reviews = int(report.Reviews + 0.5)
	for _, load := range report.Platforms {
		changed := slices.ContainsFunc(one.Plan, func(p cloud.DraftPlatform) bool { return p.ID == load.Platform })
		if changed && load.Over() > 0 {
			one.Why = cloud.RolloutTooHeavy
		}
	}
	return nil
}

// report is the check of a cabinet as it would be.
func (l *looking) report(next cloud.Cabinet) (planogram.Report, error) {
	plan := next.Planogram(l.articles, nil)
	key := fmt.Sprint(plan)
	if known, is := l.checked[key]; is {
		return known, nil
	}
	report, err := planogram.Check(plan)
	if err == nil {
		l.checked[key] = report
	}
	return report, err
}

func lies(c cloud.Cabinet, sku protocol.SKU) bool {
	return slices.ContainsFunc(c.Platforms, func(p cloud.Platform) bool { return slices.Contains(p.SKUs, sku) })
}
