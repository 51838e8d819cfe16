// Package sqlstore is the cloud's books in SQL that every database of the cloud speaks: one writer with greedy group commit,
// readers on snapshots beside it, and a type for each aggregate's table. What the databases do not share is in a Dialect;
// they are opened by packages of their own.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"allhours/cloud"
)

// Dialect is what one database says in its own way.
type Dialect struct {
	// Write begins a unit of work that runs alone, statement by statement; Read begins one on a snapshot.
	Write []string
	Read  string
	// Rebind writes the question marks of a statement as the database wants them.
	Rebind func(query string) string
	// Unique reports an error by which a unique key refused a row, Refused one by which any rule of the schema did.
	Unique  func(error) bool
	Refused func(error) bool
	// Suspend turns a trigger off in the unit of work under way, and gives the statements that turn it on again, once all that the
	// work writes is there.
	Suspend func(ctx context.Context, conn *sql.Conn, table, trigger string) (resume []string, err error)
}

// Options are the pools of connections to one database whose schema is up to date; they are closed with the DB.
type Options struct {
	Dialect Dialect
	Writer  *sql.DB
	Readers *sql.DB // nil: the writer reads as well, in turn
	// Snapshots is how many of them can be read at the same time.
	Snapshots int
	// Beside goes on until closing ends; nil: nothing does.
	Beside func(closing <-chan struct{})
}

// DB implements cloud.DB.
type DB struct {
	o       Options
	idle    chan *session // readers; nil where the writer reads as well
	all     []*session    // every session, to be closed in the end
	jobs    chan job      // somebody waits for it
	later   chan job      // nobody waits for it: it goes after the others
	closing chan struct{}
	closed  chan struct{}
	beside  sync.WaitGroup
}

// New takes the pools over; with an error they are closed.
func New(ctx context.Context, o Options) (*DB, error) {
	d := &DB{o: o, jobs: make(chan job, maxGroup), later: make(chan job, maxGroup), closing: make(chan struct{}), closed: make(chan struct{})}
	writer, err := d.connect(ctx, o.Writer)
	if err == nil && o.Readers != nil {
		err = d.connectReaders(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, d.closePools())
	}
	go d.serve(writer)
	if o.Beside != nil {
		d.beside.Go(func() { o.Beside(d.closing) })
	}
	return d, nil
}

func (d *DB) connect(ctx context.Context, pool *sql.DB) (*session, error) {
	s := &session{dialect: d.o.Dialect, pool: pool}
	if err := connect(ctx, s); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	d.all = append(d.all, s)
	return s, nil
}

func (d *DB) connectReaders(ctx context.Context) error {
	d.idle = make(chan *session, d.o.Snapshots)
	for range d.o.Snapshots {
		s, err := d.connect(ctx, d.o.Readers)
		if err != nil {
			return err
		}
		d.idle <- s
	}
	return nil
}

// Update implements cloud.DB.
func (d *DB) Update(ctx context.Context, work func(cloud.Tx) error) error {
	return d.write(ctx, func(s *session) error { return work(tables(s)) })
}

// View implements cloud.DB.
func (d *DB) View(ctx context.Context, work func(cloud.Tx) error) error {
	return d.read(ctx, func(s *session) error { return work(tables(s)) })
}

// Close ends the writer, after what it was given, and closes the pools.
func (d *DB) Close() error {
	close(d.closing)
	<-d.closed
	d.beside.Wait()
	for range cap(d.idle) { // until nobody reads any more
		<-d.idle
	}
	return d.closePools()
}

// closePools closes the sessions first: a pool leaves a connection that somebody holds open, and SQLite's last one to close
// empties the write-ahead log.
func (d *DB) closePools() error {
	var errs []error
	for _, s := range d.all {
		errs = append(errs, disconnect(s))
	}
	errs = append(errs, d.o.Writer.Close())
	if d.o.Readers != nil {
		errs = append(errs, d.o.Readers.Close())
	}
	return errors.Join(errs...)
}
