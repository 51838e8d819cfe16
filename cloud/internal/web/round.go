package web

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// roundView is one round as it stands.
type roundView struct {
	ID      string
	Head    string
	State   string
	Over    bool
	Lead    string
	Path    string
	Changes []changeLine
	Stops   []stopView
	Rest    []restLine
	Photos  []photoView
	Legs    []handView
	Moves   []transferLine
	May     roundMay
	Crew    []cloud.Principal
	Walks   protocol.UUID
	Steps   []stepLine
}

// roundMay is what a manager can still do.
type roundMay struct{ Assign, Cancel, Late bool }

type changeLine struct {
	Name    string
	Cabinet string
	Was, Is int
}

type stopView struct {
	Name    string
	Cabinet protocol.CabinetID
	State   string
	Open    bool
	Minutes string
	Why     string
	Later   string // of a draft that waits for the round after this one
	Asked   int
	Lines   []lineView
	Quiet   int // lanes that were brought nothing
}

type lineView struct {
	Name, Where                    string
	Planned, Picked, Counted       string
	Weighed, Before, After, Differ string
	Short                          string
	Dates                          string // that it brings, or that were read at the door
	Out                            string // what was thrown away
	Photos                         []photoLink
	Ask                            bool
}

type restLine struct {
	Name                   string
	Expected, Back, Kept   int
	Differs                string
	Answered               bool
	SaidNothing, Disagrees bool
}

type stepLine struct{ At, By, What string }

// stepsShown is how many of a round's latest steps are shown.
const stepsShown = 12

func roundOf(c echo.Context) (protocol.UUID, error) {
	id, err := protocol.ParseUUID(c.Param("round"))
	if err != nil {
		return id, protocol.Errorf(cloud.CodeNotFound, "no round has such an id")
	}
	return id, nil
}

func (p *Pages) round(c echo.Context) error {
	s, err := p.roundScreen(c)
	if err != nil {
		return err
	}
	return p.show(c, s)
}

func (p *Pages) roundLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.serve(c, stream{
		changed: changed, pace: staffPace, again: staffRefresh,
		render: func() (screen, error) { return p.roundScreen(c) },
	})
}

func (p *Pages) roundScreen(c echo.Context) (screen, error) {
	ctx, v := c.Request().Context(), p.view(c)
	id, err := roundOf(c)
	if err != nil {
		return screen{}, err
	}
	r, err := p.Rounds.Round(ctx, id)
	if err != nil {
		return screen{}, err
	}
	list, err := p.RoundPlans.PickList(ctx, id)
	if err != nil {
		return screen{}, err
	}
	crew, err := p.RoundCrew.Restockers(ctx)
	if err != nil {
		return screen{}, err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return screen{}, err
	}
	view := v.roundView(r, list, zone(chain))
	view.Photos = v.photoViews(r.Photos, namesOf(v, r), zone(chain))
	view.Crew = crew
	s := screen{
		Template: "round", Face: "staff", Title: view.Head, Say: view.State, Path: view.Path, Nav: "rounds", Data: view,
	}
	if !view.Over {
		s.Live, s.Refresh = view.Path+"/live", 5
	}
	return s, nil
}

// namesOf are what the articles of a round are called.
func namesOf(v *view, r cloud.RoundView) map[protocol.SKU]string {
	names := make(map[protocol.SKU]string, len(r.Names))
	for sku := range r.Names {
		names[sku] = v.articleName(r, sku)
	}
	return names
}

func (v *view) roundView(r cloud.RoundView, list cloud.PickList, loc *time.Location) roundView {
	view := roundView{
		ID: r.ID.String(), Path: "/rounds/" + r.ID.String(), State: v.say("round.state." + string(r.State)), Over: r.State.Over(), Walks: r.Restocker,
		Head: v.say("round.head", v.dayName(r.Day), len(r.Stops)),
		May:  roundMay{Assign: !r.State.Over(), Cancel: r.State == cloud.RoundPlanned || r.State == cloud.RoundPicking, Late: r.State == cloud.RoundPicking},
	}
	if r.Kind == cloud.RoundTally {
		view.Head = v.say("stocktake.head", v.dayName(r.Day), len(r.Stops))
	}
	walks := r.Walks
	if walks == "" {
		walks = v.say("rounds.nobody")
	}
	view.Lead = v.say("round.lead", walks, r.By, v.clock(moment{At: r.Created.In(loc), Day: true}))
	for _, c := range list.Changes {
		view.Changes = append(view.Changes, changeLine{v.lang.Pick(list.Names[c.SKU].Name), v.say("cabinet.number", list.Numbers[c.Cabinet]), c.Was, c.Is})
	}
	for _, s := range r.Stops {
		stop := v.stopView(r, s)
		if d, waits := list.Later[s.Cabinet]; waits {
			stop.Later = v.say("round.draft.later", v.clock(moment{At: d.Made.In(loc), Day: true}), cmp.Or(d.By, v.say("rollout.tool")), d.Why)
		}
		view.Stops = append(view.Stops, stop)
	}
	view.Moves, view.Legs = v.transferLines(r), v.handViews(r)
	rest := r.Rest
	if r.State == cloud.RoundUnderWay {
		rest = r.InVan()
	}
	for _, x := range rest {
		view.Rest = append(view.Rest, restLine{
			Name: v.articleName(r, x.SKU), Expected: x.Expected, Back: x.Back, Kept: x.Kept, Differs: signed(int64(-x.Differs())), Answered: x.Answered,
			SaidNothing: !r.State.Over(), Disagrees: r.State.Over() && x.Differs() != 0,
		})
	}
	for i := max(len(r.Steps)-stepsShown, 0); i < len(r.Steps); i++ {
		s := r.Steps[i]
		what := v.say("round.step." + string(s.Kind))
		if s.Why != "" {
			what += " · " + s.Why
		}
		view.Steps = append(view.Steps, stepLine{v.clock(moment{At: s.At.In(loc)}), s.By, what})
	}
	return view
}

func (v *view) stopView(r cloud.RoundView, s cloud.RoundStop) stopView {
	cab := r.Cabinets[s.Cabinet]
	view := stopView{
		Cabinet: s.Cabinet, Name: v.say("cabinet.number", cab.Number) + " · " + v.lang.Pick(cab.Place), State: v.say("stop.state." + string(s.State)),
		Open: s.State == cloud.StopOpen, Why: s.Why, Asked: r.Asked(s.Cabinet), Minutes: v.say("rounds.minutes.planned", s.Minutes),
	}
	if !s.Gone.IsZero() && !s.Came.IsZero() {
		view.Minutes = v.say("rounds.minutes", strconv.FormatFloat(s.Gone.Sub(s.Came).Minutes(), 'f', 1, 64), s.Minutes)
	}
	findings := r.Findings(s.Cabinet)
	for i, l := range r.LinesOf(s.Cabinet) {
		if l.Planned == 0 && l.Picked == 0 && l.Booked() == 0 && l.Removed == 0 && (l.Counted == nil || *l.Counted == 0 && r.Kind != cloud.RoundTally) {
			view.Quiet++
			continue
		}
		view.Lines = append(view.Lines, v.lineView(r, s, l, findings[i]))
	}
	return view
}

func (v *view) lineView(r cloud.RoundView, s cloud.RoundStop, l cloud.RoundLine, f picking.Finding) lineView {
	line := lineView{
		Name: v.articleName(r, l.SKU), Where: string(l.Platform), Planned: strconv.Itoa(l.Planned), Picked: "—", Counted: "—", Weighed: "—",
		Before: strconv.Itoa(l.Before), After: strconv.Itoa(l.After), Differ: "", Ask: f.Verdict == picking.Ask,
	}
	if r.State != cloud.RoundPlanned {
		line.Picked = strconv.Itoa(l.Picked)
	}
	if l.Counted != nil {
		line.Counted = strconv.Itoa(*l.Counted)
	}
	if s.Settled > 0 {
		line.Weighed = strconv.Itoa(l.Weighed)
	}
	switch brings, said := v.dates(l.Lots), v.dates(l.Said); {
	case len(said) > 0:
		line.Dates = v.say("walk.dated", strings.Join(said, ", "))
	case len(brings) > 0:
		line.Dates = v.say("walk.brings", strings.Join(brings, ", "))
	}
	if l.Short != "" {
		line.Short = v.say("short.why."+string(l.Short), l.Planned-l.Picked)
	}
	if r.Kind == cloud.RoundTally {
		return v.tallyLine(r, l, line)
	}
	if l.Removed > 0 && l.Reason != "" {
		line.Out = v.say("round.line.out", l.Removed, v.say("move.reason."+string(l.Reason)))
		if line.Photos = v.photoLinks(r.Photos, func(p cloud.RoundPhoto) bool { return p.Place == l.Place() }); line.Photos == nil {
			line.Out += " · " + v.say("photo.missing")
		}
	}
	switch {
	case line.Ask:
		line.Differ = v.say("round.line.asked", f.Said, f.Weighed)
	case l.Adjusted != 0:
		line.Differ = v.say("round.line.insisted", signed(int64(l.Adjusted)))
	case l.Answer != "":
		line.Differ = v.say("round.line.answered")
	}
	return line
}

// tallyLine is a line of a count: nothing of it was planned or picked, and its scales say what lies there.
func (v *view) tallyLine(r cloud.RoundView, l cloud.RoundLine, line lineView) lineView {
	line.Planned, line.Picked, line.Weighed = "—", "—", "—"
	if level, known := r.Scales[l.Place()]; known {
		line.Weighed = v.scalesSay(level.Qty, level.Low, level.High)
	}
	if l.Counted != nil {
		line.Differ = signed(int64(*l.Counted - l.Before))
	}
	if l.Answer != "" {
		line.Differ += " · " + v.say("move.reason."+string(l.Answer))
	}
	return line
}

// stepRound assigns or cancels a round.
func (p *Pages) stepRound(c echo.Context) error {
	id, err := roundOf(c)
	if err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	step := cloud.RoundStep{Round: id, Person: who.ID, By: who.Name, Key: fmt.Sprintf("page:%d", p.Now().UnixNano()), Kind: cloud.RoundStepKind(c.FormValue("kind"))}
	if !step.Kind.ForManagers() {
		return protocol.Errorf(protocol.CodeMalformed, "kind: want %s or %s", cloud.RoundAssign, cloud.RoundCancel)
	}
	step.Why = c.FormValue("why")
	if step.Restocker, err = sentOf(c.FormValue("restocker")); err != nil {
		return err
	}
	if _, err := p.Rounds.Step(c.Request().Context(), step); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/rounds/"+id.String())
}
