package api

import (
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

type purseAnswer struct {
	Balance  protocol.Fen `json:"balance_fen"`
	Back     protocol.Fen `json:"back_fen"` // of the balance, what can go back the way that it came
	Reserved protocol.Fen `json:"reserved_fen"`
	Owed     protocol.Fen `json:"owed_fen"`
	Debts    []debtAnswer `json:"debts"`  // never null
	Latest   []purseMove  `json:"latest"` // never null
}

type debtAnswer struct {
	Visit  protocol.VisitID `json:"visit"`
	Amount protocol.Fen     `json:"fen"`
	Since  time.Time        `json:"since"`
	Paying bool             `json:"paying"`
}

type purseMove struct {
	Kind     cloud.OpKind     `json:"kind"`
	Amount   protocol.Fen     `json:"fen"`
	At       time.Time        `json:"at"`
	State    string           `json:"state"` // under_way, done or refused
	Visit    protocol.VisitID `json:"visit,omitzero"`
	Provider string           `json:"provider"`
	By       string           `json:"by,omitempty"`   // for staff
	Note     string           `json:"note,omitempty"` // for staff
}

type topUpBody struct {
	Amount protocol.Fen `json:"fen"`
	Note   string       `json:"note"` // of staff
}

type waiveBody struct {
	Note string `json:"note"`
}

func describePurse(p cloud.Purse, staff bool) purseAnswer {
	d := purseAnswer{Balance: p.Balance, Back: p.Back, Reserved: p.Reserved, Owed: p.Owed, Debts: []debtAnswer{}, Latest: []purseMove{}}
	for _, debt := range p.Debts {
		d.Debts = append(d.Debts, debtAnswer{debt.Visit, debt.Amount, debt.Since.UTC(), p.Paying(debt.Visit)})
	}
	for _, op := range p.Latest {
		m := purseMove{Kind: op.Kind, Amount: op.Amount, At: op.Created.UTC(), State: "under_way", Visit: op.Visit, Provider: op.Provider}
		if op.State.Final() {
			m.State = string(op.State)
		}
		if staff {
			m.By, m.Note = op.By, op.Note
		}
		d.Latest = append(d.Latest, m)
	}
	return d
}

// keyOf is the key that everything which costs money must come with.
func keyOf(c echo.Context) (string, error) {
	key := c.Request().Header.Get("Idempotency-Key")
	if key == "" || len(key) > maxKey {
		return "", protocol.Errorf(protocol.CodeMalformed, "Idempotency-Key: want 1 to %d bytes", maxKey)
	}
	return strings.Clone(key), nil
}

func (a *API) purse(c echo.Context) error {
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	return a.answerPurse(c, p.ID, false)
}

func (a *API) purseOf(c echo.Context) error {
	person, err := protocol.ParseUUID(c.Param("id"))
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "%v", err)
	}
	return a.answerPurse(c, person, true)
}

func (a *API) answerPurse(c echo.Context, person protocol.UUID, staff bool) error {
	purse, err := a.o.Money.Purse(c.Request().Context(), person)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describePurse(purse, staff))
}

func (a *API) topUp(c echo.Context) error {
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	return a.fill(c, p.ID, "")
}

// topUpOf takes cash that a resident paid at the till.
func (a *API) topUpOf(c echo.Context) error {
	person, err := protocol.ParseUUID(c.Param("id"))
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "%v", err)
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	return a.fill(c, person, p.Name)
}

func (a *API) fill(c echo.Context, person protocol.UUID, by string) error {
	key, err := keyOf(c)
	if err != nil {
		return err
	}
	var body topUpBody
	if err := read(c, &body); err != nil {
		return err
	}
	t := cloud.TopUp{Person: person, Amount: body.Amount, Key: key, By: by}
	if by != "" {
		t.Note = body.Note
	}
	purse, err := a.o.Money.TopUp(c.Request().Context(), t)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describePurse(purse, by != ""))
}

func (a *API) payDebts(c echo.Context) error {
	key, err := keyOf(c)
	if err != nil {
		return err
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	purse, err := a.o.Money.PayDebts(c.Request().Context(), cloud.PayDebts{Person: p.ID, Key: key})
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describePurse(purse, false))
}

// waive forgives what is owed of a visit, at the word of whoever is signed in.
func (a *API) waive(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("id"))
	if err != nil {
		return protocol.Errorf(cloud.CodeUnknownVisit, "no visit has such an id")
	}
	var body waiveBody
	if err := read(c, &body); err != nil {
		return err
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	if err := a.o.Money.Waive(c.Request().Context(), cloud.WaiveDebt{Visit: id, By: p.Name, Role: p.Role, Note: body.Note}); err != nil {
		return err
	}
	v, err := a.o.Visits.Visit(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, describeVisit(c, v, httpx.AcceptLanguage(c.Request())))
}

// callback takes what a payment provider tells. Who calls is known by the signature alone, which the provider checks.
func (a *API) callback(c echo.Context) error {
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	reply, err := a.o.Calls.Callback(c.Request().Context(), c.Param("id"), c.Request().Header, body)
	if err != nil {
		return err
	}
	return c.Blob(reply.Status, reply.Type, reply.Body)
}
