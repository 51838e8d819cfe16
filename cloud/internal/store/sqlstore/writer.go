package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"allhours/cloud"
)

// maxGroup is how many units of work share one commit at most: the disk is asked once for all of them.
const maxGroup = 1000

// errClosed is given to work that comes after Close.
var errClosed = errors.New("the database is closed")

type job struct {
	work func(*session) error
	done chan error
}

// write gives work to the writer and waits until it is durable. Where the context is that of a deed of the staff, the record of
// the deed is part of its first work that succeeds.
func (d *DB) write(ctx context.Context, work func(*session) error) error {
	deed := cloud.DeedOf(ctx)
	if deed == nil {
		return d.hand(ctx, work)
	}
	pen, settle, mine := deed.Record()
	if !mine {
		return d.hand(ctx, work)
	}
	var done cloud.Deed
	err := d.hand(ctx, func(s *session) error {
		if err := work(s); err != nil {
			return err
		}
		done = deed.Told()
		done.Outcome = cloud.DeedDone
		return addDeed(s, pen.Tidy(done), pen.Seal)
	})
	settle(done, err == nil)
	return err
}

// hand gives work to the writer. The context counts only until the writer has it: a transaction is never interrupted.
func (d *DB) hand(ctx context.Context, work func(*session) error) error {
	j := job{work: work, done: make(chan error, 1)}
	select {
	case d.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-d.closing:
		return errClosed
	}
	select {
	case err := <-j.done:
		return err
	case <-d.closed:
	}
	select {
	case err := <-j.done:
		return err
	default:
		return errClosed
	}
}

// read runs work on one snapshot.
func (d *DB) read(ctx context.Context, work func(*session) error) error {
	if d.idle == nil {
		return d.hand(ctx, work)
	}
	select {
	case s := <-d.idle:
		defer func() { d.idle <- s }()
		return inTx(s, []string{d.o.Dialect.Read}, func() error { return work(s) })
	case <-ctx.Done():
		return ctx.Err()
	case <-d.closing:
		return errClosed
	}
}

func (d *DB) serve(s *session) {
	defer close(d.closed)
	for {
		select {
		case first := <-d.jobs:
			d.commit(s, d.group(first))
		case <-d.closing:
			return
		}
	}
}

// group takes what waits already.
func (d *DB) group(first job) []job {
	group := []job{first}
	for len(group) < maxGroup {
		select {
		case next := <-d.jobs:
			group = append(group, next)
		default:
			return group
		}
	}
	return group
}

// commit runs a group in one transaction; each member succeeds or fails alone, unless the commit fails for all.
func (d *DB) commit(s *session, group []job) {
	results := make([]error, len(group))
	err := inTx(s, d.o.Dialect.Write, func() error {
		for i, j := range group {
			result, err := inSavepoint(s, j.work)
			if err != nil {
				return err
			}
			results[i] = result
		}
		return nil
	})
	for i, j := range group {
		if err != nil && results[i] == nil {
			results[i] = fmt.Errorf("commit: %w", err)
		}
		j.done <- results[i]
	}
}
