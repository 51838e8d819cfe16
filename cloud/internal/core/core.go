// Package core wires the cloud's rules to one store, one publisher and one payment provider. It knows no MQTT, no HTTP and
// no SQL; the server gives it those.
package core

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
)

// Publisher sends one message to a cabinet. It must not wait for the cabinet; an error means that it was surely not sent.
type Publisher interface {
	Publish(ctx context.Context, to topic.Address, ch topic.Channel, payload []byte) error
}

// Options are what the core stands on; all but Now and Logger are needed.
type Options struct {
	DB        cloud.DB
	Publisher Publisher
	Signer    grant.Signer
	Provider  payment.Provider
	Now       func() time.Time // nil: time.Now
	Logger    *slog.Logger     // nil: nothing is logged
}

// Core is the cloud without its outside.
type Core struct {
	Visits cloud.Visits
	Fleet  cloud.Fleet
}

// New wires a core. Nothing runs before Run.
func New(o Options) *Core { return &Core{} }

// Handle takes one message of a cabinet (up/*) and returns when its effect is durable and acknowledged. The caller keeps
// the order of each cabinet's messages; different cabinets may be handled at the same time. An error is for the log: the
// cabinet sends again what was not acknowledged.
func (c *Core) Handle(ctx context.Context, from topic.Address, ch topic.Channel, payload []byte) error {
	return errors.ErrUnsupported
}

// Apply takes master data in: all or nothing, and the same again changes nothing. Opening stock counts only for cabinets
// that are new. Changed prices make a new price version, changed plans a new desired state, which are sent by Run.
func (c *Core) Apply(ctx context.Context, m cloud.MasterData) error { return errors.ErrUnsupported }

// Enrol sets the hash of the password a cabinet signs in with, and tells its shard.
func (c *Core) Enrol(ctx context.Context, id protocol.CabinetID, passwordHash []byte) (cloud.Enrolment, error) {
	return cloud.Enrolment{}, errors.ErrUnsupported
}

// Enrolment is what a broker checks a cabinet's sign-in against; CodeUnknownCabinet where it is not enrolled.
func (c *Core) Enrolment(ctx context.Context, id protocol.CabinetID) (cloud.Enrolment, error) {
	return cloud.Enrolment{}, errors.ErrUnsupported
}

// Run drives the outbox, the deadlines and the desired states until ctx ends; unfinished visits of an earlier start resume.
func (c *Core) Run(ctx context.Context) error {
	<-ctx.Done()
	return nil
}
