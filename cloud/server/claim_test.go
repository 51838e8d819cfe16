package server

import (
	"bytes"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud/internal/masterdata"
	"allhours/protocol/claim"
)

func TestACabinetClaimsOverHTTPAndTheBoxBeforeCannotSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		before := r.papers
		code, err := r.server.Admin().Enrol(t.Context(), "xs-01", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		key := func(n byte) ed25519.PrivateKey {
			return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
		}
		good := claim.NewRequest(code.Code, key(7), cardOf(60))
		forged := good
		forged.Journal = cardOf(61)
		for _, try := range []struct {
			name    string
			request claim.Request
			status  int
			problem string
		}{
			{"a request that was changed", forged, http.StatusForbidden, "bad_claim"},
			{"a code that was printed before", claim.NewRequest(claim.Code(before.Code), key(7), cardOf(60)), http.StatusForbidden, "bad_claim"},
			{"the device", good, http.StatusOK, ""},
			{"the device once more", good, http.StatusOK, ""},
			{"another device", claim.NewRequest(code.Code, key(8), cardOf(61)), http.StatusConflict, "claim_used"},
		} {
			w := ask(t, r.server, try.request)
			var answer struct{ Code, Cabinet string }
			if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
				t.Fatal(err)
			}
			if w.Code != try.status || answer.Code != try.problem || try.problem == "" && answer.Cabinet != "xs-01" {
				t.Errorf("%s: %d %s", try.name, w.Code, w.Body)
			}
		}
		for password, want := range map[string]bool{before.Password: false, good.Password: true} {
			_, err := masterdata.Logins{Store: enrolments{r.server}}.CheckLogin(t.Context(), "xs-01", []byte(password))
			if (err == nil) != want {
				t.Errorf("signed in: %v, want %v", err == nil, want)
			}
		}
		if log := r.log.String(); strings.Contains(log, string(code.Code)) || strings.Contains(log, good.Password) {
			t.Error("a code or a password is in the log")
		}
	})
}

// listening is a listener at an address that nobody connects to.
type listening struct {
	net.Listener
	at string
}

func (l listening) Addr() net.Addr {
	at, _ := net.ResolveTCPAddr("tcp", l.at) // A number: nothing is looked up.
	return at
}

func TestPapersNameTheBrokerAsCabinetsReachIt(t *testing.T) {
	secure := &tls.Config{}
	for name, c := range map[string]struct {
		o    Options
		want string
	}{
		"on this machine":     {Options{MQTT: listening{at: "127.0.0.1:1883"}}, "tcp://127.0.0.1:1883"},
		"on one address":      {Options{MQTT: listening{at: "192.0.2.7:8883"}, TLS: secure}, "tls://192.0.2.7:8883"},
		"on all addresses":    {Options{MQTT: listening{at: "[::]:8883"}, TLS: secure}, "tls://:8883"},
		"another broker":      {Options{BrokerURL: "tls://fleet:secret@broker.example:8883"}, "tls://broker.example:8883"},
		"by another name":     {Options{MQTT: listening{at: "[::]:8883"}, TLS: secure, CabinetsURL: "tls://mqtt.example:443"}, "tls://mqtt.example:443"},
		"nowhere, in a test":  {Options{MQTT: newPipes()}, ""},
		"nowhere, without it": {Options{}, ""},
	} {
		if got := c.o.cabinetsReach(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for _, bad := range []string{"tcp://mqtt.example:1883", "tls://mqtt.example", "mqtt.example:8883", "tls://a:b@mqtt.example:8883"} {
		o := Options{CabinetsURL: bad}
		if err := o.checkCabinetsURL(); err == nil || !strings.Contains(err.Error(), "--cabinets-mqtt") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
