package config

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/goccy/go-yaml"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver"
	"allhours/protocol"
	"allhours/protocol/grant"
)

// Config is one cabinet. Cabinet, shard, mqtt and keys may be left to the Credentials in the data folder.
type Config struct {
	Cabinet protocol.CabinetID `yaml:"cabinet"`
	Shard   uint8              `yaml:"shard"`
	Data    string             `yaml:"data"` // folder of the journal and the credentials
	MQTT    MQTT               `yaml:"mqtt"`
	Keys    []Key              `yaml:"keys"`
	Traces  Traces             `yaml:"traces"`
	Status  string             `yaml:"status"` // loopback address of /metrics and /healthz; none: not served
	Lines   []Line             `yaml:"lines"`
	Locks   []Lock             `yaml:"locks"`
	Scales  []Scale            `yaml:"scales"`

	Thermometers []Thermometer `yaml:"thermometers"` // none: the cabinet is not cooled
	Health       []Health      `yaml:"health"`       // limits of temperature; none: the defaults, where there is a probe
	Readers      []Reader      `yaml:"readers"`      // none: no grant can be shown to it
}

// Traces says which recordings of visits are kept, in the folder traces beside the journal.
type Traces struct {
	Sample    int `yaml:"sample"`    // one visit of so many beside the reviewed ones; 0 means 50
	Days      int `yaml:"days"`      // 0 means 90
	Megabytes int `yaml:"megabytes"` // 0 means 200
}

// MQTT is the broker and this cabinet's credentials there.
type MQTT struct {
	URL      string `yaml:"url"` // tcp://host:port on loopback only, tls://host:port elsewhere
	User     string `yaml:"user"`
	Password string `yaml:"password"`
	CA       string `yaml:"ca"` // PEM file; none: the system's
}

// Key is one of the cloud's public keys.
type Key struct {
	ID     uint32 `yaml:"id"`
	Public string `yaml:"public"` // 32 bytes, base64
}

// Line is one serial line.
type Line struct {
	Name    string     `yaml:"name"`
	Path    string     `yaml:"path"`
	Baud    int        `yaml:"baud"`
	Parity  bus.Parity `yaml:"parity"`   // none, odd or even; none means none
	ReplyMS int        `yaml:"reply_ms"` // that a board may think; 0 means 50 ms
	Echo    bool       `yaml:"echo"`     // the adapter hears itself
}

// Lock is one lock board and the doors on its channels.
type Lock struct {
	Line              string                 `yaml:"line"`
	Compartments      []protocol.Compartment `yaml:"compartments"` // one for each channel
	PulseMS           int                    `yaml:"pulse_ms"`     // 0 means 500 ms
	driver.LockConfig `yaml:",inline"`
}

// Scale is one weighing board and the platforms on its channels.
type Scale struct {
	Line               string                `yaml:"line"`
	Platforms          []protocol.PlatformID `yaml:"platforms"` // one for each channel; an empty id is a channel without a platform
	driver.ScaleConfig `yaml:",inline"`
}

// Thermometer is one temperature controller and what its probes hang in.
type Thermometer struct {
	Line                     string                 `yaml:"line"`
	Compartments             []protocol.Compartment `yaml:"compartments"` // one for each probe; 0 is a probe in no compartment's air
	driver.ThermometerConfig `yaml:",inline"`
}

// Reader is one reader of codes, on a line of its own.
type Reader struct {
	Line                string `yaml:"line"`
	driver.ReaderConfig `yaml:",inline"`
}

const defaultPulse = 500 * time.Millisecond

// Pulse is how long the latch is energised.
func (l Lock) Pulse() time.Duration {
	if l.PulseMS == 0 {
		return defaultPulse
	}
	return time.Duration(l.PulseMS) * time.Millisecond
}

// Bus is the line as its owner wants it.
func (l Line) Bus() bus.Config {
	return bus.Config{
		Name: l.Name, Baud: l.Baud, BitsPerByte: l.Parity.BitsPerByte(), Echo: l.Echo,
		ReplyTimeout: time.Duration(l.ReplyMS) * time.Millisecond,
	}
}

// PublicKeys are the keys that sign grants, acknowledgements and desired states. The file was validated when it was read.
func (c Config) PublicKeys() (grant.Keys, error) {
	keys := make(grant.Keys, len(c.Keys))
	for i, k := range c.Keys {
		raw, err := base64.StdEncoding.DecodeString(k.Public)
		if err != nil || len(raw) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("keys[%d].public: want %d bytes in base64", i, ed25519.PublicKeySize)
		}
		keys[k.ID] = raw
	}
	return keys, nil
}

// Load reads and checks a cabinet's file.
func Load(path string) (Config, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("read config: %w", err)
	}
	return Parse(path, raw)
}

// Parse reads and checks the text of a cabinet's file, and the credentials where it leaves them out; name is used in errors.
func Parse(name string, raw []byte) (Config, error) {
	var c Config
	if err := yaml.UnmarshalWithOptions(raw, &c, yaml.Strict()); err != nil {
		return Config{}, fmt.Errorf("%s: %w", name, err)
	}
	var fault *fault
	if len(c.Keys) == 0 && c.Data != "" {
		claimed, err := ReadCredentials(c.Data)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Config{}, err
		}
		fault = c.join(claimed, err == nil)
	}
	if fault == nil {
		fault = c.check()
	}
	if fault != nil {
		return Config{}, fmt.Errorf("%s:%s", name, fault.at(raw))
	}
	return c, nil
}
