package grant_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"testing"
	"time"

	"allhours/protocol"
	"allhours/protocol/grant"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func signer(t *testing.T) (grant.Signer, grant.Keys) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	return grant.Signer{KeyID: 7, Key: key}, grant.Keys{7: key.Public().(ed25519.PublicKey)}
}

func sample() grant.Grant {
	return grant.Grant{
		Cabinet: "xs-01", Compartment: 1, Purpose: protocol.PurposePurchase,
		Visit: protocol.UUID{1}, Subject: grant.Token{2}, Nonce: grant.Token{3}, Challenge: grant.Token{4},
		NotBefore: noon, NotAfter: noon.Add(30 * time.Second), LimitFen: 5000, PriceVersion: 9,
	}
}

func TestAGrantComesBackAsItWasSigned(t *testing.T) {
	s, keys := signer(t)
	raw, err := s.Sign(sample())
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) != grant.Size || grant.Size != 175 {
		t.Fatalf("grant of %d bytes, want 175", len(raw))
	}
	back, err := grant.FromText(grant.Text(raw))
	if err != nil {
		t.Fatal(err)
	}
	got, err := keys.Open(back, "xs-01")
	if err != nil {
		t.Fatal(err)
	}
	want := sample()
	want.KeyID = 7
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// The layout is part of the contract with cabinets in the field: these bytes may never change under version 1.
func TestTheLayoutIsFixed(t *testing.T) {
	s, _ := signer(t)
	raw, err := s.Sign(sample())
	if err != nil {
		t.Fatal(err)
	}
	const body = "01" + "00000007" + "78732d30310000000000000000000000" + "01" + "01" +
		"01000000000000000000000000000000" + "02000000000000000000000000000000" + "03000000000000000000000000000000" +
		"04000000000000000000000000000000" + "000001a20320a200" + "000001a203211730" + "00001388" + "00000009"
	if got := hex.EncodeToString(raw[:111]); got != body {
		t.Errorf("layout\n%s\nwant\n%s", got, body)
	}
}

func TestARefusedGrantSaysWhy(t *testing.T) {
	s, keys := signer(t)
	good, err := s.Sign(sample())
	if err != nil {
		t.Fatal(err)
	}
	change := func(at int, to byte) []byte {
		raw := append([]byte(nil), good...)
		raw[at] = to
		return raw
	}
	other := grant.Signer{KeyID: 7, Key: ed25519.NewKeyFromSeed([]byte("another seed of exactly 32 bytes"))}
	forged, err := other.Sign(sample())
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name    string
		raw     []byte
		cabinet protocol.CabinetID
		want    protocol.Code
	}{
		{"one byte short", good[:174], "xs-01", protocol.CodeMalformed},
		{"empty", nil, "xs-01", protocol.CodeMalformed},
		{"of a later version", change(0, 2), "xs-01", protocol.CodeUnsupported},
		{"of an unknown key", change(4, 8), "xs-01", protocol.CodeUnknownKey},
		{"changed on the way", change(100, 1), "xs-01", protocol.CodeBadSignature},
		{"signed by someone else", forged, "xs-01", protocol.CodeBadSignature},
		{"for another cabinet", good, "xs-02", protocol.CodeOtherCabinet},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := keys.Open(c.raw, c.cabinet); protocol.CodeOf(err) != c.want {
				t.Errorf("got %v, want code %s", err, c.want)
			}
		})
	}
}

func TestAGrantHasItsTime(t *testing.T) {
	long := sample()
	long.NotAfter = noon.Add(10 * time.Minute)
	offline := long
	offline.Challenge = grant.Token{}
	cases := []struct {
		name  string
		grant grant.Grant
		now   time.Time
		want  protocol.Code
	}{
		{"a second too early", sample(), noon.Add(-time.Second), protocol.CodeNotYet},
		{"from its first moment", sample(), noon, protocol.CodeOK},
		{"to its last", sample(), noon.Add(30 * time.Second), protocol.CodeOK},
		{"a second too late", sample(), noon.Add(31 * time.Second), protocol.CodeExpired},
		{"bound to a connection, a minute at most", long, noon.Add(61 * time.Second), protocol.CodeExpired},
		{"offline, as long as it says", offline, noon.Add(9 * time.Minute), protocol.CodeOK},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := protocol.CodeOf(c.grant.CheckTime(c.now)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestWhatCannotBeAGrantIsNotSigned(t *testing.T) {
	s, _ := signer(t)
	cases := map[string]func(*grant.Grant){
		"no purpose":                func(g *grant.Grant) { g.Purpose = 0 },
		"no door":                   func(g *grant.Grant) { g.Compartment = 0 },
		"no nonce":                  func(g *grant.Grant) { g.Nonce = grant.Token{} },
		"no visit":                  func(g *grant.Grant) { g.Visit = protocol.UUID{} },
		"ends before it begins":     func(g *grant.Grant) { g.NotAfter = g.NotBefore },
		"a cabinet id too long":     func(g *grant.Grant) { g.Cabinet = "abcdefghijklmnopq" },
		"a negative limit":          func(g *grant.Grant) { g.LimitFen = -1 },
		"a limit beyond four bytes": func(g *grant.Grant) { g.LimitFen = 1 << 32 },
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			g := sample()
			spoil(&g)
			if _, err := s.Sign(g); protocol.CodeOf(err) != protocol.CodeMalformed {
				t.Errorf("got %v, want it refused as malformed", err)
			}
		})
	}
}

func FuzzOpen(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	raw, err := grant.Signer{KeyID: 7, Key: key}.Sign(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add(raw[:20])
	keys := grant.Keys{7: key.Public().(ed25519.PublicKey)}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := keys.Open(b, "xs-01"); err == nil && string(b) != string(raw) {
			t.Errorf("opened with a grant that was never signed: %x", b)
		}
		if back, err := grant.FromText(grant.Text(b)); err != nil || string(back) != string(b) {
			t.Errorf("text form of %x came back as %x, %v", b, back, err)
		}
	})
}
