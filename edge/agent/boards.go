package agent

import (
	"context"
	"fmt"
	"sync"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver"
	"allhours/edge/internal/status"
	"allhours/edge/internal/weigh"
	"allhours/protocol"
)

// lockUnit is a lock board and the doors on its channels.
type lockUnit struct {
	board        edge.LockBoard
	compartments []protocol.Compartment // by channel
	pulse        time.Duration
}

// boards is everything on the cabinet's lines.
type boards struct {
	locks  []lockUnit
	scales []weigh.Board
	run    func(context.Context) // owns the lines until the context ends
}

func serialDevice(l Line) (edge.OpenPort, error) { return bus.Serial(l.Path, l.Baud, l.Parity) }

// buildBoards makes the lines and the drivers of the file; nothing is sent yet.
func buildBoards(opt Options) (boards, error) {
	c := opt.Config
	lines := make(map[string]*bus.Line, len(c.Lines))
	for _, l := range c.Lines {
		open, err := opt.OpenLine(l)
		if err != nil {
			return boards{}, err
		}
		lines[l.Name] = bus.New(l.Bus(), open)
		status.WatchLine(opt.Registry, l.Name, lines[l.Name].Stats)
	}
	b := boards{run: func(ctx context.Context) {
		var running sync.WaitGroup
		for _, l := range lines {
			running.Go(func() { l.Run(ctx) })
		}
		running.Wait()
	}}
	for i, l := range c.Locks {
		board, err := driver.NewLockBoard(lines[l.Line], l.LockConfig)
		if err != nil {
			return boards{}, fmt.Errorf("locks[%d]: %w", i, err)
		}
		if board.Channels() != len(l.Compartments) {
			return boards{}, fmt.Errorf("locks[%d]: %d channels, %d compartments", i, board.Channels(), len(l.Compartments))
		}
		b.locks = append(b.locks, lockUnit{board: board, compartments: l.Compartments, pulse: l.Pulse()})
	}
	for i, s := range c.Scales {
		scale, err := driver.NewScale(lines[s.Line], s.ScaleConfig)
		if err != nil {
			return boards{}, fmt.Errorf("scales[%d]: %w", i, err)
		}
		if scale.Channels() < len(s.Platforms) {
			return boards{}, fmt.Errorf("scales[%d]: %d channels, %d platforms", i, scale.Channels(), len(s.Platforms))
		}
		b.scales = append(b.scales, weigh.Board{Scale: scale, Platforms: s.Platforms})
	}
	return b, nil
}
