package durable_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
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

// owner is who has a file. The program that makes these tests need not be root; where it is not, all is its own.
func owner(t *testing.T, path string) (uid, gid uint32, mode os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	stat := info.Sys().(*syscall.Stat_t)
	return stat.Uid, stat.Gid, info.Mode().Perm()
}

func TestWhatIsReplacedIsReadByWhoeverReadItBefore(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "cabinet.yaml")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := errors.Join(os.Chown(path, 0, 1234), os.Chown(dir, 4321, 1234)); err != nil {
			t.Fatal(err)
		}
	}
	uid, gid, mode := owner(t, path)
	if err := durable.Replace(path, []byte("fresh"), 0o600); err != nil {
		t.Fatal(err)
	}
	if u, g, m := owner(t, path); u != uid || g != gid || m != mode {
		t.Errorf("it is of %d:%d, %v: it was of %d:%d, %v", u, g, m, uid, gid, mode)
	}
}

func TestWhatIsNewIsOfWhoeverHasItsFolder(t *testing.T) {
	dir := t.TempDir()
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, 4321, 1234); err != nil {
			t.Fatal(err)
		}
	}
	uid, gid, _ := owner(t, dir)
	path := filepath.Join(dir, "credentials.yaml")
	if err := durable.Replace(path, []byte("fresh"), 0o600); err != nil {
		t.Fatal(err)
	}
	if u, g, m := owner(t, path); u != uid || g != gid || m != 0o600 {
		t.Errorf("it is of %d:%d, %v: want %d:%d, 0600", u, g, m, uid, gid)
	}
}

func TestAFolderThatIsThereNeedsNoSyncOfAPlaceThatKnowsNone(t *testing.T) {
	if err := durable.Folder("/proc/self"); err != nil { // As one that is mounted into a read-only image.
		t.Error(err)
	}
}
