// Package sqlite opens the cloud's books in one SQLite file. It is the only place of the cloud that knows this database,
// and it serves one process.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"

	"allhours/cloud/internal/store/migrations"
	"allhours/cloud/internal/store/sqlstore"
)

// readers is how many snapshots can be read at the same time.
const readers = 4

// What the writer keeps in memory, in KiB, and how many pages its log gathers before the writer itself brings them into the file,
// where nobody beside it came to it: each event is on pages of its own cabinet, and ten thousand cabinets share both.
const (
	writerCacheKiB  = 64 << 10
	checkpointPages = 65_536
)

// waitForTurn is how long a process waits for another one's writing. A plan of ten thousand cabinets that the administrator's tool
// brings, or what the service makes of it, is written in one piece and takes some seconds.
const waitForTurn = 30 * time.Second

// Options say where the database lies.
type Options struct {
	Path string // of the file; its folder must exist
	// OneConnection reads and writes over one connection, in turn: for tests under testing/synctest.
	OneConnection bool
	// Volatile does not wait for the disk: for books that nobody relies on before they are put in their place.
	Volatile bool
}

// Open opens or makes the database and brings its schema up to date.
func Open(ctx context.Context, o Options) (*sqlstore.DB, error) {
	sync := "FULL"
	if o.Volatile {
		sync = "OFF"
	}
	writer, err := openWriter(ctx, o.Path, sync)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", o.Path, err)
	}
	if err := sqlstore.Migrate(ctx, goose.DialectSQLite3, writer, migrations.SQLite, "sqlite"); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", o.Path, err), writer.Close())
	}
	opt := sqlstore.Options{Dialect: dialect(), Writer: writer, Snapshots: readers}
	if !o.OneConnection {
		if opt.Readers, err = pool(o.Path, readers, "_query_only=true&_synchronous=FULL"); err != nil {
			return nil, errors.Join(fmt.Errorf("open %s: %w", o.Path, err), writer.Close())
		}
		opt.Beside = func(closing <-chan struct{}) { empty(o.Path, closing) }
	}
	db, err := sqlstore.New(ctx, opt)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", o.Path, err)
	}
	return db, nil
}

// openWriter has one connection for ever, whose settings stay. What it deletes on a page that it writes anyway it also overwrites:
// who was forgotten shall not be found in the file. What a savepoint could have to take back it keeps in memory: each piece of work
// of a commit has one, and from the sixteenth page on SQLite would write each page of it to a file of its own first.
func openWriter(ctx context.Context, path, sync string) (*sql.DB, error) {
	p, err := pool(path, 1, fmt.Sprintf("_txlock=immediate&_cache_size=-%d&_synchronous=%s&_secure_delete=fast", writerCacheKiB, sync))
	if err != nil {
		return nil, err
	}
	for _, pragma := range []string{fmt.Sprintf("wal_autocheckpoint = %d", checkpointPages), "temp_store = MEMORY"} {
		if _, err := p.ExecContext(ctx, "PRAGMA "+pragma); err != nil {
			return nil, errors.Join(err, p.Close())
		}
	}
	return p, nil
}

// Pending lists the migrations that a database lacks; of one that is not there yet, all.
func Pending(ctx context.Context, path string) ([]string, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		path = ":memory:"
	}
	p, err := pool(path, 1, "_synchronous=FULL")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	pending, err := sqlstore.Pending(ctx, goose.DialectSQLite3, p, migrations.SQLite, "sqlite")
	return pending, errors.Join(err, p.Close())
}

func pool(path string, connections int, more string) (*sql.DB, error) {
	p, err := sql.Open("sqlite3", dsn(path, more))
	if err != nil {
		return nil, err
	}
	p.SetMaxOpenConns(connections)
	return p, nil
}

func dsn(path, more string) string {
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	return file.String() + fmt.Sprintf("?_journal_mode=WAL&_busy_timeout=%d&_foreign_keys=on&", waitForTurn.Milliseconds()) + more
}

func dialect() sqlstore.Dialect {
	return sqlstore.Dialect{
		Write: []string{"BEGIN IMMEDIATE"}, Read: "BEGIN",
		Rebind: func(query string) string { return query },
		Unique: func(err error) bool {
			e, is := errors.AsType[sqlite3.Error](err)
			return is && (e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey)
		},
		Refused: func(err error) bool {
			e, is := errors.AsType[sqlite3.Error](err)
			return is && (e.Code == sqlite3.ErrConstraint || e.Code == sqlite3.ErrMismatch || e.Code == sqlite3.ErrTooBig)
		},
		Suspend: suspend,
	}
}

// suspend takes a trigger away, which is all that SQLite can do with one.
func suspend(ctx context.Context, conn *sql.Conn, _, trigger string) (resume []string, err error) {
	var made string
	if err := conn.QueryRowContext(ctx, `SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?`, trigger).Scan(&made); err != nil {
		return nil, err
	}
	_, err = conn.ExecContext(ctx, "DROP TRIGGER "+trigger)
	return []string{made}, err
}
