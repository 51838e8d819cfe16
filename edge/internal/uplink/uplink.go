package uplink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Outbox is the part of the journal that is sent.
type Outbox interface {
	// Bounds gives the oldest and the newest number on disk; first is 0 when there is none.
	Bounds() (first, last uint64, err error)
	// Batch gives consecutive events from one number to another, as many as one batch may hold.
	Batch(from, to uint64) ([]wire.Event, error)
	// Acked is what the cloud said last that it has, and its fleet epoch.
	Acked() (upTo, fleetEpoch uint64, err error)
	// Ack notes what the cloud has now; an error with protocol.CodeStale where it has more than there is.
	Ack(upTo, fleetEpoch uint64) error
	// Changed gets a token after events were written.
	Changed() <-chan struct{}
}

// Handler is told what the cloud says. Its methods must not block.
type Handler interface {
	// Command is a command for this cabinet, and when it arrived.
	Command(c wire.Command, arrived time.Time)
	// Config is a desired state that the cloud signed for this cabinet; it may be an old one.
	Config(c wire.Config)
	// Connected follows each birth, also a repeated one: a cloud that hears it knows nothing yet of how the cabinet stands.
	Connected()
	// Applied is the desired state in force.
	Applied() wire.ConfigVersion
}

// Options of an uplink; all are needed.
type Options struct {
	Address  topic.Address
	User     string
	Password string
	Keys     grant.Keys
	Journal  protocol.UUID
	Boot     uint32
	Start    protocol.UUID // of the agent, told with each birth: a copy of the card has another one
	Versions wire.Versions
	Reader   bool // told with each birth; not needed
	Clock    *edge.Clock
	Outbox   Outbox
	Handler  Handler
	Dial     func(context.Context) (net.Conn, error)
	Entropy  io.Reader
	Packers  Packers // shared with other uplinks; nil for one of its own
	Log      *slog.Logger
}

// Times of the connection.
const (
	connectWithin = 10 * time.Second
	writeWithin   = 10 * time.Second
	keepAlive     = 30 * time.Second
	firstPause    = 500 * time.Millisecond // before connecting again, doubled each time, of which a random part is waited
	longestPause  = 30 * time.Second
	firstDeafness = 30 * time.Second // without any answer until another connection is tried, doubled each time
	heardDeafness = 2 * time.Minute  // the least, where the connection was answered before
	mostDeafness  = 32 * time.Minute
	soundAfter    = 30 * time.Second // a connection that lasted so long begins the pauses anew
)

// Bounds of what waits to be sent or handled.
const (
	repliesHeld = 64
	lossyHeld   = 16
	inboundHeld = 64
)

// Uplink keeps the cabinet connected. Safe for concurrent use.
type Uplink struct {
	opt     Options
	chance  *rand.Rand // used by Run alone
	replies chan outgoing
	lossy   chan outgoing

	deafness time.Duration // of the connection that is up; used by Run alone

	mu        sync.Mutex
	challenge grant.Token // of the connection that is up; zero without one
}

// outgoing is a message that is not journalled.
type outgoing struct {
	channel topic.Channel
	message any
}

// New makes an uplink; it is silent until Run.
func New(opt Options) (*Uplink, error) {
	var seed [16]byte
	if _, err := io.ReadFull(opt.Entropy, seed[:]); err != nil {
		return nil, fmt.Errorf("uplink: seed: %w", err)
	}
	if opt.Packers == nil {
		opt.Packers = NewPackers(1)
	}
	source := rand.NewPCG(binary.BigEndian.Uint64(seed[:8]), binary.BigEndian.Uint64(seed[8:]))
	return &Uplink{
		opt: opt, chance: rand.New(source), deafness: firstDeafness,
		replies: make(chan outgoing, repliesHeld), lossy: make(chan outgoing, lossyHeld),
	}, nil
}

// Run connects again and again until ctx ends.
func (u *Uplink) Run(ctx context.Context) {
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		err := u.connection(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) >= soundAfter {
			pause = firstPause
		}
		u.opt.Log.Info("not connected", "error", err)
		select {
		case <-time.After(time.Duration(u.chance.Int64N(int64(pause)))):
		case <-ctx.Done():
		}
		pause = min(2*pause, longestPause)
	}
}

// Send hands over a reply, which waits for a connection, or something that may be lost, which does not. It never blocks.
func (u *Uplink) Send(channel topic.Channel, message any) {
	queue := u.lossy
	if channel == topic.Reply {
		queue = u.replies
	} else if u.Challenge().IsZero() {
		return
	}
	select {
	case queue <- outgoing{channel, message}:
	default:
		u.opt.Log.Debug("dropped what the connection cannot carry", "channel", channel)
	}
}

// Challenge is what a grant of the connection that is up carries; zero without one.
func (u *Uplink) Challenge() grant.Token {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.challenge
}

func (u *Uplink) setChallenge(t grant.Token) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.challenge = t
}

// errDeaf is the end of a connection over which nothing is heard: a broker may have forgotten that it listens.
var errDeaf = errors.New("no answer of the cloud")

// errLost is the end of a connection that the transport did not explain.
var errLost = errors.New("connection lost")
