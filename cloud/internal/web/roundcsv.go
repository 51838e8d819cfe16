package web

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// heads are the names of columns.
func (v *view) heads(keys ...string) []string {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = v.say("csv." + key)
	}
	return names
}

// roundTable gives a part of a round as CSV.
func (p *Pages) roundTable(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	id, err := roundOf(c)
	if err != nil {
		return err
	}
	switch name := c.Param("table"); name {
	case "picks.csv":
		list, err := p.RoundPlans.PickList(ctx, id)
		if err != nil {
			return err
		}
		return v.picksTable(list).send(c, fmt.Sprintf("round-%s-%s", id, name))
	case "lines.csv":
		r, err := p.Rounds.Round(ctx, id)
		if err != nil {
			return err
		}
		return v.linesTable(r).send(c, fmt.Sprintf("round-%s-%s", id, name))
	}
	return protocol.Errorf(cloud.CodeNotFound, "no table of that name")
}

func (v *view) picksTable(list cloud.PickList) table {
	t := table{head: v.heads("aisle", "turn", "sku", "name", "cabinet", "units", "cases", "singles", "until")}
	for _, pick := range list.Picks {
		for _, share := range pick.Totes {
			for _, lot := range share.Lots {
				t.rows = append(t.rows, []string{
					pick.Aisle, numberOrNone(pick.Turn), string(pick.SKU), v.lang.Pick(list.Names[pick.SKU].Name), cmp.Or(string(share.Cabinet), share.Store), strconv.Itoa(lot.Units),
					strconv.Itoa(pick.Cases), strconv.Itoa(pick.Singles), string(lot.Until),
				})
			}
		}
	}
	return t
}

// numberOrNone is empty where nobody has said a number.
func numberOrNone(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (v *view) linesTable(r cloud.RoundView) table {
	t := table{head: v.heads("cabinet", "platform", "sku", "name", "planned", "picked", "shortwhy", "said", "weighed", "adjusted", "put", "stockbefore", "stockafter", "brings", "dates")}
	for _, l := range r.Lines {
		said := ""
		if l.Counted != nil {
			said = strconv.Itoa(*l.Counted)
		}
		t.rows = append(t.rows, []string{
			string(l.Cabinet), string(l.Platform), string(l.SKU), v.articleName(r, l.SKU), strconv.Itoa(l.Planned), strconv.Itoa(l.Picked), string(l.Short), said,
			strconv.Itoa(l.Weighed), strconv.Itoa(l.Adjusted), strconv.Itoa(l.Booked()), strconv.Itoa(l.Before), strconv.Itoa(l.After),
			strings.Join(v.dates(l.Lots), ", "), strings.Join(v.dates(l.Said), ", "),
		})
	}
	return t
}

// varianceDays is how far back the page of variances looks.
const varianceDays = 28

// varianceView is how well counts, scales and books agreed, by restocker and by cabinet.
type varianceView struct {
	Store   cloud.Store
	Stores  []cloud.Store
	Days    int
	People  varianceList
	Places  varianceList
	From    ledger.Day
	Through ledger.Day
}

// varianceList is a table of variances under its head.
type varianceList struct {
	Label string
	Of    string // what a row is about
	Rows  []varianceRow
}

type varianceRow struct {
	Name                                        string
	Rounds, Lines, Planned, Picked, Put, Differ int
	Asked                                       int
	Share                                       string // of lines on which something was asked
}

func (p *Pages) variances(c echo.Context) (view varianceView, all []cloud.RoundVariance, err error) {
	ctx := c.Request().Context()
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return view, nil, err
	}
	id, stores, err := p.storeAsked(c)
	if err != nil {
		return view, nil, err
	}
	view.Days, view.Through = varianceDays, ledger.DayOf(p.Now(), zone(chain))
	view.From = view.Through.Add(1 - varianceDays)
	for _, s := range stores {
		if s.ID == id {
			view.Store = s
			continue
		}
		view.Stores = append(view.Stores, s)
	}
	all, err = p.RoundPlans.Variances(ctx, id, view.From, view.Through)
	return view, all, err
}

func (p *Pages) variance(c echo.Context) error {
	v := p.view(c)
	view, all, err := p.variances(c)
	if err != nil {
		return err
	}
	fleet, err := p.Fleet.Cabinets(c.Request().Context())
	if err != nil {
		return err
	}
	called := make(map[protocol.CabinetID]string, len(fleet))
	for _, cab := range fleet {
		called[cab.ID] = v.cabinetName(cab.Cabinet)
	}
	view.People = varianceList{v.say("variance.people"), v.say("col.who"), varianceRows(all, func(x cloud.RoundVariance) string { return cmp.Or(x.Walks, v.say("rounds.nobody")) })}
	view.Places = varianceList{v.say("variance.places"), v.say("col.cabinet"), varianceRows(all, func(x cloud.RoundVariance) string { return cmp.Or(called[x.Cabinet], string(x.Cabinet)) })}
	return p.show(c, screen{
		Template: "variance", Face: "staff", Title: v.say("variance.title") + " · " + v.lang.Pick(view.Store.Name), Path: "/rounds/variance?store=" + string(view.Store.ID), Nav: "rounds", Data: view,
	})
}

// varianceRows adds variances up, those with the largest share of questions first.
func varianceRows(all []cloud.RoundVariance, of func(cloud.RoundVariance) string) []varianceRow {
	rows, rounds := map[string]*varianceRow{}, map[string]map[protocol.UUID]bool{}
	for _, x := range all {
		name := of(x)
		row := rows[name]
		if row == nil {
			row = &varianceRow{Name: name}
			rows[name], rounds[name] = row, map[protocol.UUID]bool{}
		}
		rounds[name][x.Round] = true
		row.Lines, row.Planned, row.Picked, row.Put = row.Lines+x.Lines, row.Planned+x.Planned, row.Picked+x.Picked, row.Put+x.Put
		row.Asked, row.Differ = row.Asked+x.Asked, row.Differ+x.Adjusted
	}
	list := make([]varianceRow, 0, len(rows))
	for name, row := range rows {
		row.Rounds, row.Share = len(rounds[name]), fmt.Sprintf("%.1f %%", 100*float64(row.Asked)/float64(max(row.Lines, 1)))
		list = append(list, *row)
	}
	slices.SortFunc(list, func(a, b varianceRow) int {
		return cmp.Or(cmp.Compare(b.Asked*max(a.Lines, 1), a.Asked*max(b.Lines, 1)), cmp.Compare(a.Name, b.Name))
	})
	return list
}

func (p *Pages) varianceTable(c echo.Context) error {
	v := p.view(c)
	view, all, err := p.variances(c)
	if err != nil {
		return err
	}
	t := table{head: v.heads("roundday", "round", "restocker", "cabinet", "lines", "planned", "picked", "put", "asked", "adjusted")}
	for _, x := range all {
		t.rows = append(t.rows, []string{
			string(x.Day), x.Round.String(), x.Walks, string(x.Cabinet), strconv.Itoa(x.Lines), strconv.Itoa(x.Planned), strconv.Itoa(x.Picked), strconv.Itoa(x.Put),
			strconv.Itoa(x.Asked), strconv.Itoa(x.Adjusted),
		})
	}
	return t.send(c, fmt.Sprintf("variance-%s-%s.csv", view.Store.ID, view.Through))
}
