package web

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// reviewView is one bill that waits for a person.
type reviewView struct {
	Visit   cloud.Visit
	Where   string
	Began   moment
	Why     string
	Waiting string
	Waives  moment
	Total   protocol.Fen // of the best guess
	Guess   []billLine
	Stories []storyView
	Rest    int // per cent that none of the stories holds
	Faults  []string
}

// storyView is one explanation of what the scales saw.
type storyView struct {
	Percent int
	Lines   string
	Steps   []stepView
}

type stepView struct {
	At     string // seconds since the door was released
	Where  string
	Change string // grams
	What   string
}

// reviewsShown bounds the list; the longest waiting come first.
const reviewsShown = 20

func (p *Pages) reviewViews(ctx context.Context, v *view, reviews []cloud.Review, cabinets []cloud.CabinetView, loc *time.Location) ([]reviewView, error) {
	if len(reviews) == 0 {
		return nil, nil
	}
	numbers := make(map[protocol.CabinetID]cloud.CabinetView, len(cabinets))
	for _, cab := range cabinets {
		numbers[cab.ID] = cab
	}
	names := map[protocol.CabinetID]map[protocol.SKU]string{}
	var views []reviewView
	for _, r := range reviews[:min(len(reviews), reviewsShown)] {
		id := r.Visit.Cabinet
		if names[id] == nil {
			goods, err := p.goodsOf(ctx, v, id)
			if err != nil {
				return nil, fmt.Errorf("reviews: %w", err)
			}
			names[id] = map[protocol.SKU]string{}
			for _, g := range goods {
				names[id][g.SKU] = g.Name
			}
		}
		views = append(views, v.reviewView(r, numbers[id], names[id], loc))
	}
	return views, nil
}

func (v *view) reviewView(r cloud.Review, cab cloud.CabinetView, names map[protocol.SKU]string, loc *time.Location) reviewView {
	view := reviewView{
		Visit: r.Visit, Where: v.lang.Pick(cab.StoreName) + " · " + v.say("cabinet.number", cab.Number) + " · " + v.lang.Pick(r.Place),
		Began: moment{At: r.Visit.Created.In(loc)}, Why: v.sayWhy(r.Why), Waiting: v.say("review.waiting", v.span(r.Waiting)),
		Waives: moment{At: r.Waives.In(loc), Day: true}, Rest: 100,
	}
	view.Guess, _ = v.billLines(r.Guess, nil)
	for _, l := range view.Guess {
		view.Total += l.Sum
	}
	for _, why := range r.Answer.Why {
		story := v.story(why, names)
		view.Rest -= story.Percent
		view.Stories = append(view.Stories, story)
	}
	for _, f := range r.Answer.Faults {
		view.Faults = append(view.Faults, v.say("review.fault", f.Platform, v.sayReason(f.Reason)))
	}
	return view
}

func (v *view) sayWhy(code protocol.Code) string {
	if key := "why." + string(code); v.has(key) {
		return v.say(key)
	}
	return v.say("why.other", code)
}

func (v *view) sayReason(reason string) string {
	if key := "reason." + reason; v.has(key) {
		return v.say(key)
	}
	return v.say("reason.other", reason)
}

func (v *view) has(key string) bool {
	_, known := v.texts[key]
	return known
}

func (v *view) story(e settle.Explanation, names map[protocol.SKU]string) storyView {
	s := storyView{Percent: int(math.Floor(e.Probability * 100))}
	var parts []string
	for _, l := range e.Lines {
		part := articleName(names, l.SKU)
		if l.Qty > 1 {
			part += fmt.Sprintf(" × %d", l.Qty)
		}
		parts = append(parts, part)
	}
	s.Lines = strings.Join(parts, " · ")
	if len(parts) == 0 {
		s.Lines = v.say("review.nothing")
	}
	for _, step := range e.Steps {
		s.Steps = append(s.Steps, v.step(step, names))
	}
	return s
}

func (v *view) step(s settle.Step, names map[protocol.SKU]string) stepView {
	view := stepView{
		At: fmt.Sprintf("%.1f", time.Duration(s.At*int64(time.Millisecond)).Seconds()), Where: string(s.Platform), Change: signedGrams(s.Delta),
	}
	switch {
	case s.SKU == "":
		view.What = v.say("review.strange")
	case s.Qty < 0:
		view.What = v.say("review.take", articleName(names, s.SKU), -s.Qty)
	default:
		view.What = v.say("review.put", articleName(names, s.SKU), s.Qty)
	}
	return view
}

// articleName falls back on the store's own number, which a manager can look up.
func articleName(names map[protocol.SKU]string, sku protocol.SKU) string {
	if name := names[sku]; name != "" {
		return name
	}
	return string(sku)
}
