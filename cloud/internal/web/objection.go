package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// The fields of an objection's form; each is followed by the article's number.
const (
	whyField   = "why-"
	unitsField = "units-"
)

// objectionsView is what a resident said against a bill, what became of it, and what they may still say.
type objectionsView struct {
	Visit      protocol.VisitID
	Number     string
	Said       []objectionView
	Form       bool
	Again      bool // it was decided once
	Until      moment
	Lines      []billLine
	Complaints []choiceView
	Key        string
}

// objectionView is one objection as its resident reads it.
type objectionView struct {
	ID    protocol.UUID
	At    moment
	Lines []string
	Words string
	Open  bool
	Waits bool   // for a decision, or for its money
	Told  string // how it was decided
	Why   string
	Money []string // how far the money is
}

// objectionsOf is nil for a visit that nobody can object to.
func (p *Pages) objectionsOf(c echo.Context, visit cloud.Visit, who cloud.Principal, lines []billLine, loc *time.Location) (*objectionsView, error) {
	if visit.Purpose != protocol.PurposePurchase || visit.Ended.IsZero() || visit.Total == 0 {
		return nil, nil
	}
	o, err := p.Disputes.Objecting(c.Request().Context(), visit.ID)
	if err != nil {
		return nil, fmt.Errorf("visit page: %w", err)
	}
	v := p.view(c)
	view := &objectionsView{
		Visit: visit.ID, Number: visit.Number(), Form: o.May && who.ID == visit.Person, Again: len(o.Disputes) > 0,
		Until: moment{At: o.Until.In(loc), Day: true}, Lines: lines, Key: newKey(), Complaints: v.complaints(),
	}
	for _, d := range o.Disputes {
		view.Said = append(view.Said, v.objection(d, visit, loc))
	}
	return view, nil
}

// waits reports whether the page will have news by itself, and nothing on it is being filled in that they could wipe away.
func (o *objectionsView) waits() bool {
	return o != nil && !o.Form && slices.ContainsFunc(o.Said, func(said objectionView) bool { return said.Waits })
}

func (v *view) complaints() []choiceView {
	var all []choiceView
	for _, c := range cloud.Complaints() {
		all = append(all, choiceView{Value: string(c), Say: v.say("complaint." + string(c))})
	}
	return all
}

func (v *view) objection(d cloud.Dispute, visit cloud.Visit, loc *time.Location) objectionView {
	view := objectionView{ID: d.ID, At: moment{At: d.At.In(loc), Day: true}, Open: d.Ruling == nil, Waits: d.Ruling == nil, Lines: v.disputed(d, visit)}
	if d.By == "" {
		view.Words = d.Words
	}
	if d.Ruling == nil {
		return view
	}
	view.Why, view.Told = d.Ruling.Reason, v.sayRuling(*d.Ruling)
	for _, op := range d.Refunds {
		view.Money = append(view.Money, v.say("objection.refund."+string(op.State), op.Amount))
		view.Waits = view.Waits || !op.State.Final()
	}
	return view
}

// disputed names what an objection is about.
func (v *view) disputed(d cloud.Dispute, visit cloud.Visit) (lines []string) {
	for _, l := range d.Lines {
		lines = append(lines, v.say("objection.line", v.billed(visit, l.SKU), l.Qty, v.say("complaint."+string(l.Why))))
	}
	return lines
}

// billed is the name of an article as it stands on the bill.
func (v *view) billed(visit cloud.Visit, sku protocol.SKU) string {
	for _, l := range visit.Lines {
		if l.SKU == sku {
			return v.lang.Pick(l.Name)
		}
	}
	return string(sku)
}

func (v *view) sayRuling(r cloud.Ruling) string {
	switch {
	case r.Total() == 0:
		return v.say("ruling.refused")
	case r.Refund == 0:
		return v.say("ruling.waived", r.Waived)
	case r.Waived == 0:
		return v.say("ruling.refund", r.Refund)
	}
	return v.say("ruling.both", r.Refund, r.Waived)
}

// object takes a resident's word against a bill.
func (p *Pages) object(c echo.Context) error {
	visit, who, err := p.visitOf(c)
	if err != nil {
		return err
	}
	if httpx.IsStaff(who) {
		return protocol.Errorf(cloud.CodeForbidden, "a resident objects to a bill of their own")
	}
	o := cloud.Objection{Visit: visit.ID, Person: who.ID, Key: keyOf(c), Words: strings.TrimSpace(c.FormValue("words"))}
	for _, l := range visit.Lines {
		why := c.FormValue(whyField + string(l.SKU))
		if why == "" {
			continue
		}
		qty := l.Qty
		if typed := c.FormValue(unitsField + string(l.SKU)); typed != "" {
			if qty, err = strconv.Atoi(typed); err != nil {
				return protocol.Errorf(protocol.CodeMalformed, "%s%s: want a number", unitsField, l.SKU)
			}
		}
		o.Lines = append(o.Lines, cloud.DisputeLine{SKU: l.SKU, Qty: qty, Why: cloud.Complaint(why)})
	}
	if len(o.Lines) == 0 { // Nothing was chosen: the form is shown again.
		return c.Redirect(http.StatusSeeOther, visitPath(visit.ID)+"?object=1#object")
	}
	if _, err := p.Disputes.Object(c.Request().Context(), o); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, visitPath(visit.ID)+"#objections")
}
