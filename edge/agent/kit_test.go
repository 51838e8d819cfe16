package agent

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"allhours/edge"
	"allhours/edge/internal/config"
	"allhours/edge/internal/fakecloud"
	"allhours/edge/internal/weigh"
	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Of the cabinet that the tests stand before.
const (
	cabinetID = protocol.CabinetID("xs-01")
	water     = protocol.SKU("1001") // on S1, 571 g
	noodles   = protocol.SKU("2001") // on S1, 120 g
	milk      = protocol.SKU("3001") // on S2, 1030 g
	latchFree = 10 * time.Second
)

// cabinet is the boards of a cabinet with one door and two platforms, as they behave on a line.
type cabinet struct {
	mu       sync.Mutex
	chance   *rand.Rand
	open     bool
	pulsedAt time.Time // zero: the latch is locked
	pulses   int
	stuck    bool  // the latch does not move
	pulseErr error // what the board answers to a pulse
	dead     bool  // the lock board does not answer
	weights  [2]protocol.Milligrams
	silent   [2]bool
	overload [2]bool
	movedAt  time.Time
	lag      [2]time.Duration // that a scale takes to answer
	atPulse  func() bool      // runs in the place of a pulse; true: the pulse is carried out all the same

	firmware string // that the lock board tells; empty: it does not know the question
	mute     bool   // and gives no answer to it

	stalled time.Duration // that its line has hung for

	thermometers []thermalUnit
	readers      []edge.Reader
}

func newCabinet() *cabinet {
	return &cabinet{chance: rand.New(rand.NewPCG(1, 2)), weights: [2]protocol.Milligrams{10_000_000, 12_000_000}}
}

func (c *cabinet) Channels() int { return 1 }

func (c *cabinet) Pulse(context.Context, int, time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.atPulse != nil && !c.atPulse() {
		return errors.New("no power")
	}
	c.pulses++
	if c.pulseErr != nil && !errors.Is(c.pulseErr, edge.ErrPulseUnknown) {
		return c.pulseErr
	}
	if !c.stuck {
		c.pulsedAt = time.Now()
	}
	return c.pulseErr
}

func (c *cabinet) Version(context.Context) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead || c.mute {
		return "", errors.New("no answer")
	}
	return c.firmware, nil
}

func (c *cabinet) free() bool { return !c.pulsedAt.IsZero() && time.Since(c.pulsedAt) < latchFree }

func (c *cabinet) Inputs(context.Context) (edge.LockInputs, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dead {
		return edge.LockInputs{}, errors.New("no answer")
	}
	shut := !c.open
	if time.Since(c.movedAt) < 20*time.Millisecond { // The switch chatters.
		shut = c.chance.IntN(2) == 0
	}
	state := edge.LockState{DoorClosed: edge.TriOf(shut), LatchLocked: edge.TriOf(!c.open && !c.free())}
	return edge.LockInputs{At: time.Now(), Channels: []edge.LockState{state}}, nil
}

// shelf is the scale of one platform.
type shelf struct {
	c *cabinet
	i int
}

func (s shelf) Channels() int { return 1 }

func (s shelf) Prepare(context.Context) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if s.c.silent[s.i] {
		return errors.New("no answer")
	}
	return nil
}

func (s shelf) Read(_ context.Context, dst []edge.Sample) error {
	if s.c.lag[s.i] > 0 {
		<-time.After(s.c.lag[s.i])
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	dst[0] = edge.Sample{At: time.Now(), Weight: s.c.weights[s.i] + protocol.Milligrams(s.c.chance.NormFloat64()*300)}
	switch {
	case s.c.silent[s.i]:
		dst[0] = edge.Sample{At: time.Now(), Fault: edge.ScaleSilent}
		return errors.New("no answer")
	case s.c.overload[s.i]:
		dst[0] = edge.Sample{At: time.Now(), Fault: edge.ScaleOverload}
	}
	return nil
}

// pull opens the door where the latch is free; key opens it in any case.
func (c *cabinet) pull() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open && !c.free() {
		return false
	}
	c.pulsedAt = time.Time{}
	c.move(true)
	return true
}

func (c *cabinet) key() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.move(true)
}

func (c *cabinet) shut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.move(false)
}

func (c *cabinet) move(open bool) { c.open, c.movedAt = open, time.Now() }

// put changes what lies on a platform, in grams; negative takes.
func (c *cabinet) put(platform int, grams float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if grams < 0 {
		c.weights[platform] -= protocol.FromGrams(-grams)
		return
	}
	c.weights[platform] += protocol.FromGrams(grams)
}

// set changes how the boards behave.
func (c *cabinet) set(f func(*cabinet)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c)
}

func (c *cabinet) boards() boards {
	return boards{
		locks: []lockUnit{{name: "line0, unit 1", board: c, compartments: []protocol.Compartment{1}, pulse: 500 * time.Millisecond}},
		scales: []weigh.Board{
			{Scale: shelf{c, 0}, Platforms: []protocol.PlatformID{"S1"}},
			{Scale: shelf{c, 1}, Platforms: []protocol.PlatformID{"S2"}},
		},
		thermometers: c.thermometers,
		readers:      c.readers,
		run:          func(ctx context.Context) { <-ctx.Done() },
		stalled: map[string]func() time.Duration{"line0": func() time.Duration {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.stalled
		}},
	}
}

// town is a cabinet, its agent and its cloud.
type town struct {
	*testing.T
	*cabinet
	cloud  *fakecloud.Cloud
	dir    string
	traces config.Traces
	health []config.Health
	agent  *Agent
	stop   func()

	failing atomic.Bool // the agent's end may be an error
	manager Manager
	wall    atomic.Int64 // nanoseconds by which the cabinet's wall clock is off
	ended   chan error   // how the agent that was booted last ended
}

// newTown starts all of it, within a bubble, and waits until the cabinet sells.
func newTown(t *testing.T) *town {
	t.Helper()
	tn := emptyTown(t)
	tn.begin()
	return tn
}

// begin boots the agent, tells it what is sold, and waits until it sells.
func (tn *town) begin() {
	tn.Helper()
	tn.boot()
	tn.cloud.Until("the cabinet is born", time.Minute, func() bool { return tn.cloud.Births() > 0 })
	tn.cloud.Configure(desired(1))
	tn.untilSelling()
}

func emptyTown(t *testing.T) *town {
	t.Helper()
	address := topic.Address{Shard: 3, Cabinet: cabinetID}
	tn := &town{T: t, cabinet: newCabinet(), cloud: fakecloud.Start(t, address), dir: t.TempDir()}
	t.Cleanup(tn.asWrittenDown)
	return tn
}

func (tn *town) untilSelling() {
	tn.Helper()
	tn.cloud.Until("the cabinet sells behind a shut door", time.Minute, func() bool {
		c := tn.cloud.Telemetry().Compartments
		return len(c) == 1 && c[0].Selling && c[0].Door == wire.DoorStateShut && c[0].Weights[0].OK && tn.cloud.Have() > 0
	})
}

func (tn *town) options() Options {
	return Options{
		Version: "test", Dial: tn.cloud.Dial, Manager: tn.manager,
		Wall: func(t time.Time) time.Time { return t.Add(time.Duration(tn.wall.Load())) }, Entropy: rand.NewChaCha8([32]byte{1, byte(tn.pulses)}),
		Config: Config{
			Cabinet: cabinetID, Shard: tn.cloud.Address.Shard, Data: tn.dir, Traces: tn.traces, Health: tn.health,
			Keys: []config.Key{{ID: 1, Public: tn.cloud.PublicKey()}},
		},
	}
}

// boot starts the agent.
func (tn *town) boot() {
	tn.Helper()
	if err := tn.start(); err != nil {
		tn.Fatal(err)
	}
}

// start starts the agent, where it can be started.
func (tn *town) start() error {
	tn.Helper()
	opt := tn.options()
	if err := opt.fill(); err != nil {
		return err
	}
	a, err := newAgent(opt, tn.boards())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	tn.agent, tn.ended = a, make(chan error, 1)
	go func() {
		err := a.Run(ctx)
		tn.ended <- err
		ended <- err
	}()
	tn.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil && !tn.failing.Load() {
			tn.Error(err)
		}
	})
	tn.Cleanup(tn.stop)
	return nil
}

// desired is a desired state of the cabinet.
func desired(version uint64) wire.Config {
	return wire.Config{
		V: wire.Version, Cabinet: cabinetID, Config: wire.ConfigVersion{FleetEpoch: 1, Version: version}, PriceVersion: 1,
		Platforms: []wire.Platform{
			{ID: "S1", Compartment: 1, Capacity: 40_000_000, Division: 1000, SKUs: []protocol.SKU{water, noodles}},
			{ID: "S2", Compartment: 1, Capacity: 40_000_000, Division: 1000, SKUs: []protocol.SKU{milk}},
		},
		Goods: map[protocol.SKU]wire.Good{
			water:   {Unit: 571_000, SD: 2000, Price: 200},
			noodles: {Unit: 120_000, SD: 1000, Price: 450},
			milk:    {Unit: 1_030_000, SD: 4000, Price: 1290},
		},
		Stock: wire.StockCount{Version: version, Book: map[protocol.PlatformID]map[protocol.SKU]int{
			"S1": {water: 9, noodles: 12}, "S2": {milk: 8},
		}},
	}
}

// wait lets fake time pass.
func wait(d time.Duration) { <-time.After(d) }
