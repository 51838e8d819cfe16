package broker

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBrokerAddresses(t *testing.T) {
	cases := []struct {
		name, url string
		good      bool
	}{
		{"plain on loopback", "tcp://fleet:secret@127.0.0.1:1883", true},
		{"plain on localhost", "mqtt://localhost:1883", true},
		{"TLS elsewhere", "tls://fleet:secret@broker.example:8883", true},
		{"plain elsewhere", "tcp://fleet:secret@broker.example:1883", false},
		{"no port", "tcp://127.0.0.1", false},
		{"another protocol", "http://127.0.0.1:1883", false},
		{"no address at all", "::", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := ParseURL(c.url, "")
			if (err == nil) != c.good {
				t.Fatalf("got %v", err)
			}
			if err == nil && r.Dial == nil {
				t.Fatal("no way to dial")
			}
		})
	}
}

// certified serves TLS on loopback with a certificate for its address and not for the name localhost, and gives the port
// and the authority's file.
func certified(t *testing.T) (port, ca string) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port, ca
}

func TestABrokerMustShowACertificateForItsName(t *testing.T) {
	port, ca := certified(t)
	cases := []struct{ name, host, ca, want string }{
		{"its own name, by an authority that is trusted", "127.0.0.1", ca, ""},
		{"another name", "localhost", ca, "valid for"},
		{"an authority that nobody knows", "127.0.0.1", "", "unknown authority"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, err := ParseURL("tls://"+net.JoinHostPort(c.host, port), c.ca)
			if err != nil {
				t.Fatal(err)
			}
			conn, err := r.Dial(t.Context())
			if err == nil {
				conn.Close()
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestAuthoritiesThatCannotBeReadAreNamed(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, ca := range []string{empty, empty + ".none"} {
		if _, err := ParseURL("tls://127.0.0.1:8883", ca); err == nil || !strings.Contains(err.Error(), ca) {
			t.Errorf("got %v", err)
		}
	}
}
