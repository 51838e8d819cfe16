package server

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud/internal/broker/brokertest"
	"allhours/cloud/internal/masterdata"
	"allhours/protocol"
)

// remote is a broker in memory beside the server, which can be lost and come back.
type remote struct {
	t    *testing.T
	door *pipes
	rig  *rig

	mu  sync.Mutex
	now *brokertest.Broker
}

// servicePassword is the service's at that broker.
const servicePassword = "secret"

func (r *remote) start() {
	r.t.Helper()
	r.door = newPipes()
	b, err := brokertest.Start(servicePassword, r.door, func(user, password string) bool {
		_, err := masterdata.Logins{Store: enrolments{r.rig.server}}.CheckLogin(context.Background(), protocol.CabinetID(user), []byte(password))
		return err == nil
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now = b
}

// lose ends the broker; the server notices in its own time.
func (r *remote) lose() {
	if err := r.now.Close(); err != nil {
		r.t.Error(err)
	}
}

func (r *remote) dial(ctx context.Context) (net.Conn, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now.Dial(ctx)
}

// newRemoteRig is a server that uses another broker.
func newRemoteRig(t *testing.T, faults func(*remote) func(PaymentCall, protocol.UUID) PaymentFault) (*rig, *remote) {
	r := &remote{t: t}
	r.start()
	server := newRigWith(t, func(o *Options) {
		o.MQTT, o.BrokerDial = nil, r.dial
		o.BrokerURL = "tcp://" + brokertest.Service + ":" + servicePassword + "@127.0.0.1:1883"
		if faults != nil {
			o.PaymentFaults = faults(r)
		}
	})
	r.rig = server
	server.door = r.door
	return server, r
}

func TestWithoutABrokerADoorIsRefusedAtOnceAndNoMoneyIsHeld(t *testing.T) {
	cases := []struct {
		name   string
		faults func(*remote) func(PaymentCall, protocol.UUID) PaymentFault
		holds  int
	}{
		{"it was lost before the door was asked for", nil, 0},
		{"it is lost while the money is being held", func(r *remote) func(PaymentCall, protocol.UUID) PaymentFault {
			return func(call PaymentCall, _ protocol.UUID) PaymentFault {
				if call == "hold" {
					r.lose()
				}
				return PaymentWell
			}
		}, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, other := newRemoteRig(t, c.faults)
				r.connect()
				b, _ := r.signIn("+8613900007777")
				if c.faults == nil {
					other.lose()
					synctest.Wait()
					b.want(503, "GET", "/healthz", "", nil)
					if shown := b.send("GET", "/api/v1/cabinets", "").Body.String(); !strings.Contains(shown, `"state":"away"`) {
						t.Errorf("the cabinet is shown as %s", shown)
					}
				}
				begun := time.Now()
				answer := b.send("POST", "/api/v1/visits", `{"cabinet":"xs-01"}`)
				if took := time.Since(begun); took > time.Second || !strings.Contains(answer.Body.String(), "/problems/cabinet_away") {
					t.Errorf("after %s: %d %s", took, answer.Code, answer.Body)
				}
				time.Sleep(2 * time.Second)
				told, err := os.ReadFile(filepath.Join(r.data, paymentsName))
				if err != nil {
					t.Fatal(err)
				}
				holds, releases := bytes.Count(told, []byte(`"kind":"hold"`)), bytes.Count(told, []byte(`"kind":"release"`))
				if holds != c.holds || releases != c.holds {
					t.Errorf("%d holds and %d releases, want %d of each", holds, releases, c.holds)
				}
			})
		})
	}
}
