package api

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/spreadsheet"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// spotAnswer is where something stands, in degrees; both are left out where nobody has said it.
type spotAnswer struct {
	Latitude  *float64 `json:"latitude,omitempty"`
	Longitude *float64 `json:"longitude,omitempty"`
}

func describeSpot(s cloud.Spot) spotAnswer {
	if !s.Known() {
		return spotAnswer{}
	}
	north, east := float64(s.Latitude)/1e6, float64(s.Longitude)/1e6
	return spotAnswer{&north, &east}
}

func describeHours(all []cloud.Hours) []hoursAnswer {
	list := make([]hoursAnswer, len(all))
	for i, h := range all {
		list[i] = hoursAnswer{timeOfDay(h.Open), timeOfDay(h.Close)}
	}
	return list
}

func timeOfDay(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// roomOf is how many units of an article fit on a platform; 0 where nobody has said it.
func roomOf(c cloud.Cabinet, platform protocol.PlatformID, sku protocol.SKU) int {
	for _, p := range c.Platforms {
		if p.ID == platform {
			return p.Room[sku]
		}
	}
	return 0
}

// reachAnswer is a span in which a cabinet can be reached; without days it is of each.
type reachAnswer struct {
	Days string `json:"days,omitempty"` // of the week, such as mon-fri or sat,sun
	hoursAnswer
}

func describeReach(all []cloud.Reach) []reachAnswer {
	list := make([]reachAnswer, len(all))
	for i, r := range all {
		list[i] = reachAnswer{cloud.DaysText(r.Days, func(t cloud.Text) string { return t.En }), hoursAnswer{timeOfDay(r.Open), timeOfDay(r.Close)}}
	}
	return list
}

// everyDay is what days are in a table that are not said: each of them.
const everyDay = "mon-sun"

// placeAnswer is where a cabinet stands, and when a restocker can reach it; no hours are at any time.
type placeAnswer struct {
	spotAnswer
	Hours []reachAnswer `json:"hours"`
}

func (a *API) place(c echo.Context) error {
	id, _, err := cabinetAndWho(c)
	if err != nil {
		return err
	}
	v, err := a.o.Fleet.Cabinet(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, placeAnswer{describeSpot(v.At), describeReach(v.Hours)})
}

// putPlace replaces where a cabinet stands, and when it can be reached.
func (a *API) putPlace(c echo.Context) error {
	var body placeAnswer
	if err := read(c, &body); err != nil {
		return err
	}
	id, _, err := cabinetAndWho(c)
	if err != nil {
		return err
	}
	record := []string{string(id), "", "", ""}
	for i, degrees := range []*float64{body.Latitude, body.Longitude} {
		if degrees != nil {
			record[1+i] = strconv.FormatFloat(*degrees, 'f', -1, 64)
		}
	}
	spans := make([]string, len(body.Hours))
	for i, h := range body.Hours {
		if spans[i] = h.Open + "-" + h.Close; h.Days == "" {
			h.Days = everyDay
		}
		spans[i] = h.Days + " " + spans[i]
	}
	record[3] = strings.Join(spans, " ")
	return a.take(c, cloud.Intake{Kind: cloud.MasterCabinets, Text: spreadsheet.Write([]string{"cabinet", "latitude", "longitude", "hours"}, [][]string{record})})
}

type aislesBody struct {
	Aisles []aisleBody `json:"aisles"`
}

// aisleBody is where an article lies in a store; no aisle is in none.
type aisleBody struct {
	SKU   protocol.SKU `json:"sku"`
	Aisle string       `json:"aisle"`
	Turn  int          `json:"turn,omitempty"` // along the aisle; 0: not said
}

func (a *API) aisles(c echo.Context) error {
	id := cloud.StoreID(c.Param("id"))
	stores, err := a.o.Fleet.Stores(c.Request().Context())
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(stores, func(s cloud.Store) bool { return s.ID == id }) {
		return protocol.Errorf(cloud.CodeNotFound, "no store has such an id")
	}
	all, err := a.o.Assortment.Aisles(c.Request().Context(), id)
	if err != nil {
		return err
	}
	list := aislesBody{Aisles: make([]aisleBody, len(all))}
	for i, p := range all {
		list.Aisles[i] = aisleBody{p.SKU, p.Aisle, p.Turn}
	}
	return answer(c, http.StatusOK, list)
}

// putAisles says where the articles that it names lie in a store, and leaves the others.
func (a *API) putAisles(c echo.Context) error {
	var body aislesBody
	if err := read(c, &body); err != nil {
		return err
	}
	records := make([][]string, len(body.Aisles))
	for i, p := range body.Aisles {
		records[i] = []string{c.Param("id"), string(p.SKU), p.Aisle, strconv.Itoa(p.Turn)}
	}
	return a.take(c, cloud.Intake{Kind: cloud.MasterAisles, Text: spreadsheet.Write([]string{"store", "sku", "aisle", "turn"}, records)})
}

// pickAnswer is one article of a pick list.
type pickAnswer struct {
	picking.Pick
	Name     string          `json:"name"`
	CaseSize int             `json:"case_size"`
	Barcodes []cloud.Barcode `json:"barcodes"`
	Alike    []alikeAnswer   `json:"alike"`
}

type alikeAnswer struct {
	SKU     protocol.SKU `json:"sku"`
	Name    string       `json:"name"`
	Named   bool         `json:"same_name"`
	Weighed bool         `json:"same_weight"`
}

// picks is what a round has picked from its store, as one walks along the aisles.
func (a *API) picks(c echo.Context) error {
	id, _, err := roundAndWho(c)
	if err != nil {
		return err
	}
	v, err := a.o.Rounds.Round(c.Request().Context(), id)
	if err != nil {
		return err
	}
	lang, list := httpx.AcceptLanguage(c.Request()), make([]pickAnswer, 0, len(v.Picks))
	for _, p := range v.Picks {
		article := v.Names[p.SKU]
		one := pickAnswer{p, lang.Pick(article.Name), article.CaseSize, append([]cloud.Barcode{}, article.Barcodes...), []alikeAnswer{}}
		for _, other := range v.Alike[p.SKU] {
			one.Alike = append(one.Alike, alikeAnswer{other.SKU, lang.Pick(other.Name), other.Named, other.Weighed})
		}
		list = append(list, one)
	}
	return answer(c, http.StatusOK, map[string]any{"picks": list})
}

// lotsOf never are null.
func lotsOf(lots []picking.Lot) []picking.Lot { return append([]picking.Lot{}, lots...) }
