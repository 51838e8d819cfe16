package web

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/forecast"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// lanesShown is how many lanes the page of a store lists; all are in its table.
const lanesShown = 100

// forecastView is what will be wanted in a store's cabinets, and how far such words were off.
type forecastView struct {
	Store  cloud.Store
	Stores []cloud.Store
	All    bool // the reader sees to all stores
	Age    string
	Trial  string
	Losses []lossRow
	Lanes  []laneRow
	More   int
	Done   string
	Bad    []cloud.Fault
	Lost   int // faults that are only counted
	BadSay string
	Lang   httpx.Lang
}

type lossRow struct {
	Name       string
	P50, P90   string
	Both       string
	Model      bool
	AgainstOne string // of the model's loss to this one
}

type laneRow struct {
	Name, Where string
	Cabinet     protocol.CabinetID
	Book        int
	Day, Week   string
	P90         int
	Lasts       string
	Soon        bool
	Essential   bool
}

func (p *Pages) forecast(c echo.Context) error {
	return p.showForecast(c, forecastView{}, http.StatusOK)
}

func (p *Pages) showForecast(c echo.Context, view forecastView, status int) error {
	ctx, v := c.Request().Context(), p.view(c)
	id, stores, err := p.storeAsked(c)
	if err != nil {
		return err
	}
	d, err := p.Demand.Demand(ctx, id)
	if err != nil {
		return err
	}
	view.Store, view.All, view.Age, view.Lang = d.Store, boundOf(c) == "", v.sayAge(d.Age), v.lang
	view.Stores = slices.DeleteFunc(stores, func(s cloud.Store) bool { return s.ID == id })
	view.Trial, view.Losses = v.sayTrial(d.Trial)
	lanes := slices.Clone(d.Lanes)
	slices.SortStableFunc(lanes, func(a, b cloud.LaneDemand) int { return cmp.Compare(a.Empty.Likely, b.Empty.Likely) })
	view.More = max(len(lanes)-lanesShown, 0)
	for _, l := range lanes[:len(lanes)-view.More] {
		view.Lanes = append(view.Lanes, v.laneRow(l, d.Age.Days == 0))
	}
	s := screen{
		Template: "forecast", Face: "staff", Title: v.say("forecast.title") + " · " + v.lang.Pick(d.Store.Name), Say: view.Done + view.BadSay, Path: "/forecast?store=" + string(id),
		Status: status, Nav: "rounds", Data: view,
	}
	if d.Trial == nil || d.Age.Learning {
		s.Poll, s.Refresh = true, 2
	}
	return p.show(c, s)
}

func (v *view) laneRow(l cloud.LaneDemand, blind bool) laneRow {
	row := laneRow{
		Name: cmp.Or(v.lang.Pick(l.Article.Name), string(l.SKU)), Where: v.say("cabinet.number", l.Number) + " · " + string(l.Platform), Cabinet: l.Cabinet, Book: l.Book,
		Day: "—", Week: "—", Lasts: "—", Essential: l.Article.Essential,
	}
	if !blind {
		row.Day, row.Week, row.P90 = decimals(l.Day), decimals(l.Week), l.P90
		row.Lasts, row.Soon = v.lasts(l.Empty), l.Empty.Likely <= 24
	}
	return row
}

func decimals(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

// sayTrial tells how far the forecasts of past days were off, beside what a sheet of paper could have said.
func (v *view) sayTrial(t *cloud.DemandTrial) (string, []lossRow) {
	switch {
	case t == nil:
		return v.say("trial.soon"), nil
	case t.Cases() == 0:
		return v.say("trial.few", t.Days), nil
	}
	var rows []lossRow
	model := t.Losses[0]
	row := func(name string, l forecast.Loss) {
		rows = append(rows, lossRow{
			Name: name, P50: number3(l.At50()), P90: number3(l.At90()), Both: number3(l.Both()), Model: l.Weeks == 0,
			AgainstOne: v.percent(model.Both() / max(l.Both(), 1e-9)),
		})
	}
	row(v.say("trial.model"), model)
	for _, weeks := range []int{1, 4} {
		for _, plain := range []bool{true, false} {
			best, found := forecast.Better(t.Losses, func(l forecast.Loss) bool { return l.Weeks == weeks && l.Plain == plain })
			if !found {
				continue
			}
			name := map[int]string{1: v.say("trial.week"), 4: v.say("trial.month")}[weeks]
			if !plain {
				name = v.say("trial.spread", name)
			}
			row(name, best)
		}
	}
	return v.say("trial.cases", t.Cases(), t.Cabinets, t.Days), rows
}

func number3(x float64) string { return strconv.FormatFloat(x, 'f', 3, 64) }

func (p *Pages) forecastTable(c echo.Context) error {
	v := p.view(c)
	id, _, err := p.storeAsked(c)
	if err != nil {
		return err
	}
	d, err := p.Demand.Demand(c.Request().Context(), id)
	if err != nil {
		return err
	}
	hours := func(n int) string {
		if n == forecast.Beyond {
			return ""
		}
		return strconv.Itoa(n)
	}
	t := table{head: v.heads("cabinet", "platform", "sku", "name", "stock", "day1", "p90", "day7", "early", "likely", "latest")}
	for _, l := range d.Lanes {
		t.rows = append(t.rows, []string{
			string(l.Cabinet), string(l.Platform), string(l.SKU), v.lang.Pick(l.Article.Name), strconv.Itoa(l.Book), strconv.FormatFloat(l.Day, 'f', 2, 64), strconv.Itoa(l.P90),
			strconv.FormatFloat(l.Week, 'f', 2, 64), hours(l.Empty.Early), hours(l.Empty.Likely), hours(l.Empty.Late),
		})
	}
	return t.send(c, fmt.Sprintf("forecast-%s.csv", id))
}

// importPast takes sales of another system in, or tells every row of them that cannot be read.
func (p *Pages) importPast(c echo.Context) error {
	v := p.view(c)
	head, err := c.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return p.showForecast(c, forecastView{BadSay: v.say("statement.nofile")}, http.StatusBadRequest)
	}
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "form: want a file")
	}
	file, err := head.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, cloud.MaxIntake+1))
	if err != nil {
		return fmt.Errorf("past sales: %w", err)
	}
	hours, err := p.Demand.Past(c.Request().Context(), text)
	if bad, is := errors.AsType[*cloud.BadData](err); is {
		return p.showForecast(c, forecastView{BadSay: v.count("past.bad", len(bad.Faults)+bad.More), Bad: bad.Faults, Lost: bad.More}, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	return p.showForecast(c, forecastView{Done: v.count("past.done", hours)}, http.StatusOK)
}
