// Package sqlite keeps the cloud's books in one SQLite file: one writer with greedy group commit, readers beside it. It is
// the only place of the cloud that knows this database, and it serves one process.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"

	_ "github.com/mattn/go-sqlite3" // The driver registers itself.
	"github.com/pressly/goose/v3"

	"allhours/cloud"
	"allhours/cloud/internal/store/migrations"
)

// readers is how many snapshots can be read at the same time.
const readers = 4

// Options say where the database lies.
type Options struct {
	Path string // of the file; its folder must exist
	// OneConnection reads and writes over one connection, in turn: for tests under testing/synctest.
	OneConnection bool
}

// DB implements cloud.DB.
type DB struct {
	pool    *sql.DB // the writer's, of one connection
	readers *sql.DB
	idle    chan *session // readers; nil where the writer reads as well
	all     []*session    // every session, to be closed in the end
	jobs    chan job
	closing chan struct{}
	closed  chan struct{}
}

// Open opens or makes the database and brings its schema up to date.
func Open(ctx context.Context, o Options) (*DB, error) {
	pool, err := sql.Open("sqlite3", dsn(o.Path, "_txlock=immediate"))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", o.Path, err)
	}
	pool.SetMaxOpenConns(1)
	d := &DB{pool: pool, jobs: make(chan job, maxGroup), closing: make(chan struct{}), closed: make(chan struct{})}
	if err := d.start(ctx, o); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", o.Path, err), d.closePools())
	}
	return d, nil
}

func (d *DB) start(ctx context.Context, o Options) error {
	if err := migrate(ctx, d.pool); err != nil {
		return err
	}
	writer, err := newSession(ctx, d.pool)
	if err != nil {
		return err
	}
	d.all = append(d.all, writer)
	if !o.OneConnection {
		if err := d.openReaders(ctx, o.Path); err != nil {
			return err
		}
	}
	go d.serve(writer)
	return nil
}

func (d *DB) openReaders(ctx context.Context, path string) error {
	pool, err := sql.Open("sqlite3", dsn(path, "_query_only=true"))
	if err != nil {
		return err
	}
	pool.SetMaxOpenConns(readers)
	d.readers, d.idle = pool, make(chan *session, readers)
	for range readers {
		s, err := newSession(ctx, pool)
		if err != nil {
			return err
		}
		d.all = append(d.all, s)
		d.idle <- s
	}
	return nil
}

func dsn(path, more string) string {
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	return file.String() + "?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000&_foreign_keys=on&" + more
}

func migrate(ctx context.Context, pool *sql.DB) error {
	files, err := fs.Sub(migrations.SQLite, "sqlite")
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, pool, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Update implements cloud.DB.
func (d *DB) Update(ctx context.Context, work func(cloud.Tx) error) error {
	return d.write(ctx, func(s *session) error { return work(s.tx()) })
}

// View implements cloud.DB.
func (d *DB) View(ctx context.Context, work func(cloud.Tx) error) error {
	return d.read(ctx, func(s *session) error { return work(s.tx()) })
}

// Close ends the writer, after what it was given, and closes the file.
func (d *DB) Close() error {
	close(d.closing)
	<-d.closed
	for range cap(d.idle) { // until nobody reads any more
		<-d.idle
	}
	return d.closePools()
}

// closePools closes the sessions first: a pool leaves a connection that somebody holds open, and the last one to close
// empties the write-ahead log.
func (d *DB) closePools() error {
	var errs []error
	for _, s := range d.all {
		errs = append(errs, s.close())
	}
	errs = append(errs, d.pool.Close())
	if d.readers != nil {
		errs = append(errs, d.readers.Close())
	}
	return errors.Join(errs...)
}
