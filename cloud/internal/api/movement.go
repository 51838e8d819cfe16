package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

type movementBody struct {
	Kind     cloud.MovementKind `json:"kind"`
	From     ledger.Account     `json:"from,omitempty"`
	To       ledger.Account     `json:"to,omitempty"`
	Reason   ledger.Reason      `json:"reason,omitempty"`
	Note     string             `json:"note,omitempty"`
	Lines    []cloud.MovedLine  `json:"lines,omitempty"`
	Corrects protocol.UUID      `json:"corrects,omitzero"`
}

// movementAnswer is a movement as it was booked.
type movementAnswer struct {
	ID      protocol.UUID      `json:"id"`
	At      time.Time          `json:"at"`
	By      string             `json:"by"`
	Store   cloud.StoreID      `json:"store,omitempty"`
	Cabinet protocol.CabinetID `json:"cabinet,omitempty"`
	movementBody
}

func describeMovement(m cloud.Movement) movementAnswer {
	return movementAnswer{
		ID: m.ID, At: m.At, By: m.By, Store: m.Store, Cabinet: m.Cabinet,
		movementBody: movementBody{Kind: m.Kind, From: m.From, To: m.To, Reason: m.Reason, Note: m.Note, Lines: m.Lines, Corrects: m.Corrects},
	}
}

// move books what somebody did with goods.
func (a *API) move(c echo.Context) error {
	var body movementBody
	if err := read(c, &body); err != nil {
		return err
	}
	key := c.Request().Header.Get("Idempotency-Key")
	if key == "" || len(key) > maxKey {
		return protocol.Errorf(protocol.CodeMalformed, "Idempotency-Key of %d bytes: want 1 to %d", len(key), maxKey)
	}
	p, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	m, err := a.o.Goods.Move(c.Request().Context(), cloud.MoveGoods{
		Person: p.ID, By: p.Name, Key: strings.Clone(key), Kind: body.Kind, From: body.From, To: body.To, Reason: body.Reason, Note: body.Note,
		Lines: body.Lines, Corrects: body.Corrects,
	})
	if err != nil {
		return err
	}
	return answer(c, http.StatusCreated, describeMovement(m))
}

// latestMovements is how many movements are listed.
const latestMovements = 100

// movements lists what was moved, the newest first.
func (a *API) movements(c echo.Context) error {
	id := protocol.CabinetID(c.QueryParam("cabinet"))
	if id != "" && id.Validate() != nil {
		return protocol.Errorf(cloud.CodeUnknownCabinet, "no cabinet has such an id")
	}
	all, err := a.o.Goods.Movements(c.Request().Context(), id, latestMovements)
	if err != nil {
		return err
	}
	list := make([]movementAnswer, 0, len(all))
	for _, m := range all {
		list = append(list, describeMovement(m))
	}
	return answer(c, http.StatusOK, map[string]any{"movements": list})
}

// carriedAnswer is what has left one place and come to none yet.
type carriedAnswer struct {
	Place ledger.Account `json:"place"`
	SKU   protocol.SKU   `json:"sku"`
	Units int            `json:"units"`
}

// carried lists what is on its way.
func (a *API) carried(c echo.Context) error {
	all, err := a.o.Goods.Carried(c.Request().Context())
	if err != nil {
		return err
	}
	list := make([]carriedAnswer, 0, len(all))
	for _, k := range all {
		list = append(list, carriedAnswer(k))
	}
	return answer(c, http.StatusOK, map[string]any{"carried": list})
}
