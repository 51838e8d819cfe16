// Package core wires the cloud's rules to one store, one publisher and one payment provider. It knows no MQTT, no HTTP and
// no SQL; the server gives it those.
package core

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/card"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/claim"
	"allhours/cloud/internal/desired"
	"allhours/cloud/internal/fleet"
	"allhours/cloud/internal/food"
	"allhours/cloud/internal/handover"
	"allhours/cloud/internal/ingest"
	"allhours/cloud/internal/message"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/review"
	"allhours/cloud/internal/task"
	"allhours/cloud/internal/visit"
	"allhours/cloud/internal/watch"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
)

// Publisher sends one message to a cabinet. It must not wait for the cabinet; an error means that it was surely not sent.
type Publisher interface {
	Publish(ctx context.Context, to topic.Address, ch topic.Channel, payload []byte) error
}

// Options are what the core stands on; all but Broker, Now and Logger are needed.
type Options struct {
	DB        cloud.DB
	Publisher Publisher
	Signer    grant.Signer
	Keys      grant.Keys // that cabinets check signatures with
	Broker    string     // as cabinets reach it; needed where cabinets are claimed
	Provider  payment.Provider
	Traces    task.Traces
	Sender    message.Sender                                                       // nil: nobody sends messages
	Phones    message.Phones                                                       // needed with Sender
	BaseURL   string                                                               // of the pages, for the links in messages
	Subject   func(ctx context.Context, person protocol.UUID) (grant.Token, error) // the pseudonym that grants carry
	Now       func() time.Time                                                     // nil: time.Now
	Logger    *slog.Logger                                                         // nil: nothing is logged
}

// Core is the cloud without its outside.
type Core struct {
	Visits    cloud.Visits
	Doors     cloud.Servicing
	Fleet     cloud.Fleet
	Plans     cloud.Planograms
	Food      cloud.Food
	Tasks     cloud.Tasks
	Handovers cloud.Handovers
	Messages  *message.Service
	Cases     *review.Service
	Claims    *claim.Service
	Cards     *card.Service

	db       cloud.DB
	ingest   *ingest.Service
	visits   *visit.Service
	payments *payment.Service
	desired  *desired.Service
	presence *presence.Book
	hub      *watch.Hub
	tasks    *task.Service
}

// New wires a core. Nothing runs before Run.
func New(o Options) *Core {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	there, goods, hub := presence.New(), catalog.New(), watch.New()
	c := &Core{db: o.DB, presence: there, hub: hub}
	newID := (&ids{now: o.Now}).next
	c.Messages = message.New(message.Options{
		DB: o.DB, Sender: o.Sender, Phones: o.Phones, BaseURL: o.BaseURL, Now: o.Now, NewID: newID, Logger: o.Logger,
	})
	entries := book.New(o.Now, newID)
	c.payments = payment.New(payment.Options{
		DB: o.DB, Book: entries, Provider: o.Provider, Now: o.Now, NewID: newID, Changed: hub.VisitChanged, Logger: o.Logger,
	})
	c.visits = visit.New(visit.Options{
		DB: o.DB, Book: entries, Payments: c.payments, Teller: c.Messages, Recorder: review.Recorder{Now: o.Now, NewID: newID}, Publisher: o.Publisher, Signer: o.Signer, Subject: o.Subject, Presence: there, Catalog: goods, Hub: hub,
		Now: o.Now, NewID: newID, Random: rand.Reader, Logger: o.Logger,
	})
	c.desired = desired.New(desired.Options{
		DB: o.DB, Book: entries, Publisher: o.Publisher, Signer: o.Signer, Presence: there, Hub: hub, Now: o.Now, Logger: o.Logger,
	})
	c.tasks = task.New(task.Options{
		DB: o.DB, Publisher: o.Publisher, Signer: o.Signer, Presence: there, Traces: o.Traces, Hub: hub, Now: o.Now, NewID: newID, Logger: o.Logger,
	})
	c.Cards = card.New(card.Options{DB: o.DB, Visits: c.visits, Presence: there, Hub: hub, Now: o.Now})
	c.Claims = claim.New(claim.Options{DB: o.DB, Cards: c.Cards, Keys: o.Keys, Broker: o.Broker, Now: o.Now, Random: rand.Reader})
	c.ingest = ingest.New(ingest.Options{
		DB: o.DB, Visits: c.visits, Cards: c.Cards, Talk: talk{c.visits, c.tasks}, Greeter: greeter{c.desired, c.tasks}, Publisher: o.Publisher, Signer: o.Signer,
		Presence: there, Hub: hub, Now: o.Now, Logger: o.Logger,
	})
	c.Visits, c.Doors, c.Tasks = c.visits, c.visits, c.tasks
	shown := fleet.New(fleet.Options{DB: o.DB, Presence: there, Catalog: goods, Hub: hub, Now: o.Now})
	c.Fleet, c.Plans = shown, shown
	c.Cases = review.New(review.Options{DB: o.DB, Visits: c.visits, Fleet: shown, Traces: o.Traces, Presence: there, Now: o.Now, Logger: o.Logger})
	c.Handovers = handover.New(handover.Options{DB: o.DB, Presence: there, Hub: hub, Now: o.Now, NewID: newID})
	c.Food = food.New(food.Options{Tasks: c.tasks, Fleet: shown, Presence: there, Now: o.Now})
	return c
}

// Handle takes one message of a cabinet (up/*) and returns when its effect is durable and acknowledged. The caller keeps
// the order of each cabinet's messages; different cabinets may be handled at the same time. An error is for the log: the
// cabinet sends again what was not acknowledged.
func (c *Core) Handle(ctx context.Context, from topic.Address, ch topic.Channel, payload []byte) error {
	return c.ingest.Handle(ctx, from, ch, payload)
}

// Cut tells that the broker is lost: no cabinet is there until it is heard of again.
func (c *Core) Cut() {
	c.presence.Cut()
	c.hub.FleetChanged()
}

// Apply takes master data in: all or nothing, and the same again changes nothing. Opening stock counts only for cabinets
// that are new. Changed prices make a new price version, changed plans a new desired state, which are sent by Run.
func (c *Core) Apply(ctx context.Context, m cloud.MasterData) error { return c.desired.Apply(ctx, m) }

// Enrolment is what a broker checks a cabinet's sign-in against; CodeUnknownCabinet where it is not enrolled.
func (c *Core) Enrolment(ctx context.Context, id protocol.CabinetID) (cloud.Enrolment, error) {
	var e cloud.Enrolment
	err := c.db.View(ctx, func(tx cloud.Tx) (err error) {
		e, err = tx.Cabinets.Enrolment(id)
		return err
	})
	return e, err
}

// Run drives the outbox, the deadlines and the desired states until ctx ends; unfinished visits of an earlier start resume.
func (c *Core) Run(ctx context.Context) error {
	if err := c.recall(ctx); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var workers sync.WaitGroup
	workers.Go(func() { c.payments.Run(ctx) })
	workers.Go(func() { c.desired.Run(ctx) })
	workers.Go(func() { c.tasks.Run(ctx) })
	workers.Go(func() { c.Cases.Run(ctx) })
	if c.Messages.Sender != nil {
		workers.Go(func() { c.Messages.Run(ctx) })
	}
	err := c.visits.Run(ctx)
	stop()
	workers.Wait()
	return err
}

// recall takes up the connections of before a restart: a broker of its own kept them, and no birth will come.
func (c *Core) recall(ctx context.Context) error {
	return c.db.View(ctx, func(tx cloud.Tx) error {
		births, err := tx.Births.List()
		if err != nil {
			return err
		}
		for _, b := range births {
			if err := c.presence.Recall(b); err != nil {
				return fmt.Errorf("recall %s: %w", b.Cabinet, err)
			}
		}
		return nil
	})
}
