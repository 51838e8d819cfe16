// Package sqlite keeps the cloud's books in one SQLite file: one writer with greedy group commit, readers beside it. It is
// the only place of the cloud that knows this database, and it serves one process.
package sqlite

import (
	"context"
	"errors"

	"allhours/cloud"
)

// Options say where the database lies.
type Options struct {
	Path string // of the file; its folder must exist
	// OneConnection reads and writes over one connection, in turn: for tests under testing/synctest.
	OneConnection bool
}

// DB implements cloud.DB.
type DB struct{}

// Open opens or makes the database and brings its schema up to date.
func Open(ctx context.Context, o Options) (*DB, error) { return nil, errors.ErrUnsupported }

// Update implements cloud.DB.
func (d *DB) Update(ctx context.Context, work func(cloud.Tx) error) error {
	return errors.ErrUnsupported
}

// View implements cloud.DB.
func (d *DB) View(ctx context.Context, work func(cloud.Tx) error) error {
	return errors.ErrUnsupported
}

// Close ends the writer and closes the file.
func (d *DB) Close() error { return nil }

// querier is one unit of work in SQL; statements are prepared once and kept. Tables other than the core's (people.go)
// use it through d.write and d.read.
type querier struct{}
