package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// lotAnswer is what is left of a lot.
type lotAnswer struct {
	Until    ledger.Day    `json:"until"`
	Units    int           `json:"units"`
	Said     bool          `json:"said"`
	DaysLeft int           `json:"days_left"`
	Stage    picking.Stage `json:"stage"`
}

// laneAnswer is one lane with its lots, the first to expire first.
type laneAnswer struct {
	Platform protocol.PlatformID `json:"platform"`
	SKU      protocol.SKU        `json:"sku"`
	Name     string              `json:"name"`
	Book     int                 `json:"book"`
	Undated  int                 `json:"undated"`
	Price    protocol.Fen        `json:"price_fen"`
	Lots     []lotAnswer         `json:"lots"`
}

// dueAnswer is a lot that somebody is to look at.
type dueAnswer struct {
	Cabinet  protocol.CabinetID  `json:"cabinet"`
	Platform protocol.PlatformID `json:"platform"`
	SKU      protocol.SKU        `json:"sku"`
	Name     string              `json:"name"`
	Price    protocol.Fen        `json:"price_fen"`
	Full     protocol.Fen        `json:"full_price_fen"`
	Cost     protocol.Fen        `json:"cost_fen"` // of one unit
	Percent  int                 `json:"percent"`
	Next     *stepAhead          `json:"next"`
	Round    protocol.UUID       `json:"round,omitzero"`
	Out      int                 `json:"takes_out"`
	NextVia  *time.Time          `json:"next_round,omitempty"`
	lotAnswer
}

// stepAhead is what a unit costs from a day on.
type stepAhead struct {
	Day     ledger.Day   `json:"day"`
	Percent int          `json:"percent"`
	Price   protocol.Fen `json:"price_fen"`
}

func describeLot(l cloud.LotLeft) lotAnswer {
	return lotAnswer{Until: l.Until, Units: l.Units, Said: l.Said, DaysLeft: l.DaysLeft, Stage: l.Stage}
}

// lots lists what a cabinet holds with its dates.
func (a *API) lots(c echo.Context) error {
	id := protocol.CabinetID(c.Param("id"))
	if id.Validate() != nil {
		return protocol.Errorf(cloud.CodeUnknownCabinet, "no cabinet has such an id")
	}
	lanes, err := a.o.Expiry.Lanes(c.Request().Context(), id)
	if err != nil {
		return err
	}
	lang := httpx.AcceptLanguage(c.Request())
	list := make([]laneAnswer, 0, len(lanes))
	for _, l := range lanes {
		one := laneAnswer{
			Platform: l.Platform, SKU: l.SKU, Name: lang.Pick(l.Article.Name), Book: l.Book, Undated: l.Undated, Price: l.Price,
			Lots: make([]lotAnswer, 0, len(l.Lots)),
		}
		for _, lot := range l.Lots {
			one.Lots = append(one.Lots, describeLot(lot))
		}
		list = append(list, one)
	}
	return answer(c, http.StatusOK, map[string]any{"lanes": list})
}

// expiring lists the lots in cabinets that somebody is to look at.
func (a *API) expiring(c echo.Context) error {
	due, err := a.o.Expiry.Due(c.Request().Context(), cloud.StoreID(c.QueryParam("store")))
	if err != nil {
		return err
	}
	lang := httpx.AcceptLanguage(c.Request())
	list := make([]dueAnswer, 0, len(due))
	for _, d := range due {
		one := dueAnswer{
			Cabinet: d.Lane.Cabinet, Platform: d.Lane.Platform, SKU: d.SKU, Name: lang.Pick(d.Article.Name), Price: d.Price, Full: d.Full, Cost: d.Article.Cost,
			Percent: d.Percent, Round: d.Fate.Round, Out: d.Fate.Out, NextVia: momentOf(d.Fate.Next), lotAnswer: describeLot(d.LotLeft),
		}
		if d.Next != nil {
			one.Next = &stepAhead{d.Next.Day, d.Next.Percent, d.Next.Price}
		}
		list = append(list, one)
	}
	return answer(c, http.StatusOK, map[string]any{"lots": list})
}
