package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestBooksAreBackedUpAndRestored(t *testing.T) {
	data, file := fleetOf(t), filepath.Join(t.TempDir(), "backup.db")
	if told := want(t, "", "--data", data, "backup", file).out; !strings.Contains(told, "cabinets             3\n") {
		t.Errorf("backup said %q", told)
	}
	refused(t, "is there already", "", "--data", data, "backup", file)
	refused(t, "want an empty database", "", "--data", data, "restore", file)
	fresh := t.TempDir()
	want(t, "", "--data", fresh, "restore", file)
	if before, after := want(t, "", "--data", data, "cabinets").out, want(t, "", "--data", fresh, "cabinets").out; before != after {
		t.Errorf("the restored fleet has\n%s\nwant\n%s", after, before)
	}
	refused(t, "no such file", "", "--data", t.TempDir(), "restore", filepath.Join(fresh, "none.db"))
	refused(t, "want one file", "", "--data", data, "backup")
	refused(t, "want one file", "", "--data", fresh, "restore", file, file)
}
