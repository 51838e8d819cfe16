package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"allhours/cloud"
)

// maxGroup is how many units of work share one commit at most: the disk is asked once for all of them. With work that somebody
// waits for goes only what has waited before it, and besides that has the turn of fewLater others, so that a crowd of people
// never stops what cabinets tell.
const (
	maxGroup = 1000
	fewLater = 8
)

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
	j, jobs := job{work: work, done: make(chan error, 1)}, d.jobs
	if cloud.IsUnawaited(ctx) {
		jobs = d.later
	}
	select {
	case jobs <- j:
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
			d.commit(s, first, true)
		case first := <-d.later:
			d.commit(s, first, false)
		case <-d.closing:
			return
		}
	}
}

// turn is who may share the commit that is under way.
type turn struct {
	taken, later int
	hurried      bool // somebody waits for the commit
}

// next takes what waits already: first what somebody waits for, also where it came while the group was at work.
func (d *DB) next(t *turn) (next job, found bool) {
	if t.taken-t.later < maxGroup-fewLater {
		select {
		case next = <-d.jobs:
			t.taken++
			t.hurried = true
			return next, true
		default:
		}
	}
	if t.taken >= maxGroup || t.hurried && t.later >= fewLater {
		return next, false
	}
	select {
	case next = <-d.later:
		t.taken++
		t.later++
		return next, true
	default:
		return next, false
	}
}

// commit runs a group in one transaction; each member succeeds or fails alone, unless the commit fails for all.
func (d *DB) commit(s *session, first job, hurried bool) {
	group, results := []job{first}, []error{nil}
	err := inTx(s, d.o.Dialect.Write, func() error {
		t := turn{taken: 1, hurried: hurried}
		for i := 0; ; i++ {
			result, err := inSavepoint(s, group[i].work)
			if err != nil {
				return err
			}
			results[i] = result
			next, more := d.next(&t)
			if !more {
				return nil
			}
			group, results = append(group, next), append(results, nil)
		}
	})
	for i, j := range group {
		if err != nil && results[i] == nil {
			results[i] = fmt.Errorf("commit: %w", err)
		}
		j.done <- results[i]
	}
}
