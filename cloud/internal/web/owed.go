package web

import (
	"fmt"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
)

// owedExported bounds the debts in one file.
const owedExported = 10_000

// owedView is what is owed, whoever owes it.
type owedView struct {
	Head   string
	Lead   string
	Rows   []openDebtRow
	More   string // where the list goes on; empty: nowhere
	Begins string // where it begins; empty: here
}

// openDebtRow is the debt of one visit.
type openDebtRow struct {
	cloud.OpenDebt
	Number string // of the receipt
	Day    moment
	Again  moment // when it is charged by itself again
	Over   bool   // it is not any more
}

func (p *Pages) owed(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	after, err := afterOf(c)
	if err != nil {
		return err
	}
	list, err := p.Debtors.Debts(ctx, after)
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("owed: %w", err)
	}
	view := owedView{Head: v.say("owed.none")}
	if list.Count > 0 {
		view.Head, view.Lead = v.count("owed.open", list.Count), v.say("owed.sum", list.Sum)
	}
	loc := zone(chain)
	for _, d := range list.Debts {
		view.Rows = append(view.Rows, openDebtRow{
			OpenDebt: d, Number: cloud.Visit{ID: d.Visit}.Number(), Day: moment{At: d.Since.In(loc), Day: true}, Again: moment{At: d.Next.In(loc), Day: true}, Over: d.Next.IsZero(),
		})
	}
	if list.More {
		view.More = "/owed?after=" + list.Debts[len(list.Debts)-1].Visit.String()
	}
	if !after.IsZero() {
		view.Begins = "/owed"
	}
	return p.show(c, screen{Template: "owed", Face: "staff", Title: v.say("owed.title"), Say: view.Head, Path: "/owed", Nav: "support", Data: view})
}

// afterOf is the debt behind which the list goes on.
func afterOf(c echo.Context) (after protocol.VisitID, err error) {
	if text := c.QueryParam("after"); text != "" {
		if after, err = protocol.ParseUUID(text); err != nil {
			return after, protocol.Errorf(protocol.CodeMalformed, "after: want the id of a visit")
		}
	}
	return after, nil
}

// owedTable gives what is owed as CSV.
func (p *Pages) owedTable(c echo.Context) error {
	ctx := c.Request().Context()
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("owed: %w", err)
	}
	w := dayWords{v: p.view(c), loc: zone(chain)}
	t := table{head: w.heads("visit", "cabinet", "at", "yuan", "tries", "nexttry", "resident")}
	var after protocol.VisitID
	for more := true; more && len(t.rows) < owedExported; {
		list, err := p.Debtors.Debts(ctx, after)
		if err != nil {
			return err
		}
		for _, d := range list.Debts {
			t.rows = append(t.rows, []string{d.Visit.String(), string(d.Cabinet), w.stamp(d.Since), decimal(d.Amount), number(int64(d.Tries)), w.stamp(d.Next), d.Masked})
			after = d.Visit
		}
		more = list.More
	}
	return t.send(c, "owed.csv")
}
