package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/topic"
)

// PastOptions say what a past is played on; all are needed.
type PastOptions struct {
	Data  string
	Now   func() time.Time // never goes back
	Until time.Time        // that the past ends
	Seed  int64
	// Broker is written into the cabinets' papers, tcp:// or tls://host:port: where they find the fleet when the past is over.
	Broker string
	// Send brings a message to a cabinet before it comes back.
	Send func(to topic.Address, ch topic.Channel, payload []byte) error
}

// Past is a fleet service whose time somebody else lets pass: nothing happens by itself. Its books are marked for ever, and
// no server but a demo's takes them.
type Past struct {
	server *Server
}

// OpenPast makes new books in an empty folder and marks them.
func OpenPast(ctx context.Context, o PastOptions) (*Past, error) {
	s, err := New(ctx, Options{Data: o.Data, Demo: true, Now: o.Now, CabinetsURL: o.Broker, past: &pastLine{send: o.Send}})
	if err != nil {
		return nil, err
	}
	err = s.db.Update(ctx, func(tx cloud.Tx) error {
		return tx.Past.Mark(cloud.SimulatedPast{From: o.Now(), Until: o.Until, Seed: o.Seed})
	})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return &Past{s}, nil
}

// Hear takes a cabinet's message at the door at which the broker's come in.
func (p *Past) Hear(ctx context.Context, from topic.Address, ch topic.Channel, payload []byte) error {
	return p.server.core.Handle(ctx, from, ch, payload)
}

// Due does what is due now.
func (p *Past) Due(ctx context.Context) error { return p.server.core.Due(ctx) }

// Pay performs the payments that are due now.
func (p *Past) Pay(ctx context.Context) error { return p.server.core.Pay(ctx) }

// Visits are those of residents.
func (p *Past) Visits() cloud.Visits { return p.server.core.Visits }

// Rounds are how goods come from the shelf into the cabinets.
func (p *Past) Rounds() cloud.Rounds { return p.server.Rounds() }

// RoundPlans are what rounds are planned from.
func (p *Past) RoundPlans() cloud.RoundPlanning { return p.server.core.RoundPlans }

// Refills open doors for those who walk rounds.
func (p *Past) Refills() cloud.Refilling { return p.server.Refills() }

// Goods are moved in the books by this.
func (p *Past) Goods() cloud.Goods { return p.server.Goods() }

// Days are closed by this.
func (p *Past) Days() cloud.StoreDays { return p.server.core.StoreDays }

// Statements are what the provider stated.
func (p *Past) Statements() cloud.Statements { return p.server.core.Stated }

// Fleet is the cabinets.
func (p *Past) Fleet() cloud.Fleet { return p.server.core.Fleet }

// Planning changes master data.
func (p *Past) Planning() cloud.Planning { return p.server.core.Planning }

// Admin does an administrator's work.
func (p *Past) Admin() *Admin { return p.server.Admin() }

// Handler is the pages and the API.
func (p *Past) Handler() http.Handler { return p.server.Handler() }

// People are those who sign in.
func (p *Past) People() cloud.People { return p.server.people }

// Staff adds a member of the staff and gives their id.
func (p *Past) Staff(ctx context.Context, name string, role protocol.Role, password string) (protocol.UUID, error) {
	if err := p.Admin().AddStaff(ctx, name, role, password); err != nil {
		return protocol.UUID{}, err
	}
	member, err := p.server.db.People().StaffByName(ctx, name)
	return member.ID, err
}

// Close ends it in order.
func (p *Past) Close() error { return p.server.Close() }

// pastLine is a line without a broker: a message is there when it is sent.
type pastLine struct {
	send func(to topic.Address, ch topic.Channel, payload []byte) error
}

// Run has nothing to wait for.
func (pastLine) Run(context.Context) {}

// Publish implements line.
func (l pastLine) Publish(_ context.Context, to topic.Address, ch topic.Channel, payload []byte) error {
	return l.send(to, ch, payload)
}

// Connected implements line.
func (pastLine) Connected() bool { return true }

// Counts implements line.
func (pastLine) Counts() (received, unread int64) { return 0, 0 }

var _ line = pastLine{}
