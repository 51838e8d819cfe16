package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
)

// Options are what the pages need. All but the last five are required.
type Options struct {
	Visits cloud.Visits
	Fleet  cloud.Fleet
	Plans  cloud.Planograms
	People cloud.People
	Food   cloud.Food
	Money  cloud.Money
	Debts  cloud.DebtDesk
	Doors  cloud.Servicing
	Tasks  cloud.Tasks
	Goods  cloud.Goods
	Cases  cloud.Cases

	Messages cloud.Messages

	Halting    cloud.Halting
	Looking    cloud.Looking
	Standing   cloud.Standing
	Replays    cloud.Replays
	Handovers  cloud.Handovers
	Planning   cloud.Planning
	Drafts     cloud.Drafts
	Rollouts   cloud.Rollouts
	Assortment cloud.Assortment
	Rules      cloud.MarkdownRules

	StoreDays  cloud.StoreDays
	Totals     cloud.Totalling
	Hours      cloud.StoreHours
	Statements cloud.Statements
	Disputes   cloud.Disputes
	Support    cloud.Support
	Debtors    cloud.Debtors
	Callers    cloud.Callers
	Privacy    cloud.Privacy
	OwnPhones  cloud.OwnPhones
	OwnData    cloud.OwnData

	Rounds     cloud.Rounds
	Photos     cloud.RoundPhotos
	RoundCrew  cloud.RoundCrew
	Chores     cloud.RoundChores
	RoundPlans cloud.RoundPlanning
	Policies   cloud.RefillPolicies
	Refills    cloud.Refilling
	Demand     cloud.Demand
	Incidents  cloud.IncidentDesk
	Coverage   cloud.Coverage
	Tonight    cloud.Tonight
	Expiry     cloud.Expiry
	Wastes     cloud.Wastes
	Stocktakes cloud.Stocktakes

	Staff     cloud.StaffList
	StaffCare cloud.StaffCare
	Sessions  cloud.StaffSessions
	OwnSignIn cloud.OwnSignIn
	AppCodes  cloud.AppCodes
	Passkeys  cloud.PasskeySteps
	Trail     cloud.Trail

	BaseURL string // of the pages as residents reach them, for what is printed; without a slash at its end

	Past   cloud.SimulatedPast // each page says that there is one
	Demo   bool                // shows sign-in codes and lists the cabinets on the front page
	Now    func() time.Time    // default time.Now
	Pace   time.Duration       // least time between two drawings of a page that many look at; 0: half a second, below: none
	Logger *slog.Logger        // default: discards
}

// Pages serves the pages.
type Pages struct {
	Options
	assets  *assets
	views   map[httpx.Lang]*view
	gallery gallery
}

// embedded are the static files, and the templates and texts in each language: once for the program, for they never change. It panics
// where they do not fit together, which is a mistake of the build and not of the hour.
var embedded = sync.OnceValues(func() (*assets, map[httpx.Lang]*view) {
	a, views := mustAssets(), map[httpx.Lang]*view{}
	for _, l := range languages {
		v, err := newView(l, a)
		if err != nil {
			panic(fmt.Sprintf("web: pages in %s: %v", l, err))
		}
		views[l] = v
	}
	return a, views
})

// New makes the pages of a service.
func New(o Options) *Pages {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	p := &Pages{Options: o}
	p.assets, p.views = embedded()
	return p
}

// Register adds the routes of every page to e, which httpx.New has made, and lets pages answer the errors of pages.
func (p *Pages) Register(e *echo.Echo) {
	httpx.Mount(e, p.Routes())
	httpx.PageErrors(e, p.showProblem)
}

// Routes is the table of the pages. A page that asks for a sign-in of its own is open to anyone, and looks at the
// session itself.
func (p *Pages) Routes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return append(slices.Concat(
		p.privacyRoutes(), p.deskRoutes(), p.masterRoutes(), p.rolloutRoutes(), p.roundRoutes(), p.datesRoutes(),
		p.wasteRoutes(), p.transferRoutes(), p.walkRoutes(), p.photoRoutes(), p.policyRoutes(), p.coverageRoutes(),
		p.incidentRoutes(), p.totalRoutes(), p.hoursRoutes(), p.stickerRoutes(), p.haltRoutes(), p.tonightRoutes(),
		p.staffRoutes(), p.accountRoutes(), p.purseRoutes(), p.debtRoutes(),
	), []httpx.Route{
		{Method: get, Path: "/", Access: httpx.Anyone(), Handler: p.home},
		{Method: get, Path: "/static/:file", Access: httpx.Anyone(), Handler: p.assets.serve},
		{Method: get, Path: "/favicon.ico", Access: httpx.Anyone(), Handler: p.assets.favicon},
		{Method: post, Path: "/prefs", Access: httpx.Anyone(), Handler: p.setPrefs},
		{Method: post, Path: "/signout", Access: httpx.Anyone(), Handler: p.signOut},
		{Method: get, Path: "/problems/:code", Access: httpx.Anyone(), Handler: p.explainProblem},

		{Method: get, Path: "/c/:cabinet", Access: httpx.Anyone(), Handler: p.cabinet},
		{Method: post, Path: "/c/:cabinet/open", Access: httpx.Anyone(), Handler: p.open},
		{Method: post, Path: "/c/:cabinet/code", Access: httpx.Anyone(), Handler: p.sendCode},
		{Method: post, Path: "/c/:cabinet/session", Access: httpx.Anyone(), Handler: p.signInAndOpen},

		{Method: get, Path: "/v/:visit", Access: httpx.Anyone(), Handler: p.visit},
		{Method: get, Path: "/v/:visit/live", Access: httpx.SignedIn(), Handler: p.visitLive},
		{Method: post, Path: "/v/:visit/code", Access: httpx.Anyone(), Handler: p.sendVisitCode},
		{Method: post, Path: "/v/:visit/session", Access: httpx.Anyone(), Handler: p.signInForVisit},

		{Method: post, Path: "/v/:visit/dispute", Access: httpx.Residents(), Handler: p.object},

		{Method: post, Path: "/messages/receipts", Access: httpx.Residents(), Handler: p.wantReceipts},

		{Method: get, Path: "/staff/signin", Access: httpx.Anyone(), Handler: p.staffSignIn},
		{Method: post, Path: "/staff/signin", Access: httpx.Anyone(), Handler: p.staffSession},
		{Method: get, Path: "/reviews", Access: httpx.Staff(), Handler: p.queue},
		{Method: get, Path: "/reviews/live", Access: httpx.Staff(), Handler: p.queueLive},
		{Method: get, Path: "/reviews/looked", Access: httpx.Accountants(), Handler: p.looked},
		{Method: get, Path: "/reviews/:visit", Access: httpx.Staff(), Handler: p.openCase},
		{Method: post, Path: "/reviews/:visit/look", Access: httpx.Deciders(), Handler: p.look},
		{Method: post, Path: "/reviews/:visit", Access: httpx.Deciders(), Handler: p.decide},
		{Method: get, Path: "/cabinets/:cabinet", Access: httpx.Staff(), Handler: p.standing},
		{Method: post, Path: "/cabinets/:cabinet/attest", Access: httpx.Attesters(), Handler: p.attest},
		{Method: post, Path: "/cabinets/:cabinet/move", Access: httpx.Movers(), Handler: p.move},
		{Method: get, Path: "/cabinets/:cabinet/service", Access: httpx.Askers(), Handler: p.service},
		{Method: get, Path: "/cabinets/:cabinet/service/live", Access: httpx.Askers(), Handler: p.serviceLive},
		{Method: post, Path: "/cabinets/:cabinet/service/open", Access: httpx.Servicers(), Handler: p.openForService},
		{Method: post, Path: "/cabinets/:cabinet/service/ask", Access: httpx.Askers(), Handler: p.ask},
		{Method: get, Path: "/cabinets/:cabinet/logs/:task", Access: httpx.Askers(), Handler: p.readLog},
		{Method: post, Path: "/cabinets/:cabinet/handover", Access: httpx.Servicers(), Handler: p.handOver},
		{Method: get, Path: "/v/:visit/trace", Access: httpx.Askers(), Handler: p.visitTrace},
		{Method: get, Path: "/reconcile", Access: httpx.Accountants(), Handler: p.storeDays},
		{Method: get, Path: "/reconcile/:store/:day", Access: httpx.Accountants(), Handler: p.storeDay},
		{Method: get, Path: "/reconcile/days.csv", Access: httpx.Accountants(), Handler: p.storeDaysTable},
		{Method: get, Path: "/reconcile/:store/:day/:table", Access: httpx.Accountants(), Handler: p.storeDayTable},
		{Method: post, Path: "/reconcile/:store/:day/close", Access: httpx.Closers(), Handler: p.closeDay},
		{Method: get, Path: "/statements", Access: httpx.Accountants(), Handler: p.statements},
		{Method: get, Path: "/statements/lines.csv", Access: httpx.Accountants(), Handler: p.statementLines},
		{Method: post, Path: "/statements/import", Access: httpx.Closers().Sending(httpx.MaxFile), Handler: p.importStatement},
		{Method: get, Path: "/cabinets/:cabinet/live", Access: httpx.Staff(), Handler: p.standingLive},
	}...)
}
