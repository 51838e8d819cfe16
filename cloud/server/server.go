package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/api"
	"allhours/cloud/internal/broker"
	"allhours/cloud/internal/core"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/masterdata"
	"allhours/cloud/internal/message"
	"allhours/cloud/internal/metrics"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/signing"
	"allhours/cloud/internal/store"
	"allhours/cloud/internal/store/postgres"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/cloud/internal/tracefile"
	"allhours/cloud/internal/web"
	"allhours/protocol/topic"
)

// Files in the data folder.
const (
	databaseName = "fleet.db"
	keysName     = "keys"
	phoneKeyName = "phone.key"
	tracesName   = "traces"
	paymentsName = "payments.jsonl" // the simulated provider's own truth
)

// tracesMost bounds the recordings of visits that were fetched from cabinets, in bytes.
const tracesMost = 1 << 30

// drain is how long requests under way may take when the server ends; streams are ended at once.
const drain = 5 * time.Second

// Server is one fleet service.
type Server struct {
	o       Options
	lock    *store.Lock
	past    cloud.SimulatedPast
	turn    *postgres.Turn // nil: the database is SQLite
	db      *sqlstore.DB
	keys    *signing.Keys
	people  *people.Service
	core    *core.Core
	broker  *broker.Embedded // nil: another one is used
	line    line
	money   *payment.Simulator // nil: the provider is real
	metrics *metrics.Metrics
	pages   http.Handler
	closing sync.Once
}

// line is how messages travel to cabinets and from them: over the broker inside, or by a client of another one.
type line interface {
	// Run hands on what cabinets send until ctx ends.
	Run(ctx context.Context)
	// Publish sends a cabinet one message, at QoS 0; an error says that it was surely not sent.
	Publish(ctx context.Context, to topic.Address, ch topic.Channel, payload []byte) error
	// Connected reports whether messages can travel now.
	Connected() bool
	// Counts tells how many messages came, and how many of them had a topic that nobody knows.
	Counts() (received, unread int64)
}

// New opens the data and refuses it where another server has it. Nobody is served before Run; without a Run, Close ends
// what New began.
func New(ctx context.Context, o Options) (*Server, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Server{o: o, metrics: metrics.New()}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) open(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		s.openData, s.readPast, s.followErased, s.openPeople, s.openBroker, s.openCore,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	s.openHTTP()
	s.measure()
	return nil
}

func (s *Server) openData(ctx context.Context) (err error) {
	if err := os.MkdirAll(s.o.Data, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	if s.lock, err = store.Take(s.o.Data); err != nil {
		return err
	}
	if err := s.takeTurn(ctx); err != nil {
		return err
	}
	if s.db, err = openDatabase(ctx, s.o.Data, s.o.DatabaseURL, sqlite.Options{OneConnection: s.o.OneConnection, Volatile: s.o.past != nil}); err != nil {
		return err
	}
	s.keys, err = signing.Load(filepath.Join(s.o.Data, keysName))
	return err
}

// readPast refuses to take books for real ones that have a past which was played.
func (s *Server) readPast(ctx context.Context) error {
	err := s.db.View(ctx, func(tx cloud.Tx) (err error) {
		s.past, err = tx.Past.Find()
		return err
	})
	switch {
	case err != nil:
		return err
	case s.past.Any() && !s.o.Demo:
		return fmt.Errorf("these books have a simulated past, from %s to %s: only --demo serves them",
			s.past.From.Format(time.DateOnly), s.past.Until.Format(time.DateOnly))
	case s.past.Any():
		s.o.Logger.Warn("simulated data: these books have a past that was played and never lived",
			"from", s.past.From.Format(time.RFC3339), "until", s.past.Until.Format(time.RFC3339), "seed", s.past.Seed)
	}
	return nil
}

// followErased makes up for a service that ended between the books and the file.
func (s *Server) followErased(ctx context.Context) error { return followErased(ctx, s.o.Data, s.db) }

func (s *Server) openPeople(context.Context) (err error) {
	o := people.Options{Store: s.db.People(), Demo: s.o.Demo, Origin: s.o.staffOrigin(), Wake: func() { s.core.Messages.Wake() }, Now: s.o.Now}
	if s.o.SecondStep {
		o.Second = mustHaveSecond()
	}
	s.people, err = openPeople(s.o.Data, o)
	return err
}

func (s *Server) openBroker(context.Context) (err error) {
	if s.o.past != nil {
		s.line = s.o.past
		return nil
	}
	if s.o.BrokerURL == "" {
		s.broker, err = broker.New(masterdata.Logins{Store: enrolments{s}}, s.receive, s.o.Logger)
		s.line = s.broker
		return err
	}
	remote, err := s.otherBroker()
	if err != nil {
		return err
	}
	remote.Lost = func() { s.core.Cut() }
	s.line = broker.NewClient(remote, s.receive, s.o.Logger)
	return nil
}

// otherBroker signs in with the password that fleetctl broker-files made known to that broker, where its address has none.
func (s *Server) otherBroker() (broker.Remote, error) {
	remote, err := broker.ParseURL(s.o.BrokerURL, s.o.BrokerCA)
	if err != nil {
		return remote, err
	}
	if s.o.BrokerDial != nil {
		remote.Dial = s.o.BrokerDial
	}
	if remote.User == "" {
		remote.User = broker.SelfUser
		remote.Password, err = brokerPassword(s.o.Data)
	}
	return remote, err
}

func (s *Server) openCore(context.Context) (err error) {
	provider := s.o.Provider
	if provider == nil {
		if s.money, err = payment.NewSimulator(filepath.Join(s.o.Data, paymentsName), s.o.PaymentFaults); err != nil {
			return err
		}
		call := s.calledBack
		if s.o.past != nil {
			call = nil // It would come at a time of its own.
		}
		s.money.Configure(payment.SimulatorOptions{Now: s.o.Now, Call: call})
		provider = s.money
	}
	sender := s.o.Sender
	if sender == nil {
		sender = message.LogSender{Logger: s.o.Logger}
	}
	s.core = core.New(core.Options{
		Channels: s.o.Alerts.channels(s.o.Now), AwayAfter: s.o.Alerts.AwayAfter, NoSaleHours: s.o.Alerts.NoSaleHours, Online: s.line.Connected,
		Sender: sender, Phones: s.people, BaseURL: s.o.residentsReach(), Masked: s.people.Masked, Ages: s.o.Ages, Erased: s.followErased,
		DB: s.db, Publisher: s.line, Signer: s.keys.Signer(), Keys: s.keys.Public(), Broker: s.o.cabinetsReach(), Provider: provider, Subject: s.people.Pseudonym,
		Traces: tracefile.Open(filepath.Join(s.o.Data, tracesName), tracesMost), Now: s.o.Now, Logger: s.o.Logger,
	})
	return nil
}

// calledBack takes the calls of the simulated provider, which knows no network.
func (s *Server) calledBack(header map[string][]string, body []byte) int {
	reply, err := s.core.Calls.Callback(context.Background(), payment.SimulatorName, header, body)
	if err != nil {
		return http.StatusNotFound
	}
	return reply.Status
}

func (s *Server) openHTTP() {
	e := httpx.New(httpx.Options{
		People: s.people, Trail: s.people, Places: s.core.Places, Logger: s.o.Logger, Secure: s.o.TLS != nil, Observe: s.metrics.Request, Now: s.o.Now,
	})
	api.New(api.Options{
		Visits: s.core.Visits, Fleet: s.core.Fleet, People: s.people, Food: s.core.Food, Money: s.core.Money, Calls: s.core.Calls, Health: s.health, Metrics: s.metrics.Handler(), Now: s.o.Now,
		Doors: s.core.Doors, Tasks: s.core.Tasks, Cases: s.core.Cases, Claims: s.core.Claims, Handovers: s.core.Handovers, Goods: s.core.Goods, Expiry: s.core.Expiry,
		Planning: s.core.Planning, Drafts: s.core.Drafts, Rollouts: s.core.Rollouts, Assortment: s.core.Assortment, StoreDays: s.core.StoreDays, Statements: s.core.Stated,
		Disputes: s.core.Disputes, Support: s.core.Support, Callers: s.people, Rounds: s.core.Rounds, Photos: s.core.Photos, RoundPlans: s.core.RoundPlans, Refills: s.core.Refills, Coverage: s.core.Coverage, Tonight: s.core.Tonight,
		Incidents: s.core.Incidents, Second: s.people, Totals: s.core.Totals, Hours: s.core.Hours, Privacy: s.core.Privacy, Halting: s.core.Halting, Replays: s.core.Replays,
	}).Register(e)
	web.New(web.Options{
		Past:   s.past,
		Visits: s.core.Visits, Fleet: s.core.Fleet, Plans: s.core.Plans, Food: s.core.Food, Money: s.core.Money, Debts: s.core.Debts, People: s.people, Demo: s.o.Demo, Now: s.o.Now, Logger: s.o.Logger,
		Doors: s.core.Doors, Tasks: s.core.Tasks, Cases: s.core.Cases, Messages: s.core.Messages, Handovers: s.core.Handovers, Goods: s.core.Goods,
		Planning: s.core.Planning, Drafts: s.core.Drafts, Rollouts: s.core.Rollouts, Assortment: s.core.Assortment, Rules: s.core.Rules, StoreDays: s.core.StoreDays, Statements: s.core.Stated,
		Disputes: s.core.Disputes, Support: s.core.Support, Debtors: s.core.Debtors, Callers: s.people,
		Rounds: s.core.Rounds, Photos: s.core.Photos, RoundCrew: s.core.RoundCrew, Chores: s.core.Chores, RoundPlans: s.core.RoundPlans, Policies: s.core.Policies, Refills: s.core.Refills, Demand: s.core.Demand,
		Coverage: s.core.Coverage, Tonight: s.core.Tonight, Expiry: s.core.Expiry, Wastes: s.core.Wastes, Stocktakes: s.core.Stocktakes, Incidents: s.core.Incidents,
		Totals: s.core.Totals, Hours: s.core.Hours, Privacy: s.core.Privacy, OwnPhones: s.people, OwnData: s.core.Privacy,
		Halting: s.core.Halting, Looking: s.core.Looking, Standing: s.core.Standing, Replays: s.core.Replays, BaseURL: s.o.residentsReach(),
		Staff: s.people, StaffCare: s.people, Sessions: s.people, OwnSignIn: s.people, AppCodes: s.people, Passkeys: s.people, Trail: s.people,
	}).Register(e)
	s.pages = e
}

// receive hands a cabinet's message to the core. What the core refuses, the cabinet sends again.
func (s *Server) receive(ctx context.Context, from topic.Address, ch topic.Channel, payload []byte) {
	start := time.Now()
	err := s.core.Handle(ctx, from, ch, payload)
	s.metrics.Message(ch, err, time.Since(start))
	if err != nil && ctx.Err() == nil {
		s.o.Logger.Warn("message not handled", "cabinet", from.Cabinet, "channel", ch, "error", err)
	}
}

// Run serves until ctx ends, then ends in order: requests first, then the cabinets' messages, then the books. It closes
// the server.
func (s *Server) Run(ctx context.Context) error {
	if err := s.serveMQTT(); err != nil {
		return errors.Join(err, s.Close())
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	failed := make(chan error, 3)
	var workers sync.WaitGroup
	workers.Go(func() {
		if err := s.keepTurn(serving); err != nil {
			failed <- err
		}
	})
	workers.Go(func() { s.line.Run(serving) })
	workers.Go(func() {
		if err := s.core.Run(serving); err != nil && serving.Err() == nil {
			failed <- fmt.Errorf("core: %w", err)
		}
	})
	shutdown := s.serveHTTP(failed)
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	err = errors.Join(err, shutdown())
	stop()
	workers.Wait()
	return errors.Join(err, s.Close())
}

func (s *Server) serveMQTT() error {
	if s.broker == nil {
		return nil
	}
	l := s.o.MQTT
	if l != nil && s.o.TLS != nil {
		l = tls.NewListener(l, s.o.TLS)
	}
	return s.broker.Serve(l)
}

func (s *Server) serveHTTP(failed chan<- error) (shutdown func() error) {
	if s.o.HTTP == nil {
		return func() error { return nil }
	}
	requests, endStreams := context.WithCancel(context.Background())
	server := &http.Server{
		Handler: s.pages, TLSConfig: s.o.TLS, BaseContext: func(net.Listener) context.Context { return requests },
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: discardLog(),
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var err error
		if s.o.TLS != nil {
			err = server.ServeTLS(s.o.HTTP, "", "")
		} else {
			err = server.Serve(s.o.HTTP)
		}
		if !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("http: %w", err)
		}
	}()
	return func() error {
		endStreams()
		ctx, cancel := context.WithTimeout(context.Background(), drain)
		defer cancel()
		err := server.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			err = server.Close()
		}
		<-ended
		return err
	}
}

// Close ends what New opened; Run does it by itself.
func (s *Server) Close() (err error) {
	s.closing.Do(func() {
		if s.broker != nil {
			err = errors.Join(err, s.broker.Close())
		}
		for _, l := range []net.Listener{s.o.HTTP, s.o.MQTT} {
			if l != nil {
				_ = l.Close() // Closed already where it was served.
			}
		}
		if s.money != nil { // Before the books that it calls back to.
			err = errors.Join(err, s.money.Close())
		}
		if s.db != nil {
			err = errors.Join(err, s.db.Close())
		}
		if s.turn != nil {
			err = errors.Join(err, s.turn.Release())
		}
		if s.lock != nil {
			err = errors.Join(err, s.lock.Release())
		}
	})
	return err
}

// Handler is the pages and the API without a socket.
func (s *Server) Handler() http.Handler { return s.pages }

// Visits are the visits of this fleet.
func (s *Server) Visits() cloud.Visits { return s.core.Visits }

// Fleet is the fleet itself.
func (s *Server) Fleet() cloud.Fleet { return s.core.Fleet }

// Claims is how cabinets join this fleet.
func (s *Server) Claims() cloud.Claims { return s.core.Claims }

// Food is what staff may do about food that is sold no more.
func (s *Server) Food() cloud.Food { return s.core.Food }

// Disputes are residents' objections, and what is ruled on them.
func (s *Server) Disputes() cloud.Disputes { return s.core.Disputes }

// Rounds are how goods come from the shelf into the cabinets.
func (s *Server) Rounds() cloud.Rounds { return s.core.Rounds }

// Refills open doors for those who walk rounds.
func (s *Server) Refills() cloud.Refilling { return s.core.Refills }

// Goods are moved in the books by this.
func (s *Server) Goods() cloud.Goods { return s.core.Goods }

// People are those who sign in here.
func (s *Server) People() cloud.People { return s.people }

func (s *Server) health(ctx context.Context) error {
	if !s.line.Connected() {
		return errors.New("no connection to the broker")
	}
	if err := s.db.View(ctx, func(cloud.Tx) error { return nil }); err != nil {
		return errors.New("the database does not answer")
	}
	return nil
}
