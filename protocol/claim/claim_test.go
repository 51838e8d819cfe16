package claim

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"testing"

	"allhours/protocol"
)

// drops is entropy that a test can tell.
type drops byte

func (d *drops) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(*d)
		*d = *d*29 + 7
	}
	return len(p), nil
}

func codeFrom(t *testing.T, seed byte) Code {
	t.Helper()
	d := drops(seed)
	c, err := NewCode(&d)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestACodeIsReadAsPeopleTypeIt(t *testing.T) {
	for seed := range byte(40) {
		c := codeFrom(t, seed)
		o, i := strings.NewReplacer("0", "o", "1", "l").Replace(c.String()), strings.ReplaceAll(c.String(), "1", "I")
		for _, typed := range []string{c.String(), string(c), strings.ToLower(c.String()), strings.ReplaceAll(c.String(), "-", " "), o, i} {
			if got, err := ParseCode(typed); err != nil || got != c {
				t.Fatalf("%q was read as %q, %v: want %q", typed, got, err, string(c))
			}
		}
		if len(c.String()) != 19 {
			t.Fatalf("%q: want four groups of four", c.String())
		}
	}
}

func TestASlipOfTheFingerIsNoticed(t *testing.T) {
	c := codeFrom(t, 3)
	for i := range c {
		for _, r := range alphabet {
			slip := []byte(c)
			slip[i] = byte(r)
			if Code(slip) != c {
				wantMalformed(t, string(slip))
			}
		}
		for j := range i {
			swapped := []byte(c)
			swapped[i], swapped[j] = c[j], c[i]
			if Code(swapped) != c {
				wantMalformed(t, string(swapped))
			}
		}
	}
	for _, none := range []string{"", "7", string(c[:15]), string(c) + "0", string(c[:15]) + "U", string(c[:15]) + "é", strings.Repeat("-", 16)} {
		wantMalformed(t, none)
	}
}

func wantMalformed(t *testing.T, text string) {
	t.Helper()
	if got, err := ParseCode(text); protocol.CodeOf(err) != protocol.CodeMalformed {
		t.Errorf("%q was read as %q, %v", text, got, err)
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add("0000-0000-0000-0000")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCode(text)
		if err != nil {
			return
		}
		if again, err := ParseCode(c.String()); err != nil || again != c {
			t.Fatalf("%q was read as %q, and that as %q, %v", text, c, again, err)
		}
	})
}

var device = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

func TestARequestIsBoundToItsKeyAndAsksForTheSameAgain(t *testing.T) {
	c, journal := codeFrom(t, 1), protocol.UUID{6: 0x70, 8: 0x80}
	r := NewRequest(c, device, journal)
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	first, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(NewRequest(c, device, journal)); !bytes.Equal(first, again) {
		t.Errorf("asked again with\n%s\n%s", first, again)
	}
	if other := NewRequest(codeFrom(t, 2), device, journal); other.Password == r.Password {
		t.Error("another code gives the same password")
	}
	if bytes.Contains(first, device.Seed()) {
		t.Error("the private key is in the request")
	}
	for name, test := range map[string]struct {
		change func(*Request)
		want   protocol.Code
	}{
		"another version":         {func(r *Request) { r.V = 2 }, protocol.CodeUnsupported},
		"no code":                 {func(r *Request) { r.Code = "" }, protocol.CodeMalformed},
		"a code with hyphens":     {func(r *Request) { r.Code = Code(r.Code.String()) }, protocol.CodeMalformed},
		"another code":            {func(r *Request) { r.Code = codeFrom(t, 9) }, protocol.CodeBadSignature},
		"another journal":         {func(r *Request) { r.Journal[0]++ }, protocol.CodeBadSignature},
		"no journal":              {func(r *Request) { r.Journal = protocol.UUID{} }, protocol.CodeMalformed},
		"half a key":              {func(r *Request) { r.Key = r.Key[:16] }, protocol.CodeMalformed},
		"another key":             {func(r *Request) { r.Key = ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey) }, protocol.CodeBadSignature},
		"no signature":            {func(r *Request) { r.Sig = nil }, protocol.CodeMalformed},
		"another password":        {func(r *Request) { r.Password = NewRequest(codeFrom(t, 9), device, journal).Password }, protocol.CodeBadSignature},
		"a password of one's own": {func(r *Request) { r.Password = "secret" }, protocol.CodeMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			changed := r
			changed.Key, changed.Sig = bytes.Clone(r.Key), bytes.Clone(r.Sig)
			test.change(&changed)
			if err := changed.Check(); protocol.CodeOf(err) != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestPapersWithoutAGoodKeyAreNone(t *testing.T) {
	const good = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	if keys, err := (Papers{Keys: []PublicKey{{ID: 1, Public: good}, {ID: 2, Public: good}}}).GrantKeys(); err != nil || len(keys) != 2 {
		t.Errorf("got %v, %v", keys, err)
	}
	for name, keys := range map[string][]PublicKey{
		"none": nil, "half a key": {{ID: 1, Public: "AAAA"}}, "two under one id": {{ID: 1, Public: good}, {ID: 1, Public: good}},
	} {
		if _, err := (Papers{Keys: keys}).GrantKeys(); protocol.CodeOf(err) != protocol.CodeMalformed {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
