package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// stocktakeView proposes what is counted next in a store.
type stocktakeView struct {
	Store  cloud.Store
	Stores []cloud.Store // the others
	Key    string
	Stops  []stocktakeRow
	Crew   []cloud.Principal
}

type stocktakeRow struct {
	ID     protocol.CabinetID
	Name   string
	Round  string // its address, where it is being counted; else empty
	Lanes  []unsureRow
	Chosen int
	Other  int // lanes for which nothing speaks
}

type unsureRow struct {
	Value             string // of the form
	Name, Where, Why  string
	Book, Scales, Gap string
}

// everything is what the form says where whole cabinets are counted.
const everything = "whole"

func (p *Pages) stocktake(c echo.Context) error { return p.showStocktake(c, http.StatusOK) }

func (p *Pages) showStocktake(c echo.Context, status int) error {
	ctx, v := c.Request().Context(), p.view(c)
	store, stores, err := p.storeAsked(c)
	if err != nil {
		return err
	}
	stops, err := p.Stocktakes.Unsure(ctx, store)
	if err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	view := stocktakeView{Key: fmt.Sprintf("page:%s:%d", who.ID, p.Now().UnixNano())}
	if view.Crew, err = p.RoundCrew.Restockers(ctx); err != nil {
		return fmt.Errorf("stock-take: %w", err)
	}
	for _, s := range stores {
		if s.ID == store {
			view.Store = s
			continue
		}
		view.Stores = append(view.Stores, s)
	}
	for _, stop := range stops {
		view.Stops = append(view.Stops, v.stocktakeRow(stop))
	}
	return p.show(c, screen{
		Template: "stocktake", Face: "staff", Title: v.say("stocktake.title") + " · " + v.lang.Pick(view.Store.Name), Path: "/rounds/count?store=" + string(store), Status: status, Nav: "rounds", Data: view,
	})
}

func (v *view) stocktakeRow(stop cloud.StocktakeStop) stocktakeRow {
	row := stocktakeRow{ID: stop.Cabinet.ID, Name: v.cabinetName(stop.Cabinet)}
	if !stop.Round.IsZero() {
		row.Round = "/rounds/" + stop.Round.String()
	}
	for _, l := range stop.Lanes {
		if !l.Chosen {
			row.Other++
			continue
		}
		row.Chosen++
		row.Lanes = append(row.Lanes, v.unsureRow(l))
	}
	return row
}

func (v *view) unsureRow(l cloud.StocktakeLane) unsureRow {
	row := unsureRow{
		Value: string(l.Cabinet) + " " + string(l.Platform) + " " + string(l.SKU), Name: cmp.Or(v.lang.Pick(l.Article.Name), string(l.SKU)), Where: string(l.Platform),
		Book: fmt.Sprint(l.Book), Scales: "—", Gap: "—",
	}
	if l.Scales != nil {
		row.Scales = v.scalesSay(l.Scales.Qty, l.Scales.Low, l.Scales.High)
	}
	var why []string
	if l.Off > 0 {
		why = append(why, v.count("stocktake.off", l.Off))
	}
	if l.Last != nil {
		row.Gap = signed(int64(l.Last.Counted - l.Last.Booked))
		why = append(why, v.count("stocktake.days", l.Days))
	} else {
		why = append(why, v.say("stocktake.never"))
	}
	row.Why = strings.Join(why, " · ")
	return row
}

// scalesSay is what scales say, with the bounds within which it lies where they are unsure.
func (v *view) scalesSay(qty, low, high int64) string {
	if low == high {
		return fmt.Sprint(qty)
	}
	return v.say("stocktake.scales", qty, low, high)
}

// planStocktake plans the count that the form says.
func (p *Pages) planStocktake(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "form: %v", err)
	}
	ask := cloud.PlanRound{Person: who.ID, By: who.Name, Key: c.FormValue("key"), Kind: cloud.RoundTally, Store: cloud.StoreID(c.FormValue("store"))}
	if err := httpx.MayAt(c, ask.Store); err != nil {
		return err
	}
	if ask.Restocker, err = sentOf(c.FormValue("restocker")); err != nil {
		return err
	}
	for _, id := range form["cabinet"] {
		ask.Cabinets = append(ask.Cabinets, protocol.CabinetID(id))
	}
	if c.FormValue("what") != everything {
		ask.Lanes = []picking.Place{}
		for _, value := range form["lane"] {
			parts := strings.Split(value, " ")
			if len(parts) == 3 && slices.Contains(ask.Cabinets, protocol.CabinetID(parts[0])) {
				ask.Lanes = append(ask.Lanes, picking.Place{Cabinet: protocol.CabinetID(parts[0]), Platform: protocol.PlatformID(parts[1]), SKU: protocol.SKU(parts[2])})
			}
		}
	}
	round, err := p.Rounds.Plan(c.Request().Context(), ask)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/rounds/"+round.ID.String())
}
