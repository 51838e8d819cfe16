package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// legsByHand is for how many articles of other stores the form of a new round has lines.
const legsByHand = 3

// legForm is what a form of a new round lets choose of other stores.
type legForm struct {
	Ways     []choiceOf
	Stores   []choiceOf
	Articles []articleChoice
	Lines    []struct{}
}

// handView is what a round hands over at another store in one way, or is to.
type handView struct {
	Store   cloud.StoreID
	Way     cloud.LegWay
	Head    string
	Say     string
	Over    bool
	LeftOut bool
	Rows    []handRow
	Key     string
}

type handRow struct {
	SKU     protocol.SKU
	Name    string
	Due     int
	Planned int
	Picked  string // of what is taken along; — of what is fetched
	Handed  string // "" where it was not
	Differs string // why another number was
	Dates   []string
}

// legForm is empty for a chain of one store.
func (p *Pages) legForm(c echo.Context, own cloud.StoreID) (f legForm, err error) {
	v := p.view(c)
	stores, err := p.Fleet.Stores(c.Request().Context())
	if err != nil {
		return f, err
	}
	for _, s := range stores {
		if s.ID != own {
			f.Stores = append(f.Stores, choiceOf{string(s.ID), v.lang.Pick(s.Name)})
		}
	}
	if len(f.Stores) == 0 {
		return f, nil
	}
	for _, way := range []cloud.LegWay{cloud.LegTake, cloud.LegFetch} {
		f.Ways = append(f.Ways, choiceOf{string(way), v.say("leg.way." + string(way))})
	}
	articles, err := p.Assortment.Articles(c.Request().Context())
	for _, a := range articles {
		f.Articles = append(f.Articles, articleChoice{a.SKU, v.lang.Pick(a.Name)})
	}
	f.Lines = make([]struct{}, legsByHand)
	return f, err
}

// legsOf reads what a form takes to other stores and fetches there. What another store is to give is for those to say who see to it.
func legsOf(c echo.Context, form url.Values) (legs []cloud.PlannedLeg, err error) {
	for i, text := range form["legunits"] {
		if text = strings.TrimSpace(text); text == "" || text == "0" {
			continue
		}
		units, err := strconv.Atoi(text)
		if err != nil || i >= len(form["legway"]) || i >= len(form["legstore"]) || i >= len(form["legsku"]) {
			return nil, protocol.Errorf(protocol.CodeMalformed, "legs: want a number of units, a way, a store and an article")
		}
		leg := cloud.PlannedLeg{Store: cloud.StoreID(form["legstore"][i]), Way: cloud.LegWay(form["legway"][i]), SKU: protocol.SKU(form["legsku"][i]), Units: units}
		if leg.Way == cloud.LegFetch {
			if err := httpx.MayAt(c, leg.Store); err != nil {
				return nil, err
			}
		}
		legs = append(legs, leg)
	}
	return legs, nil
}

// handsOf reads what a form says was handed over.
func handsOf(c echo.Context) (hands []cloud.HandSaid, err error) {
	for _, sku := range c.Request().PostForm["hand"] {
		said := cloud.HandSaid{SKU: protocol.SKU(sku), Reason: cloud.HandReason(c.FormValue("reason-" + sku))}
		if said.Units, err = numberOf(c, "units-"+sku); err != nil {
			return nil, err
		}
		hands = append(hands, said)
	}
	return hands, nil
}

// handViews are the hand-overs of a round, in its order.
func (v *view) handViews(r cloud.RoundView) (all []handView) {
	for _, h := range r.Handovers() {
		view := handView{
			Store: h.Store, Way: h.Way, Head: v.say("leg.head."+string(h.Way), v.lang.Pick(r.Stores[h.Store].Name)), Over: h.Over(), LeftOut: h.LeftOut(), Say: v.say("leg.ahead", h.Units()),
		}
		for _, l := range h.Legs {
			row := handRow{SKU: l.SKU, Name: v.articleName(r, l.SKU), Due: l.Due(), Planned: l.Units, Picked: "—", Handed: said(l.Handed), Dates: v.dates(l.Lots)}
			if l.Way == cloud.LegTake {
				row.Picked = strconv.Itoa(l.Picked)
			}
			if l.Reason != "" {
				row.Differs = v.say("leg.reason." + string(l.Reason))
				if l.Why != "" {
					row.Differs += " · " + l.Why
				}
			}
			view.Rows = append(view.Rows, row)
		}
		switch {
		case view.LeftOut:
			view.Say = v.say("leg.out", h.Legs[0].Why)
		case view.Over:
			view.Say = v.say("leg.over")
		}
		all = append(all, view)
	}
	return all
}

// handReasons are offered where another number is handed over than was due.
func (v *view) handReasons() []choiceOf {
	all := []choiceOf{{"", v.say("leg.reason.none")}}
	for _, r := range cloud.HandReasons() {
		all = append(all, choiceOf{string(r), v.say("leg.reason." + string(r))})
	}
	return all
}

// betweenRow is what a round of another store brings to a store, or fetches there.
type betweenRow struct {
	Key               string
	From, To          string
	Goods, Walks, Say string
	Over              bool
}

// betweenRows are what rounds of others bring to stores and fetch there, those that are open, and those of today.
func (v *view) betweenRows(rounds []cloud.Round, at cloud.StoreID, today ledger.Day, stores map[cloud.StoreID]cloud.Text, names map[protocol.SKU]string) (rows []betweenRow) {
	for _, r := range rounds {
		if r.State == cloud.RoundCancelled || r.State.Over() && r.Day != today {
			continue
		}
		for _, h := range r.Handovers() {
			if at != "" && h.Store != at {
				continue
			}
			rows = append(rows, v.betweenRow(r, h, stores, names))
		}
	}
	slices.SortStableFunc(rows, func(a, b betweenRow) int {
		return cmp.Compare(map[bool]int{true: 1}[a.Over], map[bool]int{true: 1}[b.Over])
	})
	return rows
}

func (v *view) betweenRow(r cloud.Round, h cloud.RoundHandover, stores map[cloud.StoreID]cloud.Text, names map[protocol.SKU]string) betweenRow {
	from, to := r.Store, h.Store
	if h.Way == cloud.LegFetch {
		from, to = to, from
	}
	row := betweenRow{
		Key: r.ID.String() + string(h.Store) + string(h.Way), From: v.lang.Pick(stores[from]), To: v.lang.Pick(stores[to]), Walks: cmp.Or(r.Walks, v.say("rounds.nobody")),
		Say: v.say("round.state." + string(r.State)), Over: h.Over(),
	}
	var goods []string
	for _, l := range h.Legs {
		units := strconv.Itoa(l.Units)
		if r.State == cloud.RoundUnderWay && l.Way == cloud.LegTake {
			units = strconv.Itoa(l.Picked)
		}
		if l.Handed != nil {
			units = strconv.Itoa(*l.Handed) + " / " + strconv.Itoa(l.Due())
		}
		goods = append(goods, cmp.Or(names[l.SKU], string(l.SKU))+" × "+units)
	}
	row.Goods = strings.Join(goods, " · ")
	switch {
	case h.LeftOut():
		row.Say = v.say("leg.out", h.Legs[0].Why)
	case h.Over():
		row.Say = v.say("leg.over")
	}
	return row
}
