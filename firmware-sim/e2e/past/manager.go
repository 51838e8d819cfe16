package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// closeDay takes in the provider's statement of a day and closes it, for each store and for the chain itself.
func (s *story) closeDay(ctx context.Context, day int) error {
	if err := s.fleet.Due(ctx); err != nil {
		return err
	}
	text := s.first.AddDate(0, 0, day).Format(time.DateOnly)
	var file bytes.Buffer
	lines, err := s.fleet.Admin().SimulatedStatement(ctx, &file, text)
	if err != nil {
		return err
	}
	if lines > 0 {
		if _, bad, err := s.fleet.Statements().Import(ctx, cloud.StatementFile{Name: text + ".csv", By: "manager", First: ledger.Day(text), Last: ledger.Day(text), Text: &file}); err != nil || len(bad) > 0 {
			return errors.Join(err, fmt.Errorf("statement of %s: %d bad rows", text, len(bad)))
		}
	}
	stores := []cloud.StoreID{cloud.Chainwide}
	for _, store := range s.town.Stores {
		stores = append(stores, cloud.StoreID(store.ID))
	}
	for _, store := range stores {
		s.pass(30 * time.Second)
		_, err := s.fleet.Days().Close(ctx, cloud.CloseDay{
			Store: store, Day: ledger.Day(text), By: "manager", Role: protocol.RoleManager, Note: "已核对",
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// troubles are what goes wrong on some days, and a price that is lower for some time.
func (s *story) troubles(day int) (all []moment) {
	add := func(hour, minute int, do func(context.Context) error) {
		all = append(all, moment{s.at(day, hour, minute), do})
	}
	if day%9 == 1 { // A cabinet loses its network in an evening.
		b := s.boxes[(day/9+1)%len(s.boxes)]
		add(20, 40, func(context.Context) error { b.off = true; return b.Disconnect() })
		add(23, 20, func(context.Context) error { b.off = false; return errors.Join(b.Connect(), b.Deliver(), b.Tell()) })
	}
	if day%11 == 2 { // A scale falls silent, and its compartment stops selling until somebody has come.
		b := s.boxes[(day/11+3)%len(s.boxes)]
		sick := b.plan.Platforms[0].ID
		add(14, 10, func(context.Context) error { b.sick = sick; return errors.Join(b.Fault(sick, "silent"), b.Deliver()) })
		add(14, 40, func(context.Context) error { return errors.Join(b.Stop(), b.Deliver(), b.Tell()) })
		add(17, 5, func(context.Context) error { b.sick = ""; return errors.Join(b.Clear(sick), b.Deliver(), b.Tell()) })
	}
	if begins, ends := s.o.days/3, s.o.days*2/3; ends > begins && (day == begins || day == ends) {
		add(9, 5, func(ctx context.Context) error { return s.reprice(ctx, day == begins) })
	}
	return all
}

// rules are what the chain does when a date comes near: what spoils soonest costs less on its last day, milk and bread from the day
// before.
const rules = "category,days_left,percent,at_cost,alert_days\n" +
	"fresh-meal,0,40,0,0\nfresh,1,20,0,1\nfresh,0,50,0,1\nbakery,1,20,0,1\nbakery,0,50,0,1\ndairy,2,20,0,2\ndairy,0,40,0,2\n"

// ruled says them, before anything is sold.
func (s *story) ruled(ctx context.Context) error {
	_, err := s.fleet.Planning().Apply(ctx, cloud.Intake{Kind: cloud.MasterMarkdowns, Text: []byte(rules), By: "manager"}, 0)
	return err
}

// offered is by how many tenths a price is lower for some time.
const offered = 2

// reprice lowers the price of the first article, or takes that back.
func (s *story) reprice(ctx context.Context, lower bool) error {
	_, document, err := readTown(s.place)
	if err != nil {
		return err
	}
	var all map[string]any
	if err := json.Unmarshal(document, &all); err != nil {
		return err
	}
	first, ok := all["articles"].([]any)[0].(map[string]any)
	if price, number := first["price_fen"].(float64); ok && number && lower {
		first["price_fen"] = int64(price) * (10 - offered) / 10
	}
	if document, err = json.Marshal(all); err != nil {
		return err
	}
	if _, err := s.fleet.Planning().Apply(ctx, cloud.Intake{Kind: cloud.MasterAll, Text: document, By: "manager"}, 0); err != nil {
		return err
	}
	return s.fleet.Due(ctx)
}
