package broker

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/goccy/go-yaml"

	"allhours/firmware-sim/phone"
	"allhours/protocol"
	"allhours/protocol/topic"
)

// tape is what a program prints, read while it runs.
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

// stranger is somebody who holds the papers of one cabinet, and the broker that must keep all others from them. The
// administrator watches over a login that the fleet knows nothing of.
type stranger struct {
	t             *testing.T
	m             *mosquitto
	own, other    topic.Address
	papers, admin login
	ctx           context.Context
}

// keepToOwnTopics lets a stranger try what it may not do. Whatever yields nothing is followed by the same with its own
// topic, which does.
func keepToOwnTopics(t *testing.T, m *mosquitto) {
	cabinets := m.street.Cabinets
	s := &stranger{t: t, m: m, admin: login{"administrator", "a long password of the administrator"}, ctx: t.Context()}
	s.own, s.papers = enrolled(t, m, cabinets[len(cabinets)-1])
	s.other, _ = enrolled(t, m, cabinets[0])
	hands := phone.Hands{Sim: m.street.Sim}
	if err := hands.TakeNetwork(s.ctx, string(s.own.Cabinet), true); err != nil {
		t.Fatal(err)
	}
	s.letAdministratorIn()
	t.Run("who may sign in", func(t *testing.T) { s.t = t; s.signIn() })
	t.Run("what it may say", func(t *testing.T) { s.t = t; s.speak() })
	t.Run("what it may hear", func(t *testing.T) { s.t = t; s.listen() })
	t.Run("a login that is gone from the files is gone with SIGHUP", func(t *testing.T) { s.t = t; s.leave() })
	if err := hands.TakeNetwork(t.Context(), string(s.own.Cabinet), false); err != nil {
		t.Fatal(err)
	}
}

// enrolled reads where a cabinet belongs and how it signs in.
func enrolled(t *testing.T, m *mosquitto, cabinet string) (topic.Address, login) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.street.Folder(cabinet), "agent", "credentials.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var papers struct {
		Shard uint8 `yaml:"shard"`
		MQTT  struct {
			User     string `yaml:"user"`
			Password string `yaml:"password"`
		} `yaml:"mqtt"`
	}
	if err := yaml.Unmarshal(text, &papers); err != nil {
		t.Fatal(err)
	}
	return topic.Address{Shard: papers.Shard, Cabinet: protocol.CabinetID(cabinet)}, login{papers.MQTT.User, papers.MQTT.Password}
}

// letAdministratorIn adds a login by hand, which mosquitto reads with the others.
func (s *stranger) letAdministratorIn() {
	s.t.Helper()
	passwords, acl := filepath.Join(s.m.folder, "passwords"), filepath.Join(s.m.folder, "acl")
	if out, err := exec.CommandContext(s.ctx, peer(s.t, "mosquitto_passwd"), "-b", passwords, s.admin.user, s.admin.password).CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(acl)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(acl, append(text, "\nuser administrator\ntopic readwrite #\n"...), 0o640); err != nil {
		s.t.Fatal(err)
	}
	from := len(s.m.said())
	s.m.reload()
	s.m.untilSaid(from, "Reloading config.")
}

func (s *stranger) signIn() {
	s.must(s.m.publish(s.papers, s.own.Of(topic.Live), "signed in"))
	for _, c := range []struct {
		name string
		as   login
		more []string
	}{
		{"a wrong password", login{s.papers.user, "wrong"}, nil},
		{"another cabinet's name", login{string(s.other.Cabinet), s.papers.password}, nil},
		{"the service's name", login{"_fleetd", s.papers.password}, nil},
		{"nobody in particular", login{}, nil},
		{"a broker whose certificate is for another name", s.papers, []string{"-h", "localhost"}},
	} {
		if err := s.m.publish(c.as, s.own.Of(topic.Live), "signed in", c.more...); err == nil {
			s.t.Errorf("%s was let in", c.name)
		}
	}
	from := len(s.m.said())
	s.must(s.m.publish(s.papers, s.own.Of(topic.Live), "signed in", "-i", string(s.other.Cabinet)))
	if said := s.m.said()[from:]; strings.Contains(said, " as "+string(s.other.Cabinet)+" ") || !strings.Contains(said, " as "+s.papers.user+" ") {
		s.t.Errorf("it took another cabinet's client id, which would throw that one out:\n%s", said)
	}
}

func (s *stranger) speak() {
	heard, stop := s.subscribe(s.admin, "ah/#")
	defer stop()
	elsewhere := topic.Address{Shard: (s.own.Shard + 1) % topic.Shards, Cabinet: s.own.Cabinet}
	for _, to := range []string{
		s.other.Of(topic.Event), s.other.Of(topic.Death), s.other.Of(topic.Command), s.own.Of(topic.Command), elsewhere.Of(topic.Event), "ah/anything",
	} {
		from := len(s.m.said())
		s.must(s.m.publish(s.papers, to, "FORGED")) // MQTT 3.1.1 has no word for a refusal.
		s.m.untilSaid(from, "Denied PUBLISH from "+s.papers.user+" (d0, q1, r0, m1, '"+to+"'")
	}
	s.dieWithWill(s.other.Of(topic.Death), "FORGED")
	s.dieWithWill(s.own.Of(topic.Death), "its own will")
	s.must(s.m.publish(s.papers, s.own.Of(topic.Live), "its own word"))
	until(s.t, "its own words arrive", func() bool {
		return strings.Contains(heard.String(), s.own.Of(topic.Death)+" its own will") && strings.Contains(heard.String(), s.own.Of(topic.Live)+" its own word")
	})
	if strings.Contains(heard.String(), "FORGED") {
		s.t.Errorf("what it may not say arrived:\n%s", heard)
	}
}

// dieWithWill connects, and breaks off without a farewell.
func (s *stranger) dieWithWill(to, text string) {
	s.t.Helper()
	_, stop := s.subscribe(s.papers, s.own.DownFilter(), "--will-topic", to, "--will-payload", text)
	stop()
}

// listen asks for everything and gets what is its own: the other cabinet's message is sent first, and does not come.
func (s *stranger) listen() {
	heard, stop := s.subscribe(s.papers, s.own.DownFilter(), "-t", s.other.DownFilter(), "-t", "ah/1/+/+/down/+", "-t", "#")
	defer stop()
	s.must(s.m.publish(s.admin, s.other.Of(topic.Config), "SECRET"))
	s.must(s.m.publish(s.admin, s.other.Of(topic.Event), "SECRET"))
	s.must(s.m.publish(s.admin, s.own.Of(topic.Config), "its own"))
	until(s.t, "its own message comes", func() bool { return strings.Contains(heard.String(), s.own.Of(topic.Config)+" its own") })
	if strings.Contains(heard.String(), "SECRET") {
		s.t.Errorf("it heard what is another's:\n%s", heard)
	}
}

// leave writes the files again, in which the administrator is not: the connection ends, and there is no other.
func (s *stranger) leave() {
	_, stop := s.subscribe(s.admin, "ah/#")
	defer stop()
	from := len(s.m.said())
	if said := s.m.write(); !strings.Contains(said, "written: passwords, acl\n") {
		s.t.Errorf("fleetctl said %q", said)
	}
	s.m.reload()
	s.m.untilSaid(from, "Reloading config.")
	s.m.untilSaid(from, "disconnected, not authorised") // when it comes again
	if err := s.m.publish(s.admin, "ah/anything", "still here"); err == nil {
		s.t.Error("it can still sign in")
	}
	s.must(s.m.publish(s.papers, s.own.Of(topic.Live), "still here"))
	if said := s.m.write(); !strings.Contains(said, "nothing has changed") {
		s.t.Errorf("the same again: fleetctl said %q", said)
	}
}

// subscribe listens until stop, and comes back when the broker has taken the subscription.
func (s *stranger) subscribe(as login, filter string, more ...string) (*tape, func()) {
	s.t.Helper()
	heard, from := &tape{}, len(s.m.said())
	ctx, cancel := context.WithCancel(s.ctx)
	cmd := s.m.client(ctx, "mosquitto_sub", as, append([]string{"-v", "-t", filter}, more...)...)
	cmd.Stdout = heard
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.m.untilSaid(from, "Sending SUBACK to "+as.user)
	return heard, func() {
		cancel()
		_ = cmd.Wait() // It was killed.
	}
}

func (s *stranger) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
