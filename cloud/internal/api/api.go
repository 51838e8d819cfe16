// Package api is the JSON interface under /api/v1, with /healthz and /metrics beside it. It translates between HTTP and
// the services of package cloud, and decides nothing but who may read what.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// Base is where the interface lies.
const Base = "/api/v1"

// Options are what the interface stands on.
type Options struct {
	Visits cloud.Visits
	Fleet  cloud.Fleet
	People cloud.People
	Second cloud.AppCodes
	Food   cloud.Food
	Doors  cloud.Servicing
	Tasks  cloud.Tasks
	Cases  cloud.Cases
	Claims cloud.Claims
	Money  cloud.Money
	Calls  cloud.Callbacks
	Goods  cloud.Goods
	Expiry cloud.Expiry

	Incidents cloud.IncidentDesk
	Halting   cloud.Halting
	Replays   cloud.Replays

	Rounds     cloud.Rounds
	Photos     cloud.RoundPhotos
	RoundPlans cloud.RoundPlanning
	Refills    cloud.Refilling
	Handovers  cloud.Handovers
	Planning   cloud.Planning
	Drafts     cloud.Drafts
	Rollouts   cloud.Rollouts
	Assortment cloud.Assortment
	StoreDays  cloud.StoreDays
	Statements cloud.Statements
	Disputes   cloud.Disputes
	Support    cloud.Support
	Callers    cloud.Callers
	Coverage   cloud.Coverage
	Tonight    cloud.Tonight
	Totals     cloud.Totalling
	Hours      cloud.StoreHours
	Privacy    cloud.Privacy

	Health  func(ctx context.Context) error // nil error: fit to serve
	Metrics http.Handler
	Now     func() time.Time
}

// API answers the routes of its table.
type API struct{ o Options }

// New makes the interface.
func New(o Options) *API {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &API{o: o}
}

// Register adds the routes.
func (a *API) Register(e *echo.Echo) { httpx.Mount(e, a.Routes()) }

// moneyRoutes are of balances, debts and what providers call back.
func (a *API) moneyRoutes() []httpx.Route {
	return []httpx.Route{
		{Method: http.MethodGet, Path: Base + "/purse", Access: httpx.Residents(), Handler: a.purse},
		{Method: http.MethodPost, Path: Base + "/topups", Access: httpx.Residents(), Handler: a.topUp},
		{Method: http.MethodPost, Path: Base + "/payouts", Access: httpx.Residents(), Handler: a.payOut},
		{Method: http.MethodPost, Path: Base + "/debts/pay", Access: httpx.Residents(), Handler: a.payDebts},
		{Method: http.MethodGet, Path: Base + "/residents/:id/purse", Access: httpx.Deciders(), Handler: a.purseOf},
		{Method: http.MethodPost, Path: Base + "/residents/:id/topups", Access: httpx.Tills(), Handler: a.topUpOf},
		{Method: http.MethodPost, Path: Base + "/residents/:id/payouts", Access: httpx.Deciders(), Handler: a.payOutOf},
		{Method: http.MethodPost, Path: Base + "/residents/:id/payouts/cash", Access: httpx.Tills(), Handler: a.handOutOf},
		{Method: http.MethodPost, Path: Base + "/visits/:id/waive", Access: httpx.Deciders(), Handler: a.waive},
		{Method: http.MethodPost, Path: Base + "/payments/:id/callback", Access: httpx.Anyone(), Handler: a.callback},
	}
}

// Routes is the table of every route and who may use it.
func (a *API) Routes() []httpx.Route {
	return append(slices.Concat(a.moneyRoutes(), a.goodsRoutes(), a.rolloutRoutes(), a.coverageRoutes(), a.tonightRoutes(), a.incidentRoutes(), a.totalRoutes(), a.hoursRoutes(), a.haltRoutes()), []httpx.Route{
		{Method: http.MethodPost, Path: Base + "/auth/code", Access: httpx.Anyone(), Handler: a.requestCode},
		{Method: http.MethodPost, Path: Base + "/auth/session", Access: httpx.Anyone(), Handler: a.signIn},
		{Method: http.MethodDelete, Path: Base + "/auth/session", Access: httpx.Anyone(), Handler: a.signOut},
		{Method: http.MethodPost, Path: Base + "/auth/staff", Access: httpx.Anyone(), Handler: a.signInStaff},
		{Method: http.MethodGet, Path: Base + "/privacy", Access: httpx.Anyone(), Handler: a.privacy},
		{Method: http.MethodPost, Path: Base + "/visits", Access: httpx.Residents(), Handler: a.beginVisit},
		{Method: http.MethodGet, Path: Base + "/visits/:id", Access: httpx.SignedIn(), Handler: a.visit},
		{Method: http.MethodGet, Path: Base + "/visits/:id/live", Access: httpx.SignedIn(), Handler: a.live},
		{Method: http.MethodPost, Path: Base + "/visits/:id/decision", Access: httpx.Deciders(), Handler: a.decide},
		{Method: http.MethodGet, Path: Base + "/visits/:id/disputes", Access: httpx.SignedIn(), Handler: a.visitDisputes},
		{Method: http.MethodPost, Path: Base + "/visits/:id/dispute", Access: httpx.Residents(), Handler: a.object},
		{Method: http.MethodPost, Path: Base + "/visits/:id/refund", Access: httpx.Deciders(), Handler: a.refund},
		{Method: http.MethodPost, Path: Base + "/visits/:id/notes", Access: httpx.Deciders(), Handler: a.note},
		{Method: http.MethodGet, Path: Base + "/visits/:id/story", Access: httpx.CaseReaders(), Handler: a.story},
		{Method: http.MethodPost, Path: Base + "/support/search", Access: httpx.CaseReaders(), Handler: a.search},
		{Method: http.MethodGet, Path: Base + "/disputes", Access: httpx.CaseReaders(), Handler: a.disputes},
		{Method: http.MethodGet, Path: Base + "/disputes/:id", Access: httpx.CaseReaders(), Handler: a.dispute},
		{Method: http.MethodPost, Path: Base + "/disputes/:id/ruling", Access: httpx.Deciders(), Handler: a.rule},
		{Method: http.MethodPost, Path: Base + "/disputes/:id/retry", Access: httpx.Deciders(), Handler: a.retryRefund},
		{Method: http.MethodGet, Path: Base + "/cabinets", Access: httpx.Anyone(), Handler: a.cabinets},
		{Method: http.MethodGet, Path: Base + "/cabinets/:id", Access: httpx.Anyone(), Handler: a.cabinet},
		{Method: http.MethodPost, Path: Base + "/cabinets/:id/attest", Access: httpx.Attesters(), Handler: a.attest},
		{Method: http.MethodPost, Path: Base + "/claim", Access: httpx.Anyone(), Handler: a.claim},
		{Method: http.MethodPost, Path: Base + "/cabinets/:id/service", Access: httpx.Servicers(), Handler: a.service},
		{Method: http.MethodGet, Path: Base + "/cabinets/:id/tasks", Access: httpx.Askers(), Handler: a.tasks},
		{Method: http.MethodPost, Path: Base + "/cabinets/:id/tasks", Access: httpx.Askers(), Handler: a.ask},
		{Method: http.MethodGet, Path: Base + "/tasks/:id", Access: httpx.Askers(), Handler: a.task},
		{Method: http.MethodGet, Path: Base + "/visits/:id/trace", Access: httpx.Askers(), Handler: a.trace},
		{Method: http.MethodGet, Path: Base + "/cabinets/:id/handover", Access: httpx.Staff(), Handler: a.checklist},
		{Method: http.MethodPost, Path: Base + "/cabinets/:id/handover", Access: httpx.Servicers(), Handler: a.handOver},
		{Method: http.MethodGet, Path: Base + "/articles", Access: httpx.PlanReaders(), Handler: a.articles},
		{Method: http.MethodGet, Path: Base + "/articles/:id", Access: httpx.PlanReaders(), Handler: a.article},
		{Method: http.MethodPut, Path: Base + "/articles/:id", Access: httpx.Planners(), Handler: a.putArticle},
		{Method: http.MethodGet, Path: Base + "/prices", Access: httpx.PlanReaders(), Handler: a.prices},
		{Method: http.MethodPut, Path: Base + "/prices", Access: httpx.Planners(), Handler: a.putPrices},
		{Method: http.MethodDelete, Path: Base + "/prices/:id", Access: httpx.Planners(), Handler: a.withdrawPrices},
		{Method: http.MethodGet, Path: Base + "/stores", Access: httpx.PlanReaders(), Handler: a.stores},
		{Method: http.MethodPut, Path: Base + "/stores/:id", Access: httpx.Planners(), Handler: a.putStore},
		{Method: http.MethodGet, Path: Base + "/cabinets/:id/planogram", Access: httpx.PlanReaders(), Handler: a.planogram},
		{Method: http.MethodPut, Path: Base + "/cabinets/:id/planogram", Access: httpx.Planners(), Handler: a.putPlanogram},
		{Method: http.MethodGet, Path: Base + "/cabinets/:id/place", Access: httpx.PlanReaders(), Handler: a.place},
		{Method: http.MethodPut, Path: Base + "/cabinets/:id/place", Access: httpx.Planners(), Handler: a.putPlace},
		{Method: http.MethodGet, Path: Base + "/stores/:id/aisles", Access: httpx.PlanReaders(), Handler: a.aisles},
		{Method: http.MethodPut, Path: Base + "/stores/:id/aisles", Access: httpx.Planners(), Handler: a.putAisles},
		{Method: http.MethodPost, Path: Base + "/import/:id", Access: httpx.Planners().Sending("6M"), Handler: a.importTable},
		{Method: http.MethodGet, Path: Base + "/export/:id", Access: httpx.PlanReaders(), Handler: a.exportTable},
		{Method: http.MethodGet, Path: Base + "/reviews", Access: httpx.Staff(), Handler: a.reviews},
		{Method: http.MethodGet, Path: Base + "/reconcile", Access: httpx.Accountants(), Handler: a.storeDays},
		{Method: http.MethodGet, Path: Base + "/reconcile/:store/:day", Access: httpx.Accountants(), Handler: a.storeDay},
		{Method: http.MethodGet, Path: Base + "/reconcile/:store/:day/entries", Access: httpx.Accountants(), Handler: a.dayEntries},
		{Method: http.MethodPost, Path: Base + "/reconcile/:store/:day/close", Access: httpx.Closers(), Handler: a.closeDay},
		{Method: http.MethodGet, Path: Base + "/statements", Access: httpx.Accountants(), Handler: a.statements},
		{Method: http.MethodPost, Path: Base + "/statements/import", Access: httpx.Closers().Sending(httpx.MaxFile), Handler: a.importStatement},
		{Method: http.MethodGet, Path: Base + "/reviews/figures", Access: httpx.Staff(), Handler: a.reviewFigures},
		{Method: http.MethodGet, Path: Base + "/visits/:id/curves", Access: httpx.Staff(), Handler: a.curves},
		{Method: http.MethodGet, Path: Base + "/openapi.json", Access: httpx.Anyone(), Handler: a.openapi},
		{Method: http.MethodGet, Path: "/healthz", Access: httpx.Anyone(), Handler: a.health},
		{Method: http.MethodGet, Path: "/metrics", Access: httpx.LoopbackOrStaff(), Handler: echo.WrapHandler(a.o.Metrics)},
	}...)
}

// goodsRoutes are those by which goods move, and what is known of where they lie.
func (a *API) goodsRoutes() []httpx.Route {
	return []httpx.Route{
		{Method: http.MethodGet, Path: Base + "/movements", Access: httpx.Staff(), Handler: a.movements},
		{Method: http.MethodPost, Path: Base + "/movements", Access: httpx.Movers(), Handler: a.move},
		{Method: http.MethodGet, Path: Base + "/carried", Access: httpx.Movers(), Handler: a.carried},
		{Method: http.MethodGet, Path: Base + "/cabinets/:id/lots", Access: httpx.Staff(), Handler: a.lots},
		{Method: http.MethodGet, Path: Base + "/expiry", Access: httpx.Staff(), Handler: a.expiring},
		{Method: http.MethodGet, Path: Base + "/needs", Access: httpx.Planners(), Handler: a.needs},
		{Method: http.MethodGet, Path: Base + "/rounds", Access: httpx.Movers(), Handler: a.rounds},
		{Method: http.MethodPost, Path: Base + "/rounds", Access: httpx.Planners(), Handler: a.planRound},
		{Method: http.MethodGet, Path: Base + "/rounds/:id", Access: httpx.Movers(), Handler: a.round},
		{Method: http.MethodGet, Path: Base + "/rounds/:id/picks", Access: httpx.Movers(), Handler: a.picks},
		{Method: http.MethodPost, Path: Base + "/rounds/:id/steps", Access: httpx.Movers(), Handler: a.stepRound},
		{Method: http.MethodPost, Path: Base + "/rounds/:id/photos", Access: httpx.Movers().Sending(httpx.MaxPhoto), Handler: a.keepPhoto},
		{Method: http.MethodGet, Path: Base + "/photos", Access: httpx.Staff(), Handler: a.photos},
		{Method: http.MethodGet, Path: Base + "/photos/:id", Access: httpx.Staff(), Handler: a.photo},
		{Method: http.MethodPost, Path: Base + "/rounds/:id/open", Access: httpx.Movers(), Handler: a.refill},
	}
}

func (a *API) health(c echo.Context) error {
	if err := a.o.Health(c.Request().Context()); err != nil {
		return c.JSON(http.StatusServiceUnavailable, map[string]string{"status": "unfit", "why": err.Error()})
	}
	return c.JSON(http.StatusOK, map[string]string{"status": "ok"})
}

// read decodes a JSON body. What it does not know it ignores, so that a newer client is served too.
func read(c echo.Context, into any) error {
	d := json.NewDecoder(c.Request().Body)
	if err := d.Decode(into); err != nil {
		if he, ok := errors.AsType[*echo.HTTPError](err); ok {
			return he
		}
		// The decoder's own words may quote what was sent.
		return protocol.Errorf(protocol.CodeMalformed, "body: want one JSON object of the documented form")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return protocol.Errorf(protocol.CodeMalformed, "body: want one JSON object and nothing after it")
	}
	return nil
}

// answer is JSON that no cache keeps.
func answer(c echo.Context, status int, body any) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.JSON(status, body)
}
