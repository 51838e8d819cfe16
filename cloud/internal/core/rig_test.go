package core_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/cloud/audit"
	"allhours/cloud/internal/core"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/internal/tracefile"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// rig is a cloud with a real database, a simulated provider and one cabinet that a test speaks for.
type rig struct {
	t        *testing.T
	path     string
	db       *sqlstore.DB
	wrap     func(cloud.DB) cloud.DB // puts faults before the database
	core     *core.Core
	provider *payment.Simulator
	through  payment.Provider // nil: provider itself
	faults   func(cloud.OpKind, protocol.UUID) payment.Fault
	ages     cloud.AgeVerifier
	mail     *mail
	signer   grant.Signer
	keys     grant.Keys
	stop     func()
	cabinet  *cabinet
}

// resident is who asks for doors.
var resident = protocol.UUID{6: 0x70, 8: 0x80, 15: 42}

// newRig starts a cloud with the plan of storetest, and a cabinet that was born and stands ready. Use it within synctest.
func newRig(t *testing.T) *rig {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{
		t: t, path: blank.At(t, filepath.Join(t.TempDir(), "fleet.db")), mail: &mail{},
		signer: grant.Signer{KeyID: 1, Key: private}, keys: grant.Keys{1: public},
	}
	r.provider, err = payment.NewSimulator(filepath.Join(t.TempDir(), "provider.jsonl"), func(k cloud.OpKind, op protocol.UUID) payment.Fault {
		if r.faults == nil {
			return payment.FaultNone
		}
		return r.faults(k, op)
	})
	if err != nil {
		t.Fatal(err)
	}
	r.start()
	r.must(r.core.Apply(t.Context(), storetest.Plan()))
	r.must(r.db.Update(t.Context(), func(tx cloud.Tx) error { return tx.Cabinets.Enrol("xs-01", []byte{1}) }))
	enrolment, err := r.core.Enrolment(t.Context(), "xs-01")
	r.must(err)
	r.cabinet = newCabinet(r, topic.Address{Shard: enrolment.Shard, Cabinet: "xs-01"})
	r.cabinet.birth()
	r.cabinet.telemetry()
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// start opens the database and runs a cloud on it.
func (r *rig) start() {
	r.t.Helper()
	db, err := sqlite.Open(r.t.Context(), sqlite.Options{Path: r.path, OneConnection: true})
	r.must(err)
	r.db = db
	var used cloud.DB = db
	if r.wrap != nil {
		used = r.wrap(db)
	}
	var provider payment.Provider = r.provider
	if r.through != nil {
		provider = r.through
	}
	r.core = core.New(core.Options{
		DB: used, Publisher: r.mail, Signer: r.signer, Keys: r.keys, Provider: provider, Subject: pseudonym, Ages: r.ages,
		Traces: tracefile.Open(filepath.Join(filepath.Dir(r.path), "traces"), 1<<20),
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := r.core.Run(ctx); err != nil && !errors.Is(err, errDead) {
			r.t.Error(err)
		}
	}()
	r.stop = func() {
		cancel()
		<-ended
		if err := db.Close(); err != nil {
			r.t.Error(err)
		}
	}
}

// restart ends the cloud and starts another on the same data; the cabinet connects again.
func (r *rig) restart() {
	r.stop()
	r.wrap = nil
	r.start()
	r.cabinet.birth()
	r.cabinet.telemetry()
}

// rests lets time pass without a cloud: one that runs looks several times a second at what is due, which makes days of it the
// longest part of a test that only needs them to be over.
func (r *rig) rests(d time.Duration) {
	r.stop()
	time.Sleep(d)
	r.start()
	synctest.Wait()
}

func (r *rig) begin(key string) (cloud.Visit, error) {
	return r.core.Visits.Begin(r.t.Context(), cloud.BeginVisit{Person: resident, Cabinet: "xs-01", Key: key})
}

func (r *rig) visit(id protocol.VisitID) cloud.Visit {
	r.t.Helper()
	v, err := r.core.Visits.Visit(r.t.Context(), id)
	r.must(err)
	return v
}

func (r *rig) view(work func(cloud.Tx) error) {
	r.t.Helper()
	r.must(r.db.View(r.t.Context(), work))
}

func (r *rig) balance(a ledger.Account, unit ledger.Unit) (amount int64) {
	r.t.Helper()
	r.view(func(tx cloud.Tx) (err error) { amount, err = tx.Ledger.Balance(a, unit); return err })
	return amount
}

func (r *rig) incidents() map[cloud.IncidentKind]int {
	kinds := make(map[cloud.IncidentKind]int)
	for _, i := range r.unclosed() {
		kinds[i.Kind] += i.Count
	}
	return kinds
}

// unclosed are the incidents that are open, but for those of a cabinet that is away: in most stories hours pass in which it has
// nothing to say.
func (r *rig) unclosed() (found []cloud.Incident) {
	r.view(func(tx cloud.Tx) (err error) {
		found, err = tx.Incidents.Unclosed("")
		return err
	})
	return slices.DeleteFunc(found, func(i cloud.Incident) bool { return i.Kind == cloud.IncidentAway })
}

// check holds the books to what must always be true, when nothing is under way any more.
func (r *rig) check() {
	r.t.Helper()
	r.view(func(tx cloud.Tx) error {
		balances, err := tx.Ledger.Balances("")
		sums := make(map[ledger.Unit]int64)
		for _, b := range balances {
			sums[b.Unit] += b.Amount
			for _, passing := range []ledger.Account{"hold:", "due:"} {
				if bytes.HasPrefix([]byte(b.Account), []byte(passing)) {
					r.t.Errorf("%s still has %d %s", b.Account, b.Amount, b.Unit)
				}
			}
		}
		for unit, sum := range sums {
			if sum != 0 {
				r.t.Errorf("the book is %d %s off", sum, unit)
			}
		}
		visits, err2 := tx.Visits.List(cloud.VisitQuery{})
		for _, v := range visits {
			if v.Outcome == cloud.OutcomeNone || v.Ended.IsZero() {
				r.t.Errorf("visit %s has no outcome: %+v", v.ID, v)
			}
			switch v.Payment {
			case cloud.PaymentNone, cloud.PaymentCaptured, cloud.PaymentOwed, cloud.PaymentWaived, cloud.PaymentRefunded:
			default:
				r.t.Errorf("visit %s: payment is still %s", v.ID, v.Payment)
			}
		}
		return errors.Join(err, err2)
	})
	r.mustBeSound()
	if taken, booked := r.provider.Taken(resident), r.balance(ledger.Provider, ledger.Fen); int64(taken) != booked {
		r.t.Errorf("the provider took %d fen, the book says %d", taken, booked)
	}
	if held := r.provider.Held(resident); held != 0 {
		r.t.Errorf("%s are still held", held)
	}
}

// mustBeSound audits the books.
func (r *rig) mustBeSound() {
	r.t.Helper()
	r.must(r.db.Audit(r.t.Context(), func(books audit.Books) error {
		_, err := audit.Run(books, func(d audit.Difference) error {
			if !d.Shown {
				r.t.Errorf("audit: %+v", d)
			}
			return nil
		})
		return err
	}))
}

// mail is what the cloud sent.
type mail struct {
	mu   sync.Mutex
	lost bool
	sent map[topic.Channel][][]byte
}

func (m *mail) Publish(_ context.Context, _ topic.Address, ch topic.Channel, payload []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.lost {
		return errors.New("not connected")
	}
	if m.sent == nil {
		m.sent = make(map[topic.Channel][][]byte)
	}
	m.sent[ch] = append(m.sent[ch], payload)
	return nil
}

func (m *mail) last(ch topic.Channel) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.sent[ch]) == 0 {
		return nil
	}
	return m.sent[ch][len(m.sent[ch])-1]
}

func (m *mail) count(ch topic.Channel) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.sent[ch])
}

// cabinet speaks as an honest one does: it journals, and sends again what was not acknowledged.
type cabinet struct {
	rig       *rig
	address   topic.Address
	journal   protocol.UUID
	boot      uint32
	start     protocol.UUID // zero: an older agent, that tells none
	applied   wire.ConfigVersion
	conn      byte
	challenge [16]byte
	events    []wire.Event
	counters  wire.Counters
	door      wire.Door
	selling   bool
	reader    bool
}

func newCabinet(r *rig, at topic.Address) *cabinet {
	return &cabinet{
		rig: r, address: at, journal: protocol.UUID{6: 0x70, 8: 0x80, 15: 50}, boot: 1, start: protocol.UUID{1, 1},
		applied: wire.ConfigVersion{FleetEpoch: 1, Version: 1}, door: wire.DoorStateShut, selling: true,
	}
}

func (c *cabinet) say(ch topic.Channel, message any) error {
	payload, err := wire.Encode(message)
	c.rig.must(err)
	return c.rig.core.Handle(c.rig.t.Context(), c.address, ch, payload)
}

func (c *cabinet) last() uint64 { return uint64(len(c.events)) }

func (c *cabinet) birth() {
	c.rig.t.Helper()
	c.conn++
	c.challenge = [16]byte{c.conn, 1}
	c.rig.must(c.say(topic.Birth, wire.Birth{
		V: 1, Cabinet: c.address.Cabinet, Journal: c.journal, FirstKept: min(1, c.last()), Last: c.last(), Boot: c.boot, Start: c.start,
		Conn: protocol.UUID{c.conn}, Challenge: c.challenge[:], Config: c.applied,
		Reader: c.reader,
	}))
}

func (c *cabinet) telemetry() {
	c.rig.t.Helper()
	c.rig.must(c.say(topic.Telemetry, wire.Telemetry{
		V: 1, Cabinet: c.address.Cabinet, At: time.Now().UnixMilli(), Clock: true, Last: c.last(), PollHz: 12,
		Compartments: []wire.CompartmentTelemetry{{Compartment: 1, Door: c.door, Selling: c.selling}},
	}))
}

// journalled writes an event down without sending it.
func (c *cabinet) journalled(body wire.Body) wire.Event {
	if body.Type() == wire.VisitOpened {
		c.counters.Openings++
	}
	raw, err := wire.Encode(body)
	c.rig.must(err)
	if raw[0] == 0x1F {
		c.rig.t.Fatal("a body of a test is too long")
	}
	e := wire.Event{
		V: 1, Cabinet: c.address.Cabinet, Journal: c.journal, Seq: c.last() + 1, Boot: 1,
		At: time.Now().UnixMilli(), Clock: true, Type: body.Type(), Body: raw,
	}
	c.events = append(c.events, e)
	return e
}

func (c *cabinet) send(events ...wire.Event) error { return c.say(topic.Event, events) }

// does journals and sends one event.
func (c *cabinet) does(body wire.Body) {
	c.rig.t.Helper()
	c.rig.must(c.send(c.journalled(body)))
}

// ack is the last acknowledgement; it must be signed.
func (c *cabinet) ack() wire.Ack {
	c.rig.t.Helper()
	var a wire.Ack
	c.rig.must(wire.Unseal(wire.KindAck, c.rig.keys, c.rig.mail.last(topic.Ack), &a))
	return a
}

// command is the last open command with its grant, which must be good for this cabinet and connection.
func (c *cabinet) command() (wire.Command, grant.Grant) {
	c.rig.t.Helper()
	var command wire.Command
	c.rig.must(wire.Decode(c.rig.mail.last(topic.Command), &command))
	raw, err := grant.FromText(command.Grant)
	c.rig.must(err)
	g, err := c.rig.keys.Open(raw, c.address.Cabinet)
	c.rig.must(err)
	return command, g
}

func (c *cabinet) reply(code protocol.Code) {
	c.rig.t.Helper()
	command, _ := c.command()
	c.rig.must(c.say(topic.Reply, wire.Reply{V: 1, Cabinet: c.address.Cabinet, ID: command.ID, Code: code}))
}

func begun(v protocol.VisitID) wire.BegunBody {
	return wire.BegunBody{Visit: v, Compartment: 1, Purpose: protocol.PurposePurchase, PriceVersion: 1, Config: 1, Limit: 5000}
}

// settled is a bill of the lines, with what the counters say after it.
func (c *cabinet) settled(v protocol.VisitID, lines ...settle.Line) wire.SettledBody {
	prices := map[protocol.SKU]protocol.Fen{"1001": 200, "1002": 350, "1003": 900}
	for _, l := range lines {
		c.counters.Units += uint64(l.Qty)
		c.counters.Fen += prices[l.SKU] * protocol.Fen(l.Qty)
	}
	if lines == nil {
		lines = []settle.Line{}
	}
	return wire.SettledBody{
		Visit: v, Compartment: 1, Purpose: protocol.PurposePurchase, Config: 1, OpenMS: 9000, WaitMS: 700, Counters: c.counters,
		Answer: settle.Answer{Decision: settle.Bill, Lines: lines, Confidence: 0.999, Rule: "1", Levels: []settle.Level{}},
	}
}

func (c *cabinet) review(v protocol.VisitID, guess ...settle.Line) wire.SettledBody {
	before := c.counters
	b := c.settled(v, guess...)
	b.Answer.Decision, b.Answer.Confidence = settle.Review, 0.6
	c.counters, b.Counters = before, before
	return b
}

// buys goes through a whole visit that was begun.
func (c *cabinet) buys(v protocol.VisitID, lines ...settle.Line) {
	c.rig.t.Helper()
	c.reply(protocol.CodeOK)
	c.does(begun(v))
	c.does(wire.OpenedBody{Visit: v})
	c.does(c.settled(v, lines...))
}

// pseudonym is another name for a person, as the service that keeps people would give it.
func pseudonym(_ context.Context, person protocol.UUID) (grant.Token, error) {
	subject := grant.Token(person)
	subject[0] ^= 0xFF
	return subject, nil
}

// patience lets the chain waive what nobody decided after so long: days of waiting take their time, also by a test's clock.
func (r *rig) patience(d time.Duration) {
	r.t.Helper()
	plan := storetest.Plan()
	plan.Chain.WaiveAfter = d
	r.must(r.core.Apply(r.t.Context(), plan))
}
