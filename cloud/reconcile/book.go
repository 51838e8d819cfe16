package reconcile

import (
	"strings"

	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Pile is what the entries of one day posted to one pile, in one unit and one direction.
type Pile struct {
	Cabinet protocol.CabinetID // of the entries
	Pile    ledger.Account
	Unit    ledger.Unit
	Event   bool  // the entries were made from events of a cabinet; a person or the provider made the others
	Amount  int64 // their sum; its sign is that of each posting
	Entries int
}

// kind is the account's first word, rest what comes after it.
func (p Pile) kind() (kind, rest string) {
	kind, rest, _ = strings.Cut(string(p.Pile), ":")
	return kind, rest
}

// place is one article in one cabinet.
type place struct {
	cabinet protocol.CabinetID
	sku     protocol.SKU
}

// sku is the article that a unit counts; false for money.
func sku(u ledger.Unit) (protocol.SKU, bool) {
	name, is := strings.CutPrefix(string(u), "sku:")
	return protocol.SKU(name), is
}

// Shelf is the stock of one article on one platform at both ends of a day.
type Shelf struct {
	Cabinet  protocol.CabinetID
	Platform protocol.PlatformID
	SKU      protocol.SKU
	Opening  int64
	Closing  int64
	Stray    bool // it does not belong there
}

// Book makes a line of each article of each cabinet that has or had any, from the shelves and from what the day's entries
// posted. What moved without a counterpart of the cabinet's own went to or came from another place.
func Book(shelves []Shelf, piles []Pile) []Goods {
	lines := make(map[place]*Goods)
	line := func(at place) *Goods {
		if lines[at] == nil {
			lines[at] = &Goods{Cabinet: at.cabinet, SKU: at.sku, Flows: make(map[Flow]int64)}
		}
		return lines[at]
	}
	for _, s := range shelves {
		g := line(place{s.Cabinet, s.SKU})
		if s.Stray {
			g.Elsewhere += s.Closing
			continue
		}
		g.Opening, g.Closing = g.Opening+s.Opening, g.Closing+s.Closing
	}
	for _, p := range piles {
		article, goods := sku(p.Unit)
		flow, of, counts := p.flow()
		if goods && counts {
			line(place{of, article}).Flows[flow] -= p.Amount
		}
	}
	all := make([]Goods, 0, len(lines))
	for _, g := range lines {
		g.settle()
		all = append(all, *g)
	}
	Sort(all)
	return all
}

// settle leaves out what came to nothing, and calls moved what no counterpart of the cabinet explains.
func (g *Goods) settle() {
	rest := g.Closing - g.Opening
	for flow, units := range g.Flows {
		if rest -= units; units == 0 {
			delete(g.Flows, flow)
		}
	}
	if rest != 0 {
		g.Flows[Flow{Way: Moved}] += rest
	}
	if g.Flows[Flow{Way: Moved}] == 0 {
		delete(g.Flows, Flow{Way: Moved})
	}
}

// Flows adds up which ways the goods of the piles went, whatever they are; the shelves themselves are no way.
func Flows(piles []Pile) map[Flow]int64 {
	sums := make(map[Flow]int64)
	for _, p := range piles {
		_, goods := sku(p.Unit)
		if flow, _, counts := p.flow(); goods && counts {
			sums[flow] -= p.Amount
		}
	}
	return sums
}

// flow is the way of the goods that a pile stands for, and whose shelves they left; false for the shelves themselves.
func (p Pile) flow() (f Flow, of protocol.CabinetID, counts bool) {
	kind, rest := p.kind()
	switch ledger.Account(kind) {
	case "stock":
		return Flow{}, "", false
	case "stray":
		cabinet, _, _ := strings.Cut(rest, ":")
		return Flow{Way: Misplaced}, protocol.CabinetID(cabinet), true
	case "sold":
		return Flow{Way: Sold}, protocol.CabinetID(rest), true
	case "undecided":
		return Flow{Way: Undecided}, p.Cabinet, true
	case ledger.Opening:
		return Flow{Way: Counted}, p.Cabinet, true
	case ledger.Lost:
		return Flow{Way: Lost}, p.Cabinet, true
	case ledger.Found:
		return Flow{Way: Found}, p.Cabinet, true
	case "off":
		reason, _, _ := strings.Cut(rest, ":")
		return Flow{WrittenOff, reason}, p.Cabinet, true
	case ledger.Supplier, "hands", "shop", "van":
		if p.Event || ledger.Account(kind) == ledger.Supplier {
			return Flow{Way: Refilled}, p.Cabinet, p.Cabinet != ""
		}
		return Flow{Way: Moved}, p.Cabinet, p.Cabinet != ""
	}
	return Flow{Way: Other}, p.Cabinet, true
}

// Moneys adds the money of the piles up.
func Moneys(piles []Pile) Money {
	var m Money
	for _, p := range piles {
		if p.Unit == ledger.Fen {
			m.count(p)
		}
	}
	return m
}

func (m *Money) count(p Pile) {
	kind, _ := p.kind()
	amount := protocol.Fen(p.Amount)
	switch {
	case kind == "store" && amount < 0:
		m.Billed -= amount
		m.Orders += p.Entries
	case kind == "store", kind == "refund": // Refunds from before there was an account of theirs stand with the turnover.
		m.TakenBack += amount
	case kind == "chain":
		m.Fees += amount
	case kind == "withheld": // the other side of the fees, which the chain bears
	case kind == "provider" && amount > 0:
		m.Captured += amount
	case kind == "provider":
		m.Refunded -= amount
	case kind == "debt" && amount > 0:
		m.DebtMade += amount
	case kind == "debt":
		m.DebtEnded -= amount
	case kind == "waived":
		m.Waived += amount
	case kind == "cash":
		m.Cash += amount
	case kind == "due":
		m.UnderWay += amount
	case kind == "hold" && amount > 0:
		m.Held += amount
		m.Balance += amount
	case kind == "hold":
		m.Freed -= amount
		m.Balance += amount
	default: // residents' own money: reserved and freed in equal parts, but for what was paid from a balance
		m.Balance += amount
	}
}
