// Package ingest takes in what cabinets send: from a message to a committed effect and its acknowledgement, as a list of
// named steps. It refuses to judge goods, and acknowledges nothing that is not durable.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/visit"
	"allhours/cloud/internal/watch"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Visits is what events do to visits. Those with a Tx run in the transaction that stores the event; a coded error sets
// the event aside.
type Visits interface {
	Begun(tx cloud.Tx, src visit.Source, b wire.BegunBody) (visit.Done, error)
	Opened(tx cloud.Tx, src visit.Source, b wire.OpenedBody) (visit.Done, error)
	Settled(tx cloud.Tx, src visit.Source, b wire.SettledBody) (visit.Done, error)
	Aborted(tx cloud.Tx, src visit.Source, b wire.AbortedBody) (visit.Done, error)
	Refused(tx cloud.Tx, src visit.Source, b wire.RefusedBody) (visit.Done, error)
}

// Talk is what a cabinet says of visits without writing it down, and when what it said may prove something.
type Talk interface {
	Reply(ctx context.Context, cabinet protocol.CabinetID, r wire.Reply) error
	Live(cabinet protocol.CabinetID, l wire.Live)
	Heard(ctx context.Context, cabinet protocol.CabinetID) error
}

// Greeter is told of each birth, and sends the cabinet its desired state where that is newer.
type Greeter interface {
	Greet(ctx context.Context, cabinet protocol.CabinetID, applied wire.ConfigVersion) error
}

// Publisher sends one message to a cabinet; it does not wait for the cabinet.
type Publisher interface {
	Publish(ctx context.Context, to topic.Address, ch topic.Channel, payload []byte) error
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB        cloud.DB
	Book      *book.Book
	Visits    Visits
	Cards     Cards
	Talk      Talk
	Greeter   Greeter
	Publisher Publisher
	Signer    grant.Signer
	Presence  *presence.Book
	Hub       *watch.Hub
	Now       func() time.Time
	Logger    *slog.Logger
}

// Service takes in messages; safe for concurrent use by different cabinets.
type Service struct {
	Options
	doubts    *doubts
	heads     *heads
	unpackers sync.Pool // of batches
}

// New makes a service.
func New(o Options) *Service {
	return &Service{
		Options: o, doubts: newDoubts(), heads: &heads{all: make(map[protocol.CabinetID]cloud.CoverageHead)},
		unpackers: sync.Pool{New: func() any { return new(wire.Unpacker) }},
	}
}

// Handle takes one message and returns when its effect is durable and acknowledged. The caller keeps the order of each
// cabinet's messages. An error is for the log: a cabinet sends again what was not acknowledged.
func (s *Service) Handle(ctx context.Context, from topic.Address, ch topic.Channel, payload []byte) error {
	take, known := map[topic.Channel]func(context.Context, topic.Address, []byte) error{
		topic.Birth: s.birth, topic.Death: s.death, topic.Event: s.events,
		topic.Live: s.liveWord, topic.Telemetry: s.telemetry, topic.Reply: s.reply,
	}[ch]
	if !known {
		return fmt.Errorf("channel %s of %s: not one that goes up", ch, from.Cabinet)
	}
	err := take(ctx, from, payload)
	switch protocol.CodeOf(err) {
	case protocol.CodeMalformed, protocol.CodeUnsupported, protocol.CodeOtherCabinet:
		err = errors.Join(err, s.unreadable(ctx, from, ch, err))
	}
	if err != nil {
		return fmt.Errorf("%s of %s: %w", ch, from.Cabinet, err)
	}
	return nil
}

// unreadable notes a message that could not be read; it is not acknowledged, and stays with the cabinet.
func (s *Service) unreadable(ctx context.Context, from topic.Address, ch topic.Channel, cause error) error {
	return s.DB.Update(ctx, func(tx cloud.Tx) error {
		return tx.Incidents.Open(cloud.Incident{
			Cabinet: from.Cabinet, Kind: cloud.IncidentMalformed, Subject: string(ch), Detail: unread(cause), Last: s.Now(),
		})
	})
}

// read decodes a message and holds it to its sender. Cabinet points into message.
func read(payload []byte, from topic.Address, message any, cabinet *protocol.CabinetID) error {
	if err := wire.Decode(payload, message); err != nil {
		return err
	}
	if *cabinet != from.Cabinet {
		return protocol.Errorf(protocol.CodeOtherCabinet, "%T of cabinet %q, sent by %q", message, *cabinet, from.Cabinet)
	}
	return nil
}
