package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"allhours/firmware-sim/control"
)

// household is all processes of a neighbourhood. They end in three steps: the agents first, so that the service hears
// their last words, then the service, then the boards. Nothing depends on that order.
type household struct {
	tools   tools
	opts    options
	town    neighbourhood
	network network
	spawner *spawner
	steps   [3]step
	server  *http.Server
}

// step is a group of processes that end together.
type step struct {
	ctx    context.Context
	cancel context.CancelFunc
	kept   sync.WaitGroup
}

const (
	agents = iota
	fleet
	boards
)

func newHousehold(ctx context.Context, t tools, opts options, n neighbourhood, net network) *household {
	lasting := context.WithoutCancel(ctx) // the steps end one after the other, not all at once with ctx
	h := &household{tools: t, opts: opts, town: n, network: net, spawner: newSpawner(lasting)}
	for i := range h.steps {
		h.steps[i].ctx, h.steps[i].cancel = context.WithCancel(lasting)
	}
	return h
}

// start starts everything; the processes find each other. It waits for the service where a cabinet must be claimed first.
func (h *household) start(ctx context.Context) error {
	if err := h.openHands(ctx); err != nil {
		return err
	}
	h.keep(fleet, nil, "fleetd", "fleetd", h.fleetd()...)
	for _, p := range h.town.Cabinets { // all boards before any agent, so that no agent finds a stale line
		stale := []string{h.tools.folder.cabinet(p.ID, lineName), h.tools.folder.cabinet(p.ID, readerLine), h.tools.folder.cabinet(p.ID, addressFile)}
		h.keep(boards, stale, "sim-"+string(p.ID), "firmware-sim", "--dir", h.tools.folder.cabinet(p.ID))
	}
	if err := h.claimed(ctx); err != nil {
		return err
	}
	for _, p := range h.town.Cabinets {
		h.keep(agents, nil, "agent-"+string(p.ID), "cabinet-agent", "run", "--config", h.tools.folder.cabinet(p.ID, "agent.yaml"))
	}
	return nil
}

// fleetd is its arguments; another broker is named to it by MQTT_URL, which it has from whoever started this program.
func (h *household) fleetd() []string {
	args := []string{"--demo", "--data", h.tools.folder.root, "--http", h.opts.port.address()}
	if h.opts.brokerCA != "" {
		return append(args, "--mqtt-ca", h.opts.brokerCA)
	}
	return append(args, "--mqtt", h.opts.mqtt.address())
}

func (h *household) keep(which int, litter []string, name, program string, args ...string) {
	c := &child{
		name: name, program: h.tools.program(program), args: args, stopTime: stopTime, litter: litter,
		folder: h.tools.folder, spawner: h.spawner, say: say,
	}
	c.sweep()
	s := &h.steps[which]
	s.kept.Go(func() {
		if err := c.keep(s.ctx); err != nil {
			say("%v", err)
		}
	})
}

// openHands serves the control port.
func (h *household) openHands(ctx context.Context) error {
	port := hands{folder: h.tools.folder, network: h.network}
	for _, p := range h.town.Cabinets {
		port.cabinets = append(port.cabinets, control.Info{ID: p.ID, Layout: p.Layout})
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", h.opts.sim.address())
	if err != nil {
		return fmt.Errorf("control port: %w", err)
	}
	h.server = &http.Server{Handler: port.handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		if err := h.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			say("control port: %v", err)
		}
	}()
	return nil
}

// stop ends every process that was started, and returns when all are gone.
func (h *household) stop() {
	if h.server != nil {
		_ = h.server.Close() // whoever is before a door walks away
	}
	for i := range h.steps {
		h.steps[i].cancel()
		h.steps[i].kept.Wait()
	}
}
