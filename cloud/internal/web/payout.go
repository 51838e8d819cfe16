package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// payoutView is how money that was paid ahead can be given back.
type payoutView struct {
	Back protocol.Fen // the way that it came
	Till protocol.Fen // the rest, by a store's till
	Key  string
	Owed protocol.Fen // to be paid first
}

func newPayout(purse cloud.Purse) *payoutView {
	if purse.Balance <= 0 {
		return nil
	}
	return &payoutView{Back: purse.Back, Till: purse.Balance - purse.Back, Key: newKey(), Owed: purse.Owed}
}

// emptyPurse gives the reader back what they paid ahead, the way that it came.
func (p *Pages) emptyPurse(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	amount, err := payoutOf(c)
	if err == nil {
		_, err = p.Money.PayOut(c.Request().Context(), cloud.PayOut{Person: who.ID, Amount: amount, Key: keyOf(c)})
	}
	if err != nil {
		return p.showPurse(c, who, err, "purse.back")
	}
	return c.Redirect(http.StatusSeeOther, pursePath)
}

// sendBack does it for a resident who asked somebody of the staff.
func (p *Pages) sendBack(c echo.Context) error { return p.giveOut(c, false) }

// handOut books what a till handed out of a resident's balance.
func (p *Pages) handOut(c echo.Context) error { return p.giveOut(c, true) }

func (p *Pages) giveOut(c echo.Context, till bool) error {
	person, err := personOf(c)
	if err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	amount, err := payoutOf(c)
	if err != nil {
		return err
	}
	out := cloud.PayOut{Person: person, Amount: amount, Key: keyOf(c), Till: till, By: who.Name, Note: strings.TrimSpace(c.FormValue("note"))}
	if _, err := p.Money.PayOut(c.Request().Context(), out); err != nil && protocol.CodeOf(err) != cloud.CodePaymentUnknown {
		return err // What is not known yet stands on the page as such.
	}
	return c.Redirect(http.StatusSeeOther, pursesPath(person))
}

// payoutOf reads how much it is.
func payoutOf(c echo.Context) (protocol.Fen, error) {
	fen, ok := fenOf(c.FormValue("amount"))
	if !ok || fen == 0 {
		return 0, protocol.Errorf(protocol.CodeMalformed, "amount: want yuan with two decimals at most")
	}
	return fen, nil
}
