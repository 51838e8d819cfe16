package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
)

// handoverView is the checklist before a cabinet is left to its residents.
type handoverView struct {
	Points []pointView
	Signed string
	Open   string // what was left open when it was signed
}

type pointView struct {
	Item   cloud.HandoverItem
	Say    string
	Lack   string
	OK     bool
	ByHand bool
}

func (v *view) handoverView(list cloud.Checklist, loc *time.Location) handoverView {
	w := handoverView{Signed: v.say("handover.never")}
	for _, p := range list.Points {
		w.Points = append(w.Points, pointView{
			Item: p.Item, Say: v.say("handover." + string(p.Item)), Lack: strings.Join(p.Lack, " "), OK: p.OK, ByHand: p.Item.ByHand(),
		})
	}
	if list.Signed == nil {
		return w
	}
	w.Signed = v.say("handover.signed", list.Signed.By, v.clock(moment{At: list.Signed.At.In(loc), Day: true}))
	var open []string
	for _, p := range list.Signed.Points {
		if !p.OK {
			open = append(open, v.say("handover.point", v.say("handover."+string(p.Item)), p.Why))
		}
	}
	if len(open) > 0 {
		w.Open = v.say("handover.signed.open", strings.Join(open, "; "))
	}
	return w
}

// handOver keeps the reader's word.
func (p *Pages) handOver(c echo.Context) error {
	who, id, err := readerAt(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	word := cloud.SignHandover{Cabinet: id, By: who.Name, Ticks: map[cloud.HandoverItem]bool{}, Why: map[cloud.HandoverItem]string{}}
	for name := range form {
		if item, is := strings.CutPrefix(name, "tick-"); is {
			word.Ticks[cloud.HandoverItem(item)] = true
		}
		if item, is := strings.CutPrefix(name, "why-"); is {
			word.Why[cloud.HandoverItem(item)] = form.Get(name)
		}
	}
	if _, err := p.Handovers.HandOver(c.Request().Context(), word); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/cabinets/"+string(id)+"/service#handover")
}
