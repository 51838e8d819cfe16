package fraildisk

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// store is the disk in the process that serves it.
type store struct {
	mu     sync.Mutex // of all below, and of the files
	root   *file
	next   uint64 // number of the next file
	limit  int64  // bytes that fit; 0: no limit
	status Status
	log    []Call
	in     string // stage of the call that meets a fate; empty: any
	at     int    // calls until then, it included
	fate   Fate
	stage  string
	words  map[string]string
	fresh  map[string]bool // words that were written and are not synced yet; false where they were
}

// serve mounts a disk on dir until in ends.
func serve(dir string, in io.Reader, out io.Writer) error {
	d := &store{}
	d.root = d.newFile(true)
	server, err := fs.Mount(dir, &node{d: d}, &fs.Options{
		MountOptions: fuse.MountOptions{DirectMountStrict: true, FsName: "fraildisk", Name: "fraildisk"},
	})
	if err != nil {
		return fmt.Errorf("mount: %w", err)
	}
	err = d.obey(gob.NewDecoder(in), gob.NewEncoder(out))
	for tries := 0; ; tries++ {
		wrong := server.Unmount()
		if wrong == nil || tries == 100 {
			return errors.Join(err, wrong)
		}
		<-time.After(10 * time.Millisecond) // Somebody is just closing the last file.
	}
}

// obey carries out orders until there are no more, and reports after each; the first report says that the disk is there.
func (d *store) obey(orders *gob.Decoder, reports *gob.Encoder) error {
	for o := (order{}); ; {
		if err := reports.Encode(d.carryOut(o)); err != nil {
			return fmt.Errorf("report: %w", err)
		}
		o = order{}
		if err := orders.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read an order: %w", err)
		}
	}
}

func (d *store) carryOut(o order) Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch o.Do {
	case log:
		told := d.status
		told.Log = d.log
		return told
	case plan:
		d.status.Calls, d.status.Met, d.log, d.in, d.at, d.fate = 0, nil, nil, o.In, o.At, o.Fate
	case mark:
		d.stage = o.Stage
	case watch:
		d.words, d.fresh = o.Words, map[string]bool{}
	case off:
		d.status.Off = true
	case on:
		d.restart(nil)
	case cut:
		rng := rand.New(rand.NewPCG(o.Seed, 0))
		d.restart(func() bool { return rng.Float64() < o.Chance })
	case roomy:
		d.limit = 0
	case wipe:
		d.empty()
	}
	return d.status
}

// empty forgets everything.
func (d *store) empty() {
	d.root = d.newFile(true)
	d.limit, d.status, d.log, d.at, d.stage, d.words, d.fresh = 0, Status{}, nil, 0, "", nil, nil
}

// restart makes every file anew, so that nothing that the kernel remembers of the old ones is believed. Where survives is
// nil, nothing is lost.
func (d *store) restart(survives func() bool) {
	seen := map[*file]*file{}
	var again func(f *file) *file
	all := func(names map[string]*file) map[string]*file {
		made := map[string]*file{}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			if made[name] = nil; names[name] != nil {
				made[name] = again(names[name])
			}
		}
		return made
	}
	again = func(f *file) *file {
		if seen[f] != nil {
			return seen[f]
		}
		if survives != nil {
			f.lose(survives)
		}
		n := d.newFile(f.dir)
		seen[f] = n
		n.data, n.kept, n.changes = f.data, f.kept, f.changes
		n.names, n.keptNames = all(f.names), all(f.keptNames)
		for _, r := range f.renames {
			n.renames = append(n.renames, all(r))
		}
		return n
	}
	d.root, d.status.Off = again(d.root), false
}

func (d *store) newFile(dir bool) *file {
	d.next++
	return &file{ino: d.next, dir: dir, names: map[string]*file{}, keptNames: map[string]*file{}}
}

// call does what a call asks for, after which f has the size end at least, or what the plan has in its place.
func (d *store) call(c Call, f *file, end int64, do func()) syscall.Errno {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.status.Off {
		return syscall.EIO
	}
	fate := d.meets(c)
	switch fate {
	case Fails:
		if c.Kind == Sync {
			f.forget()
		}
		return syscall.EIO
	case OffBefore:
		d.status.Off = true
		return syscall.EIO
	case FullNow:
		d.limit = d.root.size()
	}
	more := end - int64(len(f.data))
	if d.limit > 0 && more > 0 && d.root.size()+more > d.limit {
		return syscall.ENOSPC
	}
	do()
	if !shared(c.Name) {
		d.log[len(d.log)-1].After = d.stage
	}
	d.status.Off = fate == OffAfter
	return fs.OK
}

// meets counts a call and tells its fate.
func (d *store) meets(c Call) Fate {
	if shared(c.Name) {
		return Done
	}
	c.Stage, c.After = d.stage, d.stage
	d.log = append(d.log, c)
	d.status.Calls++
	if d.in != "" && d.in != d.stage || d.at == 0 {
		return Done
	}
	if d.at--; d.at > 0 {
		return Done
	}
	d.status.Met = &d.log[len(d.log)-1]
	return d.fate
}

// wrote looks for words that begin a stage.
func (d *store) wrote(data []byte) {
	for word := range d.words {
		if _, known := d.fresh[word]; !known && bytes.Contains(data, []byte(word)) {
			d.fresh[word] = true
		}
	}
}

// synced begins the stages of the words that were written.
func (d *store) synced(f *file) {
	d.status.Syncs++
	d.status.Bytes += f.sync()
	for word, fresh := range d.fresh {
		if fresh {
			d.stage, d.fresh[word] = d.words[word], false
		}
	}
}

// list copies the names of a folder.
func (d *store) list(f *file) map[string]*file {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(f.names)
}
