package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// transferLines is how many articles the form of a transfer has; transfersShown is how many of them are listed.
const (
	transferLines  = 4
	transfersShown = 30
)

func (p *Pages) transferRoutes() []httpx.Route {
	return []httpx.Route{
		{Method: http.MethodGet, Path: "/transfers", Access: httpx.Movers(), Handler: p.transfers},
		{Method: http.MethodPost, Path: "/transfers", Access: httpx.Movers(), Handler: p.transfer},
	}
}

// transfersView is what is on its way between places, and the form that takes it from one to another.
type transfersView struct {
	Key      string
	Places   []choiceOf
	Articles []articleChoice
	Lines    []int
	Open     []carriedRow
	Latest   []transferRow
	Plans    bool       // whoever reads it plans rounds
	lanes    []choiceOf // what cabinets are called
}

// carriedRow is what has left one place and come to none yet.
type carriedRow struct {
	Place, Name string
	Units       int
}

type transferRow struct{ At, From, To, Goods, By string }

func (p *Pages) transfers(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	names, loc, err := p.articleNames(c)
	if err != nil {
		return err
	}
	carried, err := p.Goods.Carried(ctx)
	if err != nil {
		return err
	}
	moved, err := p.Goods.Movements(ctx, "", wasteEntries)
	if err != nil {
		return err
	}
	view := transfersView{Key: newKey(), Lines: make([]int, transferLines), Plans: httpx.Planners().Allows(who)}
	if view.Places, err = p.placesToMove(c, who); err != nil {
		return err
	}
	articles, err := p.Assortment.Articles(ctx)
	if err != nil {
		return err
	}
	for _, a := range articles {
		view.Articles = append(view.Articles, articleChoice{a.SKU, v.lang.Pick(a.Name)})
	}
	fleet, err := p.Fleet.Cabinets(ctx)
	if err != nil {
		return err
	}
	for _, cab := range fleet { // Rounds carry from and to these; a form does not.
		view.lanes = append(view.lanes, choiceOf{string(cab.ID), v.where(cab)})
	}
	for _, k := range carried {
		view.Open = append(view.Open, carriedRow{v.placeWord(k.Place, view.Places, view.lanes), cmp.Or(names[k.SKU], string(k.SKU)), k.Units})
	}
	for _, m := range moved {
		if m.Kind == cloud.MoveTransfer && len(view.Latest) < transfersShown {
			row := transferRow{At: v.clock(moment{At: m.At.In(loc), Day: true}), From: v.placeWord(m.From, view.Places, view.lanes), To: v.placeWord(m.To, view.Places, view.lanes), By: m.By}
			var goods []string
			for _, l := range m.Lines {
				goods = append(goods, fmt.Sprintf("%s %d", cmp.Or(names[l.SKU], string(l.SKU)), l.Qty))
			}
			row.Goods = strings.Join(goods, " · ")
			view.Latest = append(view.Latest, row)
		}
	}
	return p.show(c, screen{Template: "transfers", Face: "staff", Title: v.say("transfer.title"), Path: "/transfers", Nav: "rounds", Data: view})
}

// placesToMove are the places between which the reader can carry goods: what lies in a lane is moved by a round, whose door weighs it.
func (p *Pages) placesToMove(c echo.Context, who cloud.Principal) ([]choiceOf, error) {
	v := p.view(c)
	stores, err := p.Fleet.Stores(c.Request().Context())
	if err != nil {
		return nil, err
	}
	places := []choiceOf{{string(ledger.Hands(who.ID)), v.say("transfer.own")}}
	for _, s := range stores {
		places = append(places, choiceOf{string(ledger.Shop(string(s.ID))), v.say("transfer.shop", v.lang.Pick(s.Name))}, choiceOf{string(ledger.Van(string(s.ID))), v.say("transfer.van", v.lang.Pick(s.Name))})
	}
	return places, nil
}

// placeWord is what a place is called.
func (v *view) placeWord(a ledger.Account, places, cabinets []choiceOf) string {
	for _, known := range places {
		if known.Value == string(a) {
			return known.Say
		}
	}
	kind, whose, platform, _ := a.Place()
	switch kind {
	case "hands":
		return v.say("transfer.hands")
	case "stock", "stray":
		if i := slices.IndexFunc(cabinets, func(known choiceOf) bool { return known.Value == whose }); i >= 0 {
			whose = cabinets[i].Say
		}
		return whose + " · " + platform
	}
	return string(a)
}

// transfer books what was carried from one place to another.
func (p *Pages) transfer(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "form: %v", err)
	}
	m := cloud.MoveGoods{
		Person: who.ID, By: who.Name, Key: form.Get("key"), Kind: cloud.MoveTransfer, From: ledger.Account(form.Get("from")), To: ledger.Account(form.Get("to")), Note: form.Get("note"),
	}
	for _, end := range []ledger.Account{m.From, m.To} {
		if kind, whose, _, _ := end.Place(); kind == "hands" && whose != who.ID.String() {
			return protocol.Errorf(cloud.CodeForbidden, "goods in the hands of somebody else are theirs to put down")
		}
	}
	for i, sku := range form["sku"] {
		units := ""
		if i < len(form["units"]) {
			units = strings.TrimSpace(form["units"][i])
		}
		if units == "" {
			continue
		}
		n, err := strconv.Atoi(units)
		if err != nil {
			return protocol.Errorf(protocol.CodeMalformed, "units: want a number")
		}
		m.Lines = append(m.Lines, cloud.MovedLine{SKU: protocol.SKU(sku), Qty: n})
	}
	if len(m.Lines) == 0 {
		return protocol.Errorf(protocol.CodeMalformed, "units: want how many of one article at least")
	}
	if _, err := p.Goods.Move(c.Request().Context(), m); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/transfers")
}
