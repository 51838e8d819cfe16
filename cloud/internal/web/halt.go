package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

func (p *Pages) haltRoutes() []httpx.Route {
	post := http.MethodPost
	return []httpx.Route{
		{Method: post, Path: "/cabinets/:cabinet/halt", Access: httpx.Halters(), Handler: p.takeOffSale},
		{Method: post, Path: "/cabinets/:cabinet/resume", Access: httpx.Halters(), Handler: p.putOnSale},
		{Method: post, Path: "/cabinets/:cabinet/lock", Access: httpx.Halters(), Handler: p.lockOut},
		{Method: post, Path: "/cabinets/:cabinet/release", Access: httpx.Releasers(), Handler: p.releaseLock},
		{Method: post, Path: "/cabinets/:cabinet/restart", Access: httpx.Halters(), Handler: p.restart},
		{Method: http.MethodGet, Path: "/v/:visit/replay", Access: httpx.Askers(), Handler: p.replay},
	}
}

// haltView is a halt in force, in words.
type haltView struct {
	Kind   cloud.HaltKind
	Head   string
	Why    string
	Told   cloud.Text // to residents
	Since  string
	Until  string
	Note   string
	Stands string // how far the word is
	There  bool   // the cabinet has it
}

// reasonView is one reason that can be chosen, with what residents read then.
type reasonView struct {
	Value cloud.HaltReason
	Say   string
	Told  string
	First bool
}

func (v *view) haltViews(cab cloud.CabinetView, chain cloud.Chain) (all []haltView) {
	loc := zone(chain)
	for _, h := range cab.Halts {
		w := haltView{
			Kind: h.Kind, Head: v.say("halt." + string(h.Kind)), Why: v.say("halt.reason." + string(h.Reason)), Told: h.Text, Note: h.Note,
			Since: v.say("halt.since", v.clock(moment{At: h.At.In(loc), Day: true}), h.By), Until: v.say("halt.until.open"),
		}
		if !h.Until.IsZero() {
			w.Until = v.say("halt.until", v.clock(moment{At: h.Until.In(loc), Day: true}))
		}
		switch {
		case cab.State != cloud.CabinetAway && cab.Presence.Applied.Version == cab.Config:
			w.There, w.Stands = true, v.say("halt.there")
		case cab.Presence.Reader && chain.Offline.Valid > 0:
			w.Stands = v.say("halt.not_there.codes", v.clock(moment{At: h.At.Add(chain.Offline.Valid).In(loc)}))
		default:
			w.Stands = v.say("halt.not_there")
		}
		all = append(all, w)
	}
	return all
}

func (v *view) reasonViews(kind cloud.HaltKind) (all []reasonView) {
	for i, r := range cloud.HaltReasons(kind) {
		all = append(all, reasonView{r, v.say("halt.reason." + string(r)), v.lang.Pick(r.Text()), i == 0})
	}
	return all
}

// tellHalt tells a resident of a halt: in the words that somebody of the chain gave for it.
func (v *view) tellHalt(h cloud.Halt, loc *time.Location) told {
	t := v.tellCode(h.Kind)
	t.What = v.lang.Pick(h.Text)
	if !h.Until.IsZero() {
		t.Now = v.say("halt.resident.until", v.clock(moment{At: h.Until.In(loc), Day: true}))
	}
	return t
}

// tellRefusal tells a resident why a door stays shut.
func (v *view) tellRefusal(err error, loc *time.Location) told {
	if h, is := errors.AsType[*cloud.Halted](err); is {
		return v.tellHalt(h.Halt, loc)
	}
	return v.tellCode(protocol.CodeOf(err))
}

// sayHalt is a halt in one line, for lists.
func (v *view) sayHalt(h cloud.Halt) string {
	return v.say("halt.line", v.say("halt."+string(h.Kind)), v.say("halt.reason."+string(h.Reason)))
}

func (p *Pages) takeOffSale(c echo.Context) error { return p.haltBy(c, protocol.CodeOffSale) }
func (p *Pages) lockOut(c echo.Context) error     { return p.haltBy(c, protocol.CodeLockedOut) }

func (p *Pages) haltBy(c echo.Context, kind cloud.HaltKind) error {
	who, id, err := readerAt(c)
	if err != nil {
		return err
	}
	a := cloud.AskHalt{
		Cabinet: id, Kind: kind, Reason: cloud.HaltReason(strings.Clone(c.FormValue("reason"))), Note: c.FormValue("note"), By: who,
		Text: cloud.Text{Zh: c.FormValue("text_zh"), En: c.FormValue("text_en")},
	}
	if text := c.FormValue("until"); text != "" {
		chain, err := p.Fleet.Chain(c.Request().Context())
		if err != nil {
			return err
		}
		if a.Until, err = time.ParseInLocation(localTime, text, zone(chain)); err != nil {
			return protocol.Errorf(protocol.CodeMalformed, "until: want a day and a time")
		}
	}
	if _, err := p.Halting.Halt(c.Request().Context(), a); err != nil {
		return err
	}
	return backToCabinet(c, id)
}

func (p *Pages) putOnSale(c echo.Context) error   { return p.resumeBy(c, protocol.CodeOffSale) }
func (p *Pages) releaseLock(c echo.Context) error { return p.resumeBy(c, protocol.CodeLockedOut) }

func (p *Pages) resumeBy(c echo.Context, kind cloud.HaltKind) error {
	who, id, err := readerAt(c)
	if err != nil {
		return err
	}
	if err := p.Halting.Resume(c.Request().Context(), id, kind, who); err != nil {
		return err
	}
	return backToCabinet(c, id)
}

// restart has the cabinet's program started again, as soon as nobody shops.
func (p *Pages) restart(c echo.Context) error {
	who, id, err := readerAt(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	cab, err := p.Fleet.Cabinet(ctx, id)
	if err != nil {
		return err
	}
	ask, err := cab.Restart(who.Name)
	if err != nil {
		return err
	}
	if _, err := p.Tasks.Ask(ctx, ask); err != nil {
		return err
	}
	return backToCabinet(c, id)
}

func backToCabinet(c echo.Context, id protocol.CabinetID) error {
	return c.Redirect(http.StatusSeeOther, "/cabinets/"+string(id)+"#acts")
}
