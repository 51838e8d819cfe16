package people

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/throttle"
)

// How long things last.
const (
	CodeLife     = 5 * time.Minute
	ResidentLife = 90 * 24 * time.Hour
	StaffLife    = 12 * time.Hour
)

const (
	codeTries = 5
	codeSpan  = 1_000_000 // codes have six digits
	tokenSize = 32
)

// Sender brings a sign-in code to a phone.
type Sender interface {
	// Send returns when the code is handed over. Its errors must not name the phone or the code.
	Send(ctx context.Context, phone, code string) error
}

// Options are what New needs.
type Options struct {
	Store  Store
	Key    []byte // KeySize bytes, see NewKey
	Sender Sender // may be nil in the demo
	Demo   bool   // sign-in codes come back to whoever asks
	Now    func() time.Time
}

// Service implements cloud.People.
type Service struct {
	store  Store
	vault  *vault
	sender Sender
	demo   bool
	now    func() time.Time

	codes   *throttle.Throttle // sent
	guesses *throttle.Throttle // wrong
	staff   *throttle.Throttle // wrong
	lookups *throttle.Throttle // of phones, by the staff
	hashing turnstile
	decoy   func() (string, error) // checked where there is no such name, so that both take as long
}

var (
	_ cloud.People  = (*Service)(nil)
	_ cloud.Callers = (*Service)(nil)
)

// New makes the service; outside of the demo it needs somebody who sends codes.
func New(o Options) (*Service, error) {
	v, err := newVault(o.Key)
	if err != nil {
		return nil, err
	}
	if o.Sender == nil && !o.Demo {
		return nil, errors.New("people: nobody to send sign-in codes: only the demo can do without")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{
		store: o.Store, vault: v, sender: o.Sender, demo: o.Demo, now: o.Now,
		codes:   throttle.New(time.Minute, 6, 100*time.Millisecond, 600),
		guesses: throttle.New(3*time.Minute, 20, 100*time.Millisecond, 600),
		staff:   throttle.New(time.Minute, 5, time.Second, 60),
		lookups: throttle.New(5*time.Second, 60, 100*time.Millisecond, 600),
		hashing: make(turnstile, argonAtOnce),
		decoy:   sync.OnceValues(func() (string, error) { return HashPassword(rand.Text()) }),
	}, nil
}

func wrapped(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", operation, err)
}
