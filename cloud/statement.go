package cloud

import (
	"context"
	"io"
	"time"

	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// StatementLine is one line of a provider's statement as it is kept.
type StatementLine struct {
	reconcile.Stated
	Currency string
	Day      ledger.Day // by the chain's clocks
	Op       string     // that its number names, as text; empty: the number names none
	Store    StoreID    // of the operation; empty: no such operation is known
}

// StatementImport is a file that was taken in.
type StatementImport struct {
	Sum   string // SHA-256 of the file
	Name  string
	By    string
	At    time.Time
	Lines int // in the file
	Added int // of them, those that were not there before

	First, Last ledger.Day // the days of which it states everything; empty: it may be a part of any
	Changed     int        // lines that were added to days of which everything had been stated
	Lacking     int        // lines that other files state of its days, and it does not; they stay
}

// StatementFile is a provider's statement on its way in.
type StatementFile struct {
	By, Name    string
	First, Last ledger.Day // the days that it is for: what it lacks of them is missing. Both empty: nobody says so.
	Text        io.Reader
}

// StoreStated is what a statement says of one store's operations, or of the chain's own.
type StoreStated struct {
	Store StoreID
	reconcile.Paid
}

// StatedFees is what a file states as fees of one store's operations of a day.
type StatedFees struct {
	Statement string // the sum of the file
	Store     StoreID
	Day       ledger.Day
	At        time.Time // of the last of its lines
	Amount    protocol.Fen
}

// Ref names the fees in the ledger.
func (f StatedFees) Ref() ledger.Ref { return ledger.FeesRef(f.Statement, string(f.Store), f.Day) }

// BadRow is a cell of a file that cannot be read.
type BadRow struct {
	Line   int    // from 1, of the file
	Column string // its name; empty: the whole row
	Why    string
}

// Statements takes in what the payment provider says that it moved.
type Statements interface {
	// Import reads a file; the same lines again change nothing. Bad rows are told all at once, and nothing is taken in then.
	// Where it is broken off, some lines are there, no day counts as stated, and the same file again adds the rest.
	// protocol.CodeMalformed for days that are none, or are not over.
	Import(ctx context.Context, f StatementFile) (StatementImport, []BadRow, error)
	Imports(ctx context.Context, limit int) ([]StatementImport, error)
	// Lines lists everything that was stated of a day, in the order of its times.
	Lines(ctx context.Context, day ledger.Day) ([]StatementLine, error)
	// Unknown lists the newest lines that name no operation of ours.
	Unknown(ctx context.Context, limit int) ([]StatementLine, error)
}

// StatementTable keeps the provider's lines.
type StatementTable interface {
	// Put adds lines of a file, and tells the keys of those that were not there already. The file itself is known from its first
	// lines on, and counts what it added; without lines it is only made known.
	Put(file StatementImport, lines []StatementLine) (added map[string]bool, err error)
	// Unbooked lists the fees that a file states and the ledger lacks.
	Unbooked(sum string) ([]StatedFees, error)
	// Cover keeps that the file's lines are all there and its fees booked, and of which days it states everything.
	Cover(file StatementImport) error
	Imports(limit int) ([]StatementImport, error)
}

// StatementLines finds the provider's lines and what they are of.
type StatementLines interface {
	// Of lists the lines of a day that name operations of a store; an empty store means those whose operation was not known.
	Of(store StoreID, day ledger.Day) ([]StatementLine, error)
	// On lists the lines of a day, whosever they are.
	On(day ledger.Day) ([]StatementLine, error)
	// Naming lists the lines of any day that name an operation, by its id as text.
	Naming(op string) ([]StatementLine, error)
	// Covers reports whether a file states everything of a day.
	Covers(day ledger.Day) (bool, error)
	// Count is how many lines there are of a day.
	Count(day ledger.Day) (int, error)
	// Sums adds the lines of a day up for each store as they were placed when they came; the empty store is of none.
	Sums(day ledger.Day) ([]StoreStated, error)
	// Unknown lists the newest lines that name no operation of ours.
	Unknown(limit int) ([]StatementLine, error)
	// Place finds the store of an operation; empty where there is none.
	Place(op string) (StoreID, error)
}
