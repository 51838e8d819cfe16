package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// tableDays is how many days a table of a store's coverage goes back where nobody says from when.
const tableDays = 28

// coverageTable gives a store's gaps, its days, or each day's categories and cabinets, as CSV.
func (p *Pages) coverageTable(c echo.Context) error {
	v := p.view(c)
	asked := readPeriod(c, tableDays)
	of, err := p.Coverage.Store(c.Request().Context(), asked.store, asked.query())
	if err != nil {
		return err
	}
	name := c.Param("table")
	var t table
	switch name {
	case "gaps.csv":
		t = v.gapsTable(of)
	case "days.csv":
		t = v.servedDaysTable(of)
	case "parts.csv":
		t = v.servedPartsTable(of)
	default:
		return protocol.Errorf(cloud.CodeNotFound, "no table of that name")
	}
	return t.send(c, fmt.Sprintf("coverage-%s-%s", of.Store.ID, name))
}

// gapsTable has a line for each gap, the newest first.
func (v *view) gapsTable(of cloud.Served) table {
	t := table{head: v.heads("begins", "ends", "gapminutes", "lacking", "causes", "lostsales")}
	stamp := func(ms int64) string { return time.UnixMilli(ms).In(of.Zone).Format("2006-01-02 15:04:05") }
	for _, g := range slices.Backward(of.Gaps) {
		lacking := v.say("cover.gap.all")
		if !g.All {
			var names []string
			for _, category := range g.Categories {
				names = append(names, v.category(category))
			}
			lacking = strings.Join(names, "; ")
		}
		lost := "" // Nothing was learned yet of what is sold when.
		if of.Age.Days > 0 {
			lost = decimal(protocol.Fen(g.Lost))
		}
		var causes []string
		for _, cause := range g.Causes {
			causes = append(causes, v.causeRow(of, cause, g.Span).Say)
		}
		t.rows = append(t.rows, []string{stamp(g.From), stamp(g.To), wholeMinutes(g.Length()), lacking, strings.Join(causes, "; "), lost})
	}
	return t
}

// servedDaysTable has a line for each day, the newest first, and what of it was corrected.
func (v *view) servedDaysTable(of cloud.Served) table {
	t := table{head: v.heads("day", "openminutes", "coveredminutes", "gapminutes", "unknownminutes", "servedpercent", "corrections")}
	categories := v.heads("of")[0]
	for _, e := range of.Essential {
		t.head = append(t.head, fmt.Sprintf("%s %s", v.category(e.Category), categories))
	}
	for n := len(of.Days) - 1; n >= 0; n-- {
		sum, corrected := of.Days[n].Sum(), 0
		for _, x := range of.Corrections {
			if x.Day == of.Dates[n] {
				corrected++
			}
		}
		row := []string{
			string(of.Dates[n]), wholeMinutes(sum.Open), wholeMinutes(sum.Covered), wholeMinutes(sum.Uncovered), wholeMinutes(sum.Unknown), sharePercent(sum), strconv.Itoa(corrected),
		}
		by := of.Days[n].CategorySums()
		for _, e := range of.Essential {
			row = append(row, wholeMinutes(by[e.Category].Uncovered))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// servedPartsTable has a line for each category and each cabinet of each day, the newest day first.
func (v *view) servedPartsTable(of cloud.Served) table {
	t := table{head: v.heads("day", "partkind", "part", "openminutes", "coveredminutes", "gapminutes", "unknownminutes", "servedpercent")}
	add := func(day ledger.Day, kind, name string, sum coverage.Sum) {
		if sum.Whole() > 0 {
			t.rows = append(t.rows, []string{string(day), v.say(kind), name, wholeMinutes(sum.Open), wholeMinutes(sum.Covered), wholeMinutes(sum.Uncovered), wholeMinutes(sum.Unknown), sharePercent(sum)})
		}
	}
	for n := len(of.Days) - 1; n >= 0; n-- {
		by, cabinets := of.Days[n].CategorySums(), of.Days[n].CabinetSums()
		for _, name := range categoriesOf(of) {
			add(of.Dates[n], "cover.parts.category", v.category(name), by[name])
		}
		for i, c := range of.Cabinets {
			if i < len(cabinets) {
				add(of.Dates[n], "cover.parts.cabinet", v.cabinetName(c), cabinets[i])
			}
		}
	}
	return t
}

func wholeMinutes(ms int64) string {
	return number(int64((time.Duration(ms) * time.Millisecond).Round(time.Minute) / time.Minute))
}

// sharePercent is the share of what is known that was served, never rounded up; empty where nothing is known.
func sharePercent(sum coverage.Sum) string {
	share, known := sum.Share()
	if !known {
		return ""
	}
	tenths := int(share * 1000)
	return fmt.Sprintf("%d.%d", tenths/10, tenths%10)
}
