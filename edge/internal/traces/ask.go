package traces

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"allhours/protocol"
)

// Somebody beside the running agent asks for the next visits by a file in its folder. It counts only while it is fresh, so
// that an asker who was killed is forgotten.
const (
	askFile   = "asked"
	askHolds  = time.Minute
	lookAgain = time.Second
	askEvery  = 20 // looks: a card is not to be written each second
)

// ErrNotKept is in the chain of an error when no recording of a visit is kept.
var ErrNotKept = errors.New("no trace of this visit is kept")

func (f *Folder) asked(now time.Time) bool {
	info, err := os.Stat(filepath.Join(f.opt.Dir, askFile))
	return err == nil && now.Sub(info.ModTime()).Abs() < askHolds
}

// Fetch gives the gzipped recording of a visit that is kept in a folder; another one's error is ErrNotKept.
func Fetch(dir string, visit protocol.VisitID) ([]byte, error) {
	raw, err := os.ReadFile(pathOf(dir, visit))
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNotKept
	}
	if err != nil {
		return nil, fmt.Errorf("visit %s: %w", visit, err)
	}
	return raw, nil
}

// Follow asks the agent that writes to a folder to keep every visit, and hands each new recording, gzipped, to take, until
// it has had so many or ctx ends, which is no error.
func Follow(ctx context.Context, dir string, visits int, take func(protocol.VisitID, []byte) error) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	before, err := List(dir)
	if err != nil {
		return err
	}
	seen := make(map[protocol.VisitID]bool, len(before))
	for _, k := range before {
		seen[k.Visit] = true
	}
	ask := filepath.Join(dir, askFile)
	defer func() { err = errors.Join(err, remove(ask)) }()
	pace := time.NewTicker(lookAgain)
	defer pace.Stop()
	for looks := 0; visits > 0; looks++ {
		if looks%askEvery == 0 {
			if err := os.WriteFile(ask, []byte("the next visits are to be kept\n"), 0o600); err != nil {
				return err
			}
		}
		n, err := takeNew(dir, seen, visits, take)
		if err != nil {
			return err
		}
		visits -= n
		select {
		case <-pace.C:
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

func takeNew(dir string, seen map[protocol.VisitID]bool, most int, take func(protocol.VisitID, []byte) error) (int, error) {
	all, err := List(dir)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, k := range all {
		if seen[k.Visit] || n == most {
			continue
		}
		raw, err := Fetch(dir, k.Visit)
		if err != nil {
			return n, err
		}
		if err := take(k.Visit, raw); err != nil {
			return n, err
		}
		seen[k.Visit] = true
		n++
	}
	return n, nil
}
