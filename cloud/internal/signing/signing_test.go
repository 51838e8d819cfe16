package signing

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"allhours/protocol"
	"allhours/protocol/grant"
)

func TestTheFirstStartMakesAKeyAndLaterOnesKeepIt(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	first, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Signer().Key, second.Signer().Key) || first.Signer().KeyID != 1 {
		t.Fatal("a second start has another key")
	}
	info, err := os.Stat(filepath.Join(dir, fileName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file: %v, %v: want mode 0600", info.Mode(), err)
	}
}

func TestAGrantSignedHereOpensWithThePublicKeys(t *testing.T) {
	keys, err := Load(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	now := time.UnixMilli(1_800_000_000_000)
	raw, err := keys.Signer().Sign(grant.Grant{
		Cabinet: "xs-01", Compartment: 1, Purpose: protocol.PurposePurchase, Visit: protocol.UUID{1}, Nonce: grant.Token{2},
		NotBefore: now, NotAfter: now.Add(time.Minute),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Public().Open(raw, "xs-01"); err != nil {
		t.Fatal(err)
	}
}

func TestStartsAtTheSameTimeAgreeOnOneKey(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	seeds := make([]string, 8)
	for i := range seeds {
		wg.Go(func() {
			keys, err := Load(dir)
			if err != nil {
				t.Error(err)
				return
			}
			seeds[i] = string(keys.Signer().Key)
		})
	}
	wg.Wait()
	for _, s := range seeds {
		if s != seeds[0] {
			t.Fatal("two starts hold different keys")
		}
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".new-*"))
	if len(left) != 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestBadKeyFilesAreRefusedWithAReason(t *testing.T) {
	cases := []struct {
		name, content, want string
		mode                os.FileMode
	}{
		{"readable by others", `{"keys":[]}`, "want 0600", 0o644},
		{"no key", `{"keys":[]}`, "no key in it", 0o600},
		{"a short seed", `{"keys":[{"id":1,"seed":"AAAA"}]}`, "seed of 32 bytes", 0o600},
		{"cut short", `{"keys":`, "unexpected end", 0o600},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, fileName), []byte(c.content), c.mode); err != nil {
				t.Fatal(err)
			}
			if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
		})
	}
}
