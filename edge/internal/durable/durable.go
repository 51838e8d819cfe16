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
	made := os.Mkdir(path, 0o700)
	if made != nil && !errors.Is(made, fs.ErrExist) {
		return made
	}
	err = Names(parent)
	if made != nil && errors.Is(err, fs.ErrPermission) {
		return nil // Whoever made it may read what is above it, and has its name on the disk.
	}
	return err
}

// Names syncs the names in a folder.
func Names(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
