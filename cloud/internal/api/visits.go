package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// maxKey is the longest Idempotency-Key in bytes.
const maxKey = 255

type beginBody struct {
	Cabinet     protocol.CabinetID   `json:"cabinet"`
	Compartment protocol.Compartment `json:"compartment"` // 0: its only or first one
}

type begunAnswer struct {
	ID    protocol.VisitID `json:"id"`
	State cloud.VisitState `json:"state"`
}

type visitAnswer struct {
	ID      protocol.VisitID   `json:"id"`
	State   cloud.VisitState   `json:"state"`
	Cabinet protocol.CabinetID `json:"cabinet"`
	Lines   []lineAnswer       `json:"lines"` // never null
	Total   protocol.Fen       `json:"total_fen"`
	Hold    protocol.Fen       `json:"hold_fen"`
	Number  string             `json:"number"` // of the receipt

	Refunded protocol.Fen `json:"refunded_fen,omitempty"` // given back of what was paid
	Forgiven protocol.Fen `json:"forgiven_fen,omitempty"` // of what was owed

	Code    protocol.Code `json:"code,omitempty"` // why it was aborted, or why the cabinet refused the grant that was shown
	Created time.Time     `json:"created"`
	Ended   *time.Time    `json:"ended,omitempty"`

	By       string     `json:"by,omitempty"`   // service: who asked, for staff
	Why      string     `json:"why,omitempty"`  // service: why, for staff
	Pass     string     `json:"pass,omitempty"` // the grant, to be shown to the cabinet's reader as a QR code
	PassEnds *time.Time `json:"pass_ends,omitempty"`
}

type lineAnswer struct {
	SKU   protocol.SKU `json:"sku"`
	Name  string       `json:"name"`
	Qty   int          `json:"qty"`
	Price protocol.Fen `json:"price_fen"` // of one unit
}

func (a *API) beginVisit(c echo.Context) error {
	var body beginBody
	if err := read(c, &body); err != nil {
		return err
	}
	key := c.Request().Header.Get("Idempotency-Key")
	if len(key) > maxKey {
		return protocol.Errorf(protocol.CodeMalformed, "Idempotency-Key of %d bytes: want %d at most", len(key), maxKey)
	}
	if body.Cabinet.Validate() != nil {
		return protocol.Errorf(cloud.CodeUnknownCabinet, "no cabinet has such an id")
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if err := a.o.Privacy.Agreed(c.Request().Context(), p.ID); err != nil {
		return err
	}
	v, err := a.o.Visits.Begin(c.Request().Context(), cloud.BeginVisit{
		Person: p.ID, Cabinet: body.Cabinet, Compartment: body.Compartment, Key: strings.Clone(key),
	})
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, Base+"/visits/"+v.ID.String())
	return answer(c, http.StatusCreated, begunAnswer{ID: v.ID, State: v.State()})
}

func (a *API) visit(c echo.Context) error {
	v, err := a.readable(c)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describeVisit(c, v, httpx.AcceptLanguage(c.Request())))
}

// readable finds the visit of the path. Somebody else's visit is answered as if it were not there, so that ids cannot be
// tried out.
func (a *API) readable(c echo.Context) (cloud.Visit, error) {
	unknown := protocol.Errorf(cloud.CodeUnknownVisit, "none that this person may read")
	id, err := protocol.ParseUUID(c.Param("id"))
	if err != nil {
		return cloud.Visit{}, unknown
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return cloud.Visit{}, err
	}
	v, err := a.o.Visits.Visit(c.Request().Context(), id)
	if err != nil {
		return cloud.Visit{}, err
	}
	if v.Person != p.ID && !httpx.IsStaff(p) {
		return cloud.Visit{}, unknown
	}
	return v, nil
}

// describeVisit tells a visit to who asks; the grant is for the resident alone, because whoever has it can open the door.
func describeVisit(c echo.Context, v cloud.Visit, lang httpx.Lang) visitAnswer {
	d := visitAnswer{
		ID: v.ID, State: v.State(), Cabinet: v.Cabinet, Lines: describeLines(v.Lines, lang),
		Total: v.Total, Refunded: v.Refunded, Forgiven: v.Forgiven, Hold: v.Hold, Number: v.Number(), Code: v.Code, Created: v.Created.UTC(),
	}
	if !v.Ended.IsZero() {
		ended := v.Ended.UTC()
		d.Ended = &ended
	}
	if p, err := httpx.PrincipalOf(c); err == nil && httpx.IsStaff(p) {
		d.By, d.Why = v.By, v.Why
	}
	if p, err := httpx.PrincipalOf(c); v.Pass != "" && err == nil && p.ID == v.Person {
		ends := v.PassEnds.UTC()
		d.Pass, d.PassEnds = v.Pass, &ends
	}
	return d
}

func describeLines(lines []cloud.OrderLine, lang httpx.Lang) []lineAnswer {
	described := make([]lineAnswer, 0, len(lines))
	for _, l := range lines {
		described = append(described, lineAnswer{SKU: l.SKU, Name: lang.Pick(l.Name), Qty: l.Qty, Price: l.Price})
	}
	return described
}
