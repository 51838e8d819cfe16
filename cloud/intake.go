package cloud

import (
	"context"
	"fmt"
	"strings"
	"time"

	"allhours/protocol"
	"allhours/protocol/planogram"
)

// MasterKind is a part of the master data that is one table.
type MasterKind string

// The tables that are taken in and given out as CSV; MasterAll is a JSON document of any master data, which is taken in only.
const (
	MasterAll        MasterKind = ""
	MasterArticles   MasterKind = "articles"
	MasterPrices     MasterKind = "prices"
	MasterStores     MasterKind = "stores"
	MasterAisles     MasterKind = "aisles"
	MasterCabinets   MasterKind = "cabinets"
	MasterPlanograms MasterKind = "planograms"
	MasterMarkdowns  MasterKind = "markdowns"
)

// MasterKinds are the tables, in the order in which they refer to each other.
func MasterKinds() []MasterKind {
	return []MasterKind{MasterStores, MasterArticles, MasterPrices, MasterPlanograms, MasterMarkdowns, MasterAisles, MasterCabinets}
}

// OfStores reports tables of which each line is about one store, so that who is limited to stores may send theirs.
func (k MasterKind) OfStores() bool {
	return k == MasterPlanograms || k == MasterAisles || k == MasterCabinets
}

// MaxIntake is how much is taken in at once, in bytes of CSV.
const MaxIntake = 5 << 20

// Intake is master data as somebody wrote them.
type Intake struct {
	Kind MasterKind
	Text []byte
	From time.Time // prices: when they begin to hold; zero: at once
	By   string    // the name of a member of the staff; empty: the administrator's tool
	Of   Bound     // the stores that whoever says it is limited to

	Draft string // planograms: why they are to be set up at the next refill; empty: they hold at once
}

// Preview is what taking something in changes.
type Preview struct {
	Revision  uint64 // of the master data that it was compared with
	Changes   []MasterChange
	Unchanged int       // entries that say what is there already
	From      time.Time // prices: when they begin to hold; zero: at once
	Warnings  []Warning
	Plans     []PlanChange // cabinets whose goods would lie elsewhere
	Converted bool         // it was read as GB18030, not as UTF-8
	Markdowns Markdowns    // the rules that are new or change
}

// MasterChange is one entry that is new or changes.
type MasterChange struct {
	Kind   MasterKind // also "chain", of a JSON document
	Key    string     // of the entry: a SKU, a store, a cabinet, a cabinet's platform
	Name   Text       // empty where it has none
	Added  bool
	Fields []FieldChange // named as the columns of the table
}

// FieldChange is one field before and after.
type FieldChange struct{ Field, From, To string }

// PlanChange is a cabinet's planogram as it would be, checked.
type PlanChange struct {
	Cabinet  protocol.CabinetID
	Proposal planogram.Proposal
}

// WarningKind is what stands against something that is taken in all the same.
type WarningKind string

// The kinds of warnings.
const (
	WarnAlike    WarningKind = "alike"     // goods of a cabinet weigh alike: Units of 1,000 visits go to review
	WarnLeft     WarningKind = "left"      // Units of an article still lie, by book, where it has no place any more
	WarnSameTime WarningKind = "same_time" // another change of this price holds from the same time; this one comes after it
	WarnChanges  WarningKind = "changes"   // a change of this price is to come, and holds from At
)

// Warning is one of them.
type Warning struct {
	Kind     WarningKind
	Cabinet  protocol.CabinetID
	Platform protocol.PlatformID
	SKU      protocol.SKU
	Units    int
	At       time.Time
}

func (w Warning) String() string {
	switch w.Kind {
	case WarnAlike:
		return fmt.Sprintf("cabinet %s: of 1,000 visits about %d would go to review because goods weigh alike", w.Cabinet, w.Units)
	case WarnLeft:
		return fmt.Sprintf("cabinet %s: %d of article %s still lie on platform %s, by book", w.Cabinet, w.Units, w.SKU, w.Platform)
	case WarnSameTime:
		return fmt.Sprintf("article %s: another price holds from %s as well; this one is entered later and stands", w.SKU, w.At.Format(time.RFC3339))
	}
	return fmt.Sprintf("article %s: another price holds from %s on", w.SKU, w.At.Format(time.RFC3339))
}

// Fault is one thing that is wrong with what was to be taken in, where it is and what was expected there.
type Fault struct {
	Line   int    // of a CSV, from 1; 0: of JSON, or of the whole
	Column string // its head; empty: the whole line
	Path   string // of JSON
	Found  string // what a cell of a CSV says
	Why    Text   // what was expected, and what was found
}

func (f Fault) String() string {
	switch {
	case f.Line > 0 && f.Column != "":
		return fmt.Sprintf("line %d, column %s: %s", f.Line, f.Column, f.Why.En)
	case f.Line > 0:
		return fmt.Sprintf("line %d: %s", f.Line, f.Why.En)
	case f.Path != "":
		return f.Path + ": " + f.Why.En
	}
	return f.Why.En
}

// BadData is everything that is wrong with what was to be taken in, of which nothing was; its code is CodeBadData.
type BadData struct {
	Faults []Fault
	More   int // faults that are only counted
}

func (b *BadData) Error() string {
	lines := make([]string, 0, len(b.Faults)+1)
	for _, f := range b.Faults {
		lines = append(lines, f.String())
	}
	if b.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", b.More))
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives it its code.
func (b *BadData) Unwrap() error {
	return protocol.Errorf(CodeBadData, "%d faults", len(b.Faults)+b.More)
}

// Planning changes master data.
type Planning interface {
	// Preview says what would change. Errors: *BadData.
	Preview(ctx context.Context, in Intake) (Preview, error)
	// Apply takes in what was previewed at a revision: all or nothing, and the same again changes nothing. Where the master data
	// are at another one by now it changes nothing, answers with the new preview and has CodeChanged; revision 0 is any.
	// Errors: *BadData.
	Apply(ctx context.Context, in Intake, revision uint64) (Preview, error)
	// Withdraw takes a change of prices back that does not hold yet; CodeConflict where it holds, or was withdrawn before.
	Withdraw(ctx context.Context, number uint32, by string) error
	// Export gives a table out as CSV in UTF-8, which can be taken in again and changes nothing then.
	Export(ctx context.Context, kind MasterKind, of Bound) ([]byte, error)
}

// PriceBook is the prices as they are, as they will be and as they were.
type PriceBook struct {
	Version uint32 // 0: none yet
	Prices  map[protocol.SKU]protocol.Fen
	Coming  []PriceChange // in the order in which they will hold
	Ended   []PriceChange // those that hold or held, or were withdrawn; the newest entered first
}

// Assortment is what pages and API may know of articles.
type Assortment interface {
	// Articles lists them by SKU, the retired ones too.
	Articles(ctx context.Context) ([]Article, error)
	// Aisles lists where articles lie in a store, by article.
	Aisles(ctx context.Context, store StoreID) ([]ShelfPlace, error)
	// Prices has so many changes with an end at most.
	Prices(ctx context.Context, ended int) (PriceBook, error)
	// Costs are what an article cost, the oldest first.
	Costs(ctx context.Context, sku protocol.SKU) ([]CostChange, error)
}

// AgeVerifier knows how old people are.
type AgeVerifier interface {
	// OldEnough reports whether a person is known to be so many years old or older; false where nobody knows. It may take its
	// time: no transaction waits for it.
	OldEnough(ctx context.Context, person protocol.UUID, years int) (bool, error)
}
