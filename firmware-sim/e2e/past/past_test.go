package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestProfile(t *testing.T) {
	dir := t.TempDir()
	_ = filepath.Join
	if err := errors.Join(os.CopyFS(dir, os.DirFS("/tmp/past1seed"))); err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), options{data: dir, days: 2, seed: 28, password: "lit-window-at-night", broker: "tcp://127.0.0.1:1883", until: time.Now(), say: t.Logf}); err != nil {
		t.Fatal(err)
	}
}
