package cloud

import (
	"context"
	"io"
	"time"

	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
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
}

// BadRow is a cell of a file that cannot be read.
type BadRow struct {
	Line   int    // from 1, of the file
	Column string // its name; empty: the whole row
	Why    string
}

// Statements takes in what the payment provider says that it moved.
type Statements interface {
	// Import reads a file; all or nothing, and the same lines again change nothing. Bad rows are told all at once, and
	// nothing is taken in then.
	Import(ctx context.Context, by, name string, file io.Reader) (StatementImport, []BadRow, error)
	Imports(ctx context.Context, limit int) ([]StatementImport, error)
	// Unknown lists the newest lines that name no operation of ours.
	Unknown(ctx context.Context, limit int) ([]StatementLine, error)
}

// StatementTable keeps the provider's lines.
type StatementTable interface {
	// Put adds a line; false where it is there already.
	Put(file string, l StatementLine) (added bool, err error)
	AddImport(i StatementImport) error
	Imports(limit int) ([]StatementImport, error)
}

// StatementLines finds the provider's lines and what they are of.
type StatementLines interface {
	// Of lists the lines of a day that name operations of a store; an empty store means those whose operation was not known.
	Of(store StoreID, day ledger.Day) ([]StatementLine, error)
	// Naming lists the lines of any day that name an operation, by its id as text.
	Naming(op string) ([]StatementLine, error)
	// Any reports whether there is a line of a day.
	Any(day ledger.Day) (bool, error)
	// Unknown lists the newest lines that name no operation of ours.
	Unknown(limit int) ([]StatementLine, error)
	// Place finds the store of an operation; empty where there is none.
	Place(op string) (StoreID, error)
}
