package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
)

const privacyPath = "/privacy"

// privacyView is the notice: its words, and the periods that the service goes by itself.
type privacyView struct {
	Version string
	Chain   cloud.Chain
	Kept    []keptView
}

// keptView is a kind of data in words.
type keptView struct{ Data, Purpose, Basis, Long string }

func (p *Pages) privacy(c echo.Context) error {
	ctx := c.Request().Context()
	notice, err := p.Privacy.Notice(ctx)
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return err
	}
	v := p.view(c)
	view := privacyView{Version: notice.Version, Chain: chain, Kept: v.keptViews(notice)}
	return p.show(c, screen{Template: "privacy", Face: "resident", Title: v.say("privacy.title"), Path: privacyPath, Status: http.StatusOK, Data: view})
}

func (v *view) keptViews(notice cloud.PrivacyNotice) []keptView {
	all := make([]keptView, 0, len(notice.Kept))
	for _, k := range notice.Kept {
		key := "privacy." + string(k.Kind)
		all = append(all, keptView{
			Data: v.say(key + ".data"), Purpose: v.say(key + ".purpose"), Basis: v.say(key + ".basis"), Long: v.say(key+".long", v.period(k.Period)),
		})
	}
	return all
}

// period is a length of time as a notice names it.
func (v *view) period(d time.Duration) string {
	if days := int(d / (24 * time.Hour)); days > 0 {
		return v.say("privacy.days", days)
	}
	return v.say("privacy.minutes", int(d/time.Minute))
}

// noticeVersion is what a form asks consent to; a page that cannot find it out asks when the door is to be opened.
func (p *Pages) noticeVersion(c echo.Context) string {
	notice, err := p.Privacy.Notice(c.Request().Context())
	if err != nil {
		p.Logger.Error("version of the privacy notice", "error", err)
	}
	return notice.Version
}

// agree keeps the consent that came with a form, if one did. Another version than that of now is asked again.
func (p *Pages) agree(c echo.Context, who cloud.Principal) error {
	version := c.FormValue("consent")
	if version == "" {
		return nil
	}
	err := p.Privacy.Agree(c.Request().Context(), who.ID, version)
	if protocol.CodeOf(err) == cloud.CodeConsentNeeded {
		return nil
	}
	return err
}

// askConsent asks a resident who is signed in for consent to a notice that has changed since.
func (p *Pages) askConsent(c echo.Context, cab cloud.CabinetView) error {
	s := p.signInAt(c, cab)
	s.Asks, s.Head, s.Button = true, p.view(c).say("privacy.changed"), p.view(c).say("cabinet.open")
	return p.showCabinet(c, cab, s)
}
