package web

import (
	"slices"
	"time"

	"allhours/cloud"
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
	Taken   string   // what the payment service took before the books were restored; "": nothing
	Guess   string   // what the best guess comes to; "" where there is none
	Facts   []string // what else the scales saw: platforms that cannot be trusted, goods that lie elsewhere
	Apart   string   // in what the two stories differ; "" where there are no two
	Stories []storyView
	Rest    string      // how likely it is that none of the stories holds; "" where that is next to nothing
	Decide  *decideView // nil for a reader who may not
	Times   string      // what the times of the steps are, where they are no times of day
}

// nearlySure is the probability of a best guess from which on a review is one for lack of a little.
const nearlySure = 0.9

// leastRest is the least probability of anything else that is worth a word.
const leastRest = 0.005

func (v *view) reviewView(r cloud.Review, cab cloud.CabinetView, goods []cloud.ShelfGood, loc *time.Location) reviewView {
	view := reviewView{
		Visit: r.Visit, Where: v.whereIs(cab),
		Began: moment{At: r.Visit.Created.In(loc)}, Why: v.sayWhy(r), Waiting: v.say("review.waiting", v.span(r.Waiting)),
		Waives: moment{At: r.Waives.In(loc), Day: true},
	}
	t := v.teller(r, goods, loc)
	view.Facts = t.facts(r.Answer)
	if view.Stories = t.stories(r); len(view.Stories) > 0 && (!view.Stories[0].Short || view.Stories[0].Sum > 0) {
		view.Guess = v.say("review.guess", view.Stories[0].Total)
	}
	view.Apart = v.apart(view.Stories)
	view.Times = v.sayTimes(r)
	rest := 1.0
	for _, why := range r.Answer.Why {
		rest -= why.Probability
	}
	if len(view.Stories) > 0 && rest >= leastRest {
		view.Rest = v.say("review.rest", v.percent(rest))
	}
	return view
}

// sayWhy tells why a person has to look. Of what the cabinet was unsure of its answer tells more than the code.
func (v *view) sayWhy(r cloud.Review) string {
	if r.Why == cloud.CodeUncertain {
		switch {
		case len(r.Answer.Why) == 0:
			return v.say("why.unseen")
		case len(r.Answer.Faults) > 0:
			return v.say("why.scale_fault")
		case r.Answer.Why[0].Probability >= nearlySure:
			return v.say("why.nearly")
		}
	}
	if key := "why." + string(r.Why); v.has(key) {
		return v.say(key)
	}
	return v.say("why.other", r.Why)
}

func (v *view) sayFault(f settle.Fault) string {
	if key := "reason." + f.Reason; v.has(key) {
		return v.say(key, f.Platform)
	}
	return v.say("reason.other", f.Platform, f.Reason)
}

func (v *view) has(key string) bool {
	_, known := v.texts[key]
	return known
}

// sayTimes explains times that are no times of day.
func (v *view) sayTimes(r cloud.Review) string {
	steps := slices.ContainsFunc(r.Answer.Why, func(e settle.Explanation) bool { return len(e.Steps) > 0 })
	timed := slices.ContainsFunc(r.Answer.Why, func(e settle.Explanation) bool {
		return slices.ContainsFunc(e.Steps, func(s settle.Step) bool { return s.At != 0 })
	})
	switch {
	case !steps || timed && !r.Zero.IsZero():
		return ""
	case timed:
		return v.say("review.seconds")
	}
	return v.say("review.untimed")
}

// apart tells in what two stories differ.
func (v *view) apart(stories []storyView) string {
	if len(stories) != 2 {
		return ""
	}
	a, b := stories[0], stories[1]
	var say string
	switch {
	case a.Short || b.Short:
	case a.Sum == b.Sum:
		say = v.say("review.apart.same", a.Sum)
	default:
		say = v.say("review.apart.money", max(a.Sum-b.Sum, b.Sum-a.Sum))
	}
	differ := 0
	for _, s := range a.Steps {
		if s.Differs {
			differ++
		}
	}
	if differ > 0 {
		say = v.sentences(say, v.count("review.apart.steps", differ, len(a.Steps)))
	}
	return say
}

// sentences puts two sentences one after the other; either may be empty.
func (v *view) sentences(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return v.say("review.sentences", a, b)
}
