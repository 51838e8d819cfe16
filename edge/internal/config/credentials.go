package config

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/goccy/go-yaml"

	"allhours/edge/internal/durable"
	"allhours/protocol"
	"allhours/protocol/topic"
)

// Credentials are what makes a device the cabinet: a claim writes them, and a cabinet's file that names no keys goes by them.
type Credentials struct {
	Cabinet protocol.CabinetID `yaml:"cabinet"`
	Shard   uint8              `yaml:"shard"` // fixed at enrolment, 0 to 63
	MQTT    MQTT               `yaml:"mqtt"`
	Keys    []Key              `yaml:"keys"`
}

// CredentialsFile lies in the data folder.
func CredentialsFile(data string) string { return filepath.Join(data, "credentials.yaml") }

const credentialsHead = "# Written by a claim. Whoever has this file is the cabinet.\n"

// WriteCredentials replaces the file of a data folder in one step: it is on the disk whole, or not at all.
func WriteCredentials(data string, c Credentials) error {
	raw, err := yaml.Marshal(c)
	if err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	raw = append([]byte(credentialsHead), raw...)
	if _, err := parseCredentials("credentials.yaml", raw); err != nil {
		return err
	}
	if err := durable.Replace(CredentialsFile(data), raw, 0o600); err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	return nil
}

// ReadCredentials reads those of a data folder; an error is fs.ErrNotExist where there are none.
func ReadCredentials(data string) (Credentials, error) {
	path := CredentialsFile(data)
	raw, err := os.ReadFile(path)
	if err != nil {
		return Credentials{}, fmt.Errorf("read credentials: %w", err)
	}
	return parseCredentials(path, raw)
}

func parseCredentials(name string, raw []byte) (Credentials, error) {
	var c Credentials
	if err := yaml.UnmarshalWithOptions(raw, &c, yaml.Strict()); err != nil {
		return c, fmt.Errorf("%s: %w", name, err)
	}
	whole := Config{Cabinet: c.Cabinet, Shard: c.Shard, MQTT: c.MQTT, Keys: c.Keys}
	if fault := whole.checkMembership(); fault != nil {
		return c, fmt.Errorf("%s:%s", name, fault.at(raw))
	}
	return c, nil
}

// DataOf tells the data folder that a cabinet's file names, whatever else is wrong with the file.
func DataOf(path string) (string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read config: %w", err)
	}
	var c struct {
		Data string `yaml:"data"`
	}
	if err := yaml.Unmarshal(raw, &c); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if c.Data == "" {
		return "", fmt.Errorf("%s: data: want the folder of the journal", path)
	}
	return c.Data, nil
}

// join completes a file that names no keys by what a claim wrote. Such a file may only say how this place reaches the
// broker, and whose it is where that should be held against the claim.
func (c *Config) join(claimed Credentials, there bool) *fault {
	switch {
	case !there:
		return faultf("keys", "there are none here, and no %s: want a claim first, by cabinet-agent claim", CredentialsFile(c.Data))
	case c.Cabinet != "" && c.Cabinet != claimed.Cabinet:
		return faultf("cabinet", "got %s: %s is of %s", c.Cabinet, CredentialsFile(c.Data), claimed.Cabinet)
	case c.Shard != 0:
		return faultf("shard", "it comes from the claim, in %s", CredentialsFile(c.Data))
	case c.MQTT.User != "" || c.MQTT.Password != "":
		return faultf("mqtt", "user and password come from the claim, in %s", CredentialsFile(c.Data))
	}
	own := c.MQTT
	c.Cabinet, c.Shard, c.MQTT, c.Keys = claimed.Cabinet, claimed.Shard, claimed.MQTT, claimed.Keys
	if own.URL != "" {
		c.MQTT.URL = own.URL
	}
	if own.CA != "" {
		c.MQTT.CA = own.CA
	}
	return nil
}

// Address is the cabinet's place in the tree of topics.
func (c Config) Address() topic.Address { return topic.Address{Shard: c.Shard, Cabinet: c.Cabinet} }
