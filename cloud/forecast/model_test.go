package forecast

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"allhours/protocol"
)

const firstDay = Day(20517) // Friday, 6 March 2026

func cabinetID(n int) protocol.CabinetID { return protocol.CabinetID(fmt.Sprintf("c-%d", n)) }

func sku(n int) protocol.SKU { return protocol.SKU(fmt.Sprint(1000 + n)) }

// street is a small chain with a past, drawn from a seed: article n sells (n+1)/12 units an hour in every cabinet.
func street(t *testing.T, seed uint64, days int) (Chain, [][]Sales) {
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	var c Chain
	for n := range 6 {
		c.Cabinets = append(c.Cabinets, Cabinet{ID: cabinetID(n), Store: fmt.Sprintf("s%d", n/3)})
	}
	for n := range 8 {
		c.Articles = append(c.Articles, Article{SKU: sku(n), Category: []string{"water", "snack"}[n/4], Price: 300, Essential: n%2 == 0})
	}
	past := make([][]Sales, days)
	for d := range past {
		for _, cabinet := range c.Cabinets {
			for n, a := range c.Articles {
				s := Sales{Cabinet: cabinet.ID, SKU: a.SKU}
				for h := range 24 {
					if s.Able[h] = 1; rng.Float64() < 0.1 {
						s.Able[h] = rng.Float64()
					}
					for at := rng.ExpFloat64(); at < s.Able[h]*float64(n+1)/12; at += rng.ExpFloat64() {
						s.Sold[h]++
					}
				}
				past[d] = append(past[d], s)
			}
		}
	}
	return c, past
}

func learned(t *testing.T, chain Chain, past [][]Sales) *Model {
	t.Helper()
	m := New(China(), chain)
	for d, sales := range past {
		if err := m.Learn(firstDay+Day(d), sales); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// tomorrow is the outlook for the week that follows what was learned.
func tomorrow(m *Model, cabinet, article int) Outlook {
	return m.Outlook(cabinetID(cabinet), sku(article), (m.Through() + 1).Hour(0), 168)
}

func TestWhatSoldSteadilyIsExpectedAgain(t *testing.T) {
	chain, past := street(t, 11, 42)
	m := learned(t, chain, past)
	for n := range 8 {
		want, got := 168*float64(n+1)/12, tomorrow(m, 2, n).Expected(168)
		if math.Abs(got-want) > 5*math.Sqrt(want) {
			t.Errorf("article %d: %.1f expected in a week, want about %.1f", n, got, want)
		}
	}
}

func TestMoreSalesNeverLowerWhatIsExpectedAtThatHour(t *testing.T) {
	const seed = 12
	chain, past := street(t, seed, 21)
	rng := rand.New(rand.NewPCG(seed, 1))
	before := learned(t, chain, past)
	for range 60 {
		row, h := rng.IntN(len(past[20])), rng.IntN(24)
		if past[20][row].Able[h] == 0 {
			continue
		}
		was := past[20][row].Sold[h]
		past[20][row].Sold[h] += 1 + rng.IntN(5)
		s := past[20][row]
		after := learned(t, chain, past)
		from := (firstDay + 27).Hour(h) // The same weekday.
		x, y := before.Outlook(s.Cabinet, s.SKU, from, 1).Expected(1), after.Outlook(s.Cabinet, s.SKU, from, 1).Expected(1)
		if y < x {
			t.Fatalf("%s in %s: %d sold at %d o'clock and %.6f expected, %d sold and %.6f expected", s.SKU, s.Cabinet, was, h, x, s.Sold[h], y)
		}
		past[20][row].Sold[h] = was
	}
}

func TestHoursInWhichNothingCouldBeBoughtMoveNothing(t *testing.T) {
	chain, past := street(t, 13, 14)
	m := learned(t, chain, past)
	before, _ := json.Marshal(m.State().Shared)
	var dark []Sales
	for _, s := range past[0] {
		s.Able = [24]float64{}
		dark = append(dark, s)
	}
	if err := m.Learn(m.Through()+1, dark); err != nil {
		t.Fatal(err)
	}
	m.through--
	for cabinet := range 6 {
		for article := range 8 {
			if x, y := tomorrow(learned(t, chain, past), cabinet, article).Expected(168), tomorrow(m, cabinet, article).Expected(168); x != y {
				t.Fatalf("cabinet %d, article %d: %v expected, %v after a dark day", cabinet, article, x, y)
			}
		}
	}
	if after, _ := json.Marshal(m.State().Shared); string(after) != string(before) {
		t.Error("a dark day changed what the chain shares")
	}
}

func TestUnitsOfAnHourThatCouldNotSellAreNotLookedAt(t *testing.T) {
	chain, past := street(t, 14, 14)
	for n := range past[13] {
		past[13][n].Able[20] = 0
	}
	x := tomorrow(learned(t, chain, past), 1, 3).Expected(168)
	for n := range past[13] {
		past[13][n].Sold[20] = 50
	}
	if y := tomorrow(learned(t, chain, past), 1, 3).Expected(168); x != y {
		t.Errorf("%v expected, %v where such an hour had sold 50", x, y)
	}
}

func TestACabinetThatIsSoldOutEveryEveningIsNotExpectedToSellLess(t *testing.T) {
	chain, past := street(t, 15, 42)
	open := tomorrow(learned(t, chain, past), 0, 7).Expected(168)
	for d := range past {
		for h := 18; h < 24; h++ {
			past[d][7].Sold[h], past[d][7].Able[h] = 0, 0
		}
	}
	if shut := tomorrow(learned(t, chain, past), 0, 7).Expected(168); shut < open*0.85 {
		t.Errorf("%.1f expected of one that is sold out from 18 o'clock, %.1f of one that is not", shut, open)
	}
}

func TestWhatIsNewIsExpectedToBeLikeItsLike(t *testing.T) {
	chain, past := street(t, 16, 28)
	chain.Articles = append(chain.Articles, Article{SKU: "new", Category: "snack", Price: 310}, Article{SKU: "odd", Category: "never", Price: 5000})
	chain.Cabinets = append(chain.Cabinets, Cabinet{ID: "c-new", Store: "s1"})
	for d := range past { // The second store's cabinets sell half.
		for n := range past[d] {
			if chain.Cabinets[n/8].Store == "s1" {
				for h := range 24 {
					past[d][n].Sold[h] /= 2
				}
			}
		}
	}
	m := learned(t, chain, past)
	from := (m.Through() + 1).Hour(0)
	week := func(cabinet protocol.CabinetID, sku protocol.SKU) float64 {
		return m.Outlook(cabinet, sku, from, 168).Expected(168)
	}
	if got, least, most := week("c-0", "new"), week("c-0", sku(4)), week("c-0", sku(7)); got < least || got > most {
		t.Errorf("a new snack: %.1f expected, want between the other snacks' %.1f and %.1f", got, least, most)
	}
	if got := week("c-0", "odd"); got <= 0 {
		t.Errorf("an article like no other: %.1f expected", got)
	}
	if got, strong, weak := week("c-new", sku(6)), week("c-1", sku(6)), week("c-4", sku(6)); math.Abs(got-weak) > math.Abs(got-strong) {
		t.Errorf("a new cabinet of the weaker store: %.1f expected, one of its store's %.1f, one of the other's %.1f", got, weak, strong)
	}
	doubt := func(cabinet protocol.CabinetID, sku protocol.SKU) float64 {
		return m.Outlook(cabinet, sku, from, 168).lasting
	}
	if doubt("c-0", "new") <= doubt("c-0", sku(4)) {
		t.Error("a new article is held to be as sure as an old one")
	}
}

func TestASurgeIsExpectedToPass(t *testing.T) {
	chain, past := street(t, 17, 35)
	usual := tomorrow(learned(t, chain, past), 0, 6)
	for d := 30; d < 35; d++ {
		for n := range past[d] {
			if n%8 >= 4 { // Snacks.
				for h := range 24 {
					past[d][n].Sold[h] *= 2
				}
			}
		}
	}
	surge := tomorrow(learned(t, chain, past), 0, 6)
	first, last := surge.Expected(24)/usual.Expected(24), (surge.Expected(168)-surge.Expected(144))/(usual.Expected(168)-usual.Expected(144))
	if first < 1.4 || last >= first || last < 1 {
		t.Errorf("after five days at double the pace: %.2f times as much tomorrow, %.2f in a week", first, last)
	}
}

func TestAHolidayIsRememberedAndTheDaysAfterItAreNotMistaken(t *testing.T) {
	chain, past := street(t, 18, 63) // Until 7 May: over Qingming and Labour Day.
	usual := tomorrow(learned(t, chain, past), 0, 6).Expected(24)
	for d := range past {
		if China().Kind(firstDay+Day(d)) == Holiday {
			for n := range past[d] {
				for h := range 24 {
					past[d][n].Sold[h] *= 2
				}
			}
		}
	}
	m := learned(t, chain, past)
	if got := tomorrow(m, 0, 6).Expected(24) / usual; got > 1.25 {
		t.Errorf("after a holiday that doubled: %.2f times as much on an ordinary day", got)
	}
	dragonBoat, before := Day(20623), Day(20616) // Friday, 19 June 2026, and the Friday before
	holiday, friday := m.Outlook("c-0", sku(6), dragonBoat.Hour(0), 24).Expected(24), m.Outlook("c-0", sku(6), before.Hour(0), 24).Expected(24)
	if China().Kind(dragonBoat) != Holiday || holiday < 1.5*friday {
		t.Errorf("the next holiday: %.1f expected, a Friday %.1f", holiday, friday)
	}
}

func TestAStateReadBackGoesOnTheSame(t *testing.T) {
	chain, past := street(t, 19, 20)
	m := learned(t, chain, past[:10])
	text, err := json.Marshal(m.State())
	if err != nil {
		t.Fatal(err)
	}
	var s State
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	back, err := Restore(s, China(), chain)
	if err != nil {
		t.Fatal(err)
	}
	for d := 10; d < 20; d++ {
		for _, model := range []*Model{m, back} {
			if err := model.Learn(firstDay+Day(d), past[d]); err != nil {
				t.Fatal(err)
			}
		}
	}
	one, _ := json.Marshal(m.State())
	other, _ := json.Marshal(back.State())
	if string(one) != string(other) {
		t.Error("the state that was read back learned something else")
	}
	if x, y := tomorrow(m, 4, 4), tomorrow(back, 4, 4); x.Expected(168) != y.Expected(168) || x.spread != y.spread {
		t.Errorf("%v and %v expected", x, y)
	}
}

func TestWhatCannotBeLearnedOrRestoredIsRefused(t *testing.T) {
	chain, past := street(t, 20, 2)
	m := learned(t, chain, past)
	if err := m.Learn(m.Through(), past[0]); err == nil {
		t.Error("the last day was learned again")
	}
	s := m.State()
	s.Version++
	if _, err := Restore(s, China(), chain); err == nil {
		t.Error("a state of a later version was restored")
	}
}

func TestLearningDoesNotDependOnTheOrderOfTheSales(t *testing.T) {
	chain, past := street(t, 21, 10)
	x := tomorrow(learned(t, chain, past), 3, 5).Expected(168)
	for d := range past {
		rand.New(rand.NewPCG(21, uint64(d))).Shuffle(len(past[d]), func(i, j int) { past[d][i], past[d][j] = past[d][j], past[d][i] })
	}
	if y := tomorrow(learned(t, chain, past), 3, 5).Expected(168); math.Abs(x-y) > 1e-9*x {
		t.Errorf("%v expected, %v with the sales in another order", x, y)
	}
}

func TestAPartOfADayIsDealtInWholeUnits(t *testing.T) {
	for units := range 40 {
		var s Sales
		s.Deal(units, 18, 22)
		sum := 0
		for h, n := range s.Sold {
			if sum += n; n < 0 || n > 0 && (h < 18 || h >= 22) {
				t.Fatalf("%d units from 18 to 22: %v", units, s.Sold)
			}
		}
		if sum != units {
			t.Fatalf("%d units dealt as %d", units, sum)
		}
	}
}
