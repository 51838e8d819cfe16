package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// tonightRoutes are the night that it is.
func (a *API) tonightRoutes() []httpx.Route {
	return []httpx.Route{{Method: http.MethodGet, Path: Base + "/tonight", Access: httpx.Staff(), Handler: a.tonight}}
}

type tonightAnswer struct {
	At    time.Time       `json:"at"`
	Sold  nightSoldAnswer `json:"sold"`
	Needs []needAnswer    `json:"needs"` // the dearest first
	More  int             `json:"more"`  // incidents that were not ranked
}

// nightSoldAnswer is what was sold from noon to noon, in steps, and in the same night a week before.
type nightSoldAnswer struct {
	From    time.Time      `json:"from"`
	To      time.Time      `json:"to"`
	Known   bool           `json:"known"`
	Bills   int            `json:"bills"`
	Now     protocol.Fen   `json:"now_fen"`
	WeekAgo protocol.Fen   `json:"week_ago_fen"` // by the same time
	Step    int            `json:"step_secs"`
	Steps   []protocol.Fen `json:"steps_fen"`
	Before  []protocol.Fen `json:"steps_week_ago_fen"`
}

type needAnswer struct {
	Kind       cloud.NeedKind     `json:"kind"`
	Store      cloud.StoreID      `json:"store"`
	Cabinet    protocol.CabinetID `json:"cabinet"`
	Since      time.Time          `json:"since"`
	Whom       string             `json:"assigned_to"`
	Taken      bool               `json:"taken"`
	Urgent     bool               `json:"urgent"`
	Hour       *protocol.Fen      `json:"lost_per_hour_fen,omitempty"` // nil: nobody knows
	All        bool               `json:"all,omitempty"`
	Categories []string           `json:"categories,omitempty"`
	Incidents  []int              `json:"incidents,omitempty"`
	Reviews    int                `json:"reviews,omitempty"`
	Guess      protocol.Fen       `json:"guess_fen,omitempty"`
	Disputes   int                `json:"disputes,omitempty"`
	Round      string             `json:"round,omitempty"`
	Stops      int                `json:"stops,omitempty"`
}

// tonight tells what is sold and what needs a person, of one store or of all. How the stores are served is told by coverage.
func (a *API) tonight(c echo.Context) error {
	ctx, store, now := c.Request().Context(), cloud.StoreID(strings.Clone(c.QueryParam("store"))), a.o.Now()
	sold, err := a.o.Tonight.Sold(ctx, store)
	if err != nil {
		return err
	}
	needs, err := a.o.Tonight.Needs(ctx, store)
	if err != nil {
		return err
	}
	told := tonightAnswer{At: now.UTC(), Sold: describeNight(sold, now), Needs: make([]needAnswer, 0, len(needs.List)), More: needs.More}
	for _, n := range needs.List {
		told.Needs = append(told.Needs, describeNeed(n))
	}
	return answer(c, http.StatusOK, told)
}

func describeNight(n cloud.NightSold, at time.Time) nightSoldAnswer {
	told := nightSoldAnswer{
		From: n.From.UTC(), To: n.To.UTC(), Known: n.Known, Bills: n.Bills, Step: int(cloud.SoldStep / time.Second),
		Steps: append([]protocol.Fen{}, n.Now...), Before: append([]protocol.Fen{}, n.Before...),
	}
	told.Now, told.WeekAgo = n.Until(at)
	return told
}

func describeNeed(n cloud.Need) needAnswer {
	told := needAnswer{
		Kind: n.Kind, Store: n.Store, Cabinet: n.Cabinet, Since: n.Since.UTC(), Whom: n.Whom, Taken: n.Taken, Urgent: n.Urgent,
		Reviews: n.Reviews, Guess: n.Guess, Disputes: n.Disputes, Stops: n.Stops,
	}
	if n.Costs {
		told.Hour = &n.Hour
	}
	if n.Gap != nil {
		told.All, told.Categories = n.Gap.All, n.Gap.Categories
	}
	for _, i := range n.Incidents {
		told.Incidents = append(told.Incidents, i.Number)
	}
	if !n.Round.IsZero() {
		told.Round = n.Round.String()
	}
	return told
}
