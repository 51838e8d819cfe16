package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// place is a folder that gets a past once. Until all of it is there, it lies in a folder beside: who finds half of one begins
// again, who finds a whole one moves on.
type place struct{ data string }

// Names beside what the service and the cabinets have.
const (
	half  = "past.new"
	whole = "past.whole"
	books = "fleet.db"
)

func (p place) path(parts ...string) string {
	return filepath.Join(append([]string{p.data}, parts...)...)
}

// settled reports a folder that has its books, lived or simulated; one whose past was whole and not in its place gets it.
func (p place) settled() (bool, error) {
	if _, err := os.Stat(p.path(whole)); err == nil {
		return true, p.move()
	}
	_, err := os.Stat(p.path(books))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (p place) clear() error { return os.RemoveAll(p.path(half)) }

// settle writes all of it to the disk, and puts it in its place.
func (p place) settle() error {
	err := filepath.WalkDir(p.path(half), func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
	if err != nil {
		return fmt.Errorf("write the past: %w", err)
	}
	if err := os.Rename(p.path(half), p.path(whole)); err != nil {
		return err
	}
	return p.move()
}

// move moves what is there; the books last, for with them the folder is settled.
func (p place) move() error {
	cabinets, err := os.ReadDir(p.path(whole, "cabinets"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	names := []string{"keys", "payments.jsonl"}
	for _, c := range cabinets {
		names = append(names, filepath.Join("cabinets", c.Name(), "agent"), filepath.Join("cabinets", c.Name(), "shelf.json"))
	}
	for _, name := range append(names, books) {
		if _, err := os.Lstat(p.path(whole, name)); errors.Is(err, fs.ErrNotExist) {
			continue // moved before
		}
		err := errors.Join(os.RemoveAll(p.path(name)), os.MkdirAll(filepath.Dir(p.path(name)), 0o700))
		if err == nil {
			err = os.Rename(p.path(whole, name), p.path(name))
		}
		if err != nil {
			return fmt.Errorf("put the past in its place: %w", err)
		}
	}
	return os.RemoveAll(p.path(whole))
}
