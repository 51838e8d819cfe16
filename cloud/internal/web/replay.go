package web

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// replayView is a visit that is run again, beside what was booked.
type replayView struct {
	Visit                      protocol.VisitID
	Say                        string
	Basis                      string
	Apart                      []string
	Rows                       []replayRow
	ThenSum, BookedSum, NowSum string
	Stories                    []replayStory
	Events                     []replayEvent
}

// replayRow is one article by the answer of then, by the books, and by the answer of today.
type replayRow struct {
	SKU     protocol.SKU
	Name    string
	Then    int
	Booked  string
	Now     int
	Differs bool
}

// replayStory is how one answer explains the scales.
type replayStory struct {
	Head, Sure string
	Steps      []stepView
}

// replayEvent is one event of the journal in words, which opens to the event itself.
type replayEvent struct {
	Seq  uint64
	At   string
	Icon string
	What string
	More []string
	Link string
}

func (p *Pages) replay(c echo.Context) error {
	id, err := protocol.ParseUUID(c.Param("visit"))
	if err != nil {
		return protocol.Errorf(cloud.CodeUnknownVisit, "no visit has such an id")
	}
	ctx, v := c.Request().Context(), p.view(c)
	r, err := p.Replays.Replay(ctx, id)
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	cab, err := p.Fleet.Cabinet(ctx, r.Visit.Cabinet)
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	goods, err := p.Fleet.Goods(ctx, r.Visit.Cabinet)
	if err != nil {
		return fmt.Errorf("replay: %w", err)
	}
	view := v.replayView(r, cab, goods, zone(chain))
	return p.show(c, screen{
		Template: "replay", Face: "staff", Title: v.say("replay.title") + " · " + v.whereIs(cab), Say: view.Say, Path: visitPath(id) + "/replay", Data: view,
	})
}

func (v *view) replayView(r cloud.VisitReplay, cab cloud.CabinetView, goods []cloud.ShelfGood, loc *time.Location) replayView {
	view := replayView{Visit: r.Visit.ID, Basis: v.say("replay.basis." + string(r.Basis)), Say: v.say("replay.same")}
	t := v.teller(cloud.Review{Zero: r.Zero, Bills: []cloud.Bill{r.Booked, r.Priced}}, goods, loc)
	view.Events = t.replayEvents(r, cab.Store, loc)
	if r.Basis == cloud.ReplayNothing {
		view.Say = v.say("replay.lacks." + r.Lacks)
		return view
	}
	for _, a := range r.Apart {
		view.Apart = append(view.Apart, v.sayApart(a, r))
	}
	if len(r.Apart) > 0 {
		view.Say = v.count("replay.differs", len(r.Apart))
	}
	for _, m := range r.Moved {
		row := replayRow{SKU: m.SKU, Name: cmp.Or(v.lang.Pick(m.Name), t.name(m.SKU)), Then: m.Then, Booked: "—", Now: m.Now, Differs: m.Then != m.Now}
		if r.Booked.Known {
			row.Booked = strconv.Itoa(m.Booked)
			row.Differs = row.Differs || m.Booked != m.Now
		}
		view.Rows = append(view.Rows, row)
	}
	view.ThenSum, view.BookedSum, view.NowSum = v.say("replay.decision."+string(r.Then.Decision)), v.say("replay.unbooked"), money(r.Priced.Total)
	if r.Booked.Known {
		view.BookedSum = money(r.Booked.Total)
	}
	if !r.Priced.Known {
		view.NowSum = v.say("review.noprice")
	}
	view.Stories = t.replayStories(r)
	return view
}

func (v *view) sayApart(a cloud.ReplayApart, r cloud.VisitReplay) string {
	switch a {
	case cloud.ApartRule:
		return v.say("replay.apart.rule", r.Then.Rule, r.Now.Rule)
	case cloud.ApartDecision:
		return v.say("replay.apart.decision", v.say("replay.decision."+string(r.Then.Decision)), v.say("replay.decision."+string(r.Now.Decision)))
	case cloud.ApartTotal:
		return v.say("replay.apart.total", r.Booked.Total, r.Priced.Total)
	}
	return v.say("replay.apart." + string(a))
}

// replayStories set the likeliest explanation of then beside that of today, each change against the same change of the other.
func (t teller) replayStories(r cloud.VisitReplay) (all []replayStory) {
	var why []settle.Explanation
	for _, a := range []settle.Answer{r.Then, r.Now} {
		if len(a.Why) == 0 {
			return nil
		}
		why = append(why, a.Why[0])
	}
	if r.Basis == cloud.ReplayJournal { // Its times are those of the order alone, and cannot be set against those of the door.
		first, second := t.steps(why[:1]), t.steps(why[1:])
		return []replayStory{t.replayStory("replay.then", r.Then, first[0]), t.replayStory("replay.now", r.Now, untimed(second[0]))}
	}
	steps := t.steps(why)
	return []replayStory{t.replayStory("replay.then", r.Then, steps[0]), t.replayStory("replay.now", r.Now, steps[1])}
}

// untimed takes the times from steps.
func untimed(steps []stepView) []stepView {
	for i := range steps {
		steps[i].At = ""
	}
	return steps
}

func (t teller) replayStory(head string, a settle.Answer, steps []stepView) replayStory {
	return replayStory{
		Head: t.say(head), Steps: steps,
		Sure: t.say("replay.sure", t.say("replay.decision."+string(a.Decision)), t.percent(a.Confidence), a.Rule),
	}
}

// replayEvents tell the events in their order, each as it was written.
func (t teller) replayEvents(r cloud.VisitReplay, store cloud.StoreID, loc *time.Location) (all []replayEvent) {
	for _, e := range r.Events {
		row := replayEvent{Seq: e.Seq, Icon: "door", What: string(e.Type), Link: eventLink(store, e.Ref)}
		if !e.At.IsZero() {
			row.At = e.At.In(loc).Format(time.TimeOnly)
		}
		switch b := e.Body.(type) {
		case wire.BegunBody:
			row.More = append(row.More, t.say("replay.before"))
			for _, w := range b.Before {
				row.More = append(row.More, t.weighed(w))
			}
		case wire.StepBody:
			row.Icon = "scale"
			for _, s := range b.Steps {
				row.More = append(row.More, t.move(s)+" · "+t.what([]settle.Step{s}))
			}
		case wire.SettledBody:
			row.Icon = "scale"
			row.More = append(row.More, t.say("replay.decision."+string(b.Answer.Decision)))
			for _, l := range b.Answer.Lines {
				row.More = append(row.More, t.units(l.SKU, l.Qty))
			}
		}
		if key := "tale." + string(e.Type); t.has(key) && e.Type != wire.VisitSettled {
			row.What = t.say(key)
		} else if key := "replay.event." + string(e.Type); t.has(key) {
			row.What = t.say(key)
		}
		all = append(all, row)
	}
	return all
}

func (t teller) weighed(w wire.Weight) string {
	if !w.OK {
		return t.say("replay.weight.unknown", w.Platform)
	}
	return t.say("replay.weight", w.Platform, kilograms(w.Weight))
}
