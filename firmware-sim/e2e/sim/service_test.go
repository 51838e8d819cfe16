package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/cloud/server"
	"allhours/protocol"
)

// errDeadLink is what a phone sees of a service that is down, or that dies before it answers.
var errDeadLink = errors.New("the link is dead")

// service is the fleet service with its database; it is killed and started again.
type service struct {
	t      *testing.T
	dir    string
	net    *network
	bank   *bank
	log    *slog.Logger
	offset time.Duration // of the service's clock against the cabinets'

	mu    sync.Mutex // of all below
	lives int
	data  string // folder of the running or the last life
	run   *running
}

// running is one life of the service.
type running struct {
	life
	server *server.Server
	broker *broker
	teller *teller
}

func newService(t *testing.T, dir string, n *network, b *bank, offset time.Duration, log *slog.Logger) *service {
	dir = filepath.Join(dir, "cloud")
	s := &service{
		t: t, dir: dir, net: n, bank: b, offset: offset, log: log.With("program", "cloud"), data: filepath.Join(dir, "0"),
	}
	b.heard = s.hear
	return s
}

func (s *service) now() time.Time { return time.Now().Add(s.offset) }

// start runs the service on what the last life left.
func (s *service) start() {
	s.t.Helper()
	r := &running{broker: newBroker(), teller: &teller{bank: s.bank}}
	ctx, end := context.WithCancel(context.Background())
	r.end, r.ended = end, make(chan struct{})
	var err error
	r.server, err = server.New(ctx, server.Options{
		Data: s.folder(), MQTT: r.broker, Demo: true, Provider: r.teller, OneConnection: true, Now: s.now, Logger: s.log,
	})
	if err != nil {
		s.t.Fatalf("service: %v", err)
	}
	go func() {
		defer close(r.ended)
		r.err = r.server.Run(ctx)
	}()
	s.mu.Lock()
	s.run = r
	s.mu.Unlock()
	s.net.attach(r.broker)
}

func (s *service) folder() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data
}

// up is the service that runs now; nil while none does.
func (s *service) up() *running {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.run
}

func (s *service) takeDown() *running {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.run
	s.run = nil
	return r
}

// stop ends the service in order.
func (s *service) stop() {
	r := s.takeDown()
	if r == nil {
		return
	}
	s.net.attach(nil)
	r.end()
	<-r.ended
	if r.err != nil {
		s.t.Errorf("the service ended with %v", r.err)
	}
}

// crash ends the service as a power cut does. It is called from the test's own goroutine alone.
func (s *service) crash() {
	r := s.takeDown()
	if r == nil {
		return
	}
	synctest.Wait() // Nobody is between two bytes of a file now.
	s.mu.Lock()
	s.lives++
	next := filepath.Join(s.dir, fmt.Sprint(s.lives))
	copyFolder(s.t, s.data, next)
	s.data = next
	s.mu.Unlock()
	r.teller.die()
	s.net.attach(nil)
	r.end()
	<-r.ended
}

// startAgain runs the service where none runs.
func (s *service) startAgain() {
	s.t.Helper()
	if s.up() == nil {
		s.start()
	}
}

// ask lets a phone use the service; whatever is answered by a life that has ended meanwhile never reaches the phone.
func ask[T any](s *service, question func(*server.Server) (T, error)) (T, error) {
	var nothing T
	r := s.up()
	if r == nil {
		return nothing, errDeadLink
	}
	answer, err := question(r.server)
	if s.up() != r {
		return nothing, errDeadLink
	}
	return answer, err
}

// signIn makes a resident.
func (s *service) signIn(phone string) protocol.UUID {
	s.t.Helper()
	people := s.up().server.People()
	code, err := people.RequestCode(s.t.Context(), phone)
	if err != nil {
		s.t.Fatal(err)
	}
	_, who, err := people.SignIn(s.t.Context(), phone, code)
	if err != nil {
		s.t.Fatal(err)
	}
	return who.ID
}

func (s *service) begin(b cloud.BeginVisit) (cloud.Visit, error) {
	return ask(s, func(srv *server.Server) (cloud.Visit, error) { return srv.Visits().Begin(context.Background(), b) })
}

func (s *service) visit(id protocol.VisitID) (cloud.Visit, error) {
	return ask(s, func(srv *server.Server) (cloud.Visit, error) { return srv.Visits().Visit(context.Background(), id) })
}

func (s *service) reviews() ([]cloud.Review, error) {
	return ask(s, func(srv *server.Server) ([]cloud.Review, error) {
		return srv.Visits().Reviews(context.Background(), cloud.BoundTo(), 0)
	})
}

func (s *service) decide(d cloud.DecideReview) (cloud.Visit, error) {
	return ask(s, func(srv *server.Server) (cloud.Visit, error) { return srv.Visits().Decide(context.Background(), d) })
}

func (s *service) object(o cloud.Objection) (cloud.Dispute, error) {
	return ask(s, func(srv *server.Server) (cloud.Dispute, error) { return srv.Disputes().Object(context.Background(), o) })
}

func (s *service) objections() ([]cloud.DisputeCase, error) {
	return ask(s, func(srv *server.Server) ([]cloud.DisputeCase, error) {
		return srv.Disputes().Cases(context.Background(), "", true, 100)
	})
}

func (s *service) rule(r cloud.RuleDispute) (cloud.Dispute, error) {
	return ask(s, func(srv *server.Server) (cloud.Dispute, error) { return srv.Disputes().Rule(context.Background(), r) })
}

func (s *service) state(id protocol.CabinetID) cloud.CabinetState {
	v, err := s.view(id)
	if err != nil {
		return ""
	}
	return v.State
}

func (s *service) view(id protocol.CabinetID) (cloud.CabinetView, error) {
	return ask(s, func(srv *server.Server) (cloud.CabinetView, error) {
		return srv.Fleet().Cabinet(context.Background(), id)
	})
}

// visits lists all of them, the oldest first.
func (s *service) visits() []cloud.Visit {
	s.t.Helper()
	all, err := ask(s, latestVisits)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

func latestVisits(srv *server.Server) ([]cloud.Visit, error) {
	return srv.Visits().Latest(context.Background(), "", protocol.UUID{}, 1000)
}

// teller is the service's way to the bank; it dies with the life of the service.
type teller struct {
	bank *bank
	mu   sync.Mutex
	dead bool
}

func (t *teller) die() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dead = true
}

func (t *teller) call(r request, ask func(request) (word, error)) (word, error) {
	t.mu.Lock()
	dead := t.dead
	t.mu.Unlock()
	if dead {
		return word{}, errNoAnswer
	}
	return ask(r)
}

type (
	request = server.ProviderRequest
	word    = server.ProviderWord
)

// Account is a provider's.
func (t *teller) Account() server.ProviderAccount { return t.bank.Account() }

// Authorise is a provider's.
func (t *teller) Authorise(ctx context.Context, r request) (word, error) {
	return t.call(r, func(r request) (word, error) { return t.bank.Authorise(ctx, r) })
}

// Complete is a provider's.
func (t *teller) Complete(ctx context.Context, r request) (word, error) {
	return t.call(r, func(r request) (word, error) { return t.bank.Complete(ctx, r) })
}

// Cancel is a provider's.
func (t *teller) Cancel(ctx context.Context, r request) (word, error) {
	return t.call(r, func(r request) (word, error) { return t.bank.Cancel(ctx, r) })
}

// Charge is a provider's.
func (t *teller) Charge(ctx context.Context, r request) (word, error) {
	return t.call(r, func(r request) (word, error) { return t.bank.Charge(ctx, r) })
}

// Refund is a provider's.
func (t *teller) Refund(ctx context.Context, r request) (word, error) {
	return t.call(r, func(r request) (word, error) { return t.bank.Refund(ctx, r) })
}

// Query is a provider's.
func (t *teller) Query(ctx context.Context, r request) (word, error) {
	return t.call(r, func(r request) (word, error) { return t.bank.Query(ctx, r) })
}

// Since is a provider's.
func (t *teller) Since(ctx context.Context, from time.Time) (all []server.ProviderDeed, err error) {
	_, err = t.call(request{}, func(request) (w word, err error) {
		all, err = t.bank.Since(ctx, from)
		return w, err
	})
	return all, err
}

// copyFolder takes what is on the disk at a moment at which nobody writes.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		return copyFile(path, filepath.Join(to, rel))
	})
	if err != nil {
		t.Fatalf("copy %s: %v", from, err)
	}
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
