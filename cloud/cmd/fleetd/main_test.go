package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

func environment(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

// tape is written by the service and read by the test.
type tape struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (s *tape) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.Write(p)
}

func (s *tape) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}

func TestStartsThatAreRefused(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	data := t.TempDir()
	cases := []struct {
		name, want string
		env        map[string]string
		args       []string
	}{
		{"no data", "--data: want the folder", nil, []string{"--demo"}},
		{"an argument too many", `"now": no such argument`, nil, []string{"--demo", "--data", data, "now"}},
		{"a certificate without its key", "want both or none", nil, []string{"--data", data, "--tls-cert", "x"}},
		{"a certificate that is not there", "--tls-cert and --tls-key", nil, []string{"--data", data, "--tls-cert", "x", "--tls-key", "y"}},
		{"a database that is not there", "PostgreSQL 127.0.0.1/fleet", map[string]string{"DATABASE_URL": "postgres://127.0.0.1:1/fleet"}, []string{"--demo", "--data", data, "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"}},
		{"HTTP everywhere", "--http 0.0.0.0:0 is not on loopback: want --tls-cert", nil, []string{"--data", data, "--http", "0.0.0.0:0"}},
		{"MQTT everywhere", "--mqtt :0 is not on loopback: want --tls-cert", nil, []string{"--data", data, "--http", "127.0.0.1:0", "--mqtt", ":0"}},
		{"the demo everywhere", "not on loopback", nil, []string{"--demo", "--data", data, "--http", "0.0.0.0:0"}},
		{"a taken port", taken.Addr().String() + ": listen", nil, []string{"--demo", "--data", data, "--http", taken.Addr().String()}},
		{"no demo and no provider", "only --demo", nil, []string{"--data", data, "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"}},
		{"an authority of no broker", "--mqtt-ca is of the broker", nil, []string{"--demo", "--data", data, "--mqtt-ca", "ca.pem"}},
		{
			"an authority that is not there", "authorities of the broker",
			map[string]string{"MQTT_URL": "tls://x.example:8883"},
			[]string{"--demo", "--data", data, "--http", "127.0.0.1:0", "--mqtt-ca", "ca.pem"},
		},
		{"a broker elsewhere without TLS", "want tls://", map[string]string{"MQTT_URL": "tcp://x.example:1883"}, []string{"--demo", "--data", data, "--http", "127.0.0.1:0"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := run(t.Context(), c.args, environment(c.env), &tape{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestTheServiceAnswersUntilItIsToldToStop(t *testing.T) {
	cert, key, roots := certificate(t)
	cases := []struct {
		name, scheme string
		args         []string
	}{
		{"plain", "http", nil},
		{"with TLS", "https", []string{"--tls-cert", cert, "--tls-key", key}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			log := &tape{}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			args := append([]string{"--demo", "--data", t.TempDir(), "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"}, c.args...)
			go func() { ended <- run(ctx, args, environment(nil), log) }()
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
			defer client.CloseIdleConnections()
			if err := healthy(client, c.scheme, log); err != nil {
				t.Error(err)
			}
			stop()
			if err := <-ended; err != nil {
				t.Errorf("run: %v", err)
			}
			if !strings.Contains(log.String(), "msg=stopped") {
				t.Errorf("it said:\n%s", log.String())
			}
		})
	}
}

// healthy asks the address that the log names until the service is fit.
func healthy(client *http.Client, scheme string, log *tape) error {
	address := regexp.MustCompile(`msg=serving http=(\S+)`)
	tick, end := time.NewTicker(20*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-end:
			return errors.New("it never became healthy: " + log.String())
		}
		found := address.FindStringSubmatch(log.String())
		if found == nil {
			continue
		}
		answer, err := client.Get(scheme + "://" + found[1] + "/healthz")
		if err != nil {
			return err
		}
		answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return nil
		}
	}
}

// certificate makes one for loopback that only this test believes.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: raw}, key: {Type: "EC PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AddCert(parsed)
	return cert, key, roots
}
