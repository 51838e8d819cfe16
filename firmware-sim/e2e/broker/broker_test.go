// Package broker walks the whole path with mosquitto in place of the embedded broker, over TLS, through the built programs:
// a cabinet is held to its own topics, and what residents do while the broker is killed, started again and wiped is billed
// once and lost nowhere.
package broker

import (
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"allhours/firmware-sim/street"
)

func TestTheWholePathOverMosquittoWhichIsKilledAndWiped(t *testing.T) {
	for _, program := range []string{"mosquitto", "mosquitto_pub", "mosquitto_sub", "mosquitto_passwd", "openssl"} {
		peer(t, program)
	}
	bin, err := filepath.Abs("../../../bin")
	if err != nil {
		t.Fatal(err)
	}
	ca := newAuthority(t)
	n, err := street.Launch(street.Options{Bin: bin, Dir: t.TempDir(), BrokerCA: ca.file})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			showLogs(t, n)
		}
	})
	if err := n.WaitUntilRuns(t.Context(), "fleetd"); err != nil {
		t.Fatal(err)
	}
	m := newMosquitto(t, bin, ca, n) // It knows the service alone, until the cabinets have claimed their logins.
	until(t, "all cabinets are claimed", func() bool { return claimed(t, n) })
	m.write()
	m.reload()
	if err := n.WaitUntilAllSell(t.Context()); err != nil {
		t.Fatalf("%v\nmosquitto said:\n%s", err, m.said())
	}
	t.Run("the certificate is what openssl takes it for", func(t *testing.T) { checkCertificate(t, m) })
	t.Run("a cabinet is held to its own topics", func(t *testing.T) { keepToOwnTopics(t, m) })
	var visits []*visit
	t.Run("killed in the middle of visits", func(t *testing.T) { visits = append(visits, loseBroker(t, m, 0, func() {})...) })
	t.Run("killed and wiped in the middle of visits", func(t *testing.T) {
		visits = append(visits, loseBroker(t, m, 2, func() {
			if err := os.RemoveAll(m.folder); err != nil {
				t.Fatal(err)
			}
			m.write()
		})...)
	})
	t.Run("all sell again and the books agree", func(t *testing.T) {
		if err := n.WaitUntilAllSell(t.Context()); err != nil {
			t.Fatal(err)
		}
		compareBooks(t, n, visits)
	})
}

// claimed reports that every cabinet of the street has its credentials.
func claimed(t *testing.T, n *street.Neighbourhood) bool {
	t.Helper()
	count := func(pattern string) int {
		found, err := filepath.Glob(filepath.Join(n.Data(), "cabinets", pattern))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	all := count("*/boards.json")
	return all > 0 && all == count("*/agent/credentials.yaml")
}

// logShown is how much of the end of each log a failure shows, in bytes.
const logShown = 4 << 10

func showLogs(t *testing.T, n *street.Neighbourhood) {
	logs, _ := filepath.Glob(filepath.Join(n.Data(), "logs", "*.log")) // The pattern is a good one.
	for _, path := range logs {
		text, err := os.ReadFile(path)
		t.Logf("%s, %v:\n%s", filepath.Base(path), err, text[max(0, len(text)-logShown):])
	}
}

// checkCertificate has openssl look at the broker as a stranger would.
func checkCertificate(t *testing.T, m *mosquitto) {
	connect := []string{"s_client", "-connect", m.street.Broker, "-CAfile", m.ca.file, "-verify_return_error"}
	for _, c := range []struct {
		name string
		good bool
		args []string
	}{
		{"by its authority", true, []string{"verify", "-CAfile", m.ca.file, filepath.Join(m.folder, "cert.pem")}},
		{"by no authority", false, []string{"verify", filepath.Join(m.folder, "cert.pem")}},
		{"as it is shown, for its address", true, append(connect, "-verify_ip", "127.0.0.1")},
		{"as it is shown, for a name that is not its own", false, append(connect, "-verify_hostname", "localhost")},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		out, err := exec.CommandContext(ctx, peer(t, "openssl"), c.args...).CombinedOutput()
		cancel()
		if (err == nil) != c.good {
			t.Errorf("%s: %v: %s", c.name, err, out)
		}
	}
}

// loseBroker kills the broker when each visit has come to a moment of its own, lets everybody go on without it, and starts
// it again. Cabinets are counted from first, so that each round meets others.
func loseBroker(t *testing.T, m *mosquitto, first int, meanwhile func()) []*visit {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	n := m.street
	if err := n.WaitUntilAllSell(ctx); err != nil {
		t.Fatal(err)
	}
	visits := make([]*visit, moments)
	for i := range visits {
		var err error
		if visits[i], err = newVisit(ctx, n, n.Cabinets[(first+i)%len(n.Cabinets)]); err != nil {
			t.Fatal(err)
		}
	}
	together(t, visits, func(i int, v *visit) error { return v.play(ctx, notBegun, moment(i)) })
	m.kill()
	until(t, "the service tells that it lost the broker", func() bool { return !connected(t, n) && status(t, n, "/healthz") == http.StatusServiceUnavailable })
	meanwhile()
	together(t, visits, func(i int, v *visit) error { return v.play(ctx, moment(i), moments-1) })
	for i, v := range visits {
		if v.shown != (moment(i) == notBegun) {
			t.Errorf("%s: a code was shown: %v", v.cabinet, v.shown)
		}
	}
	begun := time.Now()
	m.start()
	together(t, visits, func(_ int, v *visit) error { return v.judge(ctx) })
	t.Logf("every visit had its outcome %s after the broker was back", time.Since(begun).Round(time.Millisecond))
	if !connected(t, n) || status(t, n, "/healthz") != http.StatusOK {
		t.Error("the service does not tell that the broker is back")
	}
	if err := n.WaitUntilAllSell(ctx); err != nil {
		t.Error(err)
	}
	t.Logf("all cabinets sold again %s after the broker was back", time.Since(begun).Round(time.Millisecond))
	return visits
}

// connected is what the service's figures say of its broker.
func connected(t *testing.T, n *street.Neighbourhood) bool {
	t.Helper()
	resp, err := http.Get(n.Service + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(text), "\nallhours_broker_connected 1\n")
}

func status(t *testing.T, n *street.Neighbourhood, path string) int {
	t.Helper()
	resp, err := http.Get(n.Service + path)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}
