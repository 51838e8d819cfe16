package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allhours/edge/internal/config"
)

const membership = `cabinet: xs-01
shard: 12
data: run/cabinets/xs-01/agent
mqtt: {url: "tcp://127.0.0.1:1883", user: xs-01, password: secret}
keys:
  - {id: 1, public: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
`

func TestAFileWithoutKeysGoesByTheClaim(t *testing.T) {
	claimed := config.Credentials{
		Cabinet: "xs-01", Shard: 12, MQTT: config.MQTT{URL: "tls://broker.example:8883", User: "xs-01", Password: "secret", CA: "/data/authorities.pem"},
		Keys: []config.Key{{ID: 1, Public: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}},
	}
	for name, c := range map[string]struct {
		own   string // what the file says beside its data folder and its hardware
		spoil func(t *testing.T, credentials string)
		want  string // the broker, or what is said against it
	}{
		"nothing of its own":           {"", nil, "tls://broker.example:8883"},
		"its name":                     {"cabinet: xs-01\n", nil, "tls://broker.example:8883"},
		"its own way to the broker":    {`mqtt: {url: "tls://gate.example:443"}` + "\n", nil, "tls://gate.example:443"},
		"a way that is none":           {`mqtt: {url: "tcp://gate.example:443"}` + "\n", nil, "cabinet.yaml:2: mqtt.url: gate.example:443 is not on this machine"},
		"another name":                 {"cabinet: xs-02\n", nil, "cabinet.yaml:2: cabinet: got xs-02: "},
		"a shard":                      {"shard: 3\n", nil, "cabinet.yaml:2: shard: it comes from the claim"},
		"a password":                   {`mqtt: {password: "x"}` + "\n", nil, "cabinet.yaml:2: mqtt: user and password come from the claim"},
		"no claim yet":                 {"", func(t *testing.T, path string) { remove(t, path) }, "want a claim first, by cabinet-agent claim"},
		"credentials that are damaged": {"", func(t *testing.T, path string) { cut(t, path, "shard: 12", "shard: 99") }, "credentials.yaml:2: cabinet: shard 99"},
		"half of the credentials":      {"", func(t *testing.T, path string) { cut(t, path, "keys:", "kyes:") }, "credentials.yaml: "},
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			if err := config.WriteCredentials(data, claimed); err != nil {
				t.Fatal(err)
			}
			if c.spoil != nil {
				c.spoil(t, config.CredentialsFile(data))
			}
			hardware, ok := strings.CutPrefix(sound, membership)
			if !ok {
				t.Fatal("the sound file begins otherwise")
			}
			got, err := config.Parse("cabinet.yaml", []byte("data: "+data+"\n"+c.own+hardware))
			said := got.MQTT.URL
			if err != nil {
				said = err.Error()
			}
			if !strings.Contains(said, c.want) {
				t.Errorf("got %s, want %s", said, c.want)
			}
			if err == nil && (got.Cabinet != "xs-01" || got.Shard != 12 || got.MQTT.Password != "secret" || got.MQTT.CA != "/data/authorities.pem" || len(got.Keys) != 1) {
				t.Errorf("read %+v", got)
			}
		})
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func cut(t *testing.T, path, old, changed string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), old) {
		t.Fatalf("%s has no %q:\n%s", path, old, raw)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(raw), old, changed, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestTheDataFolderIsKnownWhateverElseIsWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cabinet.yaml")
	for text, want := range map[string]string{
		"data: /var/lib/cabinet\nlocks: 7\nwhatever: {}\n": "/var/lib/cabinet", "lines: []\n": "data: want the folder", "data: [\n": "cabinet.yaml: ",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := config.DataOf(path)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if _, err := config.DataOf(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there names a folder")
	}
}

func TestCredentialsThatAreWrongAreNotWritten(t *testing.T) {
	data := t.TempDir()
	if err := config.WriteCredentials(data, config.Credentials{Cabinet: "xs-01"}); err == nil || !strings.Contains(err.Error(), "mqtt.url") {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(data); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
