package plan

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"allhours/cloud/forecast"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// warm is how many days all plans have in common before they are compared: those of the par-level plan.
const warm = 28

// planned is the cloud's plan: forecasts, and each day one round of each store, to those cabinets that pay.
type planned struct {
	model  *forecast.Model
	policy picking.Policy
	stops  float64 // a day that all rounds may make together
	saved  float64 // of them, up to now
}

func (p *planned) visit(s *store, day int) {
	now := s.day(day).Hour(planHour)
	when := picking.When{Visit: refillHour - planHour, After: refillHour - planHour + 24, Today: dayText(s, day), Rest: 24 - planHour}
	for night := range p.policy.Days + 1 {
		when.Nights = append(when.Nights, picking.Span{From: shuts - planHour + 24*night, To: opens + 24 - planHour + 24*night})
	}
	var around []picking.Cabinet
	var firsts []int
	s.eachCabinet(day, func(first, end int) {
		around, firsts = append(around, p.cabinet(s, now, when, day, first, end)), append(firsts, first)
	})
	p.saved += p.stops
	plan := picking.Make(around, nil, picking.Limits{Minutes: max(1, int(p.saved)*stopMinutes)}, when, p.policy)
	for _, c := range plan.Choices {
		if c.Chosen {
			s.visits++
			p.saved--
			p.fill(s, day, c.Cabinet, plan, firsts, around)
		}
	}
}

func (p *planned) fill(s *store, day int, id protocol.CabinetID, plan picking.Plan, firsts []int, around []picking.Cabinet) {
	for i, c := range around {
		if c.ID != id {
			continue
		}
		bring := map[string]int{}
		for _, n := range plan.Needs[c.ID] {
			bring[string(n.SKU)] = n.Bring
		}
		for n := firsts[i]; n < len(s.shelf) && s.shelf[n].cabinet == s.shelf[firsts[i]].cabinet; n++ {
			s.fill(n, day, bring[string(s.article(n).SKU)], true)
		}
	}
}

func dayText(s *store, day int) ledger.Day {
	return ledger.Day(s.town.First.AddDate(0, 0, day).Format(time.DateOnly))
}

func (p *planned) cabinet(s *store, now forecast.Hour, when picking.When, day, first, end int) picking.Cabinet {
	c := picking.Cabinet{ID: cabinetID(s.shelf[first].cabinet), Minutes: stopMinutes, Must: day == s.demand.Begins(s.shelf[first].cabinet), Platforms: []picking.Platform{{ID: "S"}}}
	for n := first; n < end; n++ {
		a := s.article(n)
		l := picking.Lane{
			SKU: a.SKU, Category: a.Category, Essential: a.Essential, Leaving: !s.lives(n, day), Holds: s.room[n], Price: a.Price, Cost: s.cost(n),
			Demand: p.model.Outlook(c.ID, a.SKU, now, p.policy.Lasts(when)),
		}
		if life := lives[a.Category]; life > 0 {
			l.Life = life*24 + 24 - refillHour
		}
		for _, lot := range s.lots[n] {
			l.Book += lot.units
			if lot.until != forever && lot.units > 0 {
				l.Lots = append(l.Lots, picking.Lot{Units: lot.units, Until: dayText(s, lot.until)})
			}
		}
		c.Platforms[0].Lanes = append(c.Platforms[0].Lanes, l)
	}
	return c
}

// reviewed says whether the planner looks at the lanes on a day: every four weeks.
func reviewed(day int) bool { return day >= warm && (day-warm)%28 == 0 }

// runFixed walks through a quarter with the par-level plan alone.
func runFixed(m *market, days map[time.Weekday]bool, extra float64) *store {
	s, f := newStore(m), newFixed(m, days, extra)
	for day := range m.town.Days {
		if reviewed(day) {
			s.reface()
			f.reset(s, day)
		}
		s.sell(day, 0, refillHour, day >= warm)
		f.visit(s, day, day >= warm)
		s.sell(day, refillHour, 24, day >= warm)
		f.learn(s)
		s.close(day)
	}
	s.end()
	return s
}

// runPlanned walks through a quarter with the cloud's plan, after four weeks of the par-level one.
func runPlanned(tb testing.TB, m *market, days map[time.Weekday]bool, policy picking.Policy, stops float64) *store {
	s, f := newStore(m), newFixed(m, days, 1.3)
	p := &planned{model: forecast.New(forecast.China(), m.chain()), policy: policy, stops: stops}
	for day := range m.town.Days {
		if reviewed(day) {
			s.reface()
		}
		s.sell(day, 0, refillHour, day >= warm)
		if day < warm {
			f.visit(s, day, false)
		} else {
			p.visit(s, day)
		}
		s.sell(day, refillHour, 24, day >= warm)
		if err := p.model.Learn(m.day(day), s.close(day)); err != nil {
			tb.Fatal(err)
		}
	}
	s.end()
	return s
}

// end counts what lies there past its date as wasted.
func (s *store) end() {
	for n := range s.shelf {
		s.fill(n, s.town.Days, 0, true)
	}
}

func (t tally) log(tb testing.TB, name string) {
	tb.Logf("%-28s sold out at night %.4f of the hours of essential articles, %.4f of their categories; %d visits, %d wasted, %d lost, earned %d fen net of waste, worth %d",
		name, t.share(), t.bare/t.evenings, t.visits, t.wasted, t.lost, int(t.earned), int(t.worth()))
}

// worth is what a plan earned, in money, by the policy's own values of a minute and of a night hour.
func (t tally) worth() float64 {
	p := picking.Usual()
	return float64(t.earned) - float64(t.visits*stopMinutes)*float64(p.Minute) - t.bare*float64(p.NightHour)
}

func weekdays(all ...time.Weekday) map[time.Weekday]bool {
	m := map[time.Weekday]bool{}
	for _, d := range all {
		m[d] = true
	}
	return m
}

// grid are the par-level plans of which the best is taken.
func grid() (all []struct {
	name  string
	days  map[time.Weekday]bool
	extra float64
},
) {
	for _, d := range []struct {
		name string
		days map[time.Weekday]bool
	}{
		{"2 days a week", weekdays(1, 4)},
		{"3 days a week", weekdays(1, 3, 5)},
		{"4 days a week", weekdays(1, 3, 5, 6)},
		{"daily", weekdays(0, 1, 2, 3, 4, 5, 6)},
	} {
		for _, extra := range []float64{1, 1.65, 2.33, 3} {
			all = append(all, struct {
				name  string
				days  map[time.Weekday]bool
				extra float64
			}{d.name, d.days, extra})
		}
	}
	return all
}

// best is the par-level plan that is worth most on the quarter before, whose town is another one of the same kind.
func best(b *testing.B, seed uint64, cabinets int) (name string, days map[time.Weekday]bool, extra float64) {
	m, most := newMarket(newQuarter(seed, quarters[0].AddDate(0, 0, -91), warm+91, cabinets, 30, forecast.China())), math.Inf(-1)
	for _, g := range grid() {
		s := runFixed(m, g.days, g.extra)
		s.log(b, fmt.Sprintf("%s, mean + %.2f sd", g.name, g.extra))
		if w := s.worth(); w > most {
			most, name, days, extra = w, fmt.Sprintf("%s, mean + %.2f sd", g.name, g.extra), g.days, g.extra
		}
	}
	return name, days, extra
}

// BenchmarkPolicy holds the cloud's plan to the best par-level plan, on a quarter that neither was chosen by. It may
// make as many stops a day as the other does, and chooses which.
func BenchmarkPolicy(b *testing.B) {
	seed, cabinets := uint64(number(b, "PLAN_SEED", 31001)), number(b, "PLAN_CABINETS", 300)
	for range b.N {
		name, days, extra := best(b, seed+1, min(cabinets, 24))
		m := newMarket(newQuarter(seed, quarters[0], warm+91, cabinets, 30, forecast.China()))
		fixed := runFixed(m, days, extra)
		plan := runPlanned(b, m, days, policyOf(b), float64(fixed.visits)/91)
		b.Logf("seed %d, %d cabinets; the best par-level plan on seed %d: %s", seed, cabinets, seed+1, name)
		fixed.log(b, "par levels")
		plan.log(b, "planned")
		plan.byCategory(b)
		for what, t := range map[string]tally{"fixed": fixed.tally, "planned": plan.tally} {
			b.ReportMetric(t.share(), what+"-sold-out")
			b.ReportMetric(t.bare/t.evenings, what+"-bare")
			b.ReportMetric(float64(t.visits), what+"-visits")
			b.ReportMetric(float64(t.wasted), what+"-wasted")
			b.ReportMetric(float64(t.lost), what+"-lost")
			b.ReportMetric(float64(t.earned), what+"-fen")
		}
	}
}

// policyOf is the usual policy, with what the environment says otherwise: fen, and percent.
func policyOf(tb testing.TB) picking.Policy {
	p := picking.Usual()
	p.Days = number(tb, "PLAN_DAYS", p.Days)
	p.Minute = protocol.Fen(number(tb, "PLAN_MINUTE", int(p.Minute)))
	p.NightHour = protocol.Fen(number(tb, "PLAN_NIGHT", int(p.NightHour)))
	p.Keep = float64(number(tb, "PLAN_KEEP", int(100*p.Keep))) / 100
	p.Waste = float64(number(tb, "PLAN_WASTE", int(100*p.Waste))) / 100
	return p
}

func TestThePlanLeavesFewerNightsDarkThanParLevelsAtNoMoreStopsAndWaste(t *testing.T) {
	const seed = 10
	t.Logf("seed %d", seed)
	m := newMarket(newQuarter(seed, quarters[0], warm+42, 12, 30, forecast.China()))
	days := weekdays(1, 3, 5, 6)
	fixed := runFixed(m, days, 3)
	plan := runPlanned(t, m, days, picking.Usual(), float64(fixed.visits)/42)
	fixed.log(t, "par levels")
	plan.log(t, "planned")
	if plan.share() > fixed.share()/2 {
		t.Errorf("sold out for %.4f of the night hours of essentials; par levels %.4f, want half of it at most", plan.share(), fixed.share())
	}
	if plan.visits > fixed.visits || plan.wasted > fixed.wasted {
		t.Errorf("%d stops and %d units wasted; par levels %d and %d, want no more", plan.visits, plan.wasted, fixed.visits, fixed.wasted)
	}
	if plan.worth() < fixed.worth() {
		t.Errorf("worth %.0f fen, par levels %.0f", plan.worth(), fixed.worth())
	}
}

// byCategory tells in which categories essentials were sold out at night.
func (t tally) byCategory(tb testing.TB) {
	for _, c := range slices.Sorted(maps.Keys(t.by)) {
		tb.Logf("  %-14s %.4f of %.0f hours, %.4f of all that are sold out", c, t.by[c][0]/t.by[c][1], t.by[c][1], t.by[c][0]/t.dark)
	}
}
