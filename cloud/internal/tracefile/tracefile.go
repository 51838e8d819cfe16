// Package tracefile keeps the recordings of visits that were fetched from cabinets, as files of one folder. It refuses to
// read them: whoever downloads one replays it.
package tracefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

const suffix = ".jsonl.gz"

// Folder is a folder of recordings up to so many bytes, the newest visits'. Safe for concurrent use.
type Folder struct {
	dir  string
	most int64
	mu   sync.Mutex
}

// Open names the folder; it is made when the first recording comes.
func Open(dir string, most int64) *Folder { return &Folder{dir: dir, most: most} }

func (f *Folder) path(visit protocol.VisitID) string {
	return filepath.Join(f.dir, visit.String()+suffix)
}

// Keep writes a recording, whole or not at all, and makes room for it by removing those of the oldest visits.
func (f *Folder) Keep(visit protocol.VisitID, packed []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return fmt.Errorf("keep trace %s: %w", visit, err)
	}
	part := f.path(visit) + ".part"
	if err := errors.Join(os.WriteFile(part, packed, 0o600), flushed(part)); err != nil {
		return fmt.Errorf("keep trace %s: %w", visit, err)
	}
	if err := errors.Join(os.Rename(part, f.path(visit)), flushed(f.dir)); err != nil {
		return fmt.Errorf("keep trace %s: %w", visit, err)
	}
	if err := f.fit(visit); err != nil {
		return fmt.Errorf("make room for trace %s: %w", visit, err)
	}
	return nil
}

// flushed lets a file, or the names in a folder, survive a power cut.
func flushed(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// fit removes recordings in the order of their visits' ids, which is that of time, but never the one that just came.
func (f *Folder) fit(newest protocol.VisitID) error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	var sum int64
	sizes := map[string]int64{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return err
		}
		sizes[e.Name()] = info.Size()
		sum += info.Size()
	}
	for _, e := range slices.Clone(entries) {
		if sum <= f.most {
			break
		}
		if strings.HasPrefix(e.Name(), newest.String()) {
			continue
		}
		if err := os.Remove(filepath.Join(f.dir, e.Name())); err != nil {
			return err
		}
		sum -= sizes[e.Name()]
	}
	return nil
}

// Has tells whether a recording is kept, without reading it.
func (f *Folder) Has(visit protocol.VisitID) (bool, error) {
	_, err := os.Stat(f.path(visit))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("trace %s: %w", visit, err)
	}
	return true, nil
}

// Fetch gives a recording, gzipped; cloud.CodeNotFound where none is kept.
func (f *Folder) Fetch(visit protocol.VisitID) ([]byte, error) {
	raw, err := os.ReadFile(f.path(visit))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, protocol.Errorf(cloud.CodeNotFound, "no trace of visit %s was fetched", visit)
	}
	if err != nil {
		return nil, fmt.Errorf("trace %s: %w", visit, err)
	}
	return raw, nil
}

// Older counts the recordings of visits that began before a moment.
func (f *Folder) Older(before time.Time) (int, error) {
	names, err := f.older(before)
	return len(names), err
}

// RemoveOlder removes so many of them at most, the oldest first.
func (f *Folder) RemoveOlder(before time.Time, limit int) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	names, err := f.older(before)
	if err != nil {
		return 0, err
	}
	names = names[:min(limit, len(names))]
	for i, name := range names {
		if err := os.Remove(filepath.Join(f.dir, name)); err != nil {
			return i, fmt.Errorf("remove trace: %w", err)
		}
	}
	return len(names), nil
}

// older lists files by the time that their visits' ids begin with. What is not named after a visit is not this folder's.
func (f *Folder) older(before time.Time) ([]string, error) {
	entries, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list traces: %w", err)
	}
	var names []string
	for _, e := range entries {
		text, _, _ := strings.Cut(e.Name(), ".")
		visit, err := protocol.ParseUUID(text)
		if err == nil && visit.Time().Before(before) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
