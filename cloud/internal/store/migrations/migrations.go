// Package migrations holds the schema, one folder for each database with the same numbers. Migrations go forward only; one
// that was released is never changed.
package migrations

import "embed"

// SQLite is the schema in SQLite's words, in the folder sqlite.
//
//go:embed sqlite/*.sql
var SQLite embed.FS

// Postgres is the schema in PostgreSQL's words, in the folder postgres.
//
//go:embed postgres/*.sql
var Postgres embed.FS
