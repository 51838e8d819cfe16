package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// newRoundView proposes the next round of a store.
type newRoundView struct {
	Store   cloud.Store
	Stores  []cloud.Store // the others
	Key     string
	Age     string
	When    string
	Unkept  string
	Way     string // in which order they are walked to
	Moves   []moveRow
	Lanes   []laneChoice // that a transfer may begin or end at
	ByHand  []struct{}   // lines for transfers that nobody has proposed
	Legs    legForm
	Stops   []needRow
	Crew    []cloud.Principal
	Habit   cloud.RoundHabit
	At      string // the hour of its rounds, as a form has it
	Days    []dayChoice
	Minutes int // of the proposed stops
	Chosen  int
	Problem string
}

type dayChoice struct {
	Day  int // Monday is 0
	Name string
	On   bool
}

// needRow is a cabinet that a round may visit.
type needRow struct {
	Need  cloud.StopNeed
	Why   string
	Halt  string // what its halt means for a round
	Skip  string
	Lines []needLine
	Lasts int // lanes that are brought nothing
}

type needLine struct {
	Field  string // of the form
	Name   string
	Where  string
	Book   int
	Bring  int
	Why    string
	Lasts  string
	Urgent bool
}

// planField begins the names of the fields that say how many units a lane is brought.
const planField = "bring "

func (p *Pages) newRound(c echo.Context) error { return p.showNewRound(c, "", http.StatusOK) }

func (p *Pages) showNewRound(c echo.Context, problem string, status int) error {
	ctx, v := c.Request().Context(), p.view(c)
	store, stores, err := p.storeAsked(c)
	if err != nil {
		return err
	}
	needs, err := p.RoundPlans.Needs(ctx, store)
	if err != nil {
		return err
	}
	crew, err := p.RoundCrew.Restockers(ctx)
	if err != nil {
		return fmt.Errorf("new round: %w", err)
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	halted, err := p.haltsIn(ctx)
	if err != nil {
		return fmt.Errorf("new round: %w", err)
	}
	for i := range needs.Stops {
		if h := halted[needs.Stops[i].Cabinet.ID]; h != nil && h.Stops(protocol.PurposeRefill) {
			needs.Stops[i].Choice.Chosen = false
		}
	}
	choose(needs.Stops, c.QueryParams()["cabinet"])
	view := v.newRoundView(needs)
	view.Problem, view.Crew = problem, crew
	if view.Legs, err = p.legForm(c, store); err != nil {
		return fmt.Errorf("new round: %w", err)
	}
	for i, stop := range needs.Stops { // One off sale is filled all the same, one that is locked out cannot be.
		if h := halted[stop.Cabinet.ID]; h != nil {
			view.Stops[i].Halt = v.say("halt.round."+string(h.Kind), v.say("halt.reason."+string(h.Reason)))
		}
	}
	// A form that is sent twice plans one round; when it is asked for again it is another.
	view.Key = fmt.Sprintf("page:%s:%d", who.ID, p.Now().UnixNano())
	view.Stores = slices.DeleteFunc(stores, func(s cloud.Store) bool { return s.ID == store })
	return p.show(c, screen{
		Template: "newround", Face: "staff", Title: v.say("round.new") + " · " + v.lang.Pick(needs.Store.Name), Path: "/rounds/new?store=" + string(store), Status: status,
		Nav: "rounds", Data: view,
	})
}

// haltsIn are the halts in force, by cabinet.
func (p *Pages) haltsIn(ctx context.Context) (map[protocol.CabinetID]*cloud.Halt, error) {
	cabinets, err := p.Fleet.Cabinets(ctx)
	halted := make(map[protocol.CabinetID]*cloud.Halt)
	for i := range cabinets {
		if h := cabinets[i].Halt(); h != nil {
			halted[cabinets[i].ID] = h
		}
	}
	return halted, err
}

// choose puts the cabinets that the address names in place of those that are proposed.
func choose(stops []cloud.StopNeed, named []string) {
	for i := range stops {
		if len(named) > 0 {
			stops[i].Choice.Chosen = slices.Contains(named, string(stops[i].Cabinet.ID))
		}
	}
}

// storeAsked is the store that the address names, else the first.
func (p *Pages) storeAsked(c echo.Context) (cloud.StoreID, []cloud.Store, error) {
	stores, err := p.storesOf(c)
	if err != nil {
		return "", nil, fmt.Errorf("stores: %w", err)
	}
	asked := cloud.StoreID(c.FormValue("store"))
	if asked == "" && len(stores) > 0 {
		asked = stores[0].ID
	}
	return asked, stores, httpx.MayAt(c, asked)
}

func (v *view) newRoundView(n cloud.StoreNeeds) newRoundView {
	view := newRoundView{
		Store: n.Store, Age: v.sayAge(n.Age), Habit: n.Habit, At: fmt.Sprintf("%02d:%02d", n.Habit.Minute/60, n.Habit.Minute%60),
		When: v.say("round.when", v.clock(moment{At: n.Next, Day: true}), v.clock(moment{At: n.Then, Day: true})),
	}
	if len(n.Unkept) > 0 {
		view.Unkept = v.count("round.unkept", len(n.Unkept))
	}
	view.Way, view.Moves, view.Lanes, view.ByHand = v.sayTrip(n), v.moveRows(n), v.laneChoices(n), make([]struct{}, movesByHand)
	for day, name := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		view.Days = append(view.Days, dayChoice{day, v.say("day.week." + name), n.Habit.Days>>day&1 == 1})
	}
	for _, stop := range n.Stops {
		view.Stops = append(view.Stops, v.needRow(stop, n.Age.Days == 0))
		if stop.Choice.Chosen {
			view.Chosen++
			view.Minutes += stop.Minutes
		}
	}
	return view
}

// sayTrip tells in which order the proposed stops are walked to, and how far that is.
func (v *view) sayTrip(n cloud.StoreNeeds) string {
	if n.Unplaced > 0 {
		return v.count("round.bynumber", n.Unplaced)
	}
	if len(n.Trip.Stops) == 0 {
		return ""
	}
	numbers := make([]string, len(n.Trip.Stops))
	for i, a := range n.Trip.Stops {
		at := slices.IndexFunc(n.Stops, func(s cloud.StopNeed) bool { return s.Cabinet.ID == a.Cabinet })
		numbers[i] = strconv.Itoa(n.Stops[at].Cabinet.Number)
	}
	said := v.say("round.trip", strings.Join(numbers, " → "), n.Trip.Metres, fmt.Sprintf("%02d:%02d", n.Trip.Back/3600%24, n.Trip.Back/60%60))
	if n.Trip.Late > 0 {
		said += " " + v.say("round.trip.late")
	}
	return said
}

func (v *view) needRow(stop cloud.StopNeed, blind bool) needRow {
	row := needRow{Need: stop}
	switch {
	case !stop.Round.IsZero():
		row.Why = v.say("ground.under_way")
	case blind && stop.Choice.Chosen:
		row.Why = v.say("ground.blind")
	default:
		row.Why = v.say("ground." + string(stop.Choice.Why))
	}
	if skip := stop.Choice.Skip; !blind && stop.Round.IsZero() {
		row.Skip = v.say("round.skip", yuan(stop.Choice.Worth), strconv.FormatFloat(skip.Units, 'f', 1, 64), strconv.FormatFloat(skip.NightHours, 'f', 1, 64))
	}
	for _, l := range stop.Lines {
		if l.Bring == 0 && l.Expired == 0 {
			row.Lasts++
			continue
		}
		line := needLine{
			Field: planField + string(l.Cabinet) + " " + string(l.Platform) + " " + string(l.SKU), Name: v.lang.Pick(l.Article.Name), Where: string(l.Platform),
			Book: l.Book, Bring: l.Bring, Why: v.reasons(l.Why), Urgent: l.Book <= 0,
		}
		if line.Name == "" {
			line.Name = string(l.SKU)
		}
		if !blind {
			line.Lasts = v.lasts(l.Lasts)
		}
		row.Lines = append(row.Lines, line)
	}
	return row
}

// reasons say step by step why a lane is brought so many units.
func (v *view) reasons(all []picking.Reason) string {
	said := make([]string, 0, len(all))
	for _, r := range all {
		said = append(said, v.say("need.why."+string(r.Code), r.Units, r.Percent, r.Hours))
	}
	return strings.Join(said, " → ")
}

// planRound plans the round that the form says.
func (p *Pages) planRound(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "form: %v", err)
	}
	ask := cloud.PlanRound{Person: who.ID, By: who.Name, Key: c.FormValue("key"), Store: cloud.StoreID(c.FormValue("store"))}
	if err := httpx.MayAt(c, ask.Store); err != nil {
		return err
	}
	if ask.Restocker, err = sentOf(c.FormValue("restocker")); err != nil {
		return err
	}
	for _, id := range form["cabinet"] {
		ask.Cabinets = append(ask.Cabinets, protocol.CabinetID(id))
	}
	if ask.Legs, err = legsOf(c, form); err != nil {
		return err
	}
	if len(ask.Cabinets)+len(ask.Legs) == 0 {
		return p.showNewRound(c, p.view(c).say("round.nocabinet"), http.StatusUnprocessableEntity)
	}
	for field, values := range form {
		place, of := strings.CutPrefix(field, planField)
		parts := strings.Split(place, " ")
		if !of || len(parts) != 3 || !slices.Contains(ask.Cabinets, protocol.CabinetID(parts[0])) {
			continue
		}
		units, err := strconv.Atoi(strings.TrimSpace(values[0]))
		if err != nil {
			return protocol.Errorf(protocol.CodeMalformed, "units of %s: want a number", place)
		}
		at := picking.Place{Cabinet: protocol.CabinetID(parts[0]), Platform: protocol.PlatformID(parts[1]), SKU: protocol.SKU(parts[2])}
		ask.Lines = append(ask.Lines, cloud.PlannedLine{Place: at, Units: units})
	}
	slices.SortFunc(ask.Lines, func(a, b cloud.PlannedLine) int { return a.Compare(b.Place) })
	if ask.Transfers, err = transfersOf(form, ask.Cabinets); err != nil {
		return err
	}
	round, err := p.Rounds.Plan(c.Request().Context(), ask)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/rounds/"+round.ID.String())
}

// sentOf reads who is sent; nobody where nobody was chosen.
func sentOf(text string) (id protocol.UUID, err error) {
	if text == "" {
		return id, nil
	}
	if id, err = protocol.ParseUUID(text); err != nil {
		return id, protocol.Errorf(cloud.CodeNotFound, "nobody has such an id")
	}
	return id, nil
}

// keepHabit sets when the rounds of a store are walked.
func (p *Pages) keepHabit(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "form: %v", err)
	}
	h := cloud.RoundHabit{Store: cloud.StoreID(c.FormValue("store")), By: who.Name}
	if err := httpx.MayAt(c, h.Store); err != nil {
		return err
	}
	hour, minute, timed := strings.Cut(c.FormValue("at"), ":")
	hours, err1 := strconv.Atoi(hour)
	minutes, err2 := strconv.Atoi(minute)
	if !timed || err1 != nil || err2 != nil || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 {
		return protocol.Errorf(protocol.CodeMalformed, "at: want an hour as 20:00")
	}
	h.Minute = hours*60 + minutes
	for _, text := range form["day"] {
		if day, err := strconv.Atoi(text); err == nil && day >= 0 && day < 7 {
			h.Days |= 1 << day
		}
	}
	for field, into := range map[string]*int{"minutes": &h.Minutes, "totes": &h.Totes} {
		if text := strings.TrimSpace(c.FormValue(field)); text != "" {
			if *into, err = strconv.Atoi(text); err != nil {
				return protocol.Errorf(protocol.CodeMalformed, "%s: want a number, or nothing", field)
			}
		}
	}
	if err := p.RoundPlans.Keep(c.Request().Context(), h); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/rounds/new?store="+string(h.Store))
}
