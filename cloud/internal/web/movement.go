package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// movingView lets a reader write goods of a cabinet off, or say how many there are.
type movingView struct {
	Cabinet protocol.CabinetID
	Key     string // a second press is the same movement until there is another
	Goods   []moveGood
	Reasons []moveReason
	Latest  []movedRow
}

// moveReason is a reason that can be chosen.
type moveReason struct {
	Value ledger.Reason
	Text  string
}

// moveGood is an article on a platform that can be chosen.
type moveGood struct {
	Value string // platform and article
	Name  string
	Units int
}

// movedRow is a movement in one line.
type movedRow struct {
	At   string
	What string
	By   string
	Note string
}

// movedShown is how many movements the page of a cabinet shows.
const movedShown = 5

// movingView is nil for a reader who may not move goods.
func (p *Pages) movingView(ctx context.Context, v *view, may rights, cab cloud.CabinetView, goods []cloud.ShelfGood, chain cloud.Chain) (*movingView, error) {
	if !may.Move {
		return nil, nil
	}
	latest, err := p.Goods.Movements(ctx, cab.ID, movedShown)
	if err != nil {
		return nil, fmt.Errorf("movements of %s: %w", cab.ID, err)
	}
	m := &movingView{Cabinet: cab.ID, Key: string(cab.ID)}
	for _, r := range ledger.Reasons() {
		m.Reasons = append(m.Reasons, moveReason{r, v.say("move.off." + string(r))})
	}
	if len(latest) > 0 {
		m.Key = latest[0].ID.String()
	}
	names := make(map[protocol.SKU]string)
	for _, g := range goods {
		names[g.Article.SKU] = v.lang.Pick(g.Article.Name)
		m.Goods = append(m.Goods, moveGood{
			Value: string(g.Platform) + " " + string(g.Article.SKU), Units: g.Units,
			Name: fmt.Sprintf("%s · %s (%d)", g.Platform, names[g.Article.SKU], g.Units),
		})
	}
	for _, l := range latest {
		row := movedRow{At: l.At.In(zone(chain)).Format("01-02 15:04"), By: l.By, Note: l.Note, What: v.say("move.did." + string(l.Kind))}
		if l.Reason != "" {
			row.What += " · " + v.say("move.reason."+string(l.Reason))
		}
		for _, line := range l.Lines {
			name, known := names[line.SKU]
			if !known {
				name = string(line.SKU)
			}
			row.What += fmt.Sprintf(" · %s %d", name, line.Qty)
		}
		m.Latest = append(m.Latest, row)
	}
	return m, nil
}

// move books what the form says.
func (p *Pages) move(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	id := protocol.CabinetID(c.Param("cabinet"))
	if id.Validate() != nil {
		return protocol.Errorf(cloud.CodeUnknownCabinet, "no cabinet has such an id")
	}
	units, err := strconv.Atoi(strings.TrimSpace(c.FormValue("units")))
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "units: want a number")
	}
	platform, sku, _ := strings.Cut(c.FormValue("good"), " ")
	m := cloud.MoveGoods{
		Person: who.ID, By: who.Name, Key: c.FormValue("key"), Kind: cloud.MoveWriteOff, From: ledger.Stock(id, protocol.PlatformID(platform)),
		Reason: ledger.Reason(c.FormValue("what")), Note: c.FormValue("note"), Lines: []cloud.MovedLine{{SKU: protocol.SKU(sku), Qty: units}},
	}
	if m.Reason == countedWord {
		m.Kind, m.Reason = cloud.MoveCount, ""
	}
	if _, err := p.Goods.Move(c.Request().Context(), m); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/cabinets/"+string(id))
}

// countedWord is what the form says instead of a reason where somebody counted.
const countedWord = "count"
