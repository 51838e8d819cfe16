package web

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// receiptsView asks whether a resident wants a message of bills that they did not see.
type receiptsView struct {
	On   bool
	Back string
}

// wantReceipts takes a resident's wish.
func (p *Pages) wantReceipts(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	w, err := p.Messages.Wishes(ctx, who.ID)
	if err != nil {
		return fmt.Errorf("wishes: %w", err)
	}
	w.Receipts = c.FormValue("receipts") == "on"
	if err := p.Messages.Wish(ctx, who.ID, w); err != nil {
		return fmt.Errorf("wishes: %w", err)
	}
	return c.Redirect(http.StatusSeeOther, localPath(c.FormValue("back"), "/"))
}

// learnLang notes the language in which a resident reads, so that messages speak it. Without it they are in Chinese.
func (p *Pages) learnLang(c echo.Context, who cloud.Principal, l httpx.Lang) {
	if who.Role != protocol.RoleResident {
		return
	}
	ctx := c.Request().Context()
	w, err := p.Messages.Wishes(ctx, who.ID)
	if err == nil && w.Lang != string(l) {
		w.Lang = string(l)
		err = p.Messages.Wish(ctx, who.ID, w)
	}
	if err != nil {
		p.Logger.Warn("language of messages", "error", err)
	}
}

// toldOnPage are the states in which the page tells what a message would.
var toldOnPage = map[cloud.VisitState]bool{
	cloud.StateCharged: true, cloud.StateNothingTaken: true, cloud.StateWaived: true, cloud.StateOwed: true, cloud.StateRefunded: true,
}

// seen withdraws messages of what their reader has before them now.
func (p *Pages) seen(c echo.Context, visit cloud.Visit, who cloud.Principal) {
	if visit.Person != who.ID || !toldOnPage[visit.State()] {
		return
	}
	if err := p.Messages.Seen(c.Request().Context(), visit.ID); err != nil {
		p.Logger.Warn("message of what was seen", "visit", visit.ID, "error", err)
	}
}

// receiptsOf asks on a receipt; nil where there is nothing to ask.
func (p *Pages) receiptsOf(c echo.Context, visit cloud.Visit, who cloud.Principal) (*receiptsView, error) {
	if visit.Person != who.ID || visit.State() != cloud.StateCharged {
		return nil, nil
	}
	w, err := p.Messages.Wishes(c.Request().Context(), who.ID)
	return &receiptsView{On: w.Receipts, Back: visitPath(visit.ID)}, err
}
