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
	Next      time.Time          `json:"next"`
	Then      time.Time          `json:"then"`
	Demand    demandAge          `json:"demand"`
	Stops     []stopNeedAnswer   `json:"stops"`
	Trip      *tripAnswer        `json:"trip"`      // null: somebody has not said where all of them stand, or none is visited
	Unplaced  int                `json:"unplaced"`  // the store and cabinets of which nobody has said where they stand
	Transfers []picking.Transfer `json:"transfers"` // that the visited cabinets are proposed to give each other
	Unkept    []protocol.SKU     `json:"unkept"`    // articles of which the store's books do not say how many there are
}

// tripAnswer is the walk to the cabinets that are visited, in its order.
type tripAnswer struct {
	Leaves  time.Time  `json:"leaves"`
	Back    time.Time  `json:"back"`
	Metres  int        `json:"metres"`
	Minutes int        `json:"minutes"`
	Late    int        `json:"late_seconds"` // after they can be reached, all stops together
	Stops   []tripStop `json:"stops"`
}

type tripStop struct {
	Cabinet protocol.CabinetID `json:"cabinet"`
	Metres  int                `json:"metres"` // from the one before, the first from the store
	Come    time.Time          `json:"come"`
	Begin   time.Time          `json:"begin"`   // later than come where one waits until it can be reached
	Minutes int                `json:"minutes"` // that the stop takes
	Late    int                `json:"late_seconds"`
}

func describeTrip(n cloud.StoreNeeds) *tripAnswer {
	if len(n.Trip.Stops) == 0 {
		return nil
	}
	midnight := time.Date(n.Next.Year(), n.Next.Month(), n.Next.Day(), 0, 0, 0, 0, n.Next.Location())
	at := func(second int) time.Time { return midnight.Add(time.Duration(second) * time.Second) }
	trip := &tripAnswer{Leaves: n.Next, Back: at(n.Trip.Back), Metres: n.Trip.Metres, Late: n.Trip.Late, Stops: []tripStop{}}
	trip.Minutes = int(trip.Back.Sub(trip.Leaves).Minutes() + 0.5)
	for _, a := range n.Trip.Stops {
		stop := tripStop{Cabinet: a.Cabinet, Metres: a.Metres, Come: at(a.Come), Begin: at(a.Begin), Late: a.Late}
		for _, s := range n.Stops {
			if s.Cabinet.ID == a.Cabinet {
				stop.Minutes = s.Minutes
			}
		}
		trip.Stops = append(trip.Stops, stop)
	}
	return trip
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
	all := needsAnswer{
		Next: needs.Next, Then: needs.Then, Demand: describeAge(needs.Age), Stops: []stopNeedAnswer{}, Trip: describeTrip(needs), Unplaced: needs.Unplaced,
		Transfers: append([]picking.Transfer{}, needs.Transfers...), Unkept: append([]protocol.SKU{}, needs.Unkept...),
	}
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
