package uplink_test

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

	"allhours/edge"
	"allhours/edge/internal/uplink"
)

func TestABrokerMustShowACertificateForItsName(t *testing.T) {
	server := httptest.NewUnstartedServer(nil) // Its certificate is for its address, and not for the name localhost.
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, host, ca, want string }{
		{"its own name, by an authority that is trusted", "127.0.0.1", ca, ""},
		{"another name", "localhost", ca, "valid for"},
		{"an authority that nobody knows", "127.0.0.1", "", "unknown authority"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dial, err := uplink.Dialer("tls://"+net.JoinHostPort(c.host, port), c.ca, edge.NewClock())
			if err != nil {
				t.Fatal(err)
			}
			conn, err := dial(t.Context())
			if err == nil {
				conn.Close()
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
		})
	}
}
