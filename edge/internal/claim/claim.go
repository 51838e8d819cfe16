// Package claim makes a device the cabinet that a code was printed for: it makes a key that never leaves the device, proves
// it to the cloud, and writes down what it is answered with. Wherever it stops, claiming again with the same code goes on
// from there.
package claim

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"allhours/edge/internal/config"
	"allhours/edge/internal/durable"
	"allhours/edge/internal/journal"
	"allhours/protocol"
	"allhours/protocol/claim"
)

// Options of a claim; all but CA and Replace are needed.
type Options struct {
	Code    string
	Cloud   string // https://host of the fleet's pages; http:// on this machine only
	CA      string // PEM file of the authorities to trust, for the broker too; none: the system's
	Data    string // folder of the journal; made where it is missing
	Replace bool   // also where the device was claimed before, or its journal was taken out of use
	Entropy io.Reader
	// Told is called with what a person should know before the end.
	Told func(string)
}

// Names in the data folder.
const (
	keyFile       = "device.key"
	authorityFile = "authorities.pem"
)

// codeCardRetired is the cloud's word for a journal that was replaced or set apart.
const codeCardRetired protocol.Code = "card_retired"

// Claim does it, and tells which cabinet the device is from then on.
func Claim(ctx context.Context, o Options) (protocol.CabinetID, error) {
	code, err := claim.ParseCode(o.Code)
	if err != nil {
		return "", err
	}
	cloud, err := newCloud(o.Cloud, o.CA)
	if err != nil {
		return "", err
	}
	if err := o.free(); err != nil {
		return "", err
	}
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	key, err := deviceKey(filepath.Join(o.Data, keyFile), o.Entropy)
	if err != nil {
		return "", err
	}
	papers, request, err := o.prove(ctx, cloud, code, key)
	if err != nil {
		return "", err
	}
	return papers.Cabinet, o.keep(cloud, papers, request)
}

// free refuses a device that is a cabinet already.
func (o Options) free() error {
	before, err := config.ReadCredentials(o.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist), o.Replace:
		return nil
	case err != nil:
		return fmt.Errorf("%w; --replace claims again", err)
	}
	return fmt.Errorf("this device is %s already, by %s: --replace claims again", before.Cabinet, config.CredentialsFile(o.Data))
}

// prove asks for the papers. A journal that can be in force no more is set aside for a new one, where that is allowed.
func (o Options) prove(ctx context.Context, c *cloud, code claim.Code, key ed25519.PrivateKey) (claim.Papers, claim.Request, error) {
	id, err := journal.Identify(o.Data, o.Entropy)
	if errors.Is(err, journal.ErrDamaged) && o.Replace {
		id, err = o.nextJournal("is damaged")
	}
	if err != nil {
		return claim.Papers{}, claim.Request{}, err
	}
	request := claim.NewRequest(code, key, id)
	papers, err := c.claim(ctx, request)
	if protocol.CodeOf(err) != codeCardRetired {
		return papers, request, err
	}
	if !o.Replace {
		return papers, request, fmt.Errorf("%w; --replace sets the journal of this device aside and begins a new one", err)
	}
	if id, err = o.nextJournal("is taken out of use"); err != nil {
		return papers, request, err
	}
	request = claim.NewRequest(code, key, id)
	papers, err = c.claim(ctx, request)
	return papers, request, err
}

func (o Options) nextJournal(why string) (protocol.UUID, error) {
	kept, err := journal.Aside(o.Data)
	if err != nil {
		return protocol.UUID{}, err
	}
	o.Told("The journal of this device " + why + " and lies in " + kept + " now. What it had not sent is in no book.")
	return journal.Identify(o.Data, o.Entropy)
}

// keep writes down what the agent goes by. The broker is checked first: papers that lead nowhere are worth nothing.
func (o Options) keep(c *cloud, papers claim.Papers, request claim.Request) error {
	broker, err := c.broker(papers)
	if err != nil {
		return err
	}
	credentials := config.Credentials{
		Cabinet: papers.Cabinet, Shard: papers.Shard,
		MQTT: config.MQTT{URL: broker.String(), User: papers.MQTT.User, Password: request.Password},
	}
	for _, k := range papers.Keys {
		credentials.Keys = append(credentials.Keys, config.Key{ID: k.ID, Public: k.Public})
	}
	if c.authorities != nil {
		path, err := filepath.Abs(filepath.Join(o.Data, authorityFile))
		if err != nil {
			return err
		}
		if err := durable.Replace(path, c.authorities, 0o600); err != nil {
			return fmt.Errorf("keep the authorities: %w", err)
		}
		credentials.MQTT.CA = path
	}
	return config.WriteCredentials(o.Data, credentials)
}

// deviceKey reads the device's key, or makes it. It stays the same over all claims of the device.
func deviceKey(path string, entropy io.Reader) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newKey(path, entropy)
	}
	if err != nil {
		return nil, fmt.Errorf("device key: %w", err)
	}
	seed, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("device key: %s: want %d bytes in base64; remove it to make another one", path, ed25519.SeedSize)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

func newKey(path string, entropy io.Reader) (ed25519.PrivateKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(entropy, seed); err != nil {
		return nil, fmt.Errorf("device key: %w", err)
	}
	if err := durable.Replace(path, []byte(base64.StdEncoding.EncodeToString(seed)+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("device key: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
