package desired

import (
	"context"
	"fmt"
	"maps"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// reprice takes in the prices of articles, which hold at once, and those that are to come.
func (s *Service) reprice(tx cloud.Tx, m cloud.MasterData) error {
	prices := make(map[protocol.SKU]protocol.Fen, len(m.Articles))
	for _, a := range m.Articles {
		if a.Price <= 0 {
			return protocol.Errorf(protocol.CodeMalformed, "article %s: price %d fen: want more than 0", a.SKU, int64(a.Price))
		}
		prices[a.SKU] = a.Price
	}
	version, changed, err := s.priceList(tx, prices)
	if err != nil {
		return err
	}
	if len(changed) > 0 {
		now := s.Now()
		number, err := tx.Changes.Add(cloud.PriceChange{From: now, Entered: now, By: m.By, Prices: changed})
		if err != nil {
			return err
		}
		if err := tx.Changes.End(number, cloud.PriceEnd{At: now, Version: version}); err != nil {
			return err
		}
	}
	if m.Coming == nil {
		return nil
	}
	coming := *m.Coming
	coming.Entered = s.Now()
	_, err = tx.Changes.Add(coming)
	return err
}

// priceList makes a new version where a price changed, and tells which did; an article that is not named keeps its price.
func (s *Service) priceList(tx cloud.Tx, prices map[protocol.SKU]protocol.Fen) (version uint32, changed map[protocol.SKU]protocol.Fen, err error) {
	if version, err = tx.Prices.Current(); err != nil {
		return 0, nil, err
	}
	list := map[protocol.SKU]protocol.Fen{}
	if version > 0 {
		before, err := tx.Prices.Of(version)
		if err != nil {
			return 0, nil, err
		}
		list = maps.Clone(before)
	}
	changed = map[protocol.SKU]protocol.Fen{}
	for sku, price := range prices {
		if was, known := list[sku]; !known || was != price {
			list[sku], changed[sku] = price, price
		}
	}
	if version > 0 && len(changed) == 0 {
		return version, nil, nil
	}
	if version, err = tx.Prices.Next(); err != nil {
		return 0, nil, err
	}
	if err := tx.Prices.Add(version, list, s.Now()); err != nil {
		return 0, nil, err
	}
	return version, changed, s.remark(tx)
}

// costs keeps what articles cost from now on, where that is new. It looks before the articles are saved.
func (s *Service) costs(tx cloud.Tx, m cloud.MasterData) error {
	if len(m.Articles) == 0 {
		return nil
	}
	list, err := tx.Plans.Articles()
	if err != nil {
		return err
	}
	before := make(map[protocol.SKU]protocol.Fen, len(list))
	for _, a := range list {
		before[a.SKU] = a.Cost
	}
	for _, a := range m.Articles {
		if was, known := before[a.SKU]; known && was == a.Cost {
			continue
		}
		if err := tx.Costs.Add(cloud.CostChange{SKU: a.SKU, From: s.Now(), Cost: a.Cost, By: m.By}); err != nil {
			return err
		}
	}
	return nil
}

// Turn lets the changes of prices hold whose time has come, each as a version of its own, and tells how long it is until
// the next one; 0 where none is to come.
func (s *Service) Turn(ctx context.Context) (next time.Duration, err error) {
	var coming []cloud.PriceChange
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		coming, err = tx.Changes.Coming()
		return err
	}); err != nil || len(coming) == 0 {
		return 0, err
	}
	if wait := coming[0].From.Sub(s.Now()); wait > 0 {
		return wait, nil
	}
	if err := s.DB.Update(ctx, func(tx cloud.Tx) (err error) {
		next, err = s.turn(tx)
		return err
	}); err != nil {
		return 0, fmt.Errorf("turn prices: %w", err)
	}
	return next, nil
}

// turn is Turn within its transaction: another process may have withdrawn or turned what was due a moment ago.
func (s *Service) turn(tx cloud.Tx) (next time.Duration, err error) {
	coming, err := tx.Changes.Coming()
	if err != nil {
		return 0, err
	}
	prices, now := map[protocol.SKU]protocol.Fen{}, s.Now()
	for _, c := range coming {
		if wait := c.From.Sub(now); wait > 0 {
			next = wait
			break
		}
		version, _, err := s.priceList(tx, c.Prices)
		if err != nil {
			return 0, err
		}
		if err := tx.Changes.End(c.Number, cloud.PriceEnd{At: now, Version: version}); err != nil {
			return 0, err
		}
		maps.Copy(prices, c.Prices)
	}
	if len(prices) == 0 {
		return next, nil
	}
	return next, s.tagged(tx, prices)
}

// tagged puts new prices on the articles, and states anew what cabinets show.
func (s *Service) tagged(tx cloud.Tx, prices map[protocol.SKU]protocol.Fen) error {
	chain, err := tx.Plans.Chain()
	if err != nil {
		return err
	}
	list, err := tx.Plans.Articles()
	if err != nil {
		return err
	}
	m := cloud.MasterData{Chain: chain}
	for _, a := range list {
		if price, named := prices[a.SKU]; named {
			a.Price = price
			m.Articles = append(m.Articles, a)
		}
	}
	if err := tx.Plans.Save(m); err != nil {
		return err
	}
	return s.restate(tx)
}

// Withdraw implements cloud.Planning. A change whose time has come is not withdrawn, even where its version is not made yet.
func (s *Service) Withdraw(ctx context.Context, number uint32, by string) error {
	err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		return s.WithdrawPrices(tx, number, by)
	})
	if err != nil {
		return fmt.Errorf("withdraw price change %d: %w", number, err)
	}
	return nil
}

// WithdrawPrices takes a change of prices back that does not hold yet, in the caller's transaction.
func (s *Service) WithdrawPrices(tx cloud.Tx, number uint32, by string) error {
	coming, err := tx.Changes.Coming()
	if err != nil {
		return err
	}
	for _, c := range coming {
		if c.Number == number && !c.From.After(s.Now()) {
			return protocol.Errorf(cloud.CodeConflict, "it holds already")
		}
	}
	if err := tx.Changes.End(number, cloud.PriceEnd{At: s.Now(), By: by}); err != nil {
		return err
	}
	return touch(tx) // Whoever looked at it before is told.
}

// AddPrices enters a change of prices, in the caller's transaction.
func (s *Service) AddPrices(tx cloud.Tx, c cloud.PriceChange) (number uint32, err error) {
	c.Entered = s.Now()
	if number, err = tx.Changes.Add(c); err != nil {
		return 0, err
	}
	return number, touch(tx)
}
