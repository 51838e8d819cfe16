// Package durable makes the names of files and folders survive a power cut: a file that was synced may still be without a
// name when the folder that holds it was not.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder makes a folder, and those above it that are missing, and syncs the name of each: that of a folder which is there
// may be as young as the last run, which did not come so far.
func Folder(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	parent := filepath.Dir(path)
	if _, err := os.Stat(parent); errors.Is(err, fs.ErrNotExist) {
		if err := Folder(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return Names(parent)
}

// Names syncs the names in a folder.
func Names(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
