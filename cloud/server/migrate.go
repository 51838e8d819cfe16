package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"allhours/cloud/internal/store"
	"allhours/cloud/internal/store/postgres"
	"allhours/cloud/internal/store/sqlite"
)

// Pending lists what the schema of the books lacks, by file, and changes nothing.
func Pending(ctx context.Context, data, databaseURL string) ([]string, error) {
	if databaseURL != "" {
		return postgres.Pending(ctx, databaseURL)
	}
	return sqlite.Pending(ctx, filepath.Join(data, databaseName))
}

// Migrate brings the schema of the books up to date, as a server does when it starts, and lists what it lacked. No server may
// serve them meanwhile: one of an older version would not know what it finds.
func Migrate(ctx context.Context, data, databaseURL string) (done []string, err error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("migrate: data folder: %w", err)
	}
	lock, err := store.Take(data)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	if databaseURL != "" {
		turn, err := postgres.TakeTurn(ctx, databaseURL)
		if err != nil {
			return nil, fmt.Errorf("migrate: %w", err)
		}
		defer turn.Release()
	}
	if done, err = Pending(ctx, data, databaseURL); err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	db, err := openDatabase(ctx, data, databaseURL, sqlite.Options{})
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	return done, db.Close()
}
