package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"allhours/cloud/internal/store"
	"allhours/cloud/internal/store/postgres"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlstore"
)

// Backup writes one snapshot of the books into a new SQLite file, beside a running server. The keys are not in it, nor who
// is signed in. A file that is there is never replaced; half of one is never left.
func (a *Admin) Backup(ctx context.Context, file string, told func(table string, rows int)) error {
	if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("backup: %s is there already", file), err)
	}
	half, err := os.MkdirTemp(filepath.Dir(file), ".backup-")
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer os.RemoveAll(half)
	path := filepath.Join(half, databaseName)
	if err := copyInto(ctx, a.db, path, told); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := keep(path, file); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

func copyInto(ctx context.Context, from *sqlstore.DB, path string, told func(string, int)) error {
	to, err := sqlite.Open(ctx, sqlite.Options{Path: path})
	if err != nil {
		return err
	}
	return errors.Join(sqlstore.Copy(ctx, from, to, sqlstore.CopyOptions{Told: told}), to.Close())
}

// keep gives a whole file its name, and lets both last.
func keep(path, file string) error {
	if err := errors.Join(os.Chmod(path, 0o600), syncFile(path)); err != nil {
		return err
	}
	if err := os.Link(path, file); err != nil { // Unlike a rename it replaces nothing.
		return err
	}
	return syncFile(filepath.Dir(file))
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Restore fills empty books from a backup: those of a new data folder, or of a new PostgreSQL. No server may serve them. The
// fleet's epoch is raised, so that cabinets send again what they have and the backup lacks. Residents who were forgotten since are
// forgotten again: the data folder has their ids.
func Restore(ctx context.Context, data, databaseURL, file string, told func(table string, rows int)) (err error) {
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("restore: data folder: %w", err)
	}
	lock, err := store.Take(data)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	if databaseURL != "" {
		turn, err := postgres.TakeTurn(ctx, databaseURL)
		if err != nil {
			return fmt.Errorf("restore: %w", err)
		}
		defer turn.Release()
	}
	to, err := openDatabase(ctx, data, databaseURL, sqlite.Options{})
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if err := restoreInto(ctx, file, to, told); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	forgotten, err := forgetAgain(ctx, data, to)
	if err != nil {
		return fmt.Errorf("restore: forget again who was forgotten since: %w", err)
	}
	told("residents forgotten again", forgotten)
	return nil
}

// restoreInto works on a copy of the file, because one of an older schema is brought up to date first.
func restoreInto(ctx context.Context, file string, to *sqlstore.DB, told func(string, int)) (err error) {
	scratch, err := os.MkdirTemp("", "allhours-restore-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	path := filepath.Join(scratch, databaseName)
	if err := copyFile(path, file); err != nil {
		return err
	}
	from, err := sqlite.Open(ctx, sqlite.Options{Path: path})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	return sqlstore.Copy(ctx, from, to, sqlstore.CopyOptions{Restored: time.Now(), Told: told})
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = out.ReadFrom(in)
	return errors.Join(err, out.Close())
}
