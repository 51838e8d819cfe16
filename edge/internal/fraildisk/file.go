package fraildisk

import (
	"maps"
	"slices"
	"strings"
)

const (
	page   = 4096
	sector = 512
)

// file is a file or a folder: as programs see it, and as a power cut would leave it.
type file struct {
	ino uint64
	dir bool

	data    []byte
	kept    []byte
	changes []change // since the last sync

	names     map[string]*file
	keptNames map[string]*file
	renames   []map[string]*file // since the folder's last sync; nil: the name is gone
}

// change is a write, or a new size where it has no data.
type change struct {
	off  int64
	data []byte
	size int64
}

// apply gives what becomes of some bytes.
func (c change) apply(b []byte) []byte {
	if c.data == nil {
		return resize(b, c.size)
	}
	b = resize(b, max(int64(len(b)), c.off+int64(len(c.data))))
	copy(b[c.off:], c.data)
	return b
}

func resize(b []byte, size int64) []byte {
	if n := size - int64(len(b)); n > 0 {
		return append(b, make([]byte, n)...)
	}
	return b[:size]
}

func (f *file) change(c change) {
	f.data = c.apply(f.data)
	f.changes = append(f.changes, c)
}

// name changes the names of a folder.
func (f *file) name(changed map[string]*file) {
	rename(f.names, changed)
	f.renames = append(f.renames, changed)
}

func rename(names, changed map[string]*file) {
	for name, child := range changed {
		if names[name] = child; child == nil {
			delete(names, name)
		}
	}
}

// sync keeps what changed and returns the bytes of the pages that it took.
func (f *file) sync() int64 {
	if f.dir {
		f.keptNames, f.renames = maps.Clone(f.names), nil
		return page
	}
	pages := map[int64]bool{}
	for _, c := range f.changes {
		f.kept = c.apply(f.kept)
		for at := c.off / page; at*page < c.off+int64(len(c.data)); at++ {
			pages[at] = true
		}
	}
	f.changes = nil
	return int64(len(pages)) * page
}

// forget is a sync that failed: programs still see what they wrote, and no later sync keeps it.
func (f *file) forget() { f.changes, f.renames = nil, nil }

// lose is a power cut. Of what was not synced each change survives by chance; a long write may survive up to a sector.
func (f *file) lose(survives func() bool) {
	for _, c := range f.changes {
		for part := range c.sectors() {
			if survives() {
				f.kept = part.apply(f.kept)
			}
		}
	}
	for _, changed := range f.renames {
		if survives() {
			rename(f.keptNames, changed)
		}
	}
	f.data, f.changes = slices.Clone(f.kept), nil
	f.names, f.renames = maps.Clone(f.keptNames), nil
}

// sectors are the parts of a change that a disk writes as a whole.
func (c change) sectors() func(yield func(change) bool) {
	return func(yield func(change) bool) {
		if c.data == nil {
			yield(c)
			return
		}
		for off := c.off; off < c.off+int64(len(c.data)); {
			end := min((off/sector+1)*sector, c.off+int64(len(c.data)))
			if !yield(change{off: off, data: c.data[off-c.off : end-c.off]}) {
				return
			}
			off = end
		}
	}
}

// size is what a file, or all below a folder, takes.
func (f *file) size() int64 {
	sum := int64(len(f.data))
	for name, child := range f.names {
		if !shared(name) {
			sum += child.size()
		}
	}
	return sum
}

// shared reports a file that is memory of SQLite's connections.
func shared(name string) bool { return strings.HasSuffix(name, "-shm") }
