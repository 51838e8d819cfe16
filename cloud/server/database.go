package server

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"allhours/cloud/internal/store/postgres"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlstore"
)

// openDatabase opens the PostgreSQL that the URL names, or without one SQLite in the data folder.
func openDatabase(ctx context.Context, data, url string, o sqlite.Options) (*sqlstore.DB, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if url != "" {
		return postgres.Open(ctx, url)
	}
	o.Path = filepath.Join(data, databaseName)
	return sqlite.Open(ctx, o)
}

// takeTurn makes this the one server of a PostgreSQL; SQLite is guarded by the lock of its folder.
func (s *Server) takeTurn(ctx context.Context) (err error) {
	if s.o.DatabaseURL == "" {
		return nil
	}
	s.turn, err = postgres.TakeTurn(ctx, s.o.DatabaseURL)
	return err
}

// keepTurn waits until ctx ends, or another server has the database.
func (s *Server) keepTurn(ctx context.Context) error {
	if s.turn == nil {
		return nil
	}
	return s.turn.Keep(ctx)
}
