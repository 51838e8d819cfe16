// Package payment moves money: an outbox of operations towards a payment provider, driven until each outcome is known, and
// the book entries that each outcome makes. It refuses to decide what a visit costs.
package payment

import (
	"context"
	"errors"

	"allhours/protocol"
)

// What a provider answers. Any other error means that the outcome is unknown: it must be queried, never tried as a new
// charge.
var (
	ErrRefused = errors.New("payment: refused by the provider")
	ErrNever   = errors.New("payment: the provider never heard of the operation")
)

// Provider reserves and takes money. Op is our idempotency key: the same op again gives the same outcome and moves money
// once. Nil means done, ErrRefused that it never will be.
type Provider interface {
	// Hold reserves the amount of a person's money.
	Hold(ctx context.Context, op, person protocol.UUID, amount protocol.Fen) error
	// Capture takes at most what was held, once, and frees the rest.
	Capture(ctx context.Context, op, hold protocol.UUID, amount protocol.Fen) error
	// Release frees a hold.
	Release(ctx context.Context, op, hold protocol.UUID) error
	// Refund gives back at most what was captured.
	Refund(ctx context.Context, op, capture protocol.UUID, amount protocol.Fen) error
	// Query tells the outcome of an operation: nil, ErrRefused, or ErrNever where it did not arrive.
	Query(ctx context.Context, op protocol.UUID) error
}
