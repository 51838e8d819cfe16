package mosquitto_test

import (
	"crypto/sha256"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"allhours/cloud/internal/mosquitto"
	"allhours/protocol/topic"
)

const secret = "M1h8-JdXvQk2c0yqWm9Tz4nRb7LxUe5aPs3GfHiDoVY"

func TestAPasswordIsKnownByWhatIsKeptOfIt(t *testing.T) {
	old := sha256.Sum256([]byte(secret))
	cases := []struct {
		name          string
		kept          []byte
		password      string
		matches, read bool
	}{
		{"the password itself", mosquitto.Hash([]byte(secret)), secret, true, true},
		{"another one", mosquitto.Hash([]byte(secret)), secret + "x", false, true},
		{"no password", mosquitto.Hash([]byte(secret)), "", false, true},
		{"kept in the older form", old[:], secret, true, false},
		{"another one, kept in the older form", old[:], "x", false, false},
		{"nothing is kept", nil, "", false, false},
		{"cut short", mosquitto.Hash([]byte(secret))[:20], secret, false, true},
		{"cut shorter", []byte("$6$"), secret, false, true},
		{"a salt that is none", []byte("$6$***$AAAA"), secret, false, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if mosquitto.Matches(c.kept, []byte(c.password)) != c.matches || mosquitto.Readable(c.kept) != c.read {
				t.Fatalf("want matches %v, readable %v", c.matches, c.read)
			}
		})
	}
}

func TestWhatMosquittoKeepsIsKnownHereToo(t *testing.T) {
	program, err := exec.LookPath("mosquitto_passwd")
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("mosquitto_passwd is missing: %v", err)
	}
	if err != nil {
		t.Skipf("mosquitto_passwd is missing; see make peers")
	}
	file := filepath.Join(t.TempDir(), "passwords")
	if out, err := exec.CommandContext(t.Context(), program, "-H", "sha512", "-b", "-c", file, "xs-01", secret).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	kept := []byte(strings.TrimSpace(strings.TrimPrefix(string(text), "xs-01:")))
	if !mosquitto.Matches(kept, []byte(secret)) || mosquitto.Matches(kept, []byte("x")) {
		t.Fatalf("%s is not known by its password alone", kept)
	}
}

func TestEachCabinetHasItsOwnTopicsInItsOwnShard(t *testing.T) {
	service := mosquitto.Login{User: "_fleetd", Kept: []byte("$6$s")}
	cabinets := []mosquitto.Login{
		{User: "xs-01", Kept: []byte("$6$a"), Cabinet: topic.Address{Shard: 8, Cabinet: "xs-01"}},
		{User: "xs-02", Kept: []byte("$6$b"), Cabinet: topic.Address{Shard: 63, Cabinet: "xs-02"}},
	}
	const passwords = "_fleetd:$6$s\nxs-01:$6$a\nxs-02:$6$b\n"
	if got := string(mosquitto.Passwords(service, cabinets)); got != passwords {
		t.Errorf("passwords:\n%s", got)
	}
	const acl = `user _fleetd
topic read ah/1/+/+/up/+
topic write ah/1/+/+/down/+

user xs-01
topic write ah/1/8/xs-01/up/+
topic read ah/1/8/xs-01/down/+

user xs-02
topic write ah/1/63/xs-02/up/+
topic read ah/1/63/xs-02/down/+
`
	if got := string(mosquitto.ACL(service, cabinets)); got != acl {
		t.Errorf("acl:\n%s", got)
	}
}

func TestAFileIsReplacedInOneStepAndOnlyWhereItChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "acl")
	for _, step := range []struct {
		text    string
		changed bool
	}{{"one", true}, {"one", false}, {"two", true}} {
		before, _ := os.Stat(path) // There is none at first.
		changed, err := mosquitto.Write(path, []byte(step.text))
		if err != nil || changed != step.changed {
			t.Fatalf("%q: changed %v, %v", step.text, changed, err)
		}
		after, err := os.Stat(path)
		if err != nil || after.Mode().Perm() != 0o640 || before != nil && os.SameFile(before, after) == step.changed {
			t.Fatalf("%q: %v, %v", step.text, after, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".new-*")); len(left) != 0 {
		t.Fatalf("left behind: %v", left)
	}
}
