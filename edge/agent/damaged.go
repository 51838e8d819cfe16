package agent

import (
	"context"
	"time"

	"allhours/edge/internal/status"
	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// nothing is the outbox of a cabinet whose journal is damaged: it has nothing to send and keeps no mark.
type nothing struct{}

func (nothing) Bounds() (first, last uint64, err error)     { return 0, 0, nil }
func (nothing) Batch(uint64, uint64) ([]wire.Event, error)  { return nil, nil }
func (nothing) Acked() (upTo, fleetEpoch uint64, err error) { return 0, 0, nil }
func (nothing) Ack(uint64, uint64) error                    { return nil }
func (nothing) Changed() <-chan struct{}                    { return nil }

// damaged answers for a cabinet that cannot record anything, and therefore opens no door.
type damaged struct{ a *Agent }

func (d damaged) Command(c wire.Command, _ time.Time) {
	d.a.reply(c.ID, protocol.CodeNotSelling, "the journal is damaged", 0)
}

func (damaged) Config(wire.Config) {}

func (d damaged) Connected() { d.a.post(d.a.sayDamaged) }

func (damaged) Applied() wire.ConfigVersion { return wire.ConfigVersion{} }

// connectDamaged prepares a cabinet that only says what is wrong with it. Its journal has no id to give.
func (a *Agent) connectDamaged(why error) error {
	a.healthy.Store(&why)
	var err error
	a.uplink, err = a.newUplink(nothing{}, protocol.UUID{}, 0, damaged{a})
	return err
}

func (a *Agent) runDamaged(ctx context.Context) error {
	stop, err := status.Serve(a.opt.Config.Status, a.opt.Registry, a.Healthy, a.log)
	if err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.uplink.Run(ctx)
	}()
	tick, alive := time.NewTicker(telemetryEvery), time.NewTicker(time.Second)
	defer tick.Stop()
	defer alive.Stop()
	for ctx.Err() == nil {
		select {
		case f := <-a.work:
			f()
		case <-alive.C:
			a.feed(a.clock.Up())
		case <-tick.C:
			a.sayDamaged()
		case <-ctx.Done():
		}
	}
	a.sayEnd()
	<-ended
	return stop()
}

// sayDamaged tells the cloud that no door sells.
func (a *Agent) sayDamaged() {
	t := wire.Telemetry{
		V: wire.Version, Cabinet: a.opt.Config.Cabinet, At: a.clock.Stamp().At, Compartments: []wire.CompartmentTelemetry{},
	}
	for _, l := range a.boards.locks {
		for _, c := range l.compartments {
			t.Compartments = append(t.Compartments, wire.CompartmentTelemetry{
				Compartment: c, Door: wire.DoorStateUnknown, Why: protocol.CodeNotSelling, Weights: []wire.Weight{},
			})
		}
	}
	a.uplink.Send(topic.Telemetry, t)
}
