// Package signing keeps the Ed25519 keys that grants, acks and configurations are signed with. They lie in a folder of
// their own, outside of the database and its backups. It refuses keys that others on the machine may read.
package signing

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"allhours/protocol/grant"
)

const fileName = "signing.json"

// Keys are the signing keys of one fleet; the newest signs, the older ones are still good for checking.
type Keys struct {
	newest grant.Signer
	public grant.Keys
}

// stored is the file: seeds by key id, the last one newest.
type stored struct {
	Keys []storedKey `json:"keys"`
}

type storedKey struct {
	ID   uint32 `json:"id"`
	Seed string `json:"seed"` // base64
}

// Load reads the keys in a folder, and makes the first one where there is none yet.
func Load(dir string) (*Keys, error) {
	raw, err := Secret(filepath.Join(dir, fileName), func() ([]byte, error) {
		seed := make([]byte, ed25519.SeedSize)
		if _, err := rand.Read(seed); err != nil {
			return nil, err
		}
		return json.Marshal(stored{Keys: []storedKey{{ID: 1, Seed: base64.StdEncoding.EncodeToString(seed)}}})
	})
	if err != nil {
		return nil, fmt.Errorf("signing keys: %w", err)
	}
	keys, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("signing keys: %s: %w", filepath.Join(dir, fileName), err)
	}
	return keys, nil
}

// Signer signs with the newest key.
func (k *Keys) Signer() grant.Signer { return k.newest }

// Public gives the public keys by id, as cabinets hold them.
func (k *Keys) Public() grant.Keys { return k.public }

func parse(raw []byte) (*Keys, error) {
	var file stored
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, err
	}
	if len(file.Keys) == 0 {
		return nil, errors.New("no key in it")
	}
	keys := &Keys{public: make(grant.Keys, len(file.Keys))}
	for _, k := range file.Keys {
		seed, err := base64.StdEncoding.DecodeString(k.Seed)
		if err != nil || len(seed) != ed25519.SeedSize || k.ID == 0 {
			return nil, fmt.Errorf("key %d: want an id above 0 and a seed of %d bytes in base64", k.ID, ed25519.SeedSize)
		}
		key := ed25519.NewKeyFromSeed(seed)
		keys.newest = grant.Signer{KeyID: k.ID, Key: key}
		keys.public[k.ID] = key.Public().(ed25519.PublicKey)
	}
	return keys, nil
}

// Secret reads a file that only its owner may read, and writes it with make where there is none. Two processes that start
// at once end with the same content.
func Secret(path string, make func() ([]byte, error)) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := create(path, make); err != nil {
			return nil, err
		}
		info, err = os.Stat(path)
	}
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s has mode %04o: want 0600, so that nobody else on this machine can read it", path, info.Mode().Perm())
	}
	return os.ReadFile(path)
}

func create(path string, make func() ([]byte, error)) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	content, err := make()
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*") // CreateTemp gives it mode 0600.
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(content)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	// A link never replaces: who comes second keeps the first one's.
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
