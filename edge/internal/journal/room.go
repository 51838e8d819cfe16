package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// roomBytes is more than the longest visit writes: a step a second for half an hour, its events and its settlement, each
// written twice by SQLite.
const roomBytes = 4 << 20

// room is space on the disk that a visit under way may use when there is no other: a file that is written full of bytes
// before a grant is burnt and cut to nothing when a visit meets a full disk. It outlives visits, so that an SD card is not
// written for each.
type room struct {
	path string

	mu    sync.Mutex
	ready bool
}

func newRoom(dir string) *room { return &room{path: filepath.Join(dir, "visit.room")} }

// reserve makes sure that the room is there.
func (r *room) reserve() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ready {
		return nil
	}
	info, err := os.Stat(r.path)
	switch {
	case err == nil && info.Size() == roomBytes:
		r.ready = true
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("reserve room for a visit: %w", err)
	}
	if err := r.fill(); err != nil {
		return errors.Join(fmt.Errorf("reserve room for a visit: %w", err), os.Remove(r.path))
	}
	r.ready = true
	return nil
}

// fill writes bytes that no file system stores as a hole; a file that was cut off has another size and is written again.
func (r *room) fill() error {
	f, err := os.Create(r.path)
	if err != nil {
		return err
	}
	block := make([]byte, 64<<10)
	for i := range block {
		block[i] = 0xA5
	}
	for range roomBytes / len(block) {
		if _, err := f.Write(block); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}

// release gives the room to whoever writes next; false when there was none.
func (r *room) release() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ready = false
	return os.Remove(r.path) == nil
}
