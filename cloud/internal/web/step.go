package web

import (
	"strconv"
	"time"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// stepView is one change of weight in one sentence.
type stepView struct {
	At      string // time of day or seconds; "" where neither is known
	Say     string
	Differs bool // the other story takes it for something else

	key string // what it is taken for, the same in stories that agree
}

// step tells what a story makes of one change of weight: units of several articles that were taken at once are steps of
// their own there. No step: in this story no goods moved.
func (t teller) step(at place, steps []settle.Step) stepView {
	view := stepView{At: t.time(at.at)}
	if len(steps) == 0 {
		view.Say = t.say("step.say", at.platform, t.say("step.none"))
		return view
	}
	s := steps[0]
	move, what := t.move(s), t.what(steps)
	view.key, view.Say = what, t.say("step.say", move, what)
	if s.Probability > 0 {
		view.Say = t.say("step.sure", move, what, t.percent(s.Probability))
	}
	return view
}

// time is the time of day where the visit's zero is known. An answer that was found from two weights alone has no times.
func (t teller) time(at int64) string {
	switch {
	case !t.zero.IsZero():
		return t.zero.Add(time.Duration(at) * time.Millisecond).Format(time.TimeOnly)
	case at == 0:
		return ""
	}
	return t.say("step.seconds", strconv.FormatFloat(float64(at)/1000, 'f', 1, 64))
}

// move tells what the scale showed.
func (t teller) move(s settle.Step) string {
	switch grams := plainGrams(s.Delta); {
	case s.Delta < 0:
		return t.say("step.lost", s.Platform, grams)
	case s.Delta > 0:
		return t.say("step.gained", s.Platform, grams)
	}
	return t.say("step.same", s.Platform)
}

// what tells what a change is taken for. Steps of rule 1 say it by article and number alone.
func (t teller) what(steps []settle.Step) string {
	s := steps[0]
	goods := t.goods(steps)
	switch s.What {
	case settle.Taken:
		return t.say("step.taken", goods)
	case settle.Back:
		return t.say("step.back", goods)
	case settle.Misplaced:
		if home := t.home(s.SKU, s.Platform); home != "" {
			return t.say("step.stray", goods, home)
		}
		return t.say("step.stray.lost", goods)
	case settle.StrayTaken:
		return t.say("step.stray_taken", goods)
	case settle.Altered:
		return t.say("step.altered")
	case settle.Object:
		return t.say("step.object")
	case settle.ObjectGone:
		return t.say("step.object_gone")
	case settle.Strange:
		return t.say("step.strange")
	}
	switch {
	case s.SKU == "":
		return t.say("step.unknown")
	case s.Qty < 0:
		return t.say("step.taken", goods)
	}
	return t.say("step.back", goods)
}

// goods names the articles of one change.
func (t teller) goods(steps []settle.Step) string {
	var all string
	for _, s := range steps {
		if s.SKU == "" {
			continue
		}
		one := t.units(s.SKU, max(s.Qty, -s.Qty))
		if all == "" {
			all = one
			continue
		}
		all = t.say("step.and", all, one)
	}
	if all == "" {
		return t.say("step.goods")
	}
	return all
}

func (t teller) units(sku protocol.SKU, qty int) string {
	return t.count("step.units", qty, t.name(sku))
}

// name falls back on the store's own number, which a manager can look up.
func (t teller) name(sku protocol.SKU) string {
	if name := t.names[sku]; name != "" {
		return name
	}
	return string(sku)
}

// home names the platforms where an article belongs; "" where that is not known.
func (t teller) home(sku protocol.SKU, lies protocol.PlatformID) string {
	var home string
	for _, p := range t.homes[sku] {
		switch {
		case p == lies:
		case home == "":
			home = string(p)
		default:
			home = t.say("step.or", home, p)
		}
	}
	return home
}
