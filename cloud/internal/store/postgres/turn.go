package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"allhours/cloud/internal/store"
)

// turnEvery is how often the holder of a turn makes sure that it still has it.
const turnEvery = 5 * time.Second

// Turn is the right to serve a database. It is held by a connection of its own and ends with it.
type Turn struct {
	pool *sql.DB
	conn *sql.Conn // nil: it is lost
}

// TakeTurn takes the right to serve, or says with store.ErrTaken that another process has it.
func TakeTurn(ctx context.Context, url string) (*Turn, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	t := &Turn{pool: pool(config, 1)}
	if err := t.take(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name(config), err), t.Release())
	}
	return t, nil
}

func (t *Turn) take(ctx context.Context) error {
	conn, err := t.pool.Conn(ctx)
	if err != nil {
		return err
	}
	var got bool
	if err := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", serveLock).Scan(&got); err != nil {
		return errors.Join(err, conn.Close())
	}
	if !got {
		return errors.Join(store.ErrTaken, conn.Close())
	}
	t.conn = conn
	return nil
}

// Keep takes the turn again whenever its connection is lost, until ctx ends; store.ErrTaken where another process was faster.
// While the database is away nobody can serve it, so that is no error.
func (t *Turn) Keep(ctx context.Context) error {
	tick := time.NewTicker(turnEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if t.conn != nil && t.conn.PingContext(ctx) == nil || ctx.Err() != nil {
			continue
		}
		if t.conn != nil {
			_ = t.conn.Close() // A connection that is lost has nothing to say about its end.
			t.conn = nil
		}
		if err := t.take(ctx); errors.Is(err, store.ErrTaken) {
			return err
		}
	}
}

// Release gives the database free.
func (t *Turn) Release() error {
	if t.conn == nil {
		return t.pool.Close()
	}
	return errors.Join(t.conn.Close(), t.pool.Close())
}
