package web

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/spreadsheet"
	"allhours/protocol"
)

// priceField begins the name of the field that holds an article's new price.
const priceField = "price-"

// historyShown is how many changes of prices of the past are listed.
const historyShown = 30

// pricesView is the prices as they are, will be and were.
type pricesView struct {
	Version uint32
	Query   string
	Rows    []priceRow
	Coming  []priceChangeView
	Ended   []priceChangeView
	Edit    bool
	Done    string
	Zone    string
}

type priceRow struct {
	SKU         protocol.SKU
	Name, Price string
	Next        string // the price that is to come, and when
}

type priceChangeView struct {
	Number uint32
	Head   string
	By     string
	State  string
	Gone   bool // withdrawn
	Lines  []priceLine
}

type priceLine struct{ Name, Price string }

func (p *Pages) prices(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	book, err := p.Assortment.Prices(ctx, historyShown)
	if err != nil {
		return fmt.Errorf("prices: %w", err)
	}
	articles, err := p.Assortment.Articles(ctx)
	if err != nil {
		return fmt.Errorf("prices: %w", err)
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("prices: %w", err)
	}
	view := pricesView{Version: book.Version, Query: strings.TrimSpace(c.QueryParam("q")), Edit: mayPlanAll(c), Done: v.done(c), Zone: chain.TimeZone}
	names := map[protocol.SKU]string{}
	for _, a := range articles {
		names[a.SKU] = v.lang.Pick(a.Name)
		if matches(a, view.Query) {
			view.Rows = append(view.Rows, v.priceRow(a, book.Coming, chain))
		}
	}
	for _, change := range book.Coming {
		view.Coming = append(view.Coming, v.priceChange(change, names, chain))
	}
	for _, change := range book.Ended {
		view.Ended = append(view.Ended, v.priceChange(change, names, chain))
	}
	return p.showMaster(c, "prices", v.say("master.prices"), "/master/prices", http.StatusOK, view)
}

func (v *view) priceRow(a cloud.Article, coming []cloud.PriceChange, chain cloud.Chain) priceRow {
	row := priceRow{SKU: a.SKU, Name: v.lang.Pick(a.Name), Price: yuan(a.Price)}
	for _, change := range coming {
		if price, named := change.Prices[a.SKU]; named {
			row.Next = v.say("master.price.next", price, v.clock(moment{At: change.From.In(zone(chain)), Day: true}))
			break
		}
	}
	return row
}

func (v *view) priceChange(change cloud.PriceChange, names map[protocol.SKU]string, chain cloud.Chain) priceChangeView {
	at := func(m moment) string { m.At = m.At.In(zone(chain)); return v.clock(m) }
	w := priceChangeView{
		Number: change.Number, Head: at(moment{At: change.From, Day: true}), By: change.By, Gone: !change.Coming() && change.End.Version == 0,
	}
	switch {
	case change.Coming():
		w.State = v.say("master.price.entered", at(moment{At: change.Entered, Day: true}))
	case w.Gone:
		w.State = v.say("master.price.withdrawn", at(moment{At: change.End.At, Day: true}), change.End.By)
	default:
		w.State = v.say("master.price.held", change.End.Version)
	}
	for _, sku := range slices.Sorted(maps.Keys(change.Prices)) {
		name, known := names[sku]
		if !known {
			name = string(sku)
		}
		w.Lines = append(w.Lines, priceLine{name, money(change.Prices[sku])})
	}
	return w
}

// changePrices shows what the prices that were filled in would change.
func (p *Pages) changePrices(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	var records [][]string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		sku, is := strings.CutPrefix(name, priceField)
		if price := strings.TrimSpace(form.Get(name)); is && price != "" {
			records = append(records, []string{sku, price})
		}
	}
	in := cloud.Intake{Kind: cloud.MasterPrices, Text: spreadsheet.Write([]string{"sku", "price_yuan"}, records)}
	if err := p.readFrom(c, &in); err != nil {
		return err
	}
	return p.preview(c, in, "/master/prices")
}

func (p *Pages) withdrawPrices(c echo.Context) error {
	number, err := strconv.ParseUint(c.Param("number"), 10, 32)
	if err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no such change of prices")
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if err := p.Planning.Withdraw(c.Request().Context(), uint32(number), who.Name); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/master/prices?done=1")
}
