package mosquitto

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// fileMode lets a group read the files, mosquitto's: it runs as a user of its own.
const fileMode = 0o640

// Write puts text where a file is, in one step, and tells whether that changed anything.
func Write(path string, text []byte) (changed bool, err error) {
	before, err := os.ReadFile(path)
	if err == nil && bytes.Equal(before, text) {
		return false, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	next, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return false, err
	}
	defer os.Remove(next.Name()) // It is gone where all went well.
	_, err = next.Write(text)
	if err = errors.Join(err, next.Chmod(fileMode), next.Sync(), next.Close()); err != nil {
		return false, err
	}
	return true, os.Rename(next.Name(), path)
}
