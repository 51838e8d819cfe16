package web

import (
	"fmt"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// desk is what a member of the staff has before them to answer a resident.
type desk struct {
	who   cloud.Principal
	chain cloud.Chain
	cab   cloud.CabinetView
	goods []cloud.ShelfGood
	story cloud.VisitStory
	names goodsNames // of the articles that its incidents are about
}

func (p *Pages) deskOf(c echo.Context, visit protocol.VisitID) (d desk, err error) {
	ctx := c.Request().Context()
	if d.who, err = httpx.PrincipalOf(c); err != nil {
		return d, err
	}
	if d.story, err = p.Support.Story(ctx, visit); err != nil {
		return d, err
	}
	if d.chain, err = p.Fleet.Chain(ctx); err != nil {
		return d, fmt.Errorf("story of %s: %w", visit, err)
	}
	if d.cab, err = p.Fleet.Cabinet(ctx, d.story.Visit.Cabinet); err != nil {
		return d, fmt.Errorf("story of %s: %w", visit, err)
	}
	if d.names, err = p.goodsNames(ctx, d.story.Incidents); err != nil {
		return d, fmt.Errorf("story of %s: %w", visit, err)
	}
	d.goods, err = p.Fleet.Goods(ctx, d.story.Visit.Cabinet)
	return d, err
}

// storyList is the story of a visit in one column, from the first moment to the last.
type storyList struct {
	Items []storyItem
	Day   moment
}

// storyItem is one thing that happened.
type storyItem struct {
	at    time.Time
	At    moment // zero: not known, it stands where it must have been
	Icon  string
	Tone  string
	What  string
	More  []string
	Steps []stepView
	Link  string
	Go    string // what the link is called
}

// storyList puts together all that is known, in the order in which it happened. What has no time of its own stays behind
// what it followed.
func (v *view) storyList(d desk) storyList {
	loc := zone(d.chain)
	items := slices.Concat(v.begun(d), v.journalled(d), v.settledItems(d), v.saidItems(d), v.moneyItems(d), v.toldItems(d), v.incidentItems(d))
	slices.SortStableFunc(items, func(a, b storyItem) int { return a.at.Compare(b.at) })
	for i, item := range items {
		if !item.At.At.IsZero() {
			items[i].At.At = item.At.At.In(loc)
		}
	}
	return storyList{Items: items, Day: moment{At: d.story.Visit.Created.In(loc), Day: true}}
}

func item(at time.Time, icon, tone, what string, more ...string) storyItem {
	return storyItem{at: at, At: moment{At: at}, Icon: icon, Tone: tone, What: what, More: slices.DeleteFunc(more, func(s string) bool { return s == "" })}
}

// begun tells how the visit was asked for, and how its grant went out.
func (v *view) begun(d desk) []storyItem {
	r := d.story.Visit
	who := d.story.Masked
	if r.By != "" {
		who = r.By
	}
	items := []storyItem{item(r.Created, "person", "", v.say("tale.asked", who), r.Why)}
	if !r.Sent.IsZero() {
		items = append(items, item(r.Sent, "door", "", v.say("tale.sent")))
	}
	if !r.Offered.IsZero() {
		items = append(items, item(r.Offered, "offline", "", v.say("tale.offered")))
	}
	if !r.Anew.IsZero() {
		items = append(items, item(r.Anew, "door", "", v.say("tale.anew")))
	}
	return items
}

// journalled tells what the cabinet wrote down of the door. An event whose clock was wrong stands after the one before it.
func (v *view) journalled(d desk) []storyItem {
	at := d.story.Visit.Created
	var items []storyItem
	unknown := false
	for _, e := range d.story.Events {
		key := "tale." + string(e.Type)
		if e.Type == wire.VisitSettled || !v.has(key) {
			continue
		}
		one := item(e.At, "door", "", v.say(key))
		if e.Code != "" && e.Code != protocol.CodeOK {
			one.Tone, one.More = "clay", []string{v.tellCode(e.Code).What}
		}
		if e.At.IsZero() {
			one.at, one.At = at, moment{}
			unknown = true
		}
		at = one.at
		items = append(items, one)
	}
	if unknown { // The visit and what was booked of it are dated all the same.
		items = append(items, storyItem{at: at, Icon: "clock", Tone: "sky", What: v.say("tale.unclocked"), More: []string{v.say("tale.unclocked.more")}})
	}
	return items
}

// settledItems tell how the visit ended, what the scales made of it, and what a person made of that.
func (v *view) settledItems(d desk) []storyItem {
	r := d.story.Visit
	var items []storyItem
	if order := d.story.Order; order != nil {
		told := item(order.At, "scale", "", v.say("tale.billed", order.Total))
		if order.Why != "" {
			told = item(order.At, "scale", "sky", v.say("tale.review"), v.sayWhy(cloud.Review{Why: order.Why, Answer: order.Answer}))
		}
		review := cloud.Review{Visit: r.Visit, Answer: order.Answer, Zero: order.Zero, Bills: []cloud.Bill{{Lines: order.Lines}, {Lines: r.Lines}}}
		t := v.teller(review, d.goods, zone(d.chain))
		told.More = append(told.More, t.facts(order.Answer)...)
		if steps := t.steps(order.Answer.Why[:min(len(order.Answer.Why), 1)]); len(steps) > 0 {
			told.Steps = steps[0]
			told.More = append(told.More, v.say("tale.sure", v.sure(order.Answer.Why[0].Probability), v.percent(order.Answer.Why[0].Probability)))
		}
		bill, _ := v.billLines(order.Lines, nil)
		if said := listed(bill); said != "" {
			told.More = append([]string{said}, told.More...)
		}
		items = append(items, told)
	}
	if r.Outcome == cloud.OutcomeAborted {
		items = append(items, item(r.Ended, "stop", "clay", v.say("short.aborted"), v.tellCode(r.Code).What))
	}
	if decision := d.story.Decision; decision != nil {
		what := v.say("tale.decided", decision.By, decision.Total)
		switch {
		case decision.By == "":
			what = v.say("tale.waived_late")
		case decision.Waived:
			what = v.say("tale.waived", decision.By)
		}
		items = append(items, item(decision.At, "person", "", what, decision.Note))
	}
	return items
}

// moneyItems tell what the provider was asked for, and its words.
func (v *view) moneyItems(d desk) []storyItem {
	var items []storyItem
	for _, op := range d.story.Ops {
		tone := ""
		switch op.State {
		case cloud.OpRefused:
			tone = "clay"
		case cloud.OpUnknown:
			tone = "sky"
		}
		what := string(op.Kind)
		if key := "op." + string(op.Kind); v.has(key) {
			what = v.say(key, op.Amount)
		}
		items = append(items, item(op.Created, "clock", tone, what, v.opEnd(op)...))
	}
	return items
}

// opEnd tells how far an operation is, and who was asked for it, if anybody was.
func (v *view) opEnd(op cloud.PaymentOp) []string {
	switch {
	case op.Kind == cloud.OpWaive:
		return []string{v.say("op.by", op.By, op.Note)}
	case op.Provider == cloud.ProviderPrepaid && op.State == cloud.OpDone:
		return []string{v.say("op.balance")}
	}
	return []string{v.say("op.state." + string(op.State)), v.say("op.id", op.ID)}
}

// toldItems tell what the resident was told by message, and what was not sent, and why.
func (v *view) toldItems(d desk) []storyItem {
	var items []storyItem
	for _, m := range d.story.Messages {
		what := v.say("told."+string(m.Kind), m.Amount)
		items = append(items, item(m.Created, "phone", "", v.say("tale.message.waiting", what)))
		if m.Ended.IsZero() {
			continue
		}
		tone, why := "", ""
		if m.State == cloud.MessageRefused || m.State == cloud.MessageLate {
			tone = "clay"
		}
		if m.Why != "" {
			why = v.say("told.why." + string(m.Why))
		}
		items = append(items, item(m.Ended, "phone", tone, v.say("tale.message."+string(m.State), what), why))
	}
	return items
}

// saidItems tell who objected, who decided, and what was noted.
func (v *view) saidItems(d desk) []storyItem {
	var items []storyItem
	for _, o := range d.story.Disputes {
		what := v.say("tale.objected")
		if o.By != "" {
			what = v.say("tale.asked_for", o.By)
		}
		one := item(o.At, "alert", "clay", what, append(v.disputed(o, d.story.Visit.Visit), o.Words)...)
		one.Link, one.Go = disputePath(o.ID), v.say("tale.see")
		items = append(items, one)
		if r := o.Ruling; r != nil {
			items = append(items, item(r.At, "check", "leaf", v.say("tale.ruled", r.By, v.sayRuling(*r)), r.Reason))
		}
	}
	for _, a := range d.story.Actions {
		switch a.Kind {
		case cloud.ActionNote:
			items = append(items, item(a.At, "person", "", v.say("tale.note", a.By), a.Why))
		case cloud.ActionRetry:
			items = append(items, item(a.At, "person", "", v.say("tale.retry", a.By, a.Amount), a.Why))
		}
	}
	return items
}

// incidentItems tell what else was wrong with the cabinet then.
func (v *view) incidentItems(d desk) []storyItem {
	var items []storyItem
	for _, i := range d.story.Incidents {
		more := ""
		if i.Count > 1 {
			more = v.say("incident.count", i.Count)
		}
		items = append(items, item(i.First, "alert", "clay", v.incidentWhat(i, d.names), v.incidentReason(i, d.names, zone(d.chain)), v.noticed(i, d.names, zone(d.chain)), more))
	}
	return items
}
