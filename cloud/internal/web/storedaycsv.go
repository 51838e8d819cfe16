package web

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/spreadsheet"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// table is what a spreadsheet opens.
type table struct {
	head []string
	rows [][]string
}

// mostExported is how many days one file has at most.
const mostExported = 31

// daysOfFile are the days that a file is asked for: one, where no last one is named.
func daysOfFile(first, to ledger.Day) (ledger.Day, ledger.Day, error) {
	last := cmp.Or(to, first)
	if !first.Valid() || !last.Valid() || last < first || last >= first.Add(mostExported) {
		return "", "", protocol.Errorf(protocol.CodeMalformed, "days: want one, or up to another that is not before it, and %d at most", mostExported)
	}
	return first, last, nil
}

// storeDayTable gives a part of the day as CSV, or of the days up to the one that the address asks for.
func (p *Pages) storeDayTable(c echo.Context) error {
	store, name := cloud.StoreID(c.Param("store")), c.Param("table")
	first, last, err := daysOfFile(ledger.Day(c.Param("day")), ledger.Day(c.QueryParam("to")))
	if err != nil {
		return err
	}
	span := string(first)
	if last > first {
		span += "-" + string(last)
	}
	chain, err := p.Fleet.Chain(c.Request().Context())
	if err != nil {
		return err
	}
	var all table
	for day := first; day <= last; day = day.Add(1) {
		t, err := p.dayTable(c, chain, store, day)
		if err != nil {
			return err
		}
		all.head = t.head
		all.rows = append(all.rows, t.rows...)
	}
	return all.send(c, fmt.Sprintf("%s-%s-%s", store, span, name))
}

// dayTable is one day's part of the table that the address asks for.
func (p *Pages) dayTable(c echo.Context, chain cloud.Chain, store cloud.StoreID, day ledger.Day) (table, error) {
	ctx, v := c.Request().Context(), p.view(c)
	w := dayWords{v: v, loc: zone(chain)}
	if c.Param("table") == "entries.csv" {
		entries, err := p.StoreDays.Entries(ctx, store, day)
		return w.entriesTable(entries), err
	}
	var err error
	if w.d, err = p.StoreDays.Day(ctx, store, day); err != nil {
		return table{}, err
	}
	var t table
	switch c.Param("table") {
	case "goods.csv":
		t = w.goodsTable()
	case "differences.csv":
		t = w.differencesTable()
	case "money.csv":
		t = w.moneyTable()
	case "margin.csv":
		t = w.marginTable()
	case "statement.csv":
		pairs, err := p.StoreDays.Pairs(ctx, store, day)
		if err != nil {
			return table{}, err
		}
		t = w.statementTable(pairs)
	default:
		return table{}, protocol.Errorf(cloud.CodeNotFound, "no table of that name")
	}
	return t.dated(w.heads("day")[0], day), nil
}

// dated puts the day in front of each row, so that files of several days can be told apart.
func (t table) dated(head string, day ledger.Day) table {
	dated := table{head: append([]string{head}, t.head...)}
	for _, row := range t.rows {
		dated.rows = append(dated.rows, append([]string{string(day)}, row...))
	}
	return dated
}

// send gives the table out as spreadsheets open it.
func (t table) send(c echo.Context, name string) error {
	text := spreadsheet.Write(t.head, t.rows)
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", text)
}

func (w dayWords) heads(keys ...string) []string {
	heads := make([]string, len(keys))
	for i, key := range keys {
		heads[i] = w.v.say("csv." + key)
	}
	return heads
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// decimal is a sum as a spreadsheet reads it.
func decimal(f protocol.Fen) string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%d.%02d", sign, f/100, f%100)
}

func (w dayWords) stamp(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(w.loc).Format("2006-01-02 15:04:05")
}

func (w dayWords) goodsTable() table {
	keys := []string{"cabinet", "sku", "name", "opening"}
	t := table{head: w.heads(keys...)}
	for _, way := range reconcile.Ways() {
		t.head = append(t.head, w.v.say("way."+string(way)))
	}
	t.head = append(t.head, w.heads("closing", "scales", "low", "high", "read", "counted", "difference", "before", "elsewhere", "cost")...)
	for _, g := range w.d.Goods {
		row := []string{string(g.Cabinet), string(g.SKU), w.name(g.SKU), number(g.Opening)}
		for _, way := range reconcile.Ways() {
			row = append(row, number(g.Total(way)))
		}
		row = append(row, number(g.Closing))
		if g.Scales == nil {
			row = append(row, "", "", "", "")
		} else {
			row = append(row, number(g.Scales.Qty), number(g.Scales.Low), number(g.Scales.High), w.stamp(g.Scales.At))
		}
		counted := ""
		if g.Count != nil {
			counted = number(*g.Count)
		}
		t.rows = append(t.rows, append(row, counted, number(g.Diff()), number(g.Before), number(g.Elsewhere), decimal(w.d.Articles[g.SKU].Cost)))
	}
	return t
}

func (w dayWords) differencesTable() table {
	t := table{head: w.heads("cabinet", "sku", "name", "closing", "scales", "difference", "before", "atcost", "cause", "evidence")}
	for _, d := range w.d.Differences {
		var evidence []string
		for _, e := range d.Evidence {
			evidence = append(evidence, strings.TrimSpace(w.evidence(e).Say+" "+e.ID))
		}
		t.rows = append(t.rows, []string{
			string(d.Goods.Cabinet), string(d.Goods.SKU), w.name(d.Goods.SKU), number(d.Goods.Closing), number(d.Goods.Scales.Qty), number(d.Goods.Diff()),
			number(d.Goods.Before), decimal(d.Cost), w.v.say("cause." + string(d.Cause)), strings.Join(evidence, "; "),
		})
	}
	return t
}

func (w dayWords) moneyTable() table {
	m, p := w.d.Money, w.d.Paid
	t := table{head: w.heads("what", "yuan")}
	for _, l := range []struct {
		key string
		sum protocol.Fen
	}{
		{"money.turnover", m.Billed},
		{"money.takenback", -m.TakenBack},
		{"money.captured", m.Captured},
		{"money.refunded", -m.Refunded},
		{"money.cash", m.Cash},
		{"money.balance", m.Balance},
		{"money.debtmade", m.DebtMade},
		{"money.debtended", -m.DebtEnded},
		{"money.waived", m.Waived},
		{"money.underway", m.UnderWay},
		{"money.held", m.Held},
		{"money.freed", -m.Freed},
		{"payout.fees", -p.Fees},
		{"payout.stated", p.Net()},
		{"payout.gap", m.Gap(p)},
	} {
		t.rows = append(t.rows, []string{w.v.say(l.key), decimal(l.sum)})
	}
	return t
}

func (w dayWords) marginTable() table {
	t := table{head: w.heads("cabinet", "gross", "net", "costofsales", "margin", "stock", "waste", "shrink")}
	for _, c := range w.d.Cabinets {
		e, there := w.d.Earned[c.ID]
		if there {
			t.rows = append(t.rows, []string{string(c.ID), decimal(e.Gross), decimal(e.Net), decimal(e.Cost), decimal(e.Margin()), decimal(e.Stock), decimal(e.Waste), decimal(e.Shrink)})
		}
	}
	return t
}

func (w dayWords) statementTable(pairs []reconcile.Pair) table {
	t := table{head: w.heads("state", "kind", "order", "refund", "stated", "booked", "fee", "statedat", "bookedon", "merchant", "visit")}
	for _, p := range pairs {
		row := []string{w.v.say("pair." + string(p.State)), "", "", "", "", "", "", "", "", "", ""}
		if b := p.Booked; b != nil {
			row[1], row[2], row[5], row[8] = string(b.Kind), b.Number, decimal(b.Amount), string(b.Day)
			if !b.Visit.IsZero() { // What is paid ahead is of none.
				row[10] = b.Visit.String()
			}
			if b.Kind == reconcile.Refund {
				row[2], row[3] = "", b.Number
			}
		}
		if s := p.Stated; s != nil {
			row[1], row[2], row[3], row[4], row[6], row[7], row[9] = string(s.Kind), s.Order, s.Refund, decimal(s.Amount), decimal(s.Fee), w.stamp(s.At), s.Merchant
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func (w dayWords) entriesTable(entries []ledger.Entry) table {
	t := table{head: w.heads("entry", "at", "day", "late", "ref", "cabinet", "account", "unit", "amount")}
	for _, e := range entries {
		for _, p := range e.Postings {
			t.rows = append(t.rows, []string{
				e.ID.String(), w.stamp(e.At), string(e.Day), string(e.Late), string(e.Ref), string(e.Cabinet), string(p.Account), string(p.Unit), number(p.Amount),
			})
		}
	}
	return t
}
