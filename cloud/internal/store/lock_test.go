package store_test

import (
	"errors"
	"testing"

	"allhours/cloud/internal/store"
)

func TestASecondStartOnTheSameDataIsRefused(t *testing.T) {
	data := t.TempDir()
	first, err := store.Take(data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Take(data); !errors.Is(err, store.ErrTaken) {
		t.Errorf("a second start: %v", err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := store.Take(data)
	if err != nil {
		t.Fatalf("after the first ended: %v", err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
	if _, err := store.Take(data + "/nowhere"); err == nil {
		t.Error("a folder that is not there was locked")
	}
}
