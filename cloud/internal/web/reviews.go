package web

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// queueShown bounds the list; the longest waiting come first.
const queueShown = 100

// queueHead is what is said first of the queue of cases.
type queueHead struct {
	Head    string
	Store   cloud.Text // whose cases they are; empty: of all whom the reader sees
	OfStore string     // its page
	All     string     // the queue without it
	Figures []figureView
}

// queueList are the cases that wait longest.
type queueList struct {
	Rows []queueRow
	More int
}

// queueRow is one case in the queue.
type queueRow struct {
	Visit   protocol.VisitID
	Where   string
	Began   moment
	Why     string
	Waiting string
	Waives  moment
	Soon    bool // it is waived by itself within hours
	Guess   protocol.Fen
	Taken   bool // the payment service took something before the books were restored: no time waives it
}

// figureView is a figure with its name.
type figureView struct{ Name, Value, More string }

// soonWaived is when a case that nobody decides becomes urgent.
const soonWaived = 12 * time.Hour

func (p *Pages) queue(c echo.Context) error {
	d, err := p.drawQueue(c)
	return p.showDrawn(c, d, err)
}

func (p *Pages) queueLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.servePieces(c, stream{changed: changed, pace: p.pace(), again: staffRefresh}, func() (drawn, error) { return p.drawQueue(c) })
}

// queuePath is the queue of a store, or of all whom the reader sees; live is "/live" for its stream.
func queuePath(store cloud.StoreID, live string) string {
	return atStore("/reviews"+live, store)
}

// drawQueue draws the cases of the store that is asked for. Whoever is limited to stores sees theirs and no others.
func (p *Pages) drawQueue(c echo.Context) (drawn, error) {
	store := cloud.StoreID(strings.Clone(c.QueryParam("store")))
	if store != "" {
		if err := httpx.MayAt(c, store); err != nil {
			return drawn{}, err
		}
	}
	return p.draw(c, queuePath(store, ""), func(ctx context.Context, v *view, may rights) (screen, error) {
		of := may.Bound
		if store != "" {
			of = cloud.BoundTo(store)
		}
		return p.queueScreen(ctx, v, store, of)
	})
}

func (p *Pages) queueScreen(ctx context.Context, v *view, store cloud.StoreID, of cloud.Bound) (screen, error) {
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return screen{}, fmt.Errorf("reviews: %w", err)
	}
	queue, all, err := p.Cases.Queue(ctx, of, queueShown)
	if err != nil {
		return screen{}, fmt.Errorf("reviews: %w", err)
	}
	cabinets, err := p.Fleet.Cabinets(ctx)
	if err != nil {
		return screen{}, fmt.Errorf("reviews: %w", err)
	}
	head := queueHead{Head: v.sayWaiting(all)}
	if head.Figures, err = p.queueFigures(ctx, v, of, queue, all); err != nil {
		return screen{}, fmt.Errorf("reviews: %w", err)
	}
	if store != "" {
		stores, err := p.Fleet.Stores(ctx)
		if err != nil {
			return screen{}, fmt.Errorf("reviews: %w", err)
		}
		i := slices.IndexFunc(stores, func(s cloud.Store) bool { return s.ID == store })
		if i < 0 {
			return screen{}, protocol.Errorf(cloud.CodeNotFound, "there is no store %q", store)
		}
		head.Store, head.OfStore, head.All = stores[i].Name, storePath(store), queuePath("", "")
	}
	return screen{
		Template: "reviews", Face: "staff", Title: v.say("reviews.title") + " · " + v.lang.Pick(chain.Name), Say: head.Head,
		Path: queuePath(store, ""), Live: queuePath(store, "/live"), Refresh: 15, Nav: "reviews", Scripts: []string{"review.js"}, Parts: []part{
			{"head", head},
			{"list", queueList{p.queueRows(v, queue, cabinets, chain), all - len(queue)}},
		},
	}, nil
}

// queueFigures agree with the list. How fast cases are decided is told of the whole chain alone.
func (p *Pages) queueFigures(ctx context.Context, v *view, of cloud.Bound, queue []cloud.QueuedCase, all int) ([]figureView, error) {
	var figures cloud.ReviewFigures
	var err error
	if of == "" {
		if figures, err = p.Cases.Figures(ctx); err != nil {
			return nil, err
		}
	}
	figures.Open, figures.Oldest = all, 0
	if len(queue) > 0 {
		figures.Oldest = p.Now().Sub(queue[0].Asked)
	}
	told := v.reviewFigures(figures)
	if of != "" {
		told = told[:1]
	}
	return told, nil
}

func (v *view) sayWaiting(n int) string {
	if n == 0 {
		return v.say("tonight.noreviews")
	}
	return v.count("tonight.reviews", n)
}

func (p *Pages) queueRows(v *view, queue []cloud.QueuedCase, cabinets []cloud.CabinetView, chain cloud.Chain) []queueRow {
	places := make(map[protocol.CabinetID]cloud.CabinetView, len(cabinets))
	for _, cab := range cabinets {
		places[cab.ID] = cab
	}
	now, loc := p.Now(), zone(chain)
	rows := make([]queueRow, 0, len(queue))
	for _, q := range queue {
		cab := places[q.Cabinet]
		waives := q.Asked.Add(chain.WaiveAfter)
		rows = append(rows, queueRow{
			Visit: q.Visit, Where: v.whereIs(cab), Began: moment{At: q.Began.In(loc), Day: true}, Why: v.sayCode(q.Why), Waiting: v.span(now.Sub(q.Asked)),
			Waives: moment{At: waives.In(loc), Day: true}, Soon: q.Taken == 0 && waives.Sub(now) < soonWaived, Guess: q.Guess, Taken: q.Taken > 0,
		})
	}
	return rows
}

func (v *view) whereIs(cab cloud.CabinetView) string {
	return v.lang.Pick(cab.StoreName) + " · " + v.say("cabinet.number", cab.Number) + " · " + v.lang.Pick(cab.Place)
}

// sayCode tells in short why a case is one.
func (v *view) sayCode(code protocol.Code) string {
	if key := "why." + string(code); v.has(key) {
		return v.say(key)
	}
	return v.say("why.other", code)
}

// reviewFigures tell how the queue fares.
func (v *view) reviewFigures(f cloud.ReviewFigures) []figureView {
	none := v.say("figure.none")
	oldest, median, p90, minutes := none, none, none, none
	if f.Open > 0 {
		oldest = v.span(f.Oldest)
	}
	if f.Decided > 0 {
		median, p90 = v.span(f.Median), v.span(f.P90)
	}
	if n, known := f.PerThousand(); known {
		minutes = strconv.FormatFloat(n, 'f', 1, 64)
	}
	return []figureView{
		{v.say("figure.oldest"), oldest, v.count("figure.open", f.Open)},
		{v.say("figure.median"), median, v.count("figure.decided", f.Decided)},
		{v.say("figure.most"), p90, v.say("figure.week")},
		{v.say("figure.minutes"), minutes, v.say("figure.minutes.more", v.span(f.Spent), f.Visits)},
	}
}
