package ledger

import (
	"cmp"
	"maps"
	"slices"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// Homes says which articles belong on which platform of a cabinet.
type Homes map[protocol.PlatformID][]protocol.SKU

// first finds the first platform, by name, where an article belongs.
func (h Homes) first(sku protocol.SKU) (protocol.PlatformID, bool) {
	for _, p := range slices.Sorted(maps.Keys(h)) {
		if slices.Contains(h[p], sku) {
			return p, true
		}
	}
	return "", false
}

// account is where units of an article on a platform are booked: a stray is not stock.
func (h Homes) account(cabinet protocol.CabinetID, p protocol.PlatformID, sku protocol.SKU) Account {
	if slices.Contains(h[p], sku) {
		return Stock(cabinet, p)
	}
	return Stray(cabinet, p)
}

// Count books counted stock of a platform.
func Count(cabinet protocol.CabinetID, p protocol.PlatformID, sku protocol.SKU, units int) []Posting {
	return move(Article(sku), int64(units), Opening, Stock(cabinet, p))
}

// OpeningCount is the version of the stock count that a new cabinet starts from.
const OpeningCount = 1

// Opened books what lay in a new cabinet, in the order of its platforms and articles.
func Opened(cabinet protocol.CabinetID, book map[protocol.PlatformID]map[protocol.SKU]int) (postings []Posting) {
	for _, p := range slices.Sorted(maps.Keys(book)) {
		for _, sku := range slices.Sorted(maps.Keys(book[p])) {
			postings = append(postings, Count(cabinet, p, sku, max(book[p][sku], 0))...)
		}
	}
	return postings
}

// MaxUnits is how many units of an article one line of a settlement may name and still be believed.
const MaxUnits = 10_000

// Believable reports a settlement whose quantities can be: one that names more than a cabinet can hold moves nothing.
func Believable(a settle.Answer) bool {
	possible := func(n int) bool { return n >= -MaxUnits && n <= MaxUnits }
	lines := len(a.Lines)
	for _, l := range a.Lines {
		if !possible(l.Qty) {
			return false
		}
	}
	for _, s := range a.Strays {
		if !possible(s.Qty) {
			return false
		}
	}
	for _, why := range a.Why {
		lines = max(lines, len(why.Lines), len(why.Steps))
		for _, l := range why.Lines {
			if !possible(l.Qty) {
				return false
			}
		}
		for _, s := range why.Steps {
			if !possible(s.Qty) {
				return false
			}
		}
	}
	return lines <= MaxUnits
}

// Leave books the goods that left a cabinet in a visit, to the account that says where they went. The settlement's best
// explanation tells from which platform, and what was put back elsewhere; where it does not add up to the bill, each
// article comes from the first platform where it belongs.
func Leave(cabinet protocol.CabinetID, homes Homes, a settle.Answer, to Account) []Posting {
	if !Believable(a) {
		return nil
	}
	changes := explained(cabinet, homes, a)
	if changes == nil {
		changes = assumed(cabinet, homes, a)
	}
	return balanced(changes, to)
}

// Arrive books what a refill changed on each platform, from the account where it came from.
func Arrive(cabinet protocol.CabinetID, homes Homes, a settle.Answer, from Account) []Posting {
	if len(a.Why) == 0 || !Believable(a) {
		return nil
	}
	return balanced(stepChanges(cabinet, homes, a.Why[0].Steps), from)
}

// Pass moves everything in the postings of one account on to another, as when undecided goods are found sold.
func Pass(held []Posting, to Account) []Posting {
	var out []Posting
	for _, p := range held {
		out = append(out, move(p.Unit, p.Amount, p.Account, to)...)
	}
	return out
}

// Return undoes postings.
func Return(postings []Posting) []Posting {
	out := make([]Posting, len(postings))
	for i, p := range postings {
		out[i] = Posting{p.Account, p.Unit, -p.Amount}
	}
	return out
}

// Sum adds up postings of the same account and unit; what comes to nothing is left out. The order is that of the first ones.
func Sum(postings []Posting) []Posting {
	type pile struct {
		account Account
		unit    Unit
	}
	sums := make(map[pile]int64)
	var order []pile
	for _, p := range postings {
		at := pile{p.Account, p.Unit}
		if _, seen := sums[at]; !seen {
			order = append(order, at)
		}
		sums[at] += p.Amount
	}
	var out []Posting
	for _, at := range order {
		if sums[at] != 0 {
			out = append(out, Posting{at.account, at.unit, sums[at]})
		}
	}
	return out
}

type place struct {
	account Account
	sku     protocol.SKU
}

func stepChanges(cabinet protocol.CabinetID, homes Homes, steps []settle.Step) map[place]int64 {
	changes := make(map[place]int64)
	for _, s := range steps {
		if s.SKU != "" && s.Qty != 0 {
			changes[place{homes.account(cabinet, s.Platform, s.SKU), s.SKU}] += int64(s.Qty)
		}
	}
	return changes
}

// explained is what the best explanation moved, or nil where it tells another story than the bill.
func explained(cabinet protocol.CabinetID, homes Homes, a settle.Answer) map[place]int64 {
	if len(a.Why) == 0 {
		return nil
	}
	changes := stepChanges(cabinet, homes, a.Why[0].Steps)
	left := make(map[protocol.SKU]int64)
	for at, change := range changes {
		left[at.sku] -= change
	}
	for _, l := range a.Lines {
		left[l.SKU] -= int64(l.Qty)
	}
	for _, rest := range left {
		if rest != 0 {
			return nil
		}
	}
	return changes
}

func assumed(cabinet protocol.CabinetID, homes Homes, a settle.Answer) map[place]int64 {
	changes := make(map[place]int64)
	take := func(sku protocol.SKU, qty int) bool {
		p, known := homes.first(sku)
		if known {
			changes[place{Stock(cabinet, p), sku}] -= int64(qty)
		}
		return known
	}
	for _, l := range a.Lines {
		take(l.SKU, l.Qty)
	}
	for _, s := range a.Strays {
		if take(s.SKU, s.Qty) {
			changes[place{homes.account(cabinet, s.Platform, s.SKU), s.SKU}] += int64(s.Qty)
		}
	}
	return changes
}

// balanced writes the changes in a fixed order, with the other side of each.
func balanced(changes map[place]int64, other Account) []Posting {
	places := slices.SortedFunc(maps.Keys(changes), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.sku, b.sku), cmp.Compare(a.account, b.account))
	})
	var out []Posting
	sums := make(map[protocol.SKU]int64)
	var order []protocol.SKU
	for _, at := range places {
		if changes[at] == 0 {
			continue
		}
		out = append(out, Posting{at.account, Article(at.sku), changes[at]})
		if _, seen := sums[at.sku]; !seen {
			order = append(order, at.sku)
		}
		sums[at.sku] += changes[at]
	}
	for _, sku := range order {
		if sums[sku] != 0 {
			out = append(out, Posting{other, Article(sku), -sums[sku]})
		}
	}
	return out
}
