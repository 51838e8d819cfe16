package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

const (
	rolloutsPath  = "/rollouts"
	rolloutsShown = 50
	draftsShown   = 200
	priceRows     = 4 // of a form
)

// rolloutRoutes are the pages by which many cabinets are changed at once, and the drafts that wait.
func (p *Pages) rolloutRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return []httpx.Route{
		{Method: get, Path: "/rollouts", Access: httpx.PlanReaders(), Handler: p.rollouts},
		{Method: post, Path: "/rollouts", Access: httpx.Planners(), Handler: p.applyRollout},
		{Method: get, Path: "/rollouts/new/:kind", Access: httpx.Planners(), Handler: p.newRollout},
		{Method: post, Path: "/rollouts/new/:kind", Access: httpx.Planners(), Handler: p.previewRollout},
		{Method: get, Path: "/rollouts/:number", Access: httpx.PlanReaders(), Handler: p.rollout},
		{Method: post, Path: "/rollouts/:number/withdraw", Access: httpx.Planners(), Handler: p.withdrawRollout},
		{Method: post, Path: "/rollouts/:number/back", Access: httpx.Planners(), Handler: p.backRollout},
		{Method: post, Path: "/drafts/:number/withdraw", Access: httpx.Planners(), Handler: p.withdrawDraft},
	}
}

// rolloutsView lists roll-outs, and the drafts that wait.
type rolloutsView struct {
	Kinds  []choiceOf
	Rows   []rolloutRow
	Drafts []draftRow
	More   bool // others that are not shown
	Edit   bool
	Own    bool // the reader is limited to stores
}

type rolloutRow struct {
	Number uint32
	What   string
	Why    string
	By     string
	At     moment
	Taken  int
	Of     int // cabinets that it was for
	State  string
	Over   bool
}

// draftRow is the draft of one cabinet.
type draftRow struct {
	Number  uint32
	Cabinet protocol.CabinetID
	Name    string
	Why     string
	By      string
	At      moment
	State   string
	Waits   bool
	Taken   bool
	Changes []string
}

func (p *Pages) rollouts(c echo.Context) error {
	ctx, v, of := c.Request().Context(), p.view(c), boundOf(c)
	list, err := p.Rollouts.Rollouts(ctx, of, rolloutsShown)
	if err != nil {
		return fmt.Errorf("roll-outs: %w", err)
	}
	drafts, err := p.Drafts.Drafts(ctx, cloud.DraftQuery{Of: of, Waiting: true, Limit: draftsShown + 1})
	if err != nil {
		return fmt.Errorf("roll-outs: %w", err)
	}
	names, loc, err := p.planNames(c)
	if err != nil {
		return err
	}
	view := rolloutsView{Edit: mayPlan(c), Own: of != "", More: len(drafts) > draftsShown}
	for _, kind := range kindsFor(of) {
		view.Kinds = append(view.Kinds, choiceOf{string(kind), v.say("rollout.new." + string(kind))})
	}
	for _, r := range list {
		view.Rows = append(view.Rows, v.rolloutRow(r, loc))
	}
	for _, d := range drafts[:min(len(drafts), draftsShown)] {
		view.Drafts = append(view.Drafts, v.draftRow(d, names, loc))
	}
	return p.showMaster(c, "rollouts", v.say("rollout.head"), rolloutsPath, http.StatusOK, view)
}

// kindsFor are the kinds of roll-outs that whoever has a limit may begin: prices are of all stores.
func kindsFor(of cloud.Bound) []cloud.RolloutKind {
	return slices.DeleteFunc(cloud.RolloutKinds(), func(k cloud.RolloutKind) bool { return of != "" && k == cloud.RolloutPrices })
}

// naming are the cabinets and articles that planograms speak of.
type naming struct {
	cabinets map[protocol.CabinetID]cloud.CabinetView
	articles map[protocol.SKU]cloud.Article
}

func (p *Pages) planNames(c echo.Context) (n naming, loc *time.Location, err error) {
	ctx := c.Request().Context()
	n = naming{map[protocol.CabinetID]cloud.CabinetView{}, map[protocol.SKU]cloud.Article{}}
	cabinets, err := p.Fleet.Cabinets(ctx)
	if err != nil {
		return n, nil, fmt.Errorf("cabinets: %w", err)
	}
	for _, cab := range cabinets {
		n.cabinets[cab.ID] = cab
	}
	articles, err := p.Assortment.Articles(ctx)
	if err != nil {
		return n, nil, fmt.Errorf("articles: %w", err)
	}
	for _, a := range articles {
		n.articles[a.SKU] = a
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return n, nil, fmt.Errorf("chain: %w", err)
	}
	return n, zone(chain), nil
}

// standsAt names a cabinet with its store.
func (v *view) standsAt(cab cloud.CabinetView) string {
	return v.lang.Pick(cab.StoreName) + " · " + v.cabinetName(cab.Cabinet)
}

func (v *view) goodName(articles map[protocol.SKU]cloud.Article, sku protocol.SKU) string {
	return cmp.Or(v.lang.Pick(articles[sku].Name), string(sku))
}

func (v *view) rolloutRow(r cloud.RolloutView, loc *time.Location) rolloutRow {
	row := rolloutRow{
		Number: r.Number, What: v.rolloutWhat(r), Why: r.Why, By: cmp.Or(r.By, v.say("rollout.tool")), At: moment{At: r.Made.In(loc), Day: true},
		Taken: r.Taken, Of: r.Taken + r.Waiting + r.Ended, Over: r.Waiting == 0,
	}
	switch {
	case r.Ended > 0 && r.Taken == 0 && r.Waiting == 0:
		row.State = v.say("rollout.state.withdrawn")
	case r.Waiting == 0:
		row.State = v.say("rollout.state.done")
	case r.Prices != nil && r.Prices.Coming():
		row.State = v.say("rollout.state.from", v.clock(moment{At: r.Prices.From.In(loc), Day: true}))
	default:
		row.State = v.count("rollout.state.waiting", r.Waiting)
	}
	return row
}

// rolloutWhat says in one line what a roll-out changes.
func (v *view) rolloutWhat(r cloud.RolloutView) string {
	switch {
	case r.Back != 0:
		return v.say("rollout.what.back", r.Back)
	case r.Kind == cloud.RolloutPlan:
		return v.say("rollout.what.plan", r.What.Model)
	case r.Kind == cloud.RolloutSwap:
		return v.say("rollout.what.swap", v.goodName(r.Names, r.What.From), v.goodName(r.Names, r.What.To))
	}
	return v.count("rollout.what.prices", len(r.What.Prices))
}

func (v *view) draftRow(d cloud.Draft, names naming, loc *time.Location) draftRow {
	cab := names.cabinets[d.Cabinet]
	row := draftRow{
		Number: d.Number, Cabinet: d.Cabinet, Name: v.standsAt(cab), Why: d.Why, By: cmp.Or(d.By, v.say("rollout.tool")), At: moment{At: d.Made.In(loc), Day: true},
		Waits: d.Waits(), Taken: d.End.Taken,
	}
	switch {
	case d.Waits():
		row.State = v.say("draft.waits")
		row.Changes = v.draftChanges(d, cab.Cabinet, names.articles)
	case d.End.Taken:
		row.State = v.say("draft.taken", v.clock(moment{At: d.End.At.In(loc), Day: true}), d.End.By)
	default:
		row.State = v.say("draft.withdrawn", v.clock(moment{At: d.End.At.In(loc), Day: true}), cmp.Or(d.End.By, v.say("rollout.tool")))
	}
	return row
}

// draftChanges are the articles that come to a cabinet and leave it by its draft.
func (v *view) draftChanges(d cloud.Draft, c cloud.Cabinet, articles map[protocol.SKU]cloud.Article) (lines []string) {
	for _, p := range c.Platforms {
		for _, sku := range d.Leaving(p) {
			lines = append(lines, v.say("draft.out", p.ID, v.goodName(articles, sku)))
		}
		for _, sku := range d.Coming(p) {
			lines = append(lines, v.say("draft.in", p.ID, v.goodName(articles, sku)))
		}
	}
	if len(lines) == 0 {
		lines = append(lines, v.say("draft.levels"))
	}
	return lines
}

// rolloutView is one roll-out with what became of it in each cabinet.
type rolloutView struct {
	rolloutRow
	Lines   []priceLine // of prices: before and after
	Drafts  []draftRow
	Waiting int
	Edit    bool // what waits at a single cabinet
	Chain   bool // prices, or cabinets of others too: not for the reader, who is limited to stores
	Others  int  // cabinets of stores that are not the reader's
	Prices  bool
	Coming  bool // prices that do not hold yet
}

// MayWithdraw reports something that has not taken effect.
func (r rolloutView) MayWithdraw() bool {
	return r.Edit && !r.Chain && r.Waiting > 0 && (!r.Prices || r.Coming)
}

// MayBack reports something that has.
func (r rolloutView) MayBack() bool { return r.Edit && !r.Chain && r.Taken > 0 }

func (p *Pages) rollout(c echo.Context) error {
	number, err := numberOfRollout(c)
	if err != nil {
		return err
	}
	r, err := p.Rollouts.Rollout(c.Request().Context(), boundOf(c), number)
	if err != nil {
		return err
	}
	names, loc, err := p.planNames(c)
	if err != nil {
		return err
	}
	v := p.view(c)
	view := rolloutView{rolloutRow: v.rolloutRow(r, loc), Waiting: r.Waiting, Edit: mayPlan(c), Others: r.Others, Prices: r.What.Change != 0, Coming: r.Prices != nil && r.Prices.Coming()}
	view.Chain = boundOf(c) != "" && (view.Prices || r.Others > 0)
	for sku, price := range r.What.Prices {
		view.Lines = append(view.Lines, priceLine{v.goodName(r.Names, sku), v.say("rollout.price", r.What.Before[sku], price)})
	}
	slices.SortFunc(view.Lines, func(a, b priceLine) int { return strings.Compare(a.Name, b.Name) })
	for _, d := range r.Drafts {
		view.Drafts = append(view.Drafts, v.draftRow(d, names, loc))
	}
	return p.showMaster(c, "rollout", v.say("rollout.title", number), rolloutsPath+"/"+strconv.Itoa(int(number)), http.StatusOK, view)
}

func numberOfRollout(c echo.Context) (uint32, error) {
	n, err := strconv.ParseUint(c.Param("number"), 10, 31)
	if err != nil || n == 0 {
		return 0, protocol.Errorf(cloud.CodeNotFound, "nothing has such a number")
	}
	return uint32(n), nil
}

// onRollout does something with the roll-out of the path, for the reader, and shows it again.
func (p *Pages) onRollout(c echo.Context, do func(number uint32, who cloud.Principal) (uint32, error)) error {
	number, err := numberOfRollout(c)
	if err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if number, err = do(number, who); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, fmt.Sprintf("%s/%d", rolloutsPath, number))
}

func (p *Pages) withdrawRollout(c echo.Context) error {
	return p.onRollout(c, func(number uint32, who cloud.Principal) (uint32, error) {
		return number, p.Rollouts.WithdrawRollout(c.Request().Context(), number, who)
	})
}

func (p *Pages) backRollout(c echo.Context) error {
	return p.onRollout(c, func(number uint32, who cloud.Principal) (uint32, error) {
		r, err := p.Rollouts.BackRollout(c.Request().Context(), number, who)
		return r.Number, err
	})
}

func (p *Pages) withdrawDraft(c echo.Context) error {
	number, err := numberOfRollout(c)
	if err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if err := p.Drafts.WithdrawDraft(c.Request().Context(), number, who.Name); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, rolloutsPath)
}

// askText is what is asked for, as it travels with the form of a preview.
func askText(a cloud.AskRollout) (string, error) {
	raw, err := json.Marshal(a)
	return string(raw), err
}
