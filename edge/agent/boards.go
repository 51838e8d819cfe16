package agent

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/config"
	"allhours/edge/internal/driver"
	"allhours/edge/internal/status"
	"allhours/edge/internal/weigh"
	"allhours/protocol"
)

// lockUnit is a lock board and the doors on its channels.
type lockUnit struct {
	name         string
	board        edge.LockBoard
	compartments []protocol.Compartment // by channel
	pulse        time.Duration
}

// thermalUnit is a temperature controller and what its probes hang in.
type thermalUnit struct {
	board        edge.Thermometer
	compartments []protocol.Compartment // by probe; 0: in no compartment's air
}

// lineUnit is a serial line, as it tells of itself.
type lineUnit struct {
	name  string
	stats func() bus.Stats
}

// boards is everything on the cabinet's lines.
type boards struct {
	locks        []lockUnit
	scales       []weigh.Board
	thermometers []thermalUnit
	readers      []edge.Reader
	lines        []lineUnit
	run          func(context.Context) // owns the lines until the context ends
	stalled      map[string]func() time.Duration
}

// worst is the line that has not come round for longest.
func (b boards) worst() (name string, stalled time.Duration) {
	for line, of := range b.stalled {
		if d := of(); d >= stalled {
			name, stalled = line, d
		}
	}
	return name, stalled
}

// SerialDevice opens a line of the file as it is set there.
func SerialDevice(l Line) (edge.OpenPort, error) { return bus.Serial(l.Path, l.Baud, l.Parity) }

// wires are the cabinet's lines. Each is asked, unless something that speaks unasked is found on it: then it is heard.
type wires struct {
	opt   Options
	asked map[string]*bus.Line
	heard map[string]*bus.Feed
	open  map[string]edge.OpenPort
}

func newWires(opt Options) (*wires, error) {
	w := &wires{opt: opt, asked: map[string]*bus.Line{}, heard: map[string]*bus.Feed{}, open: map[string]edge.OpenPort{}}
	for _, l := range opt.Config.Lines {
		open, err := opt.OpenLine(l)
		if err != nil {
			return nil, err
		}
		w.open[l.Name], w.asked[l.Name] = open, bus.New(l.Bus(), open)
	}
	return w, nil
}

// listen gives a line to a device that speaks unasked, where it is one.
func (w *wires) listen(name string, device any) {
	listener, unasked := device.(bus.Listener)
	if !unasked {
		return
	}
	delete(w.asked, name)
	for _, l := range w.opt.Config.Lines {
		if l.Name == name {
			w.heard[name] = bus.NewFeed(l.Bus(), w.open[name], listener)
		}
	}
}

// run owns the lines until ctx ends.
func (w *wires) run(ctx context.Context) {
	var running sync.WaitGroup
	for _, l := range w.asked {
		running.Go(func() { l.Run(ctx) })
	}
	for _, f := range w.heard {
		running.Go(func() { f.Run(ctx) })
	}
	running.Wait()
}

func (w *wires) stalled() map[string]func() time.Duration {
	all := map[string]func() time.Duration{}
	for name, l := range w.asked {
		all[name] = l.Stalled
	}
	for name, f := range w.heard {
		all[name] = f.Stalled
	}
	return all
}

func (w *wires) watch() {
	for name, l := range w.asked {
		status.WatchLine(w.opt.Registry, name, l.Stats)
	}
	for name, f := range w.heard {
		status.WatchLine(w.opt.Registry, name, f.Stats)
	}
}

// units are the lines in the order of the file.
func (w *wires) units() []lineUnit {
	var all []lineUnit
	for _, l := range w.opt.Config.Lines {
		if f, heard := w.heard[l.Name]; heard {
			all = append(all, lineUnit{l.Name, f.Stats})
			continue
		}
		all = append(all, lineUnit{l.Name, w.asked[l.Name].Stats})
	}
	return all
}

// buildBoards makes the lines and the drivers of the file, which was checked when it was read; nothing is sent yet.
func buildBoards(opt Options) (boards, error) {
	w, err := newWires(opt)
	if err != nil {
		return boards{}, err
	}
	b := boards{run: w.run}
	for _, build := range []func(*boards) error{w.locks, w.scales, w.thermometers, w.readers} {
		if err := build(&b); err != nil {
			return boards{}, err
		}
	}
	w.watch()
	b.lines = w.units()
	b.stalled = w.stalled()
	return b, nil
}

func (w *wires) locks(b *boards) error {
	for i, l := range w.opt.Config.Locks {
		board, err := driver.NewLockBoard(w.asked[l.Line], l.LockConfig)
		if err != nil {
			return fmt.Errorf("locks[%d]: %w", i, err)
		}
		b.locks = append(b.locks, lockUnit{name: boardName(l.Line, l.Address()), board: board, compartments: l.Compartments, pulse: l.Pulse()})
	}
	return nil
}

func (w *wires) scales(b *boards) error {
	for i, s := range w.opt.Config.Scales {
		scale, err := driver.NewScale(w.asked[s.Line], s.ScaleConfig)
		if err != nil {
			return fmt.Errorf("scales[%d]: %w", i, err)
		}
		w.listen(s.Line, scale)
		b.scales = append(b.scales, weigh.Board{Scale: scale, Platforms: s.Platforms})
	}
	return nil
}

func (w *wires) thermometers(b *boards) error {
	for i, t := range w.opt.Config.Thermometers {
		controller, err := driver.NewThermometer(w.asked[t.Line], t.ThermometerConfig)
		if err != nil {
			return fmt.Errorf("thermometers[%d]: %w", i, err)
		}
		b.thermometers = append(b.thermometers, thermalUnit{board: controller, compartments: t.Compartments})
	}
	return nil
}

func (w *wires) readers(b *boards) error {
	for i, r := range w.opt.Config.Readers {
		reader, err := driver.NewReader(r.ReaderConfig)
		if err != nil {
			return fmt.Errorf("readers[%d]: %w", i, err)
		}
		w.listen(r.Line, reader)
		b.readers = append(b.readers, reader)
	}
	return nil
}

// Bench is the scales of a cabinet on lines that the caller owns while it runs: nothing is journalled, no door is seen.
type Bench struct {
	Scales []weigh.Board
	wires  *wires
}

// NewBench makes the lines and the scales of a file; nothing is sent yet.
func NewBench(cfg Config) (*Bench, error) {
	w, err := newWires(Options{Config: cfg, OpenLine: SerialDevice})
	if err != nil {
		return nil, err
	}
	var b boards
	if err := w.scales(&b); err != nil {
		return nil, err
	}
	for _, r := range cfg.Readers { // A line that only speaks unasked is not asked.
		delete(w.asked, r.Line)
	}
	return &Bench{Scales: b.scales, wires: w}, nil
}

// Run owns the lines until ctx ends.
func (b *Bench) Run(ctx context.Context) { b.wires.run(ctx) }

// Lines is what each line with a scale on it went through.
func (b *Bench) Lines() map[string]bus.Stats {
	all := map[string]bus.Stats{}
	for name, l := range b.wires.asked {
		if slices.ContainsFunc(b.wires.opt.Config.Scales, func(s config.Scale) bool { return s.Line == name }) {
			all[name] = l.Stats()
		}
	}
	for name, f := range b.wires.heard {
		all[name] = f.Stats()
	}
	return all
}
