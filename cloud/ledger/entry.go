// Package ledger is the pure rules of double entry, for goods and for money alike: what an entry is, which accounts there
// are, and which postings each event of a visit makes. It refuses to store, to price and to read a clock.
package ledger

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"allhours/protocol"
)

// Unit is what an amount counts: fen, or units of one article.
type Unit string

// Fen is the unit of money.
const Fen Unit = "fen"

// Article is the unit of goods of one article.
func Article(sku protocol.SKU) Unit { return Unit("sku:" + string(sku)) }

// SKU is the article whose units a unit counts; empty where it counts none.
func (u Unit) SKU() protocol.SKU {
	sku, found := strings.CutPrefix(string(u), "sku:")
	if !found {
		return ""
	}
	return protocol.SKU(sku)
}

// Posting is one line of an entry.
type Posting struct {
	Account Account
	Unit    Unit
	Amount  int64
}

// Entry is one fact in the book. Ref names what it was made from; one ref is booked once.
type Entry struct {
	ID       protocol.UUID
	At       time.Time // when it happened
	Ref      Ref
	Store    string             // whose day it is; empty where no store is concerned
	Cabinet  protocol.CabinetID // empty where none is concerned
	Day      Day                // that it is booked to
	Late     Day                // that it belonged to, where that day was closed; else empty
	Postings []Posting
}

// ErrUnbalanced is an entry whose postings do not sum to zero in each unit.
var ErrUnbalanced = errors.New("ledger: entry does not balance")

// Validate reports an entry that may not be booked.
func (e Entry) Validate() error {
	if e.Ref == "" || e.ID.IsZero() || len(e.Postings) == 0 {
		return fmt.Errorf("ledger: entry %s of %q with %d postings: want all three", e.ID, e.Ref, len(e.Postings))
	}
	if !e.Day.Valid() || e.Late != "" && !e.Late.Valid() {
		return fmt.Errorf("ledger: %q on day %q, late for %q: want days as 2006-01-02", e.Ref, e.Day, e.Late)
	}
	sums := make(map[Unit]int64)
	for _, p := range e.Postings {
		if p.Account == "" || p.Unit == "" || p.Amount == 0 {
			return fmt.Errorf("ledger: posting %+v of %q: want an account, a unit and an amount", p, e.Ref)
		}
		sums[p.Unit] += p.Amount
	}
	for unit, sum := range sums {
		if sum != 0 {
			return fmt.Errorf("%w: %q is %d %s off", ErrUnbalanced, e.Ref, sum, unit)
		}
	}
	return nil
}

// Ref names the fact behind an entry.
type Ref string

// Cut splits a ref into what kind of fact it names, and which.
func (r Ref) Cut() (kind, which string) {
	kind, which, _ = strings.Cut(string(r), ":")
	return kind, which
}

// EventRef is an event of a cabinet.
func EventRef(cabinet protocol.CabinetID, journal protocol.UUID, seq uint64) Ref {
	return Ref(fmt.Sprintf("event:%s/%s/%d", cabinet, journal, seq))
}

// OpRef is an operation of the payment provider.
func OpRef(op protocol.UUID) Ref { return Ref("op:" + op.String()) }

// CountRef is a stock count of a cabinet.
func CountRef(cabinet protocol.CabinetID, version uint64) Ref {
	return Ref(fmt.Sprintf("count:%s/%d", cabinet, version))
}

// FeesRef is the fees that a provider's statement states of a store's operations of a day; an empty store is the chain's own.
func FeesRef(statement, store string, day Day) Ref {
	return Ref(fmt.Sprintf("fees:%s/%s/%s", statement, day, store))
}

// DecisionRef is what a person made of the review of a visit.
func DecisionRef(visit protocol.VisitID) Ref { return Ref("decision:" + visit.String()) }

// WaiverRef is the waiving of a visit.
func WaiverRef(visit protocol.VisitID) Ref { return Ref("waiver:" + visit.String()) }
