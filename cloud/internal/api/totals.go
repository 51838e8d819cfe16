package api

import (
	"cmp"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// totalRoutes tell what the chain came to.
func (a *API) totalRoutes() []httpx.Route {
	return []httpx.Route{{Method: http.MethodGet, Path: Base + "/totals", Access: httpx.Accountants(), Handler: a.totals}}
}

// totalAnswer is what something came to over some days. Times are in milliseconds.
type totalAnswer struct {
	Visits    int           `json:"visits"`
	Orders    int           `json:"orders"`
	Gross     protocol.Fen  `json:"gross_fen"`
	Net       protocol.Fen  `json:"net_fen"`
	Cost      protocol.Fen  `json:"cost_fen"`
	Margin    protocol.Fen  `json:"margin_fen"`
	TakenBack protocol.Fen  `json:"taken_back_fen"`
	Refunded  protocol.Fen  `json:"refunded_fen"`
	Owed      protocol.Fen  `json:"owed_fen"`
	Waste     protocol.Fen  `json:"waste_fen"`
	Shrink    protocol.Fen  `json:"shrink_fen"`
	Served    sumAnswer     `json:"served"`
	Lost      *protocol.Fen `json:"lost_fen"` // null: nobody knows
	Blind     int64         `json:"blind_ms"` // of gaps of which lost has nothing: nobody knew what would be sold
	SoldOut   int64         `json:"sold_out_ms"`
	Reviewed  int64         `json:"reviewed_ms"`
	Walked    int64         `json:"walked_ms"`
}

func describeTotal(t cloud.Total) totalAnswer {
	told := totalAnswer{
		Visits: t.Visits, Orders: t.Orders, Gross: t.Gross, Net: t.Net, Cost: t.Cost, Margin: t.Margin(), TakenBack: t.TakenBack, Refunded: t.Refunded, Owed: t.Owed,
		Waste: t.Waste, Shrink: t.Shrink, Served: describeSum(t.Served), Blind: t.Blind.Milliseconds(), SoldOut: t.SoldOut.Milliseconds(), Reviewed: t.Reviewed.Milliseconds(), Walked: t.Walked.Milliseconds(),
	}
	if lost, known := t.Priced(); known {
		told.Lost = &lost
	}
	return told
}

// totalLineAnswer is one line; what it is not of is left out.
type totalLineAnswer struct {
	Store   cloud.StoreID      `json:"store,omitempty"`
	Cabinet protocol.CabinetID `json:"cabinet,omitempty"`
	Day     ledger.Day         `json:"day,omitempty"`
	totalAnswer
}

type totalsAnswer struct {
	From    ledger.Day                          `json:"from"`
	To      ledger.Day                          `json:"to"`
	Sum     totalAnswer                         `json:"sum"`
	Lines   []totalLineAnswer                   `json:"lines"`
	Causes  map[reconcile.Cause]cloud.Differing `json:"differs"` // at the end of the last day, by likely cause
	Made    *time.Time                          `json:"made"`    // null: nothing was added up
	Pending int                                 `json:"pending"` // days of stores that changed since
}

// totals tells what the chain or a store came to from one day to another, today where they are left out, by store, cabinet or day.
func (a *API) totals(c echo.Context) error {
	ctx := c.Request().Context()
	today, err := a.o.StoreDays.Today(ctx)
	if err != nil {
		return err
	}
	q := cloud.TotalQuery{
		To: ledger.Day(cmp.Or(c.QueryParam("to"), string(today))), Store: cloud.StoreID(c.QueryParam("store")), By: cloud.TotalBy(cmp.Or(c.QueryParam("by"), string(cloud.TotalByStore))),
	}
	q.From = ledger.Day(cmp.Or(c.QueryParam("from"), string(q.To)))
	if q.By != cloud.TotalByStore && q.By != cloud.TotalByCabinet && q.By != cloud.TotalByDay {
		return protocol.Errorf(protocol.CodeMalformed, "by: want store, cabinet or day")
	}
	told, err := a.o.Totals.Totals(ctx, q)
	if err != nil {
		return err
	}
	all := totalsAnswer{From: q.From, To: q.To, Sum: describeTotal(told.Sum), Lines: make([]totalLineAnswer, 0, len(told.Lines)), Causes: told.Causes, Pending: told.Pending}
	if !told.Made.IsZero() {
		all.Made = &told.Made
	}
	for _, l := range told.Lines {
		all.Lines = append(all.Lines, totalLineAnswer{l.Store, l.Cabinet, l.Day, describeTotal(l.Total)})
	}
	return answer(c, http.StatusOK, all)
}
