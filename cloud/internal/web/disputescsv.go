package web

import (
	"fmt"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
)

// casesExported bounds the objections of each kind in one file, open and decided.
const casesExported = 5000

// disputesTable gives the objections as CSV, line by line, with what was ruled and what the provider gave back.
func (p *Pages) disputesTable(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	of, _, err := p.narrowed(c)
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("disputes: %w", err)
	}
	w := dayWords{v: v, loc: zone(chain)}
	t := table{head: w.heads("dispute", "at", "visit", "cabinet", "sku", "objected", "reason", "ruledat", "by", "ruledyuan", "fate", "refundyuan", "waivedyuan", "returnedyuan", "note")}
	for _, open := range []bool{true, false} {
		cases, err := p.Disputes.Cases(ctx, of, open, casesExported)
		if err != nil {
			return fmt.Errorf("disputes: %w", err)
		}
		for _, d := range cases {
			t.rows = append(t.rows, w.disputeRows(d)...)
		}
	}
	return t.send(c, "disputes.csv")
}

// disputeRows are the lines of one objection. The sums of its ruling stand on the first one, so that they can be added up.
func (w dayWords) disputeRows(d cloud.DisputeCase) (rows [][]string) {
	for i, l := range d.Lines {
		row := []string{
			d.ID.String(), w.stamp(d.At), d.Visit.ID.String(), string(d.Visit.Cabinet), string(l.SKU), number(int64(l.Qty)), w.v.say("complaint." + string(l.Why)),
			"", "", "", "", "", "", "", "",
		}
		if d.Ruling != nil {
			row[7], row[8] = w.stamp(d.Ruling.At), d.Ruling.By
			row[9], row[10] = w.ruled(*d.Ruling, l.SKU)
			if i == 0 {
				row[11], row[12], row[13], row[14] = decimal(d.Ruling.Refund), decimal(d.Ruling.Waived), decimal(d.Returned()), d.Ruling.Reason
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// ruled is what a ruling lets go of an article, and what becomes of its goods.
func (w dayWords) ruled(r cloud.Ruling, sku protocol.SKU) (yuan, fate string) {
	var sum protocol.Fen
	var fates []string
	for _, l := range r.Lines {
		if l.SKU == sku {
			sum += l.Amount
			fate := "fate." + string(l.Goods)
			if l.Goods == cloud.FateMisplaced {
				fates = append(fates, w.v.say(fate, l.Platform))
				continue
			}
			fates = append(fates, w.v.say(fate))
		}
	}
	return decimal(sum), strings.Join(fates, "; ")
}
