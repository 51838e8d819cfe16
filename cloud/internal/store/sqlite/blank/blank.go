// Package blank puts empty books in place for tests: hundreds of them begin with a database of their own, and to bring each up to
// date from nothing took longer than what it was for.
package blank

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"allhours/cloud/internal/store/sqlite"
)

// At puts an empty database of the newest schema at a path where there is none yet, and gives the path.
func At(t testing.TB, path string) string {
	t.Helper()
	raw, err := image()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Write(raw)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// image is the file of such a database.
var image = sync.OnceValues(func() (raw []byte, err error) {
	dir, err := os.MkdirTemp("", "allhours-blank-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "blank.db")
	db, err := sqlite.Open(context.Background(), sqlite.Options{Path: path, OneConnection: true, Volatile: true})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil { // What the log holds goes into the file with the last connection.
		return nil, err
	}
	return os.ReadFile(path)
})
