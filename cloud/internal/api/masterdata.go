package api

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/spreadsheet"
	"allhours/protocol"
)

type previewAnswer struct {
	Revision  uint64          `json:"revision"` // of the master data that it was compared with
	Applied   bool            `json:"applied"`
	From      *time.Time      `json:"from,omitempty"` // prices that hold later
	Changes   []changeAnswer  `json:"changes"`
	Unchanged int             `json:"unchanged"`
	Warnings  []warningAnswer `json:"warnings"`
	Converted bool            `json:"converted,omitempty"` // it was read as GB18030
}

type changeAnswer struct {
	Table  cloud.MasterKind `json:"table"`
	Key    string           `json:"key"`
	Name   string           `json:"name,omitempty"`
	Added  bool             `json:"added"`
	Fields []fieldAnswer    `json:"fields"`
}

type fieldAnswer struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

type warningAnswer struct {
	Kind     cloud.WarningKind   `json:"kind"`
	Cabinet  protocol.CabinetID  `json:"cabinet,omitempty"`
	Platform protocol.PlatformID `json:"platform,omitempty"`
	SKU      protocol.SKU        `json:"sku,omitempty"`
	Units    int                 `json:"units,omitempty"`
	At       *time.Time          `json:"at,omitempty"`
}

func describePreview(p cloud.Preview, applied bool, lang httpx.Lang) previewAnswer {
	d := previewAnswer{
		Revision: p.Revision, Applied: applied, From: sometime(p.From), Changes: make([]changeAnswer, 0, len(p.Changes)), Unchanged: p.Unchanged,
		Warnings: make([]warningAnswer, 0, len(p.Warnings)), Converted: p.Converted,
	}
	for _, c := range p.Changes {
		change := changeAnswer{Table: c.Kind, Key: c.Key, Name: lang.Pick(c.Name), Added: c.Added, Fields: make([]fieldAnswer, 0, len(c.Fields))}
		for _, f := range c.Fields {
			change.Fields = append(change.Fields, fieldAnswer{f.Field, f.From, f.To})
		}
		d.Changes = append(d.Changes, change)
	}
	for _, w := range p.Warnings {
		d.Warnings = append(d.Warnings, warningAnswer{w.Kind, w.Cabinet, w.Platform, w.SKU, w.Units, sometime(w.At)})
	}
	return d
}

// sometime is nil for the zero time.
func sometime(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}

// revision is the query's, which says what the caller has looked at; 0 where there is none.
func revision(c echo.Context) (uint64, error) {
	text := c.QueryParam("revision")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n == 0 {
		return 0, protocol.Errorf(protocol.CodeMalformed, "revision: want the number of a preview")
	}
	return n, nil
}

// take takes something in; what it was compared with may be named.
func (a *API) take(c echo.Context, in cloud.Intake) error {
	at, err := revision(c)
	if err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	in.By = who.Name
	p, err := a.o.Planning.Apply(c.Request().Context(), in, at)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describePreview(p, true, httpx.AcceptLanguage(c.Request())))
}

// importTable takes a CSV in where the query names the revision of its preview, and is that preview where it does not.
func (a *API) importTable(c echo.Context) error {
	text, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	in := cloud.Intake{Kind: cloud.MasterKind(c.Param("id")), Text: text, Draft: draftOf(c)}
	if in.Kind == cloud.MasterAll {
		return protocol.Errorf(cloud.CodeNotFound, "no table is named")
	}
	if from := c.QueryParam("from"); from != "" {
		if in.From, err = time.Parse(time.RFC3339, from); err != nil {
			return protocol.Errorf(protocol.CodeMalformed, "from: want a time with its zone (RFC 3339)")
		}
	}
	if c.QueryParam("revision") != "" {
		return a.take(c, in)
	}
	p, err := a.o.Planning.Preview(c.Request().Context(), in)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describePreview(p, false, httpx.AcceptLanguage(c.Request())))
}

func (a *API) exportTable(c echo.Context) error {
	kind := cloud.MasterKind(c.Param("id"))
	table, err := a.o.Planning.Export(c.Request().Context(), kind, "")
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+string(kind)+`.csv"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", table)
}

// document is a JSON document of master data with one entry, which the caller sent and the address names.
func document(c echo.Context, list, key string) (cloud.Intake, error) {
	var entry map[string]any
	d := json.NewDecoder(c.Request().Body)
	d.UseNumber()
	if err := d.Decode(&entry); err != nil || entry == nil {
		return cloud.Intake{}, protocol.Errorf(protocol.CodeMalformed, "body: want one JSON object of the documented form")
	}
	entry[key] = c.Param("id")
	text, err := json.Marshal(map[string]any{list: []any{entry}})
	return cloud.Intake{Kind: cloud.MasterAll, Text: text}, err
}

type articlesAnswer struct {
	Articles []articleAnswer `json:"articles"`
}

// articleAnswer has the fields of a document of master data.
type articleAnswer struct {
	SKU       protocol.SKU        `json:"sku"`
	NameZh    string              `json:"name_zh"`
	NameEn    string              `json:"name_en"`
	Category  string              `json:"category"`
	Zone      string              `json:"zone"`
	Unit      protocol.Milligrams `json:"unit_mg"`
	SD        protocol.Milligrams `json:"sd_mg"`
	Price     protocol.Fen        `json:"price_fen"`
	Cost      protocol.Fen        `json:"cost_fen"`
	ShelfLife int                 `json:"shelf_life_days"`
	Essential bool                `json:"essential"`
	VAT       int                 `json:"vat_percent"`
	MinAge    int                 `json:"min_age"`
	CaseSize  int                 `json:"case_size"`
	Retired   bool                `json:"retired"`
	Barcodes  []cloud.Barcode     `json:"barcodes"`
}

func describeArticle(a cloud.Article) articleAnswer {
	return articleAnswer{
		a.SKU, a.Name.Zh, a.Name.En, a.Category, a.Zone, a.Unit, a.SD, a.Price, a.Cost, a.ShelfLifeDays, a.Essential, a.VATPercent, a.MinAge, a.CaseSize, a.Retired,
		append([]cloud.Barcode{}, a.Barcodes...),
	}
}

func (a *API) articles(c echo.Context) error {
	all, err := a.o.Assortment.Articles(c.Request().Context())
	if err != nil {
		return err
	}
	list := articlesAnswer{Articles: make([]articleAnswer, 0, len(all))}
	for _, one := range all {
		list.Articles = append(list.Articles, describeArticle(one))
	}
	return answer(c, http.StatusOK, list)
}

func (a *API) article(c echo.Context) error {
	all, err := a.o.Assortment.Articles(c.Request().Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(one cloud.Article) bool { return string(one.SKU) == c.Param("id") })
	if i < 0 {
		return protocol.Errorf(cloud.CodeNotFound, "no article has such a number")
	}
	return answer(c, http.StatusOK, describeArticle(all[i]))
}

func (a *API) putArticle(c echo.Context) error {
	in, err := document(c, "articles", "sku")
	if err != nil {
		return err
	}
	return a.take(c, in)
}

type storesAnswer struct {
	Stores []storeAnswer `json:"stores"`
}

type storeAnswer struct {
	ID     cloud.StoreID `json:"id"`
	NameZh string        `json:"name_zh"`
	NameEn string        `json:"name_en"`
	Hours  []hoursAnswer `json:"hours"`
	spotAnswer
}

type hoursAnswer struct {
	Open  string `json:"open"`
	Close string `json:"close"`
}

func (a *API) stores(c echo.Context) error {
	all, err := a.o.Fleet.Stores(c.Request().Context())
	if err != nil {
		return err
	}
	list := storesAnswer{Stores: make([]storeAnswer, 0, len(all))}
	for _, s := range all {
		list.Stores = append(list.Stores, storeAnswer{s.ID, s.Name.Zh, s.Name.En, describeHours(s.Hours), describeSpot(s.At)})
	}
	return answer(c, http.StatusOK, list)
}

func (a *API) putStore(c echo.Context) error {
	in, err := document(c, "stores", "id")
	if err != nil {
		return err
	}
	return a.take(c, in)
}

type planogramBody struct {
	Platforms []platformBody `json:"platforms"`
}

type platformBody struct {
	ID    protocol.PlatformID `json:"id"`
	Goods []placeBody         `json:"goods"`
}

type placeBody struct {
	SKU protocol.SKU `json:"sku"`
	Par int          `json:"par,omitempty"` // units that a refill fills up to; 0: not said

	Room *int `json:"room,omitempty"` // units that fit; 0: not said, left out: as it was
}

func (a *API) planogram(c echo.Context) error {
	id, _, err := cabinetAndWho(c)
	if err != nil {
		return err
	}
	v, err := a.o.Fleet.Cabinet(c.Request().Context(), id)
	if err != nil {
		return err
	}
	d := planogramBody{Platforms: make([]platformBody, 0, len(v.Platforms))}
	for _, p := range v.Platforms {
		surface := platformBody{ID: p.ID, Goods: []placeBody{}}
		for _, sku := range p.SKUs {
			place := placeBody{SKU: sku, Par: p.Par[sku]}
			if room, said := p.Room[sku]; said {
				place.Room = &room
			}
			surface.Goods = append(surface.Goods, place)
		}
		d.Platforms = append(d.Platforms, surface)
	}
	return answer(c, http.StatusOK, d)
}

// putPlanogram says what lies on the platforms that it names.
func (a *API) putPlanogram(c echo.Context) error {
	var body planogramBody
	if err := read(c, &body); err != nil {
		return err
	}
	id, _, err := cabinetAndWho(c)
	if err != nil {
		return err
	}
	cabinet, err := a.o.Fleet.Cabinet(c.Request().Context(), id)
	if err != nil {
		return err
	}
	var records [][]string
	for _, p := range body.Platforms {
		if len(p.Goods) == 0 {
			records = append(records, []string{string(id), string(p.ID), "", "", ""})
		}
		for _, g := range p.Goods {
			room := roomOf(cabinet.Cabinet, p.ID, g.SKU)
			if g.Room != nil {
				room = *g.Room
			}
			records = append(records, []string{string(id), string(p.ID), string(g.SKU), strconv.Itoa(g.Par), strconv.Itoa(room)})
		}
	}
	return a.take(c, cloud.Intake{Kind: cloud.MasterPlanograms, Text: spreadsheet.Write([]string{"cabinet", "platform", "sku", "par", "room"}, records), Draft: draftOf(c)})
}

// draftOf is why planograms are to wait for a restocker; empty where they hold at once.
func draftOf(c echo.Context) string { return strings.TrimSpace(c.QueryParam("draft")) }

type pricesAnswer struct {
	Version uint32                        `json:"version"` // 0: none yet
	Prices  map[protocol.SKU]protocol.Fen `json:"prices_fen"`
	Coming  []priceChangeAnswer           `json:"coming"`
	History []priceChangeAnswer           `json:"history"` // the newest entered first
}

type priceChangeAnswer struct {
	Number    uint32                        `json:"number"`
	From      time.Time                     `json:"from"`
	Entered   time.Time                     `json:"entered"`
	By        string                        `json:"by"`
	Prices    map[protocol.SKU]protocol.Fen `json:"prices_fen"`
	Ended     *time.Time                    `json:"ended,omitempty"`   // when it began to hold, or was withdrawn
	Version   uint32                        `json:"version,omitempty"` // that it made; left out: it does not hold, and did not
	Withdrawn string                        `json:"withdrawn_by,omitempty"`
}

type pricesBody struct {
	Prices map[protocol.SKU]protocol.Fen `json:"prices_fen"`
	From   time.Time                     `json:"from"` // left out: at once
}

// pricesListed is how many changes of the past are listed.
const pricesListed = 100

func (a *API) prices(c echo.Context) error {
	b, err := a.o.Assortment.Prices(c.Request().Context(), pricesListed)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, pricesAnswer{b.Version, b.Prices, describePriceChanges(b.Coming), describePriceChanges(b.Ended)})
}

func describePriceChanges(all []cloud.PriceChange) []priceChangeAnswer {
	list := make([]priceChangeAnswer, 0, len(all))
	for _, c := range all {
		list = append(list, priceChangeAnswer{
			Number: c.Number, From: c.From.UTC(), Entered: c.Entered.UTC(), By: c.By, Prices: c.Prices,
			Ended: sometime(c.End.At), Version: c.End.Version, Withdrawn: c.End.By,
		})
	}
	return list
}

// putPrices changes the prices that it names, and leaves the others.
func (a *API) putPrices(c echo.Context) error {
	var body pricesBody
	if err := read(c, &body); err != nil {
		return err
	}
	var records [][]string
	for _, sku := range slices.Sorted(maps.Keys(body.Prices)) {
		records = append(records, []string{string(sku), strconv.FormatInt(int64(body.Prices[sku]), 10)})
	}
	return a.take(c, cloud.Intake{Kind: cloud.MasterPrices, Text: spreadsheet.Write([]string{"sku", "price_fen"}, records), From: body.From})
}

func (a *API) withdrawPrices(c echo.Context) error {
	number, err := strconv.ParseUint(c.Param("id"), 10, 32)
	if err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no change of prices has such a number")
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if err := a.o.Planning.Withdraw(c.Request().Context(), uint32(number), who.Name); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
