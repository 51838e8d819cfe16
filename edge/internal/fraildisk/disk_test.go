package fraildisk_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"allhours/edge/internal/fraildisk"
)

func TestMain(m *testing.M) {
	fraildisk.Serve()
	os.Exit(m.Run())
}

// sheet is an open file on a frail disk.
type sheet struct {
	*testing.T
	disk *fraildisk.Disk
	file *os.File
}

// newSheet makes a file whose name is on the disk, with "old" in it.
func newSheet(t *testing.T) sheet {
	disk := fraildisk.Mount(t)
	file, err := os.Create(filepath.Join(disk.Dir(), "sheet"))
	if err != nil {
		t.Fatal(err)
	}
	s := sheet{t, disk, file}
	s.write("old")
	s.sync(disk.Dir())
	if err := file.Sync(); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s sheet) write(text string) {
	s.Helper()
	if _, err := s.file.WriteAt([]byte(text), 0); err != nil {
		s.Fatal(err)
	}
}

func (s sheet) sync(folder string) {
	s.Helper()
	dir, err := os.Open(folder)
	if err != nil {
		s.Fatal(err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		s.Fatal(err)
	}
}

// reads wants a text in a file after the file was closed.
func (s sheet) reads(name, want string) {
	s.Helper()
	_ = s.file.Close()
	got, err := os.ReadFile(filepath.Join(s.disk.Dir(), name))
	if err != nil || string(got) != want {
		s.Errorf("%s has %q, %v: want %q", name, got, err, want)
	}
}

func TestAPowerCutTakesWhatWasNotSynced(t *testing.T) {
	s := newSheet(t)
	s.write("new")
	s.disk.Cut(1, 0)
	s.reads("sheet", "old")
}

func TestTheDeathOfAProgramTakesNothing(t *testing.T) {
	s := newSheet(t)
	s.write("new")
	s.disk.On()
	s.reads("sheet", "new")
}

func TestANameIsLostWithoutItsFolder(t *testing.T) {
	s := newSheet(t)
	if err := os.Rename(s.file.Name(), filepath.Join(s.disk.Dir(), "other")); err != nil {
		t.Fatal(err)
	}
	s.disk.Cut(1, 0)
	s.reads("sheet", "old")
}

func TestAFailedSyncIsNeverMadeUpFor(t *testing.T) {
	s := newSheet(t)
	s.write("new")
	s.disk.Plan("", 1, fraildisk.Fails)
	if err := s.file.Sync(); !errors.Is(err, syscall.EIO) {
		t.Errorf("sync: %v", err)
	}
	if err := s.file.Sync(); err != nil {
		t.Error(err)
	}
	s.disk.Cut(1, 0)
	s.reads("sheet", "old")
}

func TestAFullDiskTakesNoMore(t *testing.T) {
	s := newSheet(t)
	s.disk.Plan("", 1, fraildisk.FullNow)
	if _, err := s.file.WriteAt([]byte("longer"), 0); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("write: %v", err)
	}
	s.write("new")
	s.disk.Roomy()
	s.write("longer")
	s.reads("sheet", "longer")
}

func TestACallIsFoundByItsStage(t *testing.T) {
	s := newSheet(t)
	s.disk.Watch(map[string]string{"word": "after"})
	s.disk.Mark("before")
	s.disk.Plan("after", 1, fraildisk.OffBefore)
	s.write("word")
	if err := s.file.Sync(); err != nil {
		t.Error(err)
	}
	if _, err := s.file.WriteAt([]byte("lost"), 0); !errors.Is(err, syscall.EIO) {
		t.Errorf("write without power: %v", err)
	}
	if met := s.disk.Look().Met; met == nil || met.Kind != fraildisk.Write || met.Stage != "after" {
		t.Errorf("met %+v: want the write after the word was synced", met)
	}
	s.disk.Cut(1, 0)
	s.reads("sheet", "word")
}
