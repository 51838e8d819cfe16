package web

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// printView is what a manager prints of a round: the pick list, then a label for each tote.
type printView struct {
	Head   string
	Lead   string
	Note   string // of articles that lie in no known aisle
	Back   string
	Picks  []pickRow
	Labels []toteLabel
}

type pickRow struct {
	Aisle string
	First bool // of its aisle
	SKU   protocol.SKU
	Name  string
	Units int
	How   string // whole cases and single units
	Dates string
	Totes string
}

// toteLabel is stuck to the tote of one cabinet. Its code names the round and the cabinet.
type toteLabel struct {
	Nth, Of int
	Number  string
	Place   string
	Units   int
	Code    template.HTML
	Text    string
}

func (p *Pages) printRound(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	id, err := roundOf(c)
	if err != nil {
		return err
	}
	r, err := p.Rounds.Round(ctx, id)
	if err != nil {
		return err
	}
	list, err := p.RoundPlans.PickList(ctx, id)
	if err != nil {
		return err
	}
	view := printView{Head: v.say("round.head", v.dayName(r.Day), len(r.Stops)), Back: "/rounds/" + id.String(), Lead: r.Walks}
	if r.Walks == "" {
		view.Lead = v.say("rounds.nobody")
	}
	lost := 0
	for i, pick := range list.Picks {
		row := v.pickRow(pick, list)
		if row.First = i == 0 || list.Picks[i-1].Aisle != pick.Aisle; pick.Aisle == "" {
			lost++
		}
		view.Picks = append(view.Picks, row)
	}
	if lost > 0 {
		view.Note = v.count("pick.noaisle", lost)
	}
	for i, s := range r.Stops {
		label, err := v.toteLabel(r, s, i)
		if err != nil {
			return fmt.Errorf("label of %s: %w", s.Cabinet, err)
		}
		view.Labels = append(view.Labels, label)
	}
	return p.show(c, screen{
		Template: "printround", Face: "staff", Title: v.say("round.print") + " · " + view.Head, Path: view.Back + "/print", Nav: "rounds", Styles: []string{"print.css"}, Data: view,
	})
}

func (v *view) pickRow(pick picking.Pick, list cloud.PickList) pickRow {
	row := pickRow{Aisle: v.aisle(pick), SKU: pick.SKU, Name: v.lang.Pick(list.Names[pick.SKU].Name), Units: pick.Units, How: strconv.Itoa(pick.Units)}
	if pick.Cases > 0 {
		row.How = v.say("pick.cases", pick.Cases, list.Names[pick.SKU].CaseSize, pick.Singles)
	}
	var totes []string
	for _, s := range pick.Totes {
		tote := v.say("pick.tote", list.Numbers[s.Cabinet], s.Units)
		if s.Store != "" {
			tote = v.say("leg.tote", v.lang.Pick(list.Stores[cloud.StoreID(s.Store)].Name), s.Units)
		}
		totes = append(totes, tote)
	}
	row.Dates, row.Totes = strings.Join(v.dates(pick.Lots), ", "), strings.Join(totes, " · ")
	return row
}

// aisle is where an article lies in the store; empty where nobody has said it.
func (v *view) aisle(pick picking.Pick) string {
	if pick.Turn > 0 {
		return v.say("pick.aisle.turn", pick.Aisle, pick.Turn)
	}
	return pick.Aisle
}

// dates are the days of lots and how many units each has; what has no known day is left out.
func (v *view) dates(lots []picking.Lot) (all []string) {
	for _, l := range lots {
		if l.Until != "" {
			all = append(all, fmt.Sprintf("%s × %d", l.Until, l.Units))
		}
	}
	return all
}

func (v *view) toteLabel(r cloud.RoundView, s cloud.RoundStop, i int) (toteLabel, error) {
	cab := r.Cabinets[s.Cabinet]
	label := toteLabel{Nth: i + 1, Of: len(r.Stops), Number: v.say("cabinet.number", cab.Number), Place: v.lang.Pick(cab.Place), Text: r.ID.String() + " " + string(s.Cabinet)}
	for _, l := range r.LinesOf(s.Cabinet) {
		label.Units += l.Planned
	}
	code, err := qrCode(label.Text)
	label.Code = code
	return label, err
}
