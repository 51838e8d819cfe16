package ledger

import (
	"slices"
	"strings"

	"allhours/protocol"
)

// Reason says why goods are written off.
type Reason string

// The reasons of a count that differs, beside Theft.
const (
	Unknown Reason = "unknown"
	Misput  Reason = "misput"  // a refill put less or more than was said
	Missold Reason = "missold" // a visit was billed for something else
)

// The reasons of what is written off; Other wants a note.
const (
	Expired Reason = "expired"
	Damaged Reason = "damaged"
	Leaked  Reason = "leaked"
	Quality Reason = "quality"
	Theft   Reason = "theft"
	Other   Reason = "other"
)

// Reasons lists them in the order in which they are offered.
func Reasons() []Reason { return []Reason{Expired, Damaged, Leaked, Quality, Theft, Other} }

// Valid reports a reason that there is.
func (r Reason) Valid() bool { return slices.Contains(Reasons(), r) }

// CountReasons lists why what somebody counted may differ from the books.
func CountReasons() []Reason { return []Reason{Unknown, Theft, Misput, Missold} }

// Off is goods that were written off for a reason.
func Off(r Reason) Account { return "off:" + Account(r) }

// Shop is the goods in a store that are for its cabinets.
func Shop(store string) Account { return "shop:" + Account(store) }

// Van is the goods on their way from a store.
func Van(store string) Account { return "van:" + Account(store) }

// Hands is the goods that a member of the staff carries.
func Hands(person protocol.UUID) Account { return "hands:" + Account(person.String()) }

// MovementRef is what a person did with goods.
func MovementRef(id protocol.UUID) Ref { return Ref("movement:" + id.String()) }

// Movement is the movement that a ref names; false where it names something else.
func (r Ref) Movement() (id protocol.UUID, of bool) {
	kind, which := r.Cut()
	if kind != "movement" {
		return id, false
	}
	id, err := protocol.ParseUUID(which)
	return id, err == nil
}

// Place says what an account is as a place of goods: its kind (shop, van, hands, stock or stray), whose, and which platform
// of a cabinet; false where goods cannot lie there.
func (a Account) Place() (kind, whose, platform string, ok bool) {
	kind, whose, ok = strings.Cut(string(a), ":")
	switch kind {
	case "shop", "van", "hands":
		return kind, whose, "", ok && whose != "" && !strings.Contains(whose, ":")
	case "stock", "stray":
		whose, platform, ok = strings.Cut(whose, ":")
		return kind, whose, platform, ok && whose != "" && platform != ""
	}
	return kind, whose, "", false
}

// Move books units of an article that went from one place to another.
func Move(sku protocol.SKU, units int, from, to Account) []Posting {
	return move(Article(sku), int64(units), from, to)
}

// Counted books what a count found against what the books say: what is too little is lost, what is too much found.
func Counted(place Account, sku protocol.SKU, booked int64, counted int) []Posting {
	difference := int64(counted) - booked
	if difference < 0 {
		return move(Article(sku), -difference, place, Lost)
	}
	return move(Article(sku), difference, Found, place)
}

// Refill books what a refill changed on each platform: out of the restocker's hands, which were filled from the store and
// are empty again after it. What was taken out goes the other way.
func Refill(shop, hands Account, arrived []Posting) []Posting {
	postings := slices.Clone(arrived)
	for _, p := range arrived {
		if p.Account == hands {
			postings = append(postings, Posting{shop, p.Unit, p.Amount}, Posting{hands, p.Unit, -p.Amount})
		}
	}
	return postings
}
