// Package traces keeps the recordings of visits as files of their own in one folder: which visits, for how long and how
// many bytes of them. It refuses to be needed: what it cannot write is lost, and nothing else is.
package traces

import (
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"allhours/edge/internal/durable"
	"allhours/protocol"
)

// Of the files' names.
const (
	suffix  = ".jsonl.gz"
	partial = ".part" // of a file that is being written; what a crash leaves of it is removed
)

// Options say where the recordings lie and how much is kept.
type Options struct {
	Dir    string
	Sample int           // one visit of so many is kept beside the reviewed ones; 0 means 50
	Keep   time.Duration // 0 means 90 days
	Bytes  int64         // that all of them take at most; 0 means 200 MB
}

// Folder is a folder of recordings. Safe for concurrent use.
type Folder struct {
	opt Options
	mu  sync.Mutex
}

// Open names the folder; it is made when the first recording is written.
func Open(opt Options) *Folder {
	opt.Sample = cmp.Or(opt.Sample, 50)
	opt.Keep = cmp.Or(opt.Keep, 90*24*time.Hour)
	opt.Bytes = cmp.Or(opt.Bytes, 200<<20)
	return &Folder{opt: opt}
}

// Wants reports whether a visit's recording is to be kept: it was reviewed, it is one of the sample, or somebody asks for
// the next visits at now.
func (f *Folder) Wants(visit protocol.VisitID, reviewed bool, now time.Time) bool {
	return reviewed || binary.BigEndian.Uint64(visit[8:])%uint64(f.opt.Sample) == 0 || f.asked(now)
}

// Keep writes the recording of a visit under the visit's name, once it is whole, and makes room for it by removing the
// oldest ones. write gets the plain text to write to.
func (f *Folder) Keep(visit protocol.VisitID, write func(io.Writer) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.keep(visit, write); err != nil {
		return fmt.Errorf("keep the trace of visit %s: %w", visit, err)
	}
	return nil
}

func (f *Folder) keep(visit protocol.VisitID, write func(io.Writer) error) error {
	if err := durable.Folder(f.opt.Dir); err != nil {
		return err
	}
	path := pathOf(f.opt.Dir, visit)
	if err := writeFile(path+partial, write); err != nil {
		return errors.Join(err, remove(path+partial))
	}
	if err := os.Rename(path+partial, path); err != nil {
		return err
	}
	if err := durable.Names(f.opt.Dir); err != nil {
		return err
	}
	return f.fit()
}

func pathOf(dir string, visit protocol.VisitID) string {
	return filepath.Join(dir, visit.String()+suffix)
}

func writeFile(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	zip := gzip.NewWriter(file)
	err = write(zip)
	if err == nil {
		err = zip.Close()
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// remove takes a file away; one that is not there was removed before.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Kept is one recording in the folder.
type Kept struct {
	Visit protocol.VisitID
	Bytes int64 // compressed
}

// at is when the cloud made the visit's id. A file's own time may be that of a cabinet whose clock was wrong.
func (k Kept) at() time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(k.Visit[:8]) >> 16))
}

// List gives the recordings of a folder, oldest first; none where there is no folder yet.
func List(dir string) ([]Kept, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var all []Kept
	for _, e := range entries {
		name, ours := strings.CutSuffix(e.Name(), suffix)
		visit, err := protocol.ParseUUID(name)
		if !ours || err != nil {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, Kept{visit, info.Size()})
	}
	slices.SortFunc(all, func(a, b Kept) int { return slices.Compare(a.Visit[:], b.Visit[:]) })
	return all, nil
}

// GiveWay removes the older half of the recordings, because the disk has no room for what is needed; false where nothing is left
// to remove.
func (f *Folder) GiveWay() (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := List(f.opt.Dir)
	if err != nil || len(all) == 0 {
		return false, err
	}
	for _, k := range all[:(len(all)+1)/2] {
		if err := remove(pathOf(f.opt.Dir, k.Visit)); err != nil {
			return false, fmt.Errorf("make room of traces: %w", err)
		}
	}
	return true, nil
}

// fit removes the oldest recordings until all of them take no more than they may.
func (f *Folder) fit() error {
	all, err := List(f.opt.Dir)
	if err != nil {
		return err
	}
	var sum int64
	for _, k := range all {
		sum += k.Bytes
	}
	for _, k := range all {
		if sum <= f.opt.Bytes {
			return nil
		}
		if err := remove(pathOf(f.opt.Dir, k.Visit)); err != nil {
			return err
		}
		sum -= k.Bytes
	}
	return nil
}

// Prune removes recordings that are too old at now, the true UTC, and what a crash left half written.
func (f *Folder) Prune(now time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	all, err := List(f.opt.Dir)
	if err != nil {
		return fmt.Errorf("prune traces: %w", err)
	}
	var errs []error
	for _, k := range all {
		if now.Sub(k.at()) > f.opt.Keep {
			errs = append(errs, remove(pathOf(f.opt.Dir, k.Visit)))
		}
	}
	halves, err := filepath.Glob(filepath.Join(f.opt.Dir, "*"+partial))
	errs = append(errs, err)
	for _, half := range halves {
		errs = append(errs, remove(half))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("prune traces: %w", err)
	}
	return nil
}
