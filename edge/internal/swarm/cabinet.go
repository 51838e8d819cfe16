package swarm

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"allhours/edge"
	"allhours/edge/internal/uplink"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Times of a cabinet. A visit is short, as those of people who know what they want are.
const (
	tellEvery = 30 * time.Second
	pullAfter = 300 * time.Millisecond
	shutAfter = 2 * time.Second
	calmAfter = time.Second
)

// cabinet is one of the swarm.
type cabinet struct {
	id     protocol.CabinetID
	keys   grant.Keys
	outbox *outbox
	clock  *edge.Clock
	uplink *uplink.Uplink
	chance *rand.Rand
	log    *slog.Logger
	pace   time.Duration // between two events; 0: none
	asked  chan wire.Command
	told   chan struct{}

	mu       sync.Mutex
	config   wire.Config
	applied  bool // config was applied and is not journalled yet
	counters wire.Counters
}

// Command implements uplink.Handler.
func (c *cabinet) Command(cmd wire.Command, _ time.Time) {
	select {
	case c.asked <- cmd:
	default: // It is busy with another: the cloud's command ends by itself.
	}
}

// Config implements uplink.Handler.
func (c *cabinet) Config(cfg wire.Config) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cfg.Config.Newer(c.config.Config) {
		c.config, c.applied = cfg, true
		c.tellSoon()
	}
}

// Connected implements uplink.Handler.
func (c *cabinet) Connected() { c.tellSoon() }

func (c *cabinet) tellSoon() {
	select {
	case c.told <- struct{}{}:
	default:
	}
}

// Applied implements uplink.Handler.
func (c *cabinet) Applied() wire.ConfigVersion {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.config.Config
}

// run lives until ctx ends, and begins to write when it has been quiet for so long.
func (c *cabinet) run(ctx context.Context, quiet time.Duration) {
	var alone sync.WaitGroup
	alone.Go(func() { c.uplink.Run(ctx) })
	defer alone.Wait()
	tell := time.NewTicker(tellEvery)
	defer tell.Stop()
	next := time.NewTimer(quiet + c.pause())
	defer next.Stop()
	for n := c.chance.IntN(len(idle)); ; {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-tell.C:
			c.tell()
		case <-c.told:
			err = c.note()
			c.tell()
		case cmd := <-c.asked:
			err = c.carryOut(ctx, cmd)
		case <-next.C:
			pause := c.pause()
			kept, _ := c.outbox.waiting()
			if c.Applied() != (wire.ConfigVersion{}) && kept < mostKept { // Without goods nothing happens there.
				bodies := idle[n%len(idle)](c)
				err = c.outbox.write(bodies...)
				n++
				for range len(bodies) - 1 {
					pause += c.pause()
				}
			}
			next.Reset(pause)
		}
		if err != nil {
			c.log.Error("cabinet of the swarm", "cabinet", c.id, "error", err)
		}
	}
}

// pause is random, so that the swarm does not send in step; the pace is its mean.
func (c *cabinet) pause() time.Duration {
	if c.pace <= 0 {
		return 24 * time.Hour
	}
	return time.Duration(c.chance.Int64N(int64(2*c.pace))) + 1
}

// note journals a desired state that was applied.
func (c *cabinet) note() error {
	c.mu.Lock()
	applied, version := c.applied, c.config.Config
	c.applied = false
	c.mu.Unlock()
	if !applied {
		return nil
	}
	return c.outbox.write(wire.AppliedBody{Config: version})
}

// tell says how it stands: every door shut and selling.
func (c *cabinet) tell() {
	kept, last := c.outbox.waiting()
	at := c.clock.Stamp()
	t := wire.Telemetry{V: wire.Version, Cabinet: c.id, At: at.At, Clock: at.Clock, Last: last, Backlog: uint64(kept), PollHz: 10}
	seen := map[protocol.Compartment]bool{}
	for _, p := range c.layout().Platforms {
		if !seen[p.Compartment] {
			seen[p.Compartment] = true
			t.Compartments = append(t.Compartments, wire.CompartmentTelemetry{Compartment: p.Compartment, Door: wire.DoorStateShut, Selling: true})
		}
	}
	c.uplink.Send(topic.Telemetry, t)
}

func (c *cabinet) layout() wire.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.config
}
