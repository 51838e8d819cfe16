package ledger_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
)

var (
	visit  = protocol.UUID{1}
	person = protocol.UUID{2}
	homes  = ledger.Homes{"S1": {"1001", "1002"}, "S2": {"1003", "1002"}}
)

func entry(postings ...ledger.Posting) ledger.Entry {
	return ledger.Entry{ID: protocol.UUID{9}, At: time.Unix(1, 0), Ref: "op:1", Day: "1970-01-01", Postings: postings}
}

func TestAnEntryThatDoesNotBalanceIsRefused(t *testing.T) {
	good := ledger.Reserve(visit, person, 5000)
	for name, c := range map[string]struct {
		entry ledger.Entry
		good  bool
	}{
		"a hold":                {entry(good...), true},
		"one side missing":      {entry(good[0]), false},
		"two units that cancel": {entry(ledger.Posting{Account: "a", Unit: "fen", Amount: 1}, ledger.Posting{Account: "b", Unit: "sku:1", Amount: -1}), false},
		"nothing":               {entry(), false},
		"an amount of zero":     {entry(ledger.Posting{Account: "a", Unit: "fen"}), false},
		"no account":            {entry(ledger.Posting{Unit: "fen", Amount: 1}, ledger.Posting{Account: "b", Unit: "fen", Amount: -1}), false},
		"no ref":                {ledger.Entry{ID: protocol.UUID{9}, Day: "1970-01-01", Postings: good}, false},
		"no day":                {ledger.Entry{ID: protocol.UUID{9}, Ref: "op:1", Postings: good}, false},
		"a day that is none":    {ledger.Entry{ID: protocol.UUID{9}, Ref: "op:1", Day: "2026-02-30", Postings: good}, false},
	} {
		if err := c.entry.Validate(); (err == nil) != c.good {
			t.Errorf("%s: %v, want good=%v", name, err, c.good)
		}
	}
	if err := entry(good[0]).Validate(); !errors.Is(err, ledger.ErrUnbalanced) {
		t.Errorf("one side missing: %v", err)
	}
}

func sum(postings []ledger.Posting) map[string]int64 {
	sums := make(map[string]int64)
	for _, p := range postings {
		sums[fmt.Sprintf("%s %s", p.Account, p.Unit)] += p.Amount
	}
	return sums
}

func TestMoneyOfAVisitEndsWhereItBelongs(t *testing.T) {
	postings := slices.Concat(
		ledger.Reserve(visit, person, 5000), ledger.Bill(visit, "north", 5400),
		ledger.Capture(visit, 5000), ledger.Owe(visit, person, 400), ledger.Free(visit, person, 5000),
	)
	for account, amount := range sum(postings) {
		want := map[string]int64{
			"provider fen": 5000, "store:north fen": -5400, string(ledger.Debt(person)) + " fen": 400,
		}[account]
		if amount != want {
			t.Errorf("%s has %d, want %d", account, amount, want)
		}
	}
	if got := sum(append(ledger.Waive("north", 350), ledger.Refund("north", 100)...)); got["waived fen"] != 350 || got["provider fen"] != -100 || got["store:north fen"] != -350 || got["refund:north fen"] != 100 {
		t.Errorf("waived and refunded: %v", got)
	}
}

func TestGoodsLeaveFromWhereTheExplanationSays(t *testing.T) {
	bill := func(lines []settle.Line, steps ...settle.Step) settle.Answer {
		return settle.Answer{Decision: settle.Bill, Lines: lines, Why: []settle.Explanation{{Lines: lines, Steps: steps}}}
	}
	for name, c := range map[string]struct {
		answer settle.Answer
		want   map[string]int64
	}{
		"taken from the second of its two platforms": {
			bill([]settle.Line{{SKU: "1002", Qty: 1}}, settle.Step{Platform: "S2", SKU: "1002", Qty: -1}),
			map[string]int64{"stock:c:S2 sku:1002": -1, "sold:c sku:1002": 1},
		},
		"moved from one home to another": {
			bill([]settle.Line{}, settle.Step{Platform: "S1", SKU: "1002", Qty: -1}, settle.Step{Platform: "S2", SKU: "1002", Qty: 1}),
			map[string]int64{"stock:c:S1 sku:1002": -1, "stock:c:S2 sku:1002": 1},
		},
		"put where it does not belong": {
			bill([]settle.Line{}, settle.Step{Platform: "S1", SKU: "1001", Qty: -1}, settle.Step{Platform: "S2", SKU: "1001", Qty: 1}),
			map[string]int64{"stock:c:S1 sku:1001": -1, "stray:c:S2 sku:1001": 1},
		},
		"taken and put back": {
			bill([]settle.Line{}, settle.Step{Platform: "S1", SKU: "1001", Qty: -2}, settle.Step{Platform: "S1", SKU: "1001", Qty: 2}),
			map[string]int64{},
		},
		"a thing that is no article": {
			bill([]settle.Line{}, settle.Step{Platform: "S1", Delta: 7000}),
			map[string]int64{},
		},
		"steps that tell another story than the bill": {
			bill([]settle.Line{{SKU: "1001", Qty: 2}}, settle.Step{Platform: "S1", SKU: "1001", Qty: -1}),
			map[string]int64{"stock:c:S1 sku:1001": -2, "sold:c sku:1001": 2},
		},
		"no explanation, and a stray": {
			settle.Answer{Lines: []settle.Line{{SKU: "1003", Qty: 1}}, Strays: []settle.Stray{{Platform: "S2", SKU: "1001", Qty: 1}}},
			map[string]int64{"stock:c:S2 sku:1003": -1, "sold:c sku:1003": 1, "stock:c:S1 sku:1001": -1, "stray:c:S2 sku:1001": 1},
		},
	} {
		postings := ledger.Leave("c", homes, c.answer, ledger.Sold("c"))
		got := sum(postings)
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestWhateverAnAnswerSaysItsPostingsBalanceAndTheBillIsSold(t *testing.T) {
	const seed = 7
	dice := rand.New(rand.NewPCG(seed, seed))
	skus := []protocol.SKU{"1001", "1002", "1003", "9999", ""}
	platforms := []protocol.PlatformID{"S1", "S2", "S9"}
	for n := range 2000 {
		var a settle.Answer
		for range dice.IntN(4) {
			a.Lines = append(a.Lines, settle.Line{SKU: skus[dice.IntN(3)], Qty: 1 + dice.IntN(3)})
		}
		var steps []settle.Step
		for range dice.IntN(5) {
			steps = append(steps, settle.Step{Platform: platforms[dice.IntN(3)], SKU: skus[dice.IntN(5)], Qty: dice.IntN(5) - 2})
		}
		a.Why = []settle.Explanation{{Lines: a.Lines, Steps: steps}}
		postings := ledger.Leave("c", homes, a, ledger.Sold("c"))
		if len(postings) > 0 {
			if err := entry(postings...).Validate(); err != nil {
				t.Fatalf("seed %d, answer %d: %v", seed, n, err)
			}
		}
		sold := sum(postings)
		for _, l := range a.Lines {
			sold["sold:c sku:"+string(l.SKU)] -= int64(l.Qty)
		}
		for _, sku := range skus {
			if rest := sold["sold:c sku:"+string(sku)]; rest != 0 {
				t.Fatalf("seed %d, answer %d: %s is %d off the bill", seed, n, sku, rest)
			}
		}
	}
}

func TestUndecidedGoodsPassOnWhole(t *testing.T) {
	held := []ledger.Posting{{Account: "undecided:1", Unit: ledger.Article("1001"), Amount: 2}}
	got := sum(ledger.Pass(held, ledger.Lost))
	if got["undecided:1 sku:1001"] != -2 || got["lost sku:1001"] != 2 {
		t.Errorf("got %v", got)
	}
}

func TestADayIsTheStores(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	for at, want := range map[string]ledger.Day{"2026-11-27T15:59:59Z": "2026-11-27", "2026-11-27T16:00:00Z": "2026-11-28"} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := ledger.DayOf(moment, zone); got != want || !got.Valid() {
			t.Errorf("%s is on %s, want %s", at, got, want)
		}
	}
}

// TestADayIsAsLongAsItsClocksSay: wherever clocks are changed at midnight, a day has its first moment, and ends where the next
// one begins.
func TestADayIsAsLongAsItsClocksSay(t *testing.T) {
	for say, c := range map[string]struct {
		zone string
		day  ledger.Day
		want time.Duration
	}{
		"an ordinary day":                          {"Asia/Shanghai", "2026-11-27", 24 * time.Hour},
		"the clocks jump over midnight":            {"America/Santiago", "2025-09-07", 23 * time.Hour},
		"the day before they jump over midnight":   {"America/Santiago", "2025-09-06", 24 * time.Hour},
		"the clocks are set back at midnight":      {"America/Santiago", "2025-04-05", 25 * time.Hour},
		"the day after they were set back":         {"America/Santiago", "2025-04-06", 24 * time.Hour},
		"midnight strikes twice":                   {"America/Havana", "2025-11-02", 25 * time.Hour},
		"the day before midnight strikes twice":    {"America/Havana", "2025-11-01", 24 * time.Hour},
		"the clocks are set back during the night": {"Europe/Berlin", "2025-10-26", 25 * time.Hour},
		"a day that was left out":                  {"Pacific/Apia", "2011-12-30", 0},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		from, to := c.day.Span(zone)
		if got := to.Sub(from); got != c.want {
			t.Errorf("%s: from %s to %s: want %s", say, from, to, c.want)
		}
		if c.want > 0 && (ledger.DayOf(from, zone) != c.day || ledger.DayOf(to.Add(-1), zone) != c.day) || ledger.DayOf(from.Add(-1), zone) >= c.day || ledger.DayOf(to, zone) <= c.day {
			t.Errorf("%s: from %s to %s is not %s", say, from, to, c.day)
		}
	}
}

func TestAccountsOfSingleVisitsPileUpByCabinet(t *testing.T) {
	e := ledger.Entry{Store: "north", Cabinet: "xs-01"}
	for account, want := range map[ledger.Account][2]ledger.Account{ // as money, as goods
		ledger.Hold(visit):          {"hold:north:xs-01", "hold:" + ledger.Account(visit.String()) + ":xs-01"},
		ledger.Debt(person):         {"debt:north:xs-01", "debt:" + ledger.Account(person.String()) + ":xs-01"},
		ledger.Provider:             {"provider:north:xs-01", "provider:xs-01"},
		ledger.Undecided(visit):     {"undecided:north:xs-01", "undecided:xs-01"},
		ledger.Lost:                 {"lost:north:xs-01", "lost:xs-01"},
		ledger.Stock("xs-01", "S1"): {"stock:north:xs-01", "stock:xs-01:S1"},
		ledger.Sold("xs-01"):        {"sold:north:xs-01", "sold:xs-01"},
	} {
		money, goods := e.Pile(ledger.Posting{Account: account, Unit: ledger.Fen}), e.Pile(ledger.Posting{Account: account, Unit: "sku:1"})
		if got := [2]ledger.Account{money, goods}; got != want {
			t.Errorf("%s piles up as %q, want %q", account, got, want)
		}
	}
}
