package swarm

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"allhours/edge"
	"allhours/edge/internal/claim"
	"allhours/edge/internal/uplink"
	"allhours/protocol"
	claims "allhours/protocol/claim"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// claimsAtOnce is how many cabinets are claimed at the same time.
const claimsAtOnce = 16

// Options of a swarm; all but CA, Rate and Batch are needed.
type Options struct {
	Cloud   string        // the address of the fleet's pages
	CA      string        // PEM file of the authorities to trust; none: the system's
	Codes   []claims.Code // one of each cabinet
	Rate    float64       // events a second, of all cabinets together, beside those of visits
	Batch   int           // events of a batch at most; 0: as many as the protocol allows
	Spread  time.Duration // over which the cabinets connect for the first time; then they begin to write
	Entropy io.Reader     // safe for concurrent use
	Log     *slog.Logger
}

// Swarm is the cabinets that were claimed.
type Swarm struct {
	o        Options
	packers  uplink.Packers
	cabinets []*cabinet
}

// Count is what a swarm is and did up to now.
type Count struct {
	Cabinets  int    `json:"cabinets"`
	Connected int    `json:"connected"` // and answered by the cloud since
	Ready     int    `json:"ready"`     // have a desired state
	Written   uint64 `json:"written"`
	Acked     uint64 `json:"acked"`
	Units     uint64 `json:"units"` // sold
}

// Claim makes the process every cabinet that there is a code for.
func Claim(ctx context.Context, o Options) (*Swarm, error) {
	s := &Swarm{o: o, packers: uplink.NewPackers(runtime.GOMAXPROCS(0)), cabinets: make([]*cabinet, len(o.Codes))}
	errs := make([]error, len(o.Codes))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range claimsAtOnce {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(o.Codes) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				s.cabinets[i], errs[i] = s.claim(ctx, o.Codes[i])
			}
		})
	}
	workers.Wait()
	return s, errors.Join(append(errs, ctx.Err())...)
}

func (s *Swarm) claim(ctx context.Context, code claims.Code) (*cabinet, error) {
	_, key, err := ed25519.GenerateKey(s.o.Entropy)
	if err != nil {
		return nil, fmt.Errorf("device key: %w", err)
	}
	journal, err := protocol.NewUUID(time.Now(), s.o.Entropy)
	if err != nil {
		return nil, err
	}
	request := claims.NewRequest(code, key, journal)
	papers, broker, err := claim.Ask(ctx, s.o.Cloud, s.o.CA, request)
	if err != nil {
		return nil, fmt.Errorf("claim: %w", err)
	}
	keys, err := papers.GrantKeys()
	if err != nil {
		return nil, err
	}
	clock := edge.NewClock()
	dial, err := uplink.Dialer(broker.String(), s.o.CA, clock)
	if err != nil {
		return nil, err
	}
	c := &cabinet{
		id: papers.Cabinet, keys: keys, clock: clock, log: s.o.Log, asked: make(chan wire.Command, 1), told: make(chan struct{}, 1),
		chance: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())),
		outbox: &outbox{cabinet: papers.Cabinet, journal: journal, clock: clock, changed: make(chan struct{}, 1)},
	}
	c.outbox.batch = wire.MaxBatchEvents
	if s.o.Batch > 0 {
		c.outbox.batch = min(s.o.Batch, wire.MaxBatchEvents)
	}
	if s.o.Rate > 0 {
		c.pace = time.Duration(float64(time.Second) * float64(len(s.o.Codes)) / s.o.Rate)
	}
	c.uplink, err = uplink.New(uplink.Options{
		Address: topic.Address{Shard: papers.Shard, Cabinet: papers.Cabinet}, User: papers.MQTT.User, Password: request.Password,
		Keys: keys, Journal: journal, Boot: 1, Start: journal, Versions: wire.Versions{Agent: "swarm", Rule: settle.RuleVersion},
		Clock: clock, Outbox: c.outbox, Handler: c, Dial: dial, Entropy: s.o.Entropy, Packers: s.packers, Log: s.o.Log,
	})
	return c, err
}

// Run keeps the cabinets connected until ctx ends.
func (s *Swarm) Run(ctx context.Context) {
	var all sync.WaitGroup
	defer all.Wait()
	for i, c := range s.cabinets {
		all.Go(func() {
			turn := s.o.Spread * time.Duration(i) / time.Duration(len(s.cabinets))
			if wait(ctx, turn) {
				c.run(ctx, s.o.Spread-turn)
			}
		})
	}
}

// Count tells how the swarm stands.
func (s *Swarm) Count() Count {
	n := Count{Cabinets: len(s.cabinets)}
	for _, c := range s.cabinets {
		if _, heard := c.clock.Cloud(); heard && !c.uplink.Challenge().IsZero() {
			n.Connected++
		}
		if c.Applied() != (wire.ConfigVersion{}) {
			n.Ready++
		}
		kept, last := c.outbox.waiting()
		n.Written += last
		n.Acked += last - uint64(kept)
		c.mu.Lock()
		n.Units += c.counters.Units
		c.mu.Unlock()
	}
	return n
}

// Drain lets each cabinet write so many events at once, as after weeks without a line, and tells how long it took until the
// cloud had acknowledged all of them.
func (s *Swarm) Drain(ctx context.Context, events int) (time.Duration, error) {
	if err := s.until(ctx, func(c Count) bool { return c.Connected == c.Cabinets && c.Ready == c.Cabinets && c.Acked == c.Written }); err != nil {
		return 0, err
	}
	began := time.Now()
	for _, c := range s.cabinets {
		var bodies []wire.Body
		for i := 0; len(bodies) < events; i++ {
			bodies = append(bodies, idle[i%len(idle)](c)...)
		}
		if err := c.outbox.write(bodies[:events]...); err != nil {
			return 0, err
		}
	}
	err := s.until(ctx, func(c Count) bool { return c.Acked == c.Written })
	return time.Since(began), err
}

func (s *Swarm) until(ctx context.Context, done func(Count) bool) error {
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !done(s.Count()) {
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
