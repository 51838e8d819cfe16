package cabinet

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"allhours/firmware-sim/physics"
	"allhours/protocol"
)

// Kept is a cabinet whose matter survives the end of the program: after each move it is on disk.
type Kept struct {
	*Cabinet
	path string
	mu   sync.Mutex // of the file
}

// Open builds the cabinet from its plan, or goes on from the file at path where an earlier run left one.
func Open(plan Plan, path string) (*Kept, error) {
	state, err := load(path)
	if err != nil {
		return nil, fmt.Errorf("shelf contents: %w", err)
	}
	built, err := New(plan, state)
	if err != nil {
		return nil, err
	}
	k := &Kept{Cabinet: built, path: path}
	return k, k.save()
}

func load(path string) (*physics.State, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var state physics.State
	if err := json.Unmarshal(text, &state); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &state, nil
}

// Pull tries the door as Cabinet does, and keeps the opening.
func (k *Kept) Pull(at time.Time) error { return k.keep(k.Cabinet.Pull(at)) }

// Shut closes the door as Cabinet does, and keeps it.
func (k *Kept) Shut(at time.Time) error { return k.keep(k.Cabinet.Shut(at)) }

// Move moves one door as Cabinet does, and keeps it.
func (k *Kept) Move(at time.Time, lock, channel int, open bool) error {
	return k.keep(k.Cabinet.Move(at, lock, channel, open))
}

// Take moves goods as Cabinet does, and keeps it.
func (k *Kept) Take(at time.Time, platform protocol.PlatformID, sku protocol.SKU, qty int) error {
	return k.keep(k.Cabinet.Take(at, platform, sku, qty))
}

// Put moves goods as Cabinet does, and keeps it.
func (k *Kept) Put(at time.Time, platform protocol.PlatformID, sku protocol.SKU, qty int) error {
	return k.keep(k.Cabinet.Put(at, platform, sku, qty))
}

func (k *Kept) keep(err error) error {
	if err != nil {
		return err
	}
	return k.save()
}

// save replaces the file in one step: whoever pulls the power finds the old shelves or the new ones.
func (k *Kept) save() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	text, err := json.Marshal(k.State())
	if err != nil {
		return fmt.Errorf("keep shelf contents: %w", err)
	}
	if err := replaceFile(k.path, text); err != nil {
		return fmt.Errorf("keep shelf contents: %w", err)
	}
	return nil
}

func replaceFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // it is gone when all went well
	if _, err = f.Write(content); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
