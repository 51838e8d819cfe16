package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// peer finds a program that nobody here wrote. Without it the test is skipped, but never where CI is set.
func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		path, err = exec.LookPath("/usr/sbin/" + name)
	}
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: %v", name, err)
	}
	if err != nil {
		t.Skipf("%s is missing; see make peers", name)
	}
	return path
}

// serve runs a server on loopback ports until the test ends.
func serve(t *testing.T, change func(*Options)) *Server {
	t.Helper()
	o := Options{Data: t.TempDir(), Demo: true}
	if change != nil {
		change(&o)
	}
	s, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Admin().Apply(t.Context(), []byte(document)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	until(t, "the server is connected to its broker", func() bool { return s.health(t.Context()) == nil })
	return s
}

// until looks again and again, for as long as a loaded machine may need.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick, end := time.NewTicker(10*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("in vain: %s", what)
		}
	}
}

func loopback(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// mosquittoClient runs one of mosquitto's clients and gives what it printed.
func mosquittoClient(t *testing.T, program string, at net.Addr, args ...string) (string, error) {
	t.Helper()
	_, port, err := net.SplitHostPort(at.String())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, peer(t, program), append([]string{"-h", "127.0.0.1", "-p", port, "-V", "mqttv311"}, args...)...).CombinedOutput()
	return string(out), err
}

func TestAForeignClientIsHeldToItsOwnTopics(t *testing.T) {
	peer(t, "mosquitto_pub")
	l := loopback(t)
	s := serve(t, func(o *Options) { o.MQTT = l })
	papers := join(t, s, "xs-01", cardOf(50))
	own := topic.Address{Shard: papers.Shard, Cabinet: "xs-01"}
	other := topic.Address{Shard: papers.Shard, Cabinet: "xs-02"}
	as := func(password string, more ...string) []string {
		return append([]string{"-i", "xs-01", "-u", "xs-01", "-P", password}, more...)
	}
	handled := func() int64 { received, _ := s.line.Counts(); return received }

	if out, err := mosquittoClient(t, "mosquitto_pub", l.Addr(), as("wrong", "-t", own.Of(topic.Live), "-m", "{}")...); err == nil {
		t.Errorf("a wrong password was taken: %s", out)
	}
	if out, err := mosquittoClient(t, "mosquitto_pub", l.Addr(), "-t", own.Of(topic.Live), "-m", "{}"); err == nil {
		t.Errorf("nobody in particular was let in: %s", out)
	}
	if out, err := mosquittoClient(t, "mosquitto_pub", l.Addr(), as(papers.Password, "-t", own.Of(topic.Telemetry), "-q", "1", "-m", "{}")...); err != nil {
		t.Fatalf("the cabinet's own topic: %v: %s", err, out)
	}
	until(t, "the cabinet's message arrives", func() bool { return handled() == 1 })
	for _, to := range []string{other.Of(topic.Event), own.Of(topic.Command), "anything"} {
		_, _ = mosquittoClient(t, "mosquitto_pub", l.Addr(), as(papers.Password, "-t", to, "-q", "1", "-m", "{}")...)
	}
	if got := s.broker.Stats().Forbidden; got < 3 {
		t.Errorf("%d uses of a foreign topic were refused, want 3", got)
	}
	if handled() != 1 {
		t.Errorf("%d messages were handled, want the cabinet's own one", handled())
	}
	for _, filter := range []string{"#", other.DownFilter(), "ah/1/+/+/down/+"} {
		out, _ := mosquittoClient(t, "mosquitto_sub", l.Addr(), as(papers.Password, "-t", filter, "-W", "1", "-d")...)
		if !strings.Contains(out, "128") && !strings.Contains(out, "denied") {
			t.Errorf("subscription to %s: %s", filter, out)
		}
	}
}

// TestAnyOtherBrokerServesAsWell runs the cloud over mosquitto, kills that and starts it again.
func TestAnyOtherBrokerServesAsWell(t *testing.T) {
	program := peer(t, "mosquitto")
	peer(t, "mosquitto_pub")
	place := loopback(t)
	address := place.Addr()
	if err := place.Close(); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(address.String())
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "mosquitto.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, "listener %s 127.0.0.1\nallow_anonymous true\npersistence false\n", port), 0o600); err != nil {
		t.Fatal(err)
	}
	start := func() (stop func()) {
		broker := exec.Command(program, "-c", config)
		if err := broker.Start(); err != nil {
			t.Fatal(err)
		}
		return func() {
			_ = broker.Process.Kill()
			_ = broker.Wait() // It was killed.
		}
	}
	stop := start()
	s := serve(t, func(o *Options) { o.BrokerURL = "tcp://" + address.String() })
	if s.broker != nil {
		t.Fatal("the embedded broker was started as well")
	}
	own := topic.Address{Shard: 8, Cabinet: "xs-01"}
	say := func() {
		t.Helper()
		before, _ := s.line.Counts()
		payload, err := wire.Encode(wire.Death{V: 1, Cabinet: "xs-01"})
		if err != nil {
			t.Fatal(err)
		}
		if out, err := mosquittoClient(t, "mosquitto_pub", address, "-t", own.Of(topic.Death), "-m", string(payload)); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		until(t, "the message arrives", func() bool { now, _ := s.line.Counts(); return now > before })
	}
	say()
	stop()
	until(t, "the loss is seen", func() bool { return !s.line.Connected() })
	stop = start()
	defer stop()
	until(t, "the connection is back", s.line.Connected)
	say()
}

func TestALoginInTheAddressOfABrokerStaysSecret(t *testing.T) {
	_, err := New(t.Context(), Options{Data: t.TempDir(), Demo: true, BrokerURL: "tcp://fleet:canary@broker.example:1883"})
	if err == nil || strings.Contains(err.Error(), "canary") || errors.Is(err, os.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
}
