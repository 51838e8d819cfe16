package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"path"

	"github.com/pressly/goose/v3"
)

// Migrate brings the schema up to date; folder holds the migrations in the database's own words.
func Migrate(ctx context.Context, dialect goose.Dialect, pool *sql.DB, all fs.FS, folder string) error {
	provider, err := migrator(dialect, pool, all, folder)
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Pending lists the migrations that the schema lacks, by file, in the order in which they would be made.
func Pending(ctx context.Context, dialect goose.Dialect, pool *sql.DB, all fs.FS, folder string) ([]string, error) {
	provider, err := migrator(dialect, pool, all, folder)
	if err != nil {
		return nil, err
	}
	states, err := provider.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	pending := []string{}
	for _, s := range states {
		if s.State == goose.StatePending {
			pending = append(pending, path.Base(s.Source.Path))
		}
	}
	return pending, nil
}

func migrator(dialect goose.Dialect, pool *sql.DB, all fs.FS, folder string) (*goose.Provider, error) {
	files, err := fs.Sub(all, folder)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	provider, err := goose.NewProvider(dialect, pool, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	return provider, nil
}
