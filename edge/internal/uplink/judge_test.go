package uplink

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"allhours/edge"
)

// The broker's certificate is good for the year 2040, wherever this machine's clock stands.
var (
	begins = time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	ends   = time.Date(2041, 1, 1, 0, 0, 0, 0, time.UTC)
)

// broker answers TLS on loopback with a certificate for a name; it returns its address and a file of its authority.
func broker(t *testing.T, name string) (address, ca string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: begins, NotAfter: ends, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.ParseIP(name)},
	}
	raw, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1)) // shakes hands, and waits for the other side to go
			conn.Close()
		}
	}()
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return "tls://" + listener.Addr().String(), ca
}

func TestACertificateIsJudgedByWhatIsKnownOfTheTimeAndNotByTheWallClock(t *testing.T) {
	address, ca := broker(t, "127.0.0.1")
	elsewhere, otherCA := broker(t, "127.0.0.2")
	cases := []struct {
		name        string
		know        func(c *edge.Clock)
		address, ca string
		good        bool
	}{
		{"nothing is known", func(*edge.Clock) {}, address, ca, true},
		{"the time was last known before it began", func(c *edge.Clock) { c.Floor(begins.AddDate(-3, 0, 0)) }, address, ca, true},
		{"the time was last known while it was good", func(c *edge.Clock) { c.Floor(begins.AddDate(0, 3, 0)) }, address, ca, true},
		{"it was over when the time was last known", func(c *edge.Clock) { c.Floor(ends.AddDate(0, 0, 1)) }, address, ca, false},
		{"it is good now", func(c *edge.Clock) { c.Heard(begins.AddDate(0, 3, 0)) }, address, ca, true},
		{"it has not begun", func(c *edge.Clock) { c.Heard(begins.AddDate(0, 0, -1)) }, address, ca, false},
		{"it is over", func(c *edge.Clock) { c.Heard(ends.AddDate(0, 0, 1)) }, address, ca, false},
		{"it is of another authority", func(*edge.Clock) {}, address, otherCA, false},
		{"it is another host's", func(*edge.Clock) {}, elsewhere, otherCA, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			clock := edge.NewClock()
			c.know(clock)
			dial, err := Dialer(c.address, c.ca, clock)
			if err != nil {
				t.Fatal(err)
			}
			conn, err := dial(t.Context())
			if (err == nil) != c.good {
				t.Errorf("connected with %v", err)
			}
			if conn != nil {
				conn.Close()
			}
		})
	}
}

func TestACloudThatOnceWasAheadLocksNobodyOut(t *testing.T) {
	now := time.Now()
	root, rootKey := certify(t, now.Add(-time.Hour), nil, nil)
	leaf, _ := certify(t, now.Add(-time.Hour), root, rootKey)
	j := judge{host: "gate", roots: x509.NewCertPool(), clock: edge.NewClock()}
	j.roots.AddCert(root)
	j.clock.Floor(ends.AddDate(1, 0, 0))
	if err := j.verify(tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}}); err != nil {
		t.Error(err)
	}
}

func TestAnAuthorityBetweenMayBeYoungerThanWhatItVouchesFor(t *testing.T) {
	root, rootKey := certify(t, begins, nil, nil)
	between, betweenKey := certify(t, begins.Add(time.Hour), root, rootKey)
	leaf, _ := certify(t, begins.Add(time.Minute), between, betweenKey)
	for name, c := range map[string]struct {
		floor time.Time
		good  bool
	}{
		"nothing is known of the time":             {good: true},
		"it was over when the time was last known": {floor: ends.AddDate(0, 0, 1)},
	} {
		j := judge{host: "gate", roots: x509.NewCertPool(), clock: edge.NewClock()}
		j.roots.AddCert(root)
		if !c.floor.IsZero() {
			j.clock.Floor(c.floor)
		}
		err := j.verify(tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf, between}})
		if (err == nil) != c.good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// certify makes a certificate of its own key, signed by an authority; by itself where there is none.
func certify(t *testing.T, from time.Time, by *x509.Certificate, with *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(from.Unix()), NotBefore: from, NotAfter: ends, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, DNSNames: []string{"gate"},
	}
	if by == nil {
		by, with = about, key
	}
	raw, err := x509.CreateCertificate(rand.Reader, about, by, &key.PublicKey, with)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return made, key
}
