package agent

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"allhours/edge"
	"allhours/edge/internal/config"
	"allhours/edge/internal/durable"
	"allhours/edge/internal/journal"
	"allhours/edge/internal/logring"
	"allhours/edge/internal/status"
	"allhours/edge/internal/traces"
	"allhours/edge/internal/uplink"
	"allhours/edge/internal/weigh"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Config is the file of one cabinet.
type Config = config.Config

// Line is one serial line in it.
type Line = config.Line

// LoadConfig reads a cabinet's file; an error names the file, the line and what was expected.
func LoadConfig(path string) (Config, error) { return config.Load(path) }

// ParseConfig reads the text of a cabinet's file; name is used in errors.
func ParseConfig(name string, raw []byte) (Config, error) { return config.Parse(name, raw) }

// Options of an agent. Only Config is needed.
type Options struct {
	Config   Config
	Version  string                                  // of the program, told to the cloud
	OpenLine func(Line) (edge.OpenPort, error)       // nil: the serial device
	Dial     func(context.Context) (net.Conn, error) // nil: the broker of the file
	Log      *slog.Logger                            // nil: nothing is logged
	Registry *prometheus.Registry                    // nil: one of its own
	Entropy  io.Reader                               // nil: the system's
	Manager  Manager                                 // zero: nobody watches over it

	// Wall is what the cabinet's wall clock shows at a moment; nil: what the moment itself says.
	Wall func(time.Time) time.Time

	clock    *edge.Clock
	attended bool // a technician has taken the cabinet off the line to the cloud
}

func (o *Options) fill() error {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Entropy == nil {
		o.Entropy = rand.Reader
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	if o.OpenLine == nil {
		o.OpenLine = SerialDevice
	}
	o.clock = edge.NewClock()
	if o.Wall != nil {
		o.clock = edge.NewClockOf(o.Wall)
	}
	if o.Dial != nil || o.attended {
		return nil
	}
	var err error
	o.Dial, err = uplink.Dialer(o.Config.MQTT.URL, o.Config.MQTT.CA, o.clock)
	return err
}

// Agent is one cabinet.
type Agent struct {
	opt     Options
	log     *slog.Logger
	keys    grant.Keys
	clock   *edge.Clock
	journal *journal.Journal
	traces  *traces.Folder
	watch   *weigh.Watch
	logs    *logring.Ring
	boards  boards
	uplink  sender
	metrics *status.Metrics
	told    func(wire.Body) // hears each event that the loop has written; nil: nobody does
	work    chan func()
	ended   chan struct{}               // the loop's
	applied atomic.Pointer[wire.Config] // in force; nil before the first
	healthy atomic.Pointer[error]       // why the cabinet is not; a nil error where it is
	pulses  sync.WaitGroup
	keeping sync.WaitGroup // what is written beside the loop

	// What follows belongs to the loop.
	doors   []*door
	waiting *wire.Config // a newer desired state, until no visit is under way
	unsaved [][]wire.Body

	notApplied wire.ConfigVersion // that was refused last in this boot
	sales      sales
	schedule   schedule
	refusals   map[refusal]bool // that were written down in this boot
	refused    refusedOpens
	early      []earlyOpen // oldest first
	rest       rest
	probes     [][]edge.Temperature // by controller and probe, as measured last
	air        []*cooled
	tasks      tasks
	super      supervisor
	machine    wire.Machine    // as it was read last
	firmware   []wire.Firmware // of the boards that have told it

	inForce     map[protocol.PlatformID]edge.Correction // of the platforms that were calibrated
	corrections map[protocol.PlatformID]edge.Correction // newer ones, until no visit is under way before their platforms
}

// sender is the part of the uplink that the loop uses.
type sender interface {
	Run(ctx context.Context)
	Send(channel topic.Channel, message any)
	Challenge() grant.Token
}

// New opens the journal and prepares everything; nothing is sent yet. When the journal is damaged, the agent that comes
// back only says so to the cloud and sells nothing.
func New(opt Options) (*Agent, error) {
	if err := opt.fill(); err != nil {
		return nil, fmt.Errorf("agent %s: %w", opt.Config.Cabinet, err)
	}
	b, err := buildBoards(opt)
	if err != nil {
		return nil, fmt.Errorf("agent %s: %w", opt.Config.Cabinet, err)
	}
	a, err := newAgent(opt, b)
	if err != nil {
		return nil, fmt.Errorf("agent %s: %w", opt.Config.Cabinet, err)
	}
	return a, nil
}

// newAgent takes the boards as they are, so that tests bring their own.
func newAgent(opt Options, b boards) (*Agent, error) {
	a := &Agent{
		opt: opt, clock: opt.clock, boards: b, work: make(chan func(), workHeld),
		ended: make(chan struct{}), refusals: map[refusal]bool{}, refused: refusedOpens{}, tasks: newTasks(), logs: logring.New(logBytes),
		metrics: status.NewMetrics(opt.Registry), traces: traces.Open(traceOptions(opt.Config)),
	}
	a.log = slog.New(a.logs.Beside(opt.Log.Handler()))
	var err error
	if a.keys, err = opt.Config.PublicKeys(); err != nil {
		return nil, err
	}
	if err := durable.Folder(opt.Config.Data); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	a.journal, err = journal.Open(journal.Options{
		Dir: opt.Config.Data, Cabinet: opt.Config.Cabinet, Clock: a.clock, Entropy: opt.Entropy,
	})
	if errors.Is(err, journal.ErrDamaged) {
		a.log.Error("the journal is damaged: this cabinet sells nothing until a human has looked at it", "error", err)
		return a, a.connectDamaged(err)
	}
	if err != nil {
		return nil, err
	}
	if err := a.remember(); err != nil {
		return nil, errors.Join(err, a.journal.Abandon())
	}
	return a, nil
}

// remember takes up what the journal knows.
func (a *Agent) remember() error {
	cfg, err := a.journal.Config()
	if err != nil {
		return err
	}
	a.applied.Store(cfg)
	floor, err := a.journal.Floor()
	if err != nil {
		return err
	}
	if !floor.IsZero() {
		a.clock.Floor(floor)
	}
	if err := a.rememberRest(); err != nil {
		return err
	}
	troubles, err := a.journal.Troubles()
	if err != nil {
		return err
	}
	a.watch = weigh.New(a.boards.scales, troubles, a.log)
	if err := a.rememberCorrections(); err != nil {
		return err
	}
	status.WatchScales(a.opt.Registry, a.watch.PollHz)
	a.sales.begin(troubles, a.clock.Up())
	if a.sales.stops, err = a.journal.Stops(); err != nil {
		return err
	}
	a.probes = make([][]edge.Temperature, len(a.boards.thermometers))
	for i, u := range a.boards.thermometers {
		a.probes[i] = make([]edge.Temperature, u.board.Probes())
	}
	if err := a.rememberWarmth(); err != nil {
		return err
	}
	unfinished, err := a.journal.Unfinished()
	if err != nil {
		return err
	}
	for _, l := range a.boards.locks {
		for channel, c := range l.compartments {
			a.doors = append(a.doors, newDoor(a, l, channel, c, unfinished))
		}
	}
	if a.opt.attended {
		a.uplink = alone{}
		return nil
	}
	a.uplink, err = a.newUplink(a.journal, a.journal.ID(), a.journal.Boot(), a)
	return err
}

func (a *Agent) newUplink(outbox uplink.Outbox, id protocol.UUID, boot uint32, h uplink.Handler) (sender, error) {
	c := a.opt.Config
	start, err := protocol.NewUUID(time.Now(), a.opt.Entropy)
	if err != nil {
		return nil, err
	}
	return uplink.New(uplink.Options{
		Address: c.Address(), User: c.MQTT.User, Password: c.MQTT.Password, Keys: a.keys, Journal: id, Boot: boot, Start: start,
		Versions: wire.Versions{Agent: a.opt.Version, Rule: settle.RuleVersion}, Reader: len(a.boards.readers) > 0, Clock: a.clock, Outbox: outbox,
		Handler: h, Dial: a.opt.Dial, Entropy: a.opt.Entropy, Log: a.log,
	})
}

// Run lives until ctx ends, until a line hangs for good, which is [ErrStuck], or until somebody has asked for a new start, which
// is [ErrAsked], and stops in order: the last replies are
// sent, the journal is closed. Another error is the journal's, or the status listener's.
func (a *Agent) Run(ctx context.Context) error {
	if a.journal == nil {
		return a.runDamaged(ctx)
	}
	stop, err := status.Serve(a.opt.Config.Status, a.opt.Registry, a.Healthy, a.log)
	if err != nil {
		return errors.Join(err, a.journal.Close())
	}
	a.write(wire.BootBody{Clean: a.journal.Clean(), Version: a.opt.Version})
	ctx, end := context.WithCancel(ctx)
	defer end()
	polling, endPolling := context.WithCancel(ctx)
	defer endPolling()
	var all sync.WaitGroup
	all.Go(func() { a.boards.run(polling) })
	all.Go(func() { a.watch.Run(polling) })
	all.Go(func() { a.uplink.Run(ctx) })
	for _, l := range a.boards.locks {
		all.Go(func() { a.pollLock(polling, l) })
	}
	for i, u := range a.boards.thermometers {
		all.Go(func() { a.pollThermometer(polling, i, u) })
	}
	all.Go(func() { a.pollMachine(polling) })
	all.Go(func() { a.askFirmware(polling) })
	if !a.opt.attended { // Nobody shops past a technician.
		for _, r := range a.boards.readers {
			all.Go(func() { a.readCodes(polling, r) })
		}
	}
	stuck := a.loop(ctx)
	a.sayEnd()
	end()
	close(a.ended)
	a.pulses.Wait()
	a.keeping.Wait()
	a.saveDrifts()
	endPolling()
	all.Wait()
	return errors.Join(stuck, a.journal.Close(), stop())
}

// Healthy tells why the cabinet does not sell as a whole; nil where it does, or where it has just begun.
func (a *Agent) Healthy() error {
	if why := a.healthy.Load(); why != nil {
		return *why
	}
	return nil
}

// Config takes a desired state from the cloud.
func (a *Agent) Config(c wire.Config) { a.post(func() { a.desire(c) }) }

// Command takes a command from the cloud.
func (a *Agent) Command(c wire.Command, arrived time.Time) {
	a.post(func() { a.command(c, arrived) })
}

// Connected tells the cloud at once how things stand.
func (a *Agent) Connected() { a.post(func() { a.schedule.telemetry = 0 }) }

// Applied is the desired state in force.
func (a *Agent) Applied() wire.ConfigVersion {
	if c := a.applied.Load(); c != nil {
		return c.Config
	}
	return wire.ConfigVersion{}
}
