package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// draftsListed and rolloutsListed are how many are listed.
const (
	draftsListed   = 200
	rolloutsListed = 100
)

// rolloutRoutes are those by which planograms wait for a restocker, and many cabinets are changed at once.
func (a *API) rolloutRoutes() []httpx.Route {
	return []httpx.Route{
		{Method: http.MethodGet, Path: Base + "/drafts", Access: httpx.PlanReaders(), Handler: a.drafts},
		{Method: http.MethodDelete, Path: Base + "/drafts/:id", Access: httpx.Planners(), Handler: a.withdrawDraft},
		{Method: http.MethodGet, Path: Base + "/rollouts", Access: httpx.PlanReaders(), Handler: a.rollouts},
		{Method: http.MethodPost, Path: Base + "/rollouts", Access: httpx.Planners(), Handler: a.rollOut},
		{Method: http.MethodGet, Path: Base + "/rollouts/:id", Access: httpx.PlanReaders(), Handler: a.rollout},
		{Method: http.MethodPost, Path: Base + "/rollouts/:id/withdraw", Access: httpx.Planners(), Handler: a.withdrawRollout},
		{Method: http.MethodPost, Path: Base + "/rollouts/:id/back", Access: httpx.Planners(), Handler: a.backRollout},
	}
}

type draftsAnswer struct {
	Drafts []draftAnswer `json:"drafts"`
}

type draftAnswer struct {
	Number    uint32                `json:"number"`
	Cabinet   protocol.CabinetID    `json:"cabinet"`
	Platforms []cloud.DraftPlatform `json:"platforms"`
	Why       string                `json:"why"`
	Made      time.Time             `json:"made"`
	By        string                `json:"by"`
	Rollout   uint32                `json:"rollout,omitempty"`
	Ended     *time.Time            `json:"ended,omitempty"` // when it took effect, or was withdrawn
	Taken     bool                  `json:"taken"`
	EndedBy   string                `json:"ended_by,omitempty"`
	Round     protocol.UUID         `json:"round,omitzero"` // of the restocker who set it up
}

func describeDrafts(all []cloud.Draft) []draftAnswer {
	list := make([]draftAnswer, 0, len(all))
	for _, d := range all {
		list = append(list, draftAnswer{
			d.Number, d.Cabinet, d.Plan, d.Why, d.Made.UTC(), d.By, d.Rollout, sometime(d.End.At), d.End.Taken, d.End.By, d.End.Round,
		})
	}
	return list
}

// drafts lists those of a cabinet, the newest first, or those of all that wait.
func (a *API) drafts(c echo.Context) error {
	q := cloud.DraftQuery{Cabinet: protocol.CabinetID(strings.Clone(c.QueryParam("cabinet"))), Of: boundOf(c), Limit: draftsListed}
	q.Waiting = q.Cabinet == ""
	all, err := a.o.Drafts.Drafts(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, draftsAnswer{describeDrafts(all)})
}

// boundOf are the stores that whoever asks is limited to.
func boundOf(c echo.Context) cloud.Bound {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return ""
	}
	return who.Bound
}

// numbered is the number in the path, and who asks.
func numbered(c echo.Context) (uint32, cloud.Principal, error) {
	n, err := strconv.ParseUint(c.Param("id"), 10, 31)
	if err != nil {
		return 0, cloud.Principal{}, protocol.Errorf(cloud.CodeNotFound, "nothing has such a number")
	}
	who, err := httpx.PrincipalOf(c)
	return uint32(n), who, err
}

func (a *API) withdrawDraft(c echo.Context) error {
	number, who, err := numbered(c)
	if err != nil {
		return err
	}
	if err := a.o.Drafts.WithdrawDraft(c.Request().Context(), number, who.Name); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

type rolloutBody struct {
	Kind     cloud.RolloutKind             `json:"kind"`
	Why      string                        `json:"why"`
	Model    protocol.CabinetID            `json:"model,omitempty"`
	From     protocol.SKU                  `json:"from,omitempty"`
	To       protocol.SKU                  `json:"to,omitempty"`
	Prices   map[protocol.SKU]protocol.Fen `json:"prices_fen,omitempty"`
	At       time.Time                     `json:"at,omitzero"`
	Stores   []cloud.StoreID               `json:"stores,omitempty"`
	Cabinets []protocol.CabinetID          `json:"cabinets,omitempty"`
}

type rolloutsAnswer struct {
	Rollouts []rolloutAnswer `json:"rollouts"`
}

type rolloutAnswer struct {
	Number uint32 `json:"number"`
	rolloutBody
	Before      map[protocol.SKU]protocol.Fen `json:"before_fen,omitempty"`
	Made        time.Time                     `json:"made"`
	By          string                        `json:"by"`
	Back        uint32                        `json:"back,omitempty"` // the roll-out that it takes back
	Withdrawn   *time.Time                    `json:"withdrawn,omitempty"`
	WithdrawnBy string                        `json:"withdrawn_by,omitempty"`
	Waiting     int                           `json:"waiting"` // cabinets
	Taken       int                           `json:"taken"`
	Ended       int                           `json:"ended"`            // withdrawn before
	Others      int                           `json:"others,omitempty"` // cabinets of stores that whoever asks is not for
	Drafts      []draftAnswer                 `json:"drafts"`
}

func describeRollout(v cloud.RolloutView) rolloutAnswer {
	w := v.What
	return rolloutAnswer{
		Number: v.Number, rolloutBody: rolloutBody{v.Kind, v.Why, w.Model, w.From, w.To, w.Prices, w.At, w.Stores, w.Cabinets}, Before: w.Before, Made: v.Made.UTC(), By: v.By,
		Back: v.Back, Withdrawn: sometime(v.Withdrawn), WithdrawnBy: v.WithdrawnBy, Waiting: v.Waiting, Taken: v.Taken, Ended: v.Ended, Others: v.Others, Drafts: describeDrafts(v.Drafts),
	}
}

type rolloutPreviewAnswer struct {
	Revision uint64          `json:"revision"` // that it is applied at
	Changed  int             `json:"changed"`
	Barred   int             `json:"barred"`
	Cabinets []rolloutTarget `json:"cabinets"`
}

type rolloutTarget struct {
	Cabinet protocol.CabinetID  `json:"cabinet"`
	Why     cloud.RolloutReason `json:"why,omitempty"` // it is not changed
	Turns   []rolloutTurn       `json:"turns"`
	Home    int                 `json:"home"` // units to be brought home
	Cost    protocol.Fen        `json:"cost_fen"`
	Reviews int                 `json:"reviews"` // of 1,000 visits, because goods weigh alike
}

type rolloutTurn struct {
	Platform protocol.PlatformID `json:"platform"`
	SKU      protocol.SKU        `json:"sku"`
	Turn     cloud.LaneTurn      `json:"turn,omitempty"`
	Units    int                 `json:"units,omitempty"`
	Was      protocol.Fen        `json:"was_fen,omitempty"`
	Is       protocol.Fen        `json:"is_fen,omitempty"`
}

// rollOut previews a roll-out, or begins it where the query names the revision of its preview.
func (a *API) rollOut(c echo.Context) error {
	var b rolloutBody
	if err := read(c, &b); err != nil {
		return err
	}
	at, err := revision(c)
	if err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	ask := cloud.AskRollout{Kind: b.Kind, Why: b.Why, By: who.Name, Of: who.Bound, What: cloud.RolloutWhat{
		Model: b.Model, From: b.From, To: b.To, Prices: b.Prices, At: b.At, Stores: b.Stores, Cabinets: b.Cabinets,
	}}
	if at != 0 {
		r, err := a.o.Rollouts.ApplyRollout(c.Request().Context(), ask, at)
		if err != nil {
			return err
		}
		return a.told(c, http.StatusCreated, r.Number)
	}
	p, err := a.o.Rollouts.PreviewRollout(c.Request().Context(), ask)
	if err != nil {
		return err
	}
	d := rolloutPreviewAnswer{Revision: p.Revision, Changed: p.Changed(), Barred: p.Barred(), Cabinets: make([]rolloutTarget, 0, len(p.Cabinets))}
	for _, one := range p.Cabinets {
		target := rolloutTarget{Cabinet: one.Cabinet.ID, Why: one.Why, Turns: make([]rolloutTurn, 0, len(one.Turns)), Home: one.Home, Cost: one.Cost, Reviews: one.Reviews}
		for _, t := range one.Turns {
			target.Turns = append(target.Turns, rolloutTurn(t))
		}
		d.Cabinets = append(d.Cabinets, target)
	}
	return answer(c, http.StatusOK, d)
}

func (a *API) rollouts(c echo.Context) error {
	all, err := a.o.Rollouts.Rollouts(c.Request().Context(), boundOf(c), rolloutsListed)
	if err != nil {
		return err
	}
	list := rolloutsAnswer{Rollouts: make([]rolloutAnswer, 0, len(all))}
	for _, r := range all {
		r.Drafts = nil // A list says how many; one of them says which.
		list.Rollouts = append(list.Rollouts, describeRollout(r))
	}
	return answer(c, http.StatusOK, list)
}

// told answers with how far a roll-out is.
func (a *API) told(c echo.Context, status int, number uint32) error {
	r, err := a.o.Rollouts.Rollout(c.Request().Context(), boundOf(c), number)
	if err != nil {
		return err
	}
	return answer(c, status, describeRollout(r))
}

func (a *API) rollout(c echo.Context) error {
	number, _, err := numbered(c)
	if err != nil {
		return err
	}
	return a.told(c, http.StatusOK, number)
}

func (a *API) withdrawRollout(c echo.Context) error {
	number, who, err := numbered(c)
	if err != nil {
		return err
	}
	if err := a.o.Rollouts.WithdrawRollout(c.Request().Context(), number, who); err != nil {
		return err
	}
	return a.told(c, http.StatusOK, number)
}

func (a *API) backRollout(c echo.Context) error {
	number, who, err := numbered(c)
	if err != nil {
		return err
	}
	back, err := a.o.Rollouts.BackRollout(c.Request().Context(), number, who)
	if err != nil {
		return err
	}
	return a.told(c, http.StatusCreated, back.Number)
}
