package web

import (
	"fmt"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
)

// queueShown bounds the list; the longest waiting come first.
const queueShown = 100

// queueView is the queue of cases.
type queueView struct {
	Head    string
	Rows    []queueRow
	More    int
	Figures []figureView
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
}

// figureView is a figure with its name.
type figureView struct{ Name, Value, More string }

// soonWaived is when a case that nobody decides becomes urgent.
const soonWaived = 12 * time.Hour

func (p *Pages) queue(c echo.Context) error {
	s, err := p.queueScreen(c)
	if err != nil {
		return err
	}
	return p.show(c, s)
}

func (p *Pages) queueLive(c echo.Context) error {
	changed, cancel := p.Fleet.WatchFleet()
	defer cancel()
	return p.serve(c, stream{
		changed: changed, pace: staffPace, again: staffRefresh,
		render: func() (screen, error) { return p.queueScreen(c) },
	})
}

func (p *Pages) queueScreen(c echo.Context) (screen, error) {
	ctx, v := c.Request().Context(), p.view(c)
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return screen{}, fmt.Errorf("reviews: %w", err)
	}
	queue, all, err := p.Cases.Queue(ctx, queueShown)
	if err != nil {
		return screen{}, fmt.Errorf("reviews: %w", err)
	}
	cabinets, err := p.Fleet.Cabinets(ctx)
	if err != nil {
		return screen{}, fmt.Errorf("reviews: %w", err)
	}
	figures, err := p.Cases.Figures(ctx)
	if err != nil {
		return screen{}, fmt.Errorf("reviews: %w", err)
	}
	figures.Open, figures.Oldest = all, 0 // These must agree with the list.
	if len(queue) > 0 {
		figures.Oldest = p.Now().Sub(queue[0].Asked)
	}
	view := queueView{Head: v.sayWaiting(all), More: all - len(queue), Figures: v.reviewFigures(figures)}
	view.Rows = p.queueRows(v, queue, cabinets, chain)
	return screen{
		Template: "reviews", Face: "staff", Title: v.say("reviews.title") + " · " + v.lang.Pick(chain.Name), Say: view.Head,
		Path: "/reviews", Live: "/reviews/live", Refresh: 15, Nav: "reviews", Scripts: []string{"review.js"}, Data: view,
	}, nil
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
			Waives: moment{At: waives.In(loc), Day: true}, Soon: waives.Sub(now) < soonWaived, Guess: q.Guess,
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
