package api

import (
	"cmp"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// lastsAnswer is in how many hours a stock ends; nil: after all that is foreseen.
type lastsAnswer struct {
	Early  *int `json:"early"` // before this with a probability of 10 %
	Likely *int `json:"likely"`
	Late   *int `json:"late"` // 90 %
}

type laneNeedAnswer struct {
	picking.Need
	Name   string      `json:"name"`
	Par    int         `json:"par"`
	HasPar bool        `json:"has_par"`
	Lasts  lastsAnswer `json:"lasts_hours"`
}

type stopNeedAnswer struct {
	Cabinet protocol.CabinetID `json:"cabinet"`
	Number  int                `json:"number"`
	Minutes int                `json:"minutes"`
	Units   int                `json:"units"`
	Round   *protocol.UUID     `json:"round,omitempty"` // that is on its way to it
	Chosen  bool               `json:"chosen"`
	Why     picking.Ground     `json:"why,omitempty"`
	Skip    picking.Loss       `json:"skip"` // what is lost where it is not visited
	Worth   protocol.Fen       `json:"worth_fen"`
	Lines   []laneNeedAnswer   `json:"lines"`
}

type demandAge struct {
	Days     int        `json:"days"` // that were learned
	From     ledger.Day `json:"from,omitempty"`
	Through  ledger.Day `json:"through,omitempty"`
	Learned  *time.Time `json:"learned,omitempty"`
	Learning bool       `json:"learning"`
	Enough   bool       `json:"enough"` // lanes without a par are filled by the forecast
}

type needsAnswer struct {
	Next   time.Time        `json:"next"`
	Then   time.Time        `json:"then"`
	Demand demandAge        `json:"demand"`
	Stops  []stopNeedAnswer `json:"stops"`
	Unkept []protocol.SKU   `json:"unkept"` // articles of which the store's books do not say how many there are
}

func hoursOf(n int) *int {
	if n == forecast.Beyond {
		return nil
	}
	return &n
}

func describeAge(a cloud.DemandAge) demandAge {
	return demandAge{a.Days, a.From, a.Through, momentOf(a.Learned), a.Learning, a.Enough()}
}

// needs lists what a store's cabinets lack, and which of them its next round visits.
func (a *API) needs(c echo.Context) error {
	needs, err := a.o.RoundPlans.Needs(c.Request().Context(), cloud.StoreID(c.QueryParam("store")))
	if err != nil {
		return err
	}
	lang := httpx.AcceptLanguage(c.Request())
	all := needsAnswer{Next: needs.Next, Then: needs.Then, Demand: describeAge(needs.Age), Stops: []stopNeedAnswer{}, Unkept: append([]protocol.SKU{}, needs.Unkept...)}
	for _, n := range needs.Stops {
		s := stopNeedAnswer{
			Cabinet: n.Cabinet.ID, Number: n.Cabinet.Number, Minutes: n.Minutes, Units: n.Units(), Chosen: n.Choice.Chosen, Why: n.Choice.Why,
			Skip: n.Choice.Skip, Worth: n.Choice.Worth, Lines: []laneNeedAnswer{},
		}
		if !n.Round.IsZero() {
			s.Round = &n.Round
		}
		for _, l := range n.Lines {
			s.Lines = append(s.Lines, laneNeedAnswer{
				Need: l.Need, Name: cmp.Or(lang.Pick(l.Article.Name), string(l.SKU)), Par: l.Par, HasPar: l.HasPar,
				Lasts: lastsAnswer{hoursOf(l.Lasts.Early), hoursOf(l.Lasts.Likely), hoursOf(l.Lasts.Late)},
			})
		}
		all.Stops = append(all.Stops, s)
	}
	return answer(c, http.StatusOK, all)
}
