package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
)

// roundsShown is how many rounds the list has at most.
const roundsShown = 50

// roundRoutes are the manager's pages of rounds and of what will be wanted.
func (p *Pages) roundRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return []httpx.Route{
		{Method: get, Path: "/rounds", Access: httpx.Planners(), Handler: p.rounds},
		{Method: get, Path: "/rounds/live", Access: httpx.Planners(), Handler: p.roundsLive},
		{Method: get, Path: "/rounds/new", Access: httpx.Planners(), Handler: p.newRound},
		{Method: post, Path: "/rounds/new", Access: httpx.Planners().Sending("1M"), Handler: p.planRound},
		{Method: post, Path: "/rounds/habit", Access: httpx.Planners(), Handler: p.keepHabit},
		{Method: get, Path: "/rounds/variance", Access: httpx.Planners(), Handler: p.variance},
		{Method: get, Path: "/rounds/variance.csv", Access: httpx.Planners(), Handler: p.varianceTable},
		{Method: get, Path: "/rounds/:round", Access: httpx.Planners(), Handler: p.round},
		{Method: get, Path: "/rounds/:round/live", Access: httpx.Planners(), Handler: p.roundLive},
		{Method: post, Path: "/rounds/:round/step", Access: httpx.Planners(), Handler: p.stepRound},
		{Method: get, Path: "/rounds/:round/print", Access: httpx.Planners(), Handler: p.printRound},
		{Method: get, Path: "/rounds/:round/:table", Access: httpx.Planners(), Handler: p.roundTable},
		{Method: get, Path: "/forecast", Access: httpx.Planners(), Handler: p.forecast},
		{Method: get, Path: "/forecast/lanes.csv", Access: httpx.Planners(), Handler: p.forecastTable},
		{Method: post, Path: "/forecast/past", Access: httpx.Planners().Sending(httpx.MaxFile), Handler: p.importPast},
	}
}

// roundsView is the rounds that are under way, and those of today.
type roundsView struct {
	Head    string
	Open    roundList
	Between []betweenRow // what rounds carry between stores
	Over    roundList
	Stores  []cloud.Store
	All     bool // the reader sees to all stores
}

// roundList is a table of rounds under its head.
type roundList struct {
	Label string
	None  string // what is said instead of an empty list
	Rows  []roundRow
}

// roundRow is one round in a list.
type roundRow struct {
	ID      string
	Store   cloud.Text
	Walks   string
	State   string
	Done    string // stops of all
	Minutes string // per stop, planned and taken
	Short   int
	Asked   int
}

func (p *Pages) rounds(c echo.Context) error {
	s, err := p.roundsScreen(c)
	if err != nil {
		return err
	}
	return p.show(c, s)
}

func (p *Pages) roundsLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.serve(c, stream{
		changed: changed, pace: staffPace, again: staffRefresh,
		render: func() (screen, error) { return p.roundsScreen(c) },
	})
}

func (p *Pages) roundsScreen(c echo.Context) (screen, error) {
	ctx, v := c.Request().Context(), p.view(c)
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return screen{}, fmt.Errorf("rounds: %w", err)
	}
	stores, err := p.Fleet.Stores(ctx)
	if err != nil {
		return screen{}, fmt.Errorf("rounds: %w", err)
	}
	store := cloud.StoreID(strings.Clone(c.QueryParam("store")))
	open, err := p.Rounds.List(ctx, cloud.RoundQuery{Store: store, Open: true, Limit: roundsShown})
	if err != nil {
		return screen{}, fmt.Errorf("rounds: %w", err)
	}
	today, err := p.Rounds.List(ctx, cloud.RoundQuery{Store: store, Day: ledger.DayOf(p.Now(), zone(chain)), Limit: roundsShown})
	if err != nil {
		return screen{}, fmt.Errorf("rounds: %w", err)
	}
	names := make(map[cloud.StoreID]cloud.Text, len(stores))
	for _, s := range stores {
		names[s.ID] = s.Name
	}
	query := ""
	if store != "" {
		query = "?store=" + url.QueryEscape(string(store))
		stores = slices.DeleteFunc(slices.Clone(stores), func(s cloud.Store) bool { return s.ID != store })
	}
	view := roundsView{Stores: stores, All: boundOf(c) == "", Head: v.count("rounds.open", len(open)), Open: roundList{Label: v.say("rounds.under"), None: v.say("rounds.under.none")}, Over: roundList{Label: v.say("rounds.over"), None: v.say("rounds.over.none")}}
	if len(open) == 0 {
		view.Head = v.say("rounds.none")
	}
	for _, r := range open {
		view.Open.Rows = append(view.Open.Rows, v.roundRow(r, names[r.Store]))
	}
	for _, r := range today {
		if r.State.Over() {
			view.Over.Rows = append(view.Over.Rows, v.roundRow(r, names[r.Store]))
		}
	}
	if err := p.between(c, &view, store, ledger.DayOf(p.Now(), zone(chain)), names); err != nil {
		return screen{}, fmt.Errorf("rounds: %w", err)
	}
	return screen{
		Template: "rounds", Face: "staff", Title: v.say("rounds.title"), Say: view.Head, Path: "/rounds" + query, Live: "/rounds/live" + query, Refresh: 5, Nav: "rounds", Data: view,
	}, nil
}

// between tells what rounds carry to a store that is not theirs, or fetch there; of all stores where none is asked for.
func (p *Pages) between(c echo.Context, view *roundsView, store cloud.StoreID, today ledger.Day, stores map[cloud.StoreID]cloud.Text) error {
	goods, _, err := p.articleNames(c)
	if err != nil {
		return err
	}
	rounds, err := p.Rounds.List(c.Request().Context(), cloud.RoundQuery{At: store, Limit: roundsShown})
	view.Between = p.view(c).betweenRows(rounds, store, today, stores, goods)
	return err
}

func (v *view) roundRow(r cloud.Round, store cloud.Text) roundRow {
	row := roundRow{ID: r.ID.String(), Store: store, Walks: r.Walks, State: v.say("round.state." + string(r.State))}
	if r.Walks == "" {
		row.Walks = v.say("rounds.nobody")
	}
	if r.Kind == cloud.RoundTally {
		row.State = v.say("stocktake.title") + " · " + row.State
	}
	done := 0
	for _, s := range r.Stops {
		if s.State == cloud.StopDone || s.State == cloud.StopSkipped {
			done++
		}
		row.Asked += r.Asked(s.Cabinet)
	}
	handovers := r.Handovers()
	for _, h := range handovers {
		if h.Over() {
			done++
		}
	}
	row.Done, row.Minutes, row.Short = fmt.Sprintf("%d / %d", done, len(r.Stops)+len(handovers)), v.perStop(r), shortOf(r)
	return row
}

// perStop is the minutes that a stop takes in the mean: as planned, and as it was.
func (v *view) perStop(r cloud.Round) string {
	planned, taken, stops := 0, time.Duration(0), 0
	for _, s := range r.Stops {
		planned += s.Minutes
		if s.State == cloud.StopDone && !s.Came.IsZero() {
			taken += s.Gone.Sub(s.Came)
			stops++
		}
	}
	if len(r.Stops) == 0 {
		return "—"
	}
	plan := strconv.Itoa((planned + len(r.Stops)/2) / len(r.Stops))
	if stops == 0 {
		return v.say("rounds.minutes.planned", plan)
	}
	return v.say("rounds.minutes", strconv.FormatFloat(taken.Minutes()/float64(stops), 'f', 1, 64), plan)
}

// shortOf is how many units were not picked that had been planned; before picking none are.
func shortOf(r cloud.Round) (units int) {
	for _, l := range r.Lines {
		if l.Short != "" {
			units += l.Planned - l.Picked
		}
	}
	for _, l := range r.Legs {
		if l.Short != "" {
			units += l.Units - l.Picked
		}
	}
	return units
}

// lasts says until when a stock lasts, from the early to the late end.
func (v *view) lasts(r forecast.Range) string {
	switch {
	case r.Late <= 0:
		return v.say("lasts.none")
	case r.Early == forecast.Beyond:
		return v.say("lasts.long")
	case r.Late == forecast.Beyond:
		return v.say("lasts.over", v.inHours(r.Early))
	}
	early, late := v.inHours(r.Early), v.inHours(r.Late)
	if early == late {
		return early
	}
	return v.say("lasts.range", early, late)
}

func (v *view) inHours(n int) string {
	if n < 48 {
		return v.say("span.hours", n)
	}
	return v.say("span.days", (n+12)/24)
}

// sayAge tells what a forecast comes from.
func (v *view) sayAge(a cloud.DemandAge) string {
	said := []string{v.say("age.none")}
	if a.Days > 0 {
		said = []string{v.count("age.days", a.Days, a.From, a.Through)}
		if !a.Enough() {
			said = append(said, v.say("age.few", cloud.EnoughDays))
		}
	}
	if a.Learning {
		said = append(said, v.say("age.learning"))
	}
	if !a.Foreseen {
		said = append(said, v.say("age.unforeseen"))
	}
	if v.lang == httpx.English {
		return strings.Join(said, " ")
	}
	return strings.Join(said, "")
}
