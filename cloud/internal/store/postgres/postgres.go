// Package postgres opens the cloud's books in a PostgreSQL database. It is the only place of the cloud that knows this
// database. Whoever writes holds the database's one writer lock, so that a unit of work runs alone here too, beside other
// processes as well.
package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"allhours/cloud/internal/store/migrations"
	"allhours/cloud/internal/store/sqlstore"
)

// readers is how many snapshots can be read at the same time.
const readers = 8

// The advisory locks that this program takes in its database.
const (
	writerLock  = 0x616c6c68 // held by a transaction that writes
	migrateLock = 0x616c6c69 // held while the schema is brought up to date
	serveLock   = 0x616c6c6a // held by the one process that serves
)

// Open connects to the database that a URL names and brings its schema up to date. The URL may hold a password, which is in
// no error.
func Open(ctx context.Context, url string) (*sqlstore.DB, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, config); err != nil {
		return nil, fmt.Errorf("%s: %w", name(config), err)
	}
	db, err := sqlstore.New(ctx, sqlstore.Options{
		Dialect: dialect(), Writer: pool(config, 1), Readers: pool(config, readers), Snapshots: readers,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name(config), err)
	}
	return db, nil
}

func parse(url string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil { // The error may quote the password.
		return nil, errors.New("open PostgreSQL: want a URL such as postgres://user:password@host/database?sslmode=verify-full")
	}
	// A commit is durable when it is told, whatever the server's default is.
	config.RuntimeParams["synchronous_commit"] = "on"
	config.RuntimeParams["application_name"] = "allhours"
	return config, nil
}

// name is a database without its password.
func name(config *pgx.ConnConfig) string {
	return fmt.Sprintf("open PostgreSQL %s/%s", config.Host, config.Database)
}

func pool(config *pgx.ConnConfig, connections int) *sql.DB {
	p := stdlib.OpenDB(*config)
	p.SetMaxOpenConns(connections)
	return p
}

// migrate lets one process at a time look at the schema.
func migrate(ctx context.Context, config *pgx.ConnConfig) error {
	locking, working := pool(config, 1), pool(config, 1)
	defer working.Close()
	defer locking.Close()
	lock, err := locking.Conn(ctx)
	if err != nil {
		return err
	}
	defer lock.Close()
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrateLock); err != nil {
		return fmt.Errorf("lock the schema: %w", err)
	}
	return sqlstore.Migrate(ctx, goose.DialectPostgres, working, migrations.Postgres, "postgres")
}

// Pending lists the migrations that a database lacks.
func Pending(ctx context.Context, url string) ([]string, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	p := pool(config, 1)
	pending, err := sqlstore.Pending(ctx, goose.DialectPostgres, p, migrations.Postgres, "postgres")
	if err != nil {
		err = fmt.Errorf("%s: %w", name(config), err)
	}
	return pending, errors.Join(err, p.Close())
}

func dialect() sqlstore.Dialect {
	return sqlstore.Dialect{
		Write:   []string{"BEGIN", fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", writerLock)},
		Read:    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		Rebind:  rebind,
		Unique:  func(err error) bool { return state(err) == "23505" },
		Refused: refused,
		Suspend: suspend,
	}
}

// suspend turns a trigger off. A table on which keys are still to be checked cannot be altered, so they are checked before it is
// turned on again.
func suspend(ctx context.Context, conn *sql.Conn, table, trigger string) ([]string, error) {
	alter := func(how string) string { return "ALTER TABLE " + table + " " + how + " TRIGGER " + trigger }
	_, err := conn.ExecContext(ctx, alter("DISABLE"))
	return []string{"SET CONSTRAINTS ALL IMMEDIATE", alter("ENABLE")}, err
}

// refused reports what the database will refuse for ever: a value that it cannot hold (22), a row that breaks a rule (23),
// and what the schema's own triggers say (P0001).
func refused(err error) bool {
	code := state(err)
	return strings.HasPrefix(code, "22") || strings.HasPrefix(code, "23") || code == "P0001"
}

// state is the SQLSTATE of an error of the server; empty for another one.
func state(err error) string {
	if e, is := errors.AsType[*pgconn.PgError](err); is {
		return e.Code
	}
	return ""
}

// rebind numbers the question marks; the statements of the store have none in their texts.
func rebind(query string) string {
	var out strings.Builder
	parts := strings.Split(query, "?")
	for i, part := range parts {
		out.WriteString(part)
		if i < len(parts)-1 {
			out.WriteString("$" + strconv.Itoa(i+1))
		}
	}
	return out.String()
}
