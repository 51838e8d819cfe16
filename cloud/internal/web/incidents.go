package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
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
	incidentsShown = 200
	overShown      = 50
	timedShown     = 2000
	timedDays      = "30" // as the address has cloud.IncidentsTimed
	// together is how close to each other cabinets of a store must have gone for that to be shown as one.
	together = 5 * time.Minute
)

func (p *Pages) incidentRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return []httpx.Route{
		{Method: get, Path: "/incidents", Access: httpx.Staff(), Handler: p.incidents},
		{Method: get, Path: "/incidents/live", Access: httpx.Staff(), Handler: p.incidentsLive},
		{Method: get, Path: "/incidents/:number", Access: httpx.Staff(), Handler: p.incident},
		{Method: post, Path: "/incidents/:number", Access: httpx.Responders(), Handler: p.actOnIncident},
	}
}

// incidentsHead is what the page says first, and how fast incidents are noticed and over.
type incidentsHead struct {
	Head   string
	Well   bool
	Over   bool
	Detect string
	Repair string
	Ended  int
	Basis  string // the page of those that the means are made of
	Timed  []timedKind
}

// incidentsFind narrows the list.
type incidentsFind struct {
	Stores []incidentChoice
	Kinds  []incidentChoice
	Over   bool
}

// incidentsList are the incidents.
type incidentsList struct {
	Groups []incidentGroup
	More   bool // there are others that are not shown
	Over   bool
	Asked  bool // the list is narrowed
}

// timedKind is how fast incidents of a kind are noticed and over.
type timedKind struct {
	Say            string
	Ended          int
	Detect, Repair string
	Basis          string
}

// incidentChoice is one line of a select.
type incidentChoice struct {
	Value, Say string
	Chosen     bool
}

// incidentGroup is one incident, or several of one cause.
type incidentGroup struct {
	Key   string
	Head  string // of several
	Rows  []incidentLine
	Page  bool
	Since moment
}

// incidentLine is one incident in a list.
type incidentLine struct {
	Number int
	What   string
	Where  string
	Since  moment
	State  string
	Took   string // of one that is over: until it was noticed, and from then on
	Taken  bool
	Count  int
}

func (p *Pages) incidents(c echo.Context) error {
	d, err := p.drawIncidents(c)
	return p.showDrawn(c, d, err)
}

func (p *Pages) incidentsLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.servePieces(c, stream{changed: changed, pace: p.pace(), again: staffRefresh}, func() (drawn, error) { return p.drawIncidents(c) })
}

// incidentsAsked is what the address asks for.
type incidentsAsked struct {
	store  cloud.StoreID
	kind   cloud.IncidentKind
	over   bool
	within bool // the days that the means are made of
}

func readIncidents(c echo.Context) incidentsAsked {
	a := incidentsAsked{
		store: cloud.StoreID(strings.Clone(c.QueryParam("store"))), kind: cloud.IncidentKind(strings.Clone(c.QueryParam("kind"))), over: c.QueryParam("state") == "over",
	}
	a.within = a.over && c.QueryParam("within") == timedDays
	return a
}

// query is a with its question mark; empty where nothing is asked for.
func (a incidentsAsked) query() string {
	query := url.Values{}
	for name, value := range map[string]string{"store": string(a.store), "kind": string(a.kind)} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if a.over {
		query.Set("state", "over")
	}
	if a.within {
		query.Set("within", timedDays)
	}
	if len(query) == 0 {
		return ""
	}
	return "?" + query.Encode()
}

func (a incidentsAsked) find(now time.Time) cloud.IncidentQuery {
	q := cloud.IncidentQuery{Over: a.over, Store: a.store, Kind: a.kind, Limit: incidentsShown}
	switch {
	case a.within: // Nothing that the means are made of is left out.
		q.Since, q.Limit = now.Add(-cloud.IncidentsTimed), timedShown
	case a.over:
		q.Limit = overShown
	}
	return q
}

func (p *Pages) drawIncidents(c echo.Context) (drawn, error) {
	asked := readIncidents(c)
	return p.draw(c, "/incidents"+asked.query(), func(ctx context.Context, v *view, may rights) (screen, error) {
		s, err := p.incidentsScreen(ctx, v, asked, may)
		if err != nil {
			return screen{}, fmt.Errorf("incidents: %w", err)
		}
		return s, nil
	})
}

func (p *Pages) incidentsScreen(ctx context.Context, v *view, asked incidentsAsked, may rights) (screen, error) {
	q := asked.find(p.Now())
	found, err := p.Incidents.List(ctx, q)
	if err != nil {
		return screen{}, err
	}
	names, err := p.goodsNames(ctx, found)
	if err != nil {
		return screen{}, err
	}
	kinds, err := p.Incidents.Times(ctx, p.Now().Add(-cloud.IncidentsTimed))
	if err != nil {
		return screen{}, err
	}
	cabinets, err := p.Fleet.Cabinets(ctx)
	if err != nil {
		return screen{}, err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return screen{}, err
	}
	head := v.incidentsHead(asked, len(found), len(found) == q.Limit)
	if may.Bound == "" { // How fast they are is told of the whole chain alone.
		v.timesOf(&head, kinds)
	}
	return screen{
		Template: "incidents", Face: "staff", Title: head.Head, Say: head.Head, Path: "/incidents" + asked.query(), Live: "/incidents/live" + asked.query(), Refresh: 30, Nav: "incidents",
		Parts: []part{
			{"head", head},
			{"find", incidentsFind{v.storeChoices(cabinets, may.Bound, asked.store), v.kindChoices(asked.kind), asked.over}},
			{"list", incidentsList{v.incidentGroups(found, names, cabinets, zone(chain)), len(found) == q.Limit, asked.over, asked != incidentsAsked{}}},
			{"timed", head},
		},
	}, nil
}

func (v *view) incidentsHead(asked incidentsAsked, found int, more bool) incidentsHead {
	head := incidentsHead{Well: found == 0, Over: asked.over}
	switch {
	case asked.within:
		head.Head = v.say("incidents.over.within")
	case asked.over:
		head.Head = v.say("incidents.over")
	case head.Well:
		head.Head = v.say("incidents.none")
	case more:
		head.Head = v.say("incidents.open.least", found)
	default:
		head.Head = v.count("incidents.open", found)
	}
	return head
}

// timesOf says how fast incidents are noticed and over, in all and by kind, each with those that it is made of.
func (v *view) timesOf(view *incidentsHead, kinds map[cloud.IncidentKind]cloud.IncidentTimes) {
	all := cloud.TimesOf(kinds)
	detect, repair := all.Means()
	view.Ended, view.Detect, view.Repair, view.Basis = all.Ended, v.span(detect), v.span(repair), timedPath("")
	for _, k := range cloud.IncidentKinds() {
		if t := kinds[k]; t.Ended > 0 {
			detect, repair := t.Means()
			view.Timed = append(view.Timed, timedKind{v.say("incident." + string(k) + ".short"), t.Ended, v.span(detect), v.span(repair), timedPath(k)})
		}
	}
	slices.SortStableFunc(view.Timed, func(a, b timedKind) int { return b.Ended - a.Ended })
}

func timedPath(kind cloud.IncidentKind) string {
	query := url.Values{"state": {"over"}, "within": {timedDays}}
	if kind != "" {
		query.Set("kind", string(kind))
	}
	return "/incidents?" + query.Encode()
}

// storeChoices are the stores that have cabinets, of those that the reader is limited to.
func (v *view) storeChoices(cabinets []cloud.CabinetView, of cloud.Bound, chosen cloud.StoreID) (all []incidentChoice) {
	for i := range cabinets {
		store := string(cabinets[i].Store)
		if of.Holds(cabinets[i].Store) && !slices.ContainsFunc(all, func(c incidentChoice) bool { return c.Value == store }) {
			all = append(all, incidentChoice{store, v.lang.Pick(cabinets[i].StoreName), cabinets[i].Store == chosen})
		}
	}
	return all
}

func (v *view) kindChoices(chosen cloud.IncidentKind) (all []incidentChoice) {
	for _, k := range cloud.IncidentKinds() {
		all = append(all, incidentChoice{string(k), v.say("incident." + string(k) + ".short"), k == chosen})
	}
	return all
}

// incidentGroups shows cabinets of one store that went away together as one thing, and everything else by itself.
func (v *view) incidentGroups(found []cloud.Incident, names goodsNames, cabinets []cloud.CabinetView, loc *time.Location) (groups []incidentGroup) {
	where := make(map[protocol.CabinetID]*cloud.CabinetView, len(cabinets))
	for i := range cabinets {
		where[cabinets[i].ID] = &cabinets[i]
	}
	type place struct {
		store cloud.StoreID
		index int
		first time.Time
	}
	var gone []place
	for _, i := range found {
		line := v.incidentLine(i, names, where[i.Cabinet], loc)
		cab, known := where[i.Cabinet]
		if known && i.Kind == cloud.IncidentAway {
			n := slices.IndexFunc(gone, func(g place) bool {
				return g.store == cab.Store && i.Opened.Sub(g.first).Abs() <= together
			})
			if n >= 0 {
				g := &groups[gone[n].index]
				g.Rows = append(g.Rows, line)
				g.Head = v.say("incidents.together", v.lang.Pick(cab.StoreName), len(g.Rows))
				continue
			}
			gone = append(gone, place{cab.Store, len(groups), i.Opened})
		}
		groups = append(groups, incidentGroup{
			Key: strconv.Itoa(i.Number), Rows: []incidentLine{line}, Page: i.Kind.Care().Urgency == cloud.UrgencyPage, Since: line.Since,
		})
	}
	return groups
}

func (v *view) incidentLine(i cloud.Incident, names goodsNames, cab *cloud.CabinetView, loc *time.Location) incidentLine {
	line := incidentLine{
		Number: i.Number, What: v.incidentWhat(i, names), Where: v.incidentPlace(i, cab), Since: moment{At: i.First.In(loc), Day: true},
		State: v.sayIncident(i), Taken: !i.Taken.IsZero(), Count: i.Count,
	}
	if !i.Closed.IsZero() {
		line.Took = v.say("incidents.took", v.span(max(i.Opened.Sub(i.First), 0)), v.span(max(i.Closed.Sub(i.Opened), 0)))
	}
	return line
}

// sayIncident tells how far an incident is.
func (v *view) sayIncident(i cloud.Incident) string {
	switch {
	case i.Cause != "":
		return v.say("incidents.state.closed", v.say("cause."+string(i.Cause)))
	case !i.Closed.IsZero():
		return v.say("incidents.state.ended")
	case i.Whom != "":
		return v.say("incidents.state.assigned", i.Whom)
	case !i.Taken.IsZero():
		return v.say("incidents.state.taken")
	case !i.Escalated.IsZero():
		return v.say("incidents.state.escalated")
	}
	return v.say("incidents.state.open")
}

// incidentPage is one incident with its story.
type incidentPage struct {
	Number  int
	What    string
	More    string
	Detail  string
	Where   string
	Cabinet protocol.CabinetID // empty: not known
	Place   string             // where that stands
	Service bool               // it is looked at behind the door, which the reader may open
	Visit   string
	Debts   bool // that rest: they have a page
	State   string
	Took    string
	Page    bool
	Open    bool
	Count   int
	Role    string
	Since   moment
	Story   []incidentTold
	May     bool
	Take    bool
	Hands   []string
	Causes  []incidentChoice
}

// incidentTold is one line of the story.
type incidentTold struct {
	At    moment
	What  string
	Words string
	Icon  string
}

func (p *Pages) incident(c echo.Context) error {
	number, err := incidentNumber(c)
	if err != nil {
		return err
	}
	ctx, v := c.Request().Context(), p.view(c)
	story, err := p.Incidents.Story(ctx, number)
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("incident %d: %w", number, err)
	}
	var cab *cloud.CabinetView
	switch known, err := p.Fleet.Cabinet(ctx, story.Incident.Cabinet); {
	case err == nil:
		cab = &known
	case protocol.CodeOf(err) == cloud.CodeUnknownCabinet || protocol.CodeOf(err) == cloud.CodeNotFound: // It is what the incident is about.
	default:
		return fmt.Errorf("incident %d: %w", number, err)
	}
	names, err := p.goodsNames(ctx, []cloud.Incident{story.Incident})
	if err != nil {
		return fmt.Errorf("incident %d: %w", number, err)
	}
	view := v.incidentPage(story, names, cab, zone(chain))
	if who, err := httpx.PrincipalOf(c); err == nil && httpx.Responders().Allows(who) {
		view.May, view.Service = true, view.Open && cab != nil && story.Incident.Kind.Care().Role == protocol.RoleTechnician && httpx.Servicers().Allows(who)
		hands, err := p.Incidents.Hands(ctx)
		if err != nil {
			return fmt.Errorf("incident %d: %w", number, err)
		}
		for _, h := range hands {
			view.Hands = append(view.Hands, h.Name)
		}
	}
	title := v.say("incidents.title", number) + " · " + view.What
	return p.show(c, screen{Template: "incident", Face: "staff", Title: title, Path: incidentPath(number), Nav: "incidents", Data: view})
}

func (v *view) incidentPage(story cloud.IncidentStory, names goodsNames, cab *cloud.CabinetView, loc *time.Location) incidentPage {
	i := story.Incident
	line := v.incidentLine(i, names, cab, loc)
	care := i.Kind.Care()
	page := incidentPage{
		Number: i.Number, What: line.What, More: v.incidentMore(i, names, loc), Detail: v.noticed(i, names, loc), Where: line.Where, State: line.State, Took: line.Took,
		Page: care.Urgency == cloud.UrgencyPage, Open: i.Closed.IsZero(), Count: i.Count, Role: v.say("role." + string(care.Role)), Since: line.Since,
		Take: i.Taken.IsZero(),
	}
	if cab != nil {
		page.Cabinet, page.Place = cab.ID, v.lang.Pick(cab.Place)
	}
	if i.Kind.OfVisit() {
		page.Visit = i.Subject
	}
	page.Debts = i.Kind == cloud.IncidentDebtsRest
	for _, s := range story.Steps {
		page.Story = append(page.Story, v.incidentTold(s, loc))
	}
	for _, cause := range care.Causes {
		page.Causes = append(page.Causes, incidentChoice{Value: string(cause), Say: v.say("cause." + string(cause))})
	}
	return page
}

func (v *view) incidentTold(s cloud.IncidentStep, loc *time.Location) incidentTold {
	told := incidentTold{At: moment{At: s.At.In(loc), Day: true}, What: v.say("incidents.did."+string(s.Did), s.By, s.Whom), Words: s.Words, Icon: "clock"}
	switch s.Did {
	case cloud.IncidentOpened, cloud.IncidentReturned, cloud.IncidentEscalated:
		told.Icon = "alert"
	case cloud.IncidentEnded:
		told.Icon = "check"
	case cloud.IncidentClosed:
		told.Icon, told.What = "check", v.say("incidents.did.closed", s.By, v.say("cause."+string(s.Cause)))
	default:
		told.Icon = "person"
	}
	return told
}

func incidentPath(number int) string { return "/incidents/" + strconv.Itoa(number) }

func incidentNumber(c echo.Context) (int, error) {
	number, err := strconv.Atoi(c.Param("number"))
	if err != nil {
		return 0, protocol.Errorf(cloud.CodeNotFound, "no incident has such a number")
	}
	return number, nil
}

// actOnIncident takes what the reader does with it.
func (p *Pages) actOnIncident(c echo.Context) error {
	number, err := incidentNumber(c)
	if err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	act := cloud.IncidentAct{Number: number, Did: cloud.IncidentDid(c.FormValue("did")), By: who.Name, Words: c.FormValue("words")}
	switch act.Did {
	case cloud.IncidentAssigned:
		act.Whom = c.FormValue("whom")
	case cloud.IncidentClosed:
		act.Cause = cloud.IncidentCause(c.FormValue("cause"))
	}
	if _, err := p.Incidents.Act(c.Request().Context(), act); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, incidentPath(number))
}
