package durable_test

import (
	"os"
	"path/filepath"
	"testing"

	"allhours/edge/internal/durable"
	"allhours/edge/internal/fraildisk"
)

func TestMain(m *testing.M) {
	fraildisk.Serve()
	os.Exit(m.Run())
}

func TestAFolderSurvivesAPowerCut(t *testing.T) {
	disk := fraildisk.Mount(t)
	for name, mkdir := range map[string]func(string) error{
		"kept": durable.Folder,
		"lost": func(path string) error { return os.MkdirAll(path, 0o700) },
	} {
		if err := mkdir(filepath.Join(disk.Dir(), name, "below")); err != nil {
			t.Fatal(err)
		}
		disk.Cut(1, 0)
		_, err := os.Stat(filepath.Join(disk.Dir(), name, "below"))
		if there := err == nil; there != (name == "kept") {
			t.Errorf("%s: there is %v: %v", name, there, err)
		}
	}
}

func TestAFolderThatIsThereIsNoError(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	for range 2 {
		if err := durable.Folder(dir); err != nil {
			t.Fatal(err)
		}
	}
}
