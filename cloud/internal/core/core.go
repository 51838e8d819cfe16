// Package core wires the cloud's rules to one store, one publisher and one payment provider. It knows no MQTT, no HTTP and
// no SQL; the server gives it those.
package core

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/air"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/card"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/claim"
	"allhours/cloud/internal/demand"
	"allhours/cloud/internal/desired"
	"allhours/cloud/internal/dispute"
	"allhours/cloud/internal/expiry"
	"allhours/cloud/internal/fleet"
	"allhours/cloud/internal/food"
	"allhours/cloud/internal/goods"
	"allhours/cloud/internal/halt"
	"allhours/cloud/internal/handover"
	"allhours/cloud/internal/incident"
	"allhours/cloud/internal/ingest"
	"allhours/cloud/internal/look"
	"allhours/cloud/internal/masterdata"
	"allhours/cloud/internal/message"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/photo"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/privacy"
	"allhours/cloud/internal/replay"
	"allhours/cloud/internal/review"
	"allhours/cloud/internal/rollout"
	"allhours/cloud/internal/round"
	"allhours/cloud/internal/served"
	"allhours/cloud/internal/storeday"
	"allhours/cloud/internal/task"
	"allhours/cloud/internal/tonight"
	"allhours/cloud/internal/totals"
	"allhours/cloud/internal/visit"
	"allhours/cloud/internal/waste"
	"allhours/cloud/internal/watch"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
)

// Publisher sends one message to a cabinet. It must not wait for the cabinet; an error means that it was surely not sent.
type Publisher interface {
	Publish(ctx context.Context, to topic.Address, ch topic.Channel, payload []byte) error
}

// Traces are the recordings of visits that were fetched from cabinets.
type Traces interface {
	task.Traces
	privacy.Recordings
}

// Options are what the core stands on; all but Broker, Ages, Masked, Now and Logger are needed.
type Options struct {
	DB        cloud.DB
	Publisher Publisher
	Signer    grant.Signer
	Keys      grant.Keys // that cabinets check signatures with
	Broker    string     // as cabinets reach it; needed where cabinets are claimed
	Provider  payment.Provider
	Traces    Traces
	Sender    message.Sender                                                       // nil: nobody sends messages
	Phones    message.Phones                                                       // needed with Sender
	BaseURL   string                                                               // of the pages, for the links in messages
	Subject   func(ctx context.Context, person protocol.UUID) (grant.Token, error) // the pseudonym that grants carry
	Ages      cloud.AgeVerifier                                                    // nil: nobody knows how old people are
	Channels  []incident.Channel                                                   // who is told of incidents
	// AwayAfter and NoSaleHours are of the rules of package incident; 0: its own.
	AwayAfter   time.Duration
	NoSaleHours int
	Online      func() bool                                                     // whether cabinets can be heard; nil: always
	Masked      func(ctx context.Context, person protocol.UUID) (string, error) // the end of a resident's phone; nil: not known
	Erased      func(ctx context.Context) error                                 // called after a resident was forgotten; nil: nobody is
	Now         func() time.Time                                                // nil: time.Now
	Logger      *slog.Logger                                                    // nil: nothing is logged
}

// Core is the cloud without its outside.
type Core struct {
	Visits     cloud.Visits
	Doors      cloud.Servicing
	Refills    cloud.Refilling
	Rounds     cloud.Rounds
	Photos     cloud.RoundPhotos
	RoundCrew  cloud.RoundCrew
	Chores     cloud.RoundChores
	RoundPlans cloud.RoundPlanning
	Policies   cloud.RefillPolicies
	Stocktakes cloud.Stocktakes
	Demand     cloud.Demand
	Coverage   cloud.Coverage
	Hours      cloud.StoreHours
	Tonight    cloud.Tonight
	Fleet      cloud.Fleet
	Places     cloud.Places
	Plans      cloud.Planograms
	Planning   cloud.Planning
	Drafts     cloud.Drafts
	Rollouts   cloud.Rollouts
	Assortment cloud.Assortment
	Rules      cloud.MarkdownRules
	Food       cloud.Food
	Money      cloud.Money
	Debts      cloud.DebtDesk
	Calls      cloud.Callbacks
	Tasks      cloud.Tasks
	Halting    cloud.Halting
	Looking    cloud.Looking
	Standing   cloud.Standing
	Replays    cloud.Replays
	Handovers  cloud.Handovers
	Goods      cloud.Goods
	Expiry     cloud.Expiry
	Wastes     cloud.Wastes
	StoreDays  cloud.StoreDays
	Totals     *totals.Service
	Stated     cloud.Statements
	Disputes   cloud.Disputes
	Support    cloud.Support
	Debtors    cloud.Debtors
	Messages   *message.Service
	Privacy    *privacy.Service
	Cases      *review.Service
	Claims     *claim.Service
	Incidents  *incident.Service
	Cards      *card.Service

	db       cloud.DB
	ingest   *ingest.Service
	visits   *visit.Service
	payments *payment.Service
	desired  *desired.Service
	planned  *masterdata.Service
	presence *presence.Book
	hub      *watch.Hub
	tasks    *task.Service
	days     *storeday.Service
	demand   *demand.Service
	served   *served.Service
	halts    *halt.Service
	tonight  *tonight.Service
	shown    *fleet.Service
	air      *air.Keeper
	disputes *dispute.Service
}

// New wires a core. Nothing runs before Run.
func New(o Options) *Core {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	there, wares, hub := presence.New(), catalog.New(), watch.New()
	c := &Core{db: o.DB, presence: there, hub: hub}
	newID := (&ids{now: o.Now}).next
	c.Messages = message.New(message.Options{
		DB: o.DB, Sender: o.Sender, Phones: o.Phones, BaseURL: o.BaseURL, Now: o.Now, NewID: newID, Logger: o.Logger,
	})
	entries := book.New(o.Now, newID)
	c.payments = payment.New(payment.Options{
		DB: o.DB, Book: entries, Provider: o.Provider, Teller: c.Messages, Now: o.Now, NewID: newID, Changed: hub.VisitChanged, Logger: o.Logger,
		RefundEnded: func(tx cloud.Tx, op cloud.PaymentOp, v cloud.VisitRecord, done bool) error {
			return c.disputes.RefundEnded(tx, op, v, done)
		},
	})
	c.disputes = dispute.New(dispute.Options{
		DB: o.DB, Book: entries, Payments: c.payments, Hub: hub, Teller: c.Messages, Masked: o.Masked, Now: o.Now, NewID: newID,
	})
	c.Disputes, c.Support, c.Debtors = c.disputes, c.disputes, c.disputes
	c.visits = visit.New(visit.Options{
		DB: o.DB, Book: entries, Payments: c.payments, Teller: c.Messages, Recorder: review.Recorder{Now: o.Now, NewID: newID},
		Publisher: o.Publisher, Signer: o.Signer, Subject: o.Subject, Presence: there, Catalog: wares, Hub: hub, Ages: o.Ages,
		Now: o.Now, NewID: newID, Random: rand.Reader, Logger: o.Logger,
	})
	c.desired = desired.New(desired.Options{
		DB: o.DB, Book: entries, Publisher: o.Publisher, Signer: o.Signer, Presence: there, Hub: hub, Now: o.Now, Logger: o.Logger,
	})
	c.tasks = task.New(task.Options{
		DB: o.DB, Publisher: o.Publisher, Signer: o.Signer, Presence: there, Traces: o.Traces, Hub: hub, Now: o.Now, NewID: newID, Logger: o.Logger,
	})
	c.halts = halt.New(halt.Options{DB: o.DB, Desired: c.desired, Presence: there, Hub: hub, Now: o.Now, NewID: newID, Logger: o.Logger})
	c.Halting = c.halts
	c.Looking = look.New(look.Options{DB: o.DB, Publisher: o.Publisher, Presence: there, Now: o.Now, NewID: newID})
	c.Cards = card.New(card.Options{DB: o.DB, Visits: c.visits, Presence: there, Hub: hub, Now: o.Now})
	c.Claims = claim.New(claim.Options{DB: o.DB, Cards: c.Cards, Keys: o.Keys, Broker: o.Broker, Now: o.Now, Random: rand.Reader})
	c.ingest = ingest.New(ingest.Options{
		DB: o.DB, Book: entries, Visits: c.visits, Cards: c.Cards, Talk: talk{c.visits, c.tasks}, Greeter: greeter{c.desired, c.tasks}, Publisher: o.Publisher, Signer: o.Signer,
		Presence: there, Hub: hub, Now: o.Now, Logger: o.Logger,
	})
	c.behind(parts{Options: o, there: there, wares: wares, hub: hub, entries: entries, newID: newID})
	return c
}

// parts are what the services of a core share.
type parts struct {
	Options
	there   *presence.Book
	wares   *catalog.Book
	hub     *watch.Hub
	entries *book.Book
	newID   func() protocol.UUID
}

// behind makes what the staff works with, once the doors and the money are there.
func (c *Core) behind(p parts) {
	c.Replays = replay.New(replay.Options{DB: p.DB, Catalog: p.wares, Traces: p.Traces})
	c.Money, c.Debts, c.Calls = c.payments, c.payments, c.payments
	c.Visits, c.Doors, c.Tasks = c.visits, c.visits, c.tasks
	shown := fleet.New(fleet.Options{DB: p.DB, Presence: p.there, Catalog: p.wares, Hub: p.hub, Now: p.Now, Logger: p.Logger})
	c.shown = shown
	c.Fleet, c.Places, c.Plans, c.Standing = shown, shown, shown, shown
	c.air = air.New(air.Options{DB: p.DB, Presence: p.there, Now: p.Now, Logger: p.Logger})
	c.planned = masterdata.New(masterdata.Options{DB: p.DB, Desired: c.desired, Ages: p.Ages != nil, Now: p.Now})
	c.Planning, c.Assortment, c.Rules, c.Drafts = c.planned, c.planned, c.planned, c.desired
	c.Rollouts = rollout.New(rollout.Options{DB: p.DB, Desired: c.desired, Catalog: p.wares, Presence: p.there, Ages: p.Ages != nil, Now: p.Now})
	c.Cases = review.New(review.Options{DB: p.DB, Visits: c.visits, Fleet: shown, Traces: p.Traces, Presence: p.there, Now: p.Now, Logger: p.Logger})
	c.Handovers = handover.New(handover.Options{DB: p.DB, Presence: p.there, Hub: p.hub, Now: p.Now, NewID: p.newID})
	moved := goods.New(goods.Options{DB: p.DB, Book: p.entries, Greeter: c.desired, Presence: p.there, Hub: p.hub, Now: p.Now, NewID: p.newID})
	c.demand = demand.New(demand.Options{DB: p.DB, Book: p.entries, Catalog: p.wares, Now: p.Now, Logger: p.Logger})
	c.Demand = c.demand
	c.served = served.New(served.Options{DB: p.DB, Book: p.entries, Catalog: p.wares, Presence: p.there, Demand: c.demand, Now: p.Now, NewID: p.newID, Logger: p.Logger})
	c.Coverage, c.Hours = c.served, c.served
	c.tonight = tonight.New(tonight.Options{
		DB: p.DB, Book: p.entries, Catalog: p.wares, Presence: p.there, Demand: c.demand, Fleet: shown, Coverage: c.served, Now: p.Now, Logger: p.Logger,
	})
	c.Tonight = c.tonight
	walked := round.New(round.Options{
		DB: p.DB, Book: p.entries, Goods: moved, Drafts: c.desired, Visits: c.visits, Fleet: shown, Catalog: p.wares, Demand: c.demand, Now: p.Now, NewID: p.newID,
	})
	c.Goods, c.Rounds, c.RoundCrew, c.Chores, c.RoundPlans, c.Policies, c.Stocktakes, c.Refills = moved, walked, walked, walked, walked, walked, walked, c.visits
	c.Photos = photo.New(photo.Options{DB: p.DB, Now: p.Now, NewID: p.newID})
	c.Expiry = expiry.New(expiry.Options{DB: p.DB, Book: p.entries, Catalog: p.wares, Now: p.Now})
	c.Wastes = waste.New(waste.Options{DB: p.DB, Book: p.entries, Catalog: p.wares})
	c.Privacy = privacy.New(privacy.Options{DB: p.DB, Recordings: p.Traces, Erased: p.Erased, Now: p.Now, Logger: p.Logger})
	merchant := ""
	if p.Provider != nil {
		merchant = p.Provider.Account().Merchant
	}
	c.days = storeday.New(storeday.Options{DB: p.DB, Book: p.entries, Catalog: p.wares, Merchant: merchant, Now: p.Now, Logger: p.Logger})
	c.StoreDays, c.Stated = c.days, c.days
	c.Totals = totals.New(totals.Options{DB: p.DB, Book: p.entries, Days: c.days, Now: p.Now, Logger: p.Logger})
	c.Incidents = incident.New(incident.Options{
		DB: p.DB, Presence: p.there, Demand: c.demand, Hub: p.hub, Channels: p.Channels, BaseURL: p.BaseURL, AwayAfter: p.AwayAfter, NoSaleHours: p.NoSaleHours,
		Online: p.Online, Now: p.Now, NewID: p.newID, Logger: p.Logger,
	})
	c.Food = food.New(food.Options{Tasks: c.tasks, Fleet: shown, Presence: p.there, Now: p.Now})
}

// Handle takes one message of a cabinet (up/*) and returns when its effect is durable and acknowledged. The caller keeps
// the order of each cabinet's messages; different cabinets may be handled at the same time. An error is for the log: the
// cabinet sends again what was not acknowledged.
func (c *Core) Handle(ctx context.Context, from topic.Address, ch topic.Channel, payload []byte) error {
	return c.ingest.Handle(ctx, from, ch, payload)
}

// Replay makes up for an event that was set aside, after what stood in its way was mended; who asks is kept.
func (c *Core) Replay(ctx context.Context, key cloud.AsideKey, by string) error {
	return c.ingest.Replay(ctx, key, by)
}

// Dismiss ends the case of an event that was set aside and stays without an effect.
func (c *Core) Dismiss(ctx context.Context, key cloud.AsideKey, by string) error {
	return c.ingest.Dismiss(ctx, key, by)
}

// Cut tells that the broker is lost: no cabinet is there until it is heard of again.
func (c *Core) Cut() {
	c.presence.Cut()
	c.hub.FleetChanged()
}

// Apply takes master data in: all or nothing, and the same again changes nothing. Opening stock counts only for cabinets
// that are new. Changed prices make a new price version, changed plans a new desired state, which are sent by Run.
func (c *Core) Apply(ctx context.Context, m cloud.MasterData) error { return c.desired.Apply(ctx, m) }

// Known is what master data may refer to without repeating it.
func (c *Core) Known(ctx context.Context) (masterdata.Known, error) { return c.planned.Known(ctx) }

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
		if ctx.Err() != nil { // Who ends it while it begins ends it in order.
			return nil
		}
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var workers sync.WaitGroup
	workers.Go(func() { c.payments.Run(ctx) })
	for _, run := range []func(context.Context){
		c.tasks.Run, c.days.Run, c.Totals.Run, c.demand.Run, c.served.Run, c.tonight.Run, c.shown.Run, c.air.Run, c.Cases.Run, c.Incidents.Run, c.Privacy.Run,
	} {
		workers.Go(func() { run(cloud.Unawaited(ctx)) })
	}
	workers.Go(func() { c.desired.Run(ctx) })
	workers.Go(func() { c.halts.Run(ctx) })
	if c.Messages.Sender != nil {
		workers.Go(func() { c.Messages.Run(ctx) })
	}
	err := c.visits.Run(ctx)
	stop()
	workers.Wait()
	return err
}

// Due does once what Run does while time passes, for whoever lets time pass: deadlines, desired states, payments, messages.
func (c *Core) Due(ctx context.Context) error {
	err := errors.Join(c.halts.Due(ctx), c.desired.Due(ctx), c.visits.Due(ctx), c.payments.Due(ctx), c.served.Due(ctx))
	if c.Messages.Sender != nil {
		err = errors.Join(err, c.Messages.Due(ctx))
	}
	return err
}

// Pay performs the payments that are due now.
func (c *Core) Pay(ctx context.Context) error { return c.payments.Due(ctx) }

// recall takes up the connections of before a restart: a broker of its own kept them, and no birth will come.
func (c *Core) recall(ctx context.Context) error {
	err := c.db.View(ctx, func(tx cloud.Tx) error {
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
	if err != nil {
		return err
	}
	return c.air.Recall(ctx)
}
