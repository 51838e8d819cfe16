package api

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
	"allhours/protocol/wire"
)

type planBody struct {
	Kind      cloud.RoundKind       `json:"kind,omitempty"`
	Store     cloud.StoreID         `json:"store"`
	Restocker protocol.UUID         `json:"restocker,omitzero"`
	Cabinets  []protocol.CabinetID  `json:"cabinets"`
	Lines     []plannedLine         `json:"lines,omitempty"`
	Lanes     []picking.Place       `json:"lanes,omitempty"`
	Transfers []cloud.RoundTransfer `json:"transfers,omitempty"`
	Legs      []plannedLeg          `json:"legs,omitempty"`
}

type plannedLeg struct {
	Store cloud.StoreID `json:"store"` // the other one
	Way   cloud.LegWay  `json:"way"`
	SKU   protocol.SKU  `json:"sku"`
	Units int           `json:"units"`
}

// legAnswer is one article that a round takes to another store, or fetches there.
type legAnswer struct {
	plannedLeg
	Name   string            `json:"name"`
	Picked int               `json:"picked"`
	Short  cloud.ShortReason `json:"short,omitempty"`
	Due    int               `json:"due"`    // to be handed over
	Handed *int              `json:"handed"` // nil: not yet, or it was left out
	Reason cloud.HandReason  `json:"reason,omitempty"`
	Why    string            `json:"why,omitempty"`
	Over   *time.Time        `json:"over,omitempty"`
	Lots   []picking.Lot     `json:"lots"`
}

type plannedLine struct {
	picking.Place
	Units int `json:"units"`
}

type stepBody struct {
	Kind cloud.RoundStepKind `json:"kind"`
	cloud.RoundStepBody
}

type refillBody struct {
	Cabinet     protocol.CabinetID   `json:"cabinet"`
	Number      int                  `json:"number,omitempty"`
	Compartment protocol.Compartment `json:"compartment,omitempty"`
}

type stopAnswer struct {
	Cabinet  protocol.CabinetID `json:"cabinet"`
	Number   int                `json:"number"`
	Place    string             `json:"place"`
	Minutes  int                `json:"minutes"`
	State    cloud.StopState    `json:"state"`
	Came     *time.Time         `json:"came,omitempty"`
	Gone     *time.Time         `json:"gone,omitempty"`
	Openings int                `json:"openings"` // that have been weighed
	Why      string             `json:"why,omitempty"`
	Metres   int                `json:"metres"`          // from the stop before, or from the store
	Due      *time.Time         `json:"due,omitempty"`   // when it is to be reached; left out, metres too, where nobody knows the way
	Late     int                `json:"late_seconds"`    // after it can be reached
	Draft    uint32             `json:"draft,omitempty"` // that is set up here
	Hours    []reachAnswer      `json:"hours"`           // when it can be reached; none: at any time
}

type roundLine struct {
	picking.Place
	Name    string            `json:"name"`
	Planned int               `json:"planned"`
	Picked  int               `json:"picked"`
	Short   cloud.ShortReason `json:"short,omitempty"`
	Counted *int              `json:"counted"`
	Weighed *int              `json:"weighed"` // nil: not yet
	Before  int               `json:"before"`
	After   int               `json:"after"`
	Answer  picking.Answer    `json:"answer,omitempty"`
	Expired int               `json:"expired,omitempty"` // to be taken out
	Moved   int               `json:"moved,omitempty"`   // to be put by transfers, below nothing what they take out
	Removed int               `json:"removed,omitempty"`
	Reason  ledger.Reason     `json:"reason,omitempty"`
	Turn    cloud.LaneTurn    `json:"turn,omitempty"`  // by the draft: in, out, or off where it was withdrawn
	Blind   bool              `json:"blind,omitempty"` // no scale says what was put here
	Finding picking.Finding   `json:"finding"`
	Lots    []picking.Lot     `json:"lots"`  // that it brings, once they have left the store
	Dates   []picking.Lot     `json:"dates"` // that were read off the goods at the door
}

type restAnswer struct {
	SKU      protocol.SKU `json:"sku"`
	Expected int          `json:"expected"`
	Back     int          `json:"back"`
	Kept     int          `json:"kept"`
	Answered bool         `json:"answered"`
}

type stepAnswer struct {
	ID  protocol.UUID `json:"id"`
	At  time.Time     `json:"at"`
	By  string        `json:"by"`
	Key string        `json:"key"`
	stepBody
}

type openingAnswer struct {
	ID      protocol.VisitID   `json:"id"`
	Cabinet protocol.CabinetID `json:"cabinet"`
	State   cloud.VisitState   `json:"state"`
	Put     []wire.Put         `json:"put"` // so far, while it is under way
}

// roundHead is a round in a list.
type roundHead struct {
	ID      protocol.UUID    `json:"id"`
	Kind    cloud.RoundKind  `json:"kind"`
	Store   cloud.StoreID    `json:"store"`
	Day     ledger.Day       `json:"day"`
	State   cloud.RoundState `json:"state"`
	Walks   string           `json:"walks"`
	By      string           `json:"by"`
	Created time.Time        `json:"created"`
	Left    *time.Time       `json:"left,omitempty"`
	Ended   *time.Time       `json:"ended,omitempty"`
	Done    int              `json:"done"` // stops that are over
	Of      int              `json:"of"`
}

// roundAnswer is all that there is of a round, so that a page can go on without asking again.
type roundAnswer struct {
	roundHead
	Restocker protocol.UUID         `json:"restocker,omitzero"`
	Stops     []stopAnswer          `json:"stops"`
	Lines     []roundLine           `json:"lines"`
	Van       []restAnswer          `json:"van"` // by the books, until the round is over
	Rest      []restAnswer          `json:"rest"`
	Transfers []cloud.RoundTransfer `json:"transfers"` // from one of its cabinets to another
	Legs      []legAnswer           `json:"legs"`      // to other stores, and from there
	Photos    []photoAnswer         `json:"photos"`    // of what was thrown away, the newest first
	Openings  []openingAnswer       `json:"openings"`
	Steps     []stepAnswer          `json:"steps"`
}

func momentOf(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func describeHead(r cloud.Round) roundHead {
	h := roundHead{
		ID: r.ID, Kind: r.Kind, Store: r.Store, Day: r.Day, State: r.State, Walks: r.Walks, By: r.By, Created: r.Created, Left: momentOf(r.Left), Ended: momentOf(r.Ended), Of: len(r.Stops),
	}
	for _, s := range r.Stops {
		if s.State == cloud.StopDone || s.State == cloud.StopSkipped {
			h.Done++
		}
	}
	return h
}

func describeRests(rests []cloud.RoundRest) []restAnswer {
	all := make([]restAnswer, 0, len(rests))
	for _, x := range rests {
		all = append(all, restAnswer(x))
	}
	return all
}

func describeRound(v cloud.RoundView, lang httpx.Lang) roundAnswer {
	a := roundAnswer{
		roundHead: describeHead(v.Round), Restocker: v.Restocker, Stops: []stopAnswer{}, Lines: []roundLine{}, Van: []restAnswer{},
		Legs: []legAnswer{}, Rest: describeRests(v.Rest), Transfers: append([]cloud.RoundTransfer{}, v.Transfers...), Photos: describePhotos(v.Photos), Openings: []openingAnswer{}, Steps: []stepAnswer{},
	}
	if v.State == cloud.RoundPicking || v.State == cloud.RoundUnderWay {
		a.Van = describeRests(v.InVan())
	}
	for _, s := range v.Stops {
		cabinet := v.Cabinets[s.Cabinet]
		a.Stops = append(a.Stops, stopAnswer{
			Cabinet: s.Cabinet, Number: cabinet.Number, Place: lang.Pick(cabinet.Place), Minutes: s.Minutes, State: s.State, Came: momentOf(s.Came), Gone: momentOf(s.Gone),
			Openings: s.Settled, Why: s.Why, Metres: s.Metres, Due: momentOf(s.Due), Late: int(s.Late.Seconds()), Hours: describeReach(cabinet.Hours), Draft: s.Draft,
		})
		a.Lines = append(a.Lines, describeLanes(v, s, lang)...)
	}
	for _, l := range v.Legs {
		a.Legs = append(a.Legs, legAnswer{
			plannedLeg: plannedLeg(l.PlannedLeg), Name: cmp.Or(lang.Pick(v.Names[l.SKU].Name), string(l.SKU)), Picked: l.Picked, Short: l.Short, Due: l.Due(),
			Handed: l.Handed, Reason: l.Reason, Why: l.Why, Over: momentOf(l.Over), Lots: lotsOf(l.Lots),
		})
	}
	for _, visit := range v.Visits {
		a.Openings = append(a.Openings, openingAnswer{visit.ID, visit.Cabinet, visit.State(), append([]wire.Put{}, visit.Put...)})
	}
	for _, s := range v.Steps {
		a.Steps = append(a.Steps, stepAnswer{ID: s.ID, At: s.At, By: s.By, Key: s.Key, stepBody: stepBody{s.Kind, s.RoundStepBody}})
	}
	return a
}

func describeLanes(v cloud.RoundView, s cloud.RoundStop, lang httpx.Lang) (all []roundLine) {
	findings := v.Findings(s.Cabinet)
	for i, l := range v.LinesOf(s.Cabinet) {
		line := roundLine{
			Place: l.Place(), Name: cmp.Or(lang.Pick(v.Names[l.SKU].Name), string(l.SKU)), Planned: l.Planned, Picked: l.Picked, Short: l.Short, Counted: l.Counted,
			Before: l.Before, After: l.After, Answer: l.Answer, Expired: l.Expired, Moved: v.Moved(l.Place()), Removed: l.Removed, Reason: l.Reason, Turn: l.Turn, Blind: l.Blind, Finding: findings[i],
			Lots: lotsOf(l.Lots), Dates: lotsOf(l.Said),
		}
		if s.Settled > 0 && !l.Blind {
			weighed := l.Weighed
			line.Weighed = &weighed
		}
		all = append(all, line)
	}
	return all
}

// stepKey is the key that each step of a round has.
func stepKey(c echo.Context) (string, error) {
	key := c.Request().Header.Get("Idempotency-Key")
	if key == "" || len(key) > maxKey {
		return "", protocol.Errorf(protocol.CodeMalformed, "Idempotency-Key of %d bytes: want 1 to %d", len(key), maxKey)
	}
	return strings.Clone(key), nil
}

// roundAndWho are the round of the path and whoever is signed in.
func roundAndWho(c echo.Context) (protocol.UUID, cloud.Principal, error) {
	id, err := protocol.ParseUUID(c.Param("id"))
	if err != nil {
		return id, cloud.Principal{}, protocol.Errorf(cloud.CodeNotFound, "no round has such an id")
	}
	p, err := httpx.PrincipalOf(c)
	return id, p, err
}

// latestRounds is how many rounds are listed.
const latestRounds = 100

// rounds lists those of a day, or the latest.
func (a *API) rounds(c echo.Context) error {
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	q := cloud.RoundQuery{Store: cloud.StoreID(c.QueryParam("store")), Day: ledger.Day(c.QueryParam("day")), Open: c.QueryParam("open") == "true", Limit: latestRounds}
	if q.Day != "" && !q.Day.Valid() {
		return protocol.Errorf(protocol.CodeMalformed, "day: want one as 2006-01-02")
	}
	if p.Role == protocol.RoleRestocker {
		q.Restocker = p.ID
	}
	all, err := a.o.Rounds.List(c.Request().Context(), q)
	if err != nil {
		return err
	}
	list := make([]roundHead, 0, len(all))
	for _, r := range all {
		list = append(list, describeHead(r))
	}
	return answer(c, http.StatusOK, map[string]any{"rounds": list})
}

// planRound writes a round down.
func (a *API) planRound(c echo.Context) error {
	var body planBody
	if err := read(c, &body); err != nil {
		return err
	}
	key, err := stepKey(c)
	if err != nil {
		return err
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	ask := cloud.PlanRound{Person: p.ID, By: p.Name, Key: key, Kind: body.Kind, Store: body.Store, Restocker: body.Restocker, Cabinets: body.Cabinets, Lanes: body.Lanes, Transfers: body.Transfers}
	for _, l := range body.Lines {
		ask.Lines = append(ask.Lines, cloud.PlannedLine(l))
	}
	for _, l := range body.Legs {
		ask.Legs = append(ask.Legs, cloud.PlannedLeg(l))
	}
	round, err := a.o.Rounds.Plan(c.Request().Context(), ask)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, Base+"/rounds/"+round.ID.String())
	return answer(c, http.StatusCreated, describeHead(round))
}

// round is all that there is of one.
func (a *API) round(c echo.Context) error {
	id, _, err := roundAndWho(c)
	if err != nil {
		return err
	}
	v, err := a.o.Rounds.Round(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describeRound(v, httpx.AcceptLanguage(c.Request())))
}

// stepRound moves a round on.
func (a *API) stepRound(c echo.Context) error {
	var body stepBody
	if err := read(c, &body); err != nil {
		return err
	}
	id, p, err := roundAndWho(c)
	if err != nil {
		return err
	}
	key, err := stepKey(c)
	if err != nil {
		return err
	}
	if body.Kind.ForManagers() && !httpx.Planners().Allows(p) {
		return protocol.Errorf(cloud.CodeForbidden, "a round is not for the role %s to %s", p.Role, body.Kind)
	}
	v, err := a.o.Rounds.Step(c.Request().Context(), cloud.RoundStep{
		Round: id, Person: p.ID, By: p.Name, Key: key, Kind: body.Kind, RoundStepBody: body.RoundStepBody,
	})
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describeRound(v, httpx.AcceptLanguage(c.Request())))
}

// refill opens a door of a stop.
func (a *API) refill(c echo.Context) error {
	var body refillBody
	if err := read(c, &body); err != nil {
		return err
	}
	id, p, err := roundAndWho(c)
	if err != nil {
		return err
	}
	key, err := stepKey(c)
	if err != nil {
		return err
	}
	if body.Cabinet.Validate() != nil {
		return protocol.Errorf(cloud.CodeUnknownCabinet, "no cabinet has such an id")
	}
	v, err := a.o.Refills.Refill(c.Request().Context(), cloud.RefillVisit{
		Person: p.ID, By: p.Name, Round: id, Cabinet: body.Cabinet, Number: body.Number, Compartment: body.Compartment, Key: key,
	})
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, Base+"/visits/"+v.ID.String())
	return answer(c, http.StatusCreated, begunAnswer{ID: v.ID, State: v.State()})
}
