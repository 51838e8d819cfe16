package people

import (
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"allhours/cloud"
	"allhours/cloud/internal/throttle"
	"allhours/protocol"
)

// How long things last.
const (
	CodeLife     = cloud.CodeLife
	ResidentLife = cloud.SessionLife
	StaffLife    = 12 * time.Hour
	StepLife     = 15 * time.Minute   // of a sign-in that is under way
	StartingLife = 7 * 24 * time.Hour // of a password to start with
)

const (
	codeTries = 5
	codeSpan  = 1_000_000 // codes have six digits
	tokenSize = 32
)

// Options are what New needs.
type Options struct {
	Store Store
	Key   []byte // KeySize bytes, see NewKey
	Demo  bool   // sign-in codes come back to whoever asks
	// Origin is where browsers reach the pages, https://host: passkeys are good there and nowhere else. Empty, or with an
	// address in place of a name: there are none.
	Origin string
	// Second names the roles whose members must have a second step; others may.
	Second []protocol.Role
	Wake   func() // called when a message was written; nil: nobody is
	Now    func() time.Time
}

// Service implements cloud.People.
type Service struct {
	store Store
	vault *vault
	demo  bool
	must  []protocol.Role
	keys  *webauthn.WebAuthn // nil: no passkeys
	host  string             // with its port, of the origin
	wake  func()
	now   func() time.Time

	codes   *throttle.Throttle // sent
	guesses *throttle.Throttle // wrong
	seconds *throttle.Throttle // wrong
	proofs  *throttle.Throttle // wrong, of passwords by who is signed in

	strangers  *throttle.Throttle // wrong passwords of a name from an address
	addresses  *throttle.Throttle // wrong passwords from an address
	names      *throttle.Throttle // wrong passwords of a name by strangers
	knownTries *throttle.Throttle // wrong passwords from a browser in which the member has signed in before

	lookups *throttle.Throttle // of phones, by the staff
	hashing turnstile
	decoy   func() (string, error) // checked where there is no such name, so that both take as long
}

var (
	_ cloud.People    = (*Service)(nil)
	_ cloud.Callers   = (*Service)(nil)
	_ cloud.OwnPhones = (*Service)(nil)

	_ cloud.StaffList     = (*Service)(nil)
	_ cloud.StaffCare     = (*Service)(nil)
	_ cloud.StaffSessions = (*Service)(nil)
	_ cloud.OwnSignIn     = (*Service)(nil)
	_ cloud.AppCodes      = (*Service)(nil)
	_ cloud.PasskeySteps  = (*Service)(nil)
	_ cloud.Trail         = (*Service)(nil)
)

// New makes the service. Codes go into the outbox of messages; somebody else sends them.
func New(o Options) (*Service, error) {
	v, err := newVault(o.Key)
	if err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wake == nil {
		o.Wake = func() {}
	}
	keys, host, err := passkeysAt(o.Origin)
	if err != nil {
		return nil, err
	}
	return &Service{
		store: o.Store, vault: v, demo: o.Demo, must: o.Second, keys: keys, host: host, wake: o.Wake, now: o.Now,
		codes:   throttle.New(time.Minute, 6, 100*time.Millisecond, 600),
		guesses: throttle.New(3*time.Minute, 20, 100*time.Millisecond, 600),
		seconds: throttle.New(time.Minute, 5, time.Second, 60),
		proofs:  throttle.New(time.Minute, 5, time.Second, 60),

		strangers:  throttle.New(time.Minute, 5, time.Second, 60),
		addresses:  throttle.New(10*time.Second, 20, time.Second, 60),
		names:      throttle.New(6*time.Second, 30, time.Second, 60),
		knownTries: throttle.New(time.Minute, 5, time.Second, 60),

		lookups: throttle.New(5*time.Second, 60, 100*time.Millisecond, 600),
		hashing: make(turnstile, argonAtOnce),
		decoy:   sync.OnceValues(func() (string, error) { return HashPassword(rand.Text()) }),
	}, nil
}

// guess lets somebody try a secret, a few times a minute; wrong is what is said of one that is not right.
func guess(t *throttle.Throttle, key string, now time.Time, wrong error, try func() (right bool, err error)) error {
	ended, ok := t.Try(key, now)
	if !ok {
		return protocol.Errorf(cloud.CodeTooMany, "too many wrong ones for this one, or for all")
	}
	failed := true
	defer func() { ended(failed) }()
	right, err := try()
	failed = err == nil && !right
	if failed {
		return wrong
	}
	return err
}

func wrapped(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", operation, err)
}
