// Package durable writes small files that a power cut leaves either as they were or as they are wanted.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace writes a file that its owner alone may read, in place of the one that is there. When it returns, the file is on
// the disk; after an error the old one is.
func Replace(path string, content []byte) error {
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, ".new-*") // CreateTemp gives it mode 0600.
	if err != nil {
		return err
	}
	_, err = tmp.Write(content)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
