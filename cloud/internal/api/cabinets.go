package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
	"allhours/protocol/settle"
)

type cabinetsAnswer struct {
	Cabinets []cabinetAnswer `json:"cabinets"`
}

type cabinetAnswer struct {
	ID       protocol.CabinetID `json:"id"`
	Store    cloud.StoreID      `json:"store"`
	State    cloud.CabinetState `json:"state"`
	LastSeen *time.Time         `json:"last_seen"` // null: never
	Layout   string             `json:"layout"`
	Halt     *haltAnswer        `json:"halt,omitempty"` // left out where nobody halts it
}

type cabinetDetail struct {
	cabinetAnswer
	Number    int          `json:"number"`
	Place     string       `json:"place"`
	StoreName string       `json:"store_name"`
	Goods     []goodAnswer `json:"goods"`
}

type goodAnswer struct {
	Platform protocol.PlatformID `json:"platform"`
	SKU      protocol.SKU        `json:"sku"`
	Name     string              `json:"name"`
	Price    protocol.Fen        `json:"price_fen"`      // in this cabinet now; 0: it is not sold
	Full     protocol.Fen        `json:"full_price_fen"` // elsewhere
	Units    int                 `json:"units"`          // by book
}

// Reviews that a list has, and at most.
const (
	reviewsUsual = 50
	reviewsMost  = 200
)

type reviewsAnswer struct {
	Reviews []reviewAnswer `json:"reviews"`
}

type reviewAnswer struct {
	Visit   visitAnswer   `json:"visit"`
	Place   string        `json:"place"`
	Why     protocol.Code `json:"why"`
	Guess   []lineAnswer  `json:"guess"`
	Answer  settle.Answer `json:"answer"`
	Zero    *time.Time    `json:"zero_at,omitempty"` // that the steps of the answer count from; left out where not known
	Bills   []billAnswer  `json:"bills"`             // of the answer's explanations, in their order; never null
	Waives  time.Time     `json:"waives"`
	Waiting float64       `json:"waiting_s"`
}

type billAnswer struct {
	Lines []lineAnswer `json:"lines"`
	Total protocol.Fen `json:"total_fen"`
	Known bool         `json:"known"` // each of the goods has a price
}

func (a *API) cabinets(c echo.Context) error {
	views, err := a.o.Fleet.Cabinets(c.Request().Context())
	if err != nil {
		return err
	}
	lang := httpx.AcceptLanguage(c.Request())
	list := cabinetsAnswer{Cabinets: make([]cabinetAnswer, 0, len(views))}
	for _, v := range views {
		list.Cabinets = append(list.Cabinets, describeCabinet(v, lang))
	}
	return answer(c, http.StatusOK, list)
}

func (a *API) cabinet(c echo.Context) error {
	id := protocol.CabinetID(c.Param("id"))
	if id.Validate() != nil {
		return protocol.Errorf(cloud.CodeUnknownCabinet, "no cabinet has such an id")
	}
	ctx, lang := c.Request().Context(), httpx.AcceptLanguage(c.Request())
	v, err := a.o.Fleet.Cabinet(ctx, id)
	if err != nil {
		return err
	}
	goods, err := a.o.Fleet.Goods(ctx, id)
	if err != nil {
		return err
	}
	d := cabinetDetail{
		cabinetAnswer: describeCabinet(v, lang), Number: v.Number, Place: lang.Pick(v.Place), StoreName: lang.Pick(v.StoreName),
		Goods: make([]goodAnswer, 0, len(goods)),
	}
	for _, g := range goods {
		d.Goods = append(d.Goods, goodAnswer{
			Platform: g.Platform, SKU: g.Article.SKU, Name: lang.Pick(g.Article.Name), Price: g.Price, Full: g.Article.Price, Units: g.Units,
		})
	}
	return answer(c, http.StatusOK, d)
}

// storeOf narrows a list to the store that the address names, if it names one.
func storeOf(c echo.Context) cloud.Bound {
	store := c.QueryParam("store")
	if store == "" {
		return ""
	}
	return cloud.BoundTo(cloud.StoreID(strings.Clone(store)))
}

func (a *API) reviews(c echo.Context) error {
	limit := reviewsUsual
	if asked := c.QueryParam("limit"); asked != "" {
		n, err := strconv.Atoi(asked)
		if err != nil || n < 1 || n > reviewsMost {
			return protocol.Errorf(protocol.CodeMalformed, "limit: want 1 to %d", reviewsMost)
		}
		limit = n
	}
	cases, err := a.o.Visits.Reviews(c.Request().Context(), storeOf(c), limit)
	if err != nil {
		return err
	}
	lang := httpx.AcceptLanguage(c.Request())
	list := reviewsAnswer{Reviews: make([]reviewAnswer, 0, len(cases))}
	for _, r := range cases {
		list.Reviews = append(list.Reviews, describeReview(c, r, lang))
	}
	return answer(c, http.StatusOK, list)
}

func describeReview(c echo.Context, r cloud.Review, lang httpx.Lang) reviewAnswer {
	d := reviewAnswer{
		Visit: describeVisit(c, r.Visit, lang), Place: lang.Pick(r.Place), Why: r.Why, Guess: describeLines(r.Guess, lang),
		Answer: r.Answer, Bills: make([]billAnswer, 0, len(r.Bills)), Waives: r.Waives.UTC(), Waiting: r.Waiting.Seconds(),
	}
	if !r.Zero.IsZero() {
		zero := r.Zero.UTC()
		d.Zero = &zero
	}
	for _, b := range r.Bills {
		d.Bills = append(d.Bills, billAnswer{Lines: describeLines(b.Lines, lang), Total: b.Total, Known: b.Known})
	}
	return d
}

func describeCabinet(v cloud.CabinetView, lang httpx.Lang) cabinetAnswer {
	d := cabinetAnswer{ID: v.ID, Store: v.Store, State: v.State, Layout: v.Layout, Halt: describeHalt(v.Halt(), lang)}
	if !v.Presence.LastSeen.IsZero() {
		seen := v.Presence.LastSeen.UTC()
		d.LastSeen = &seen
	}
	return d
}
