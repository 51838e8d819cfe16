package main

import (
	"context"
	"flag"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"allhours/edge/agent"
	"allhours/edge/internal/config"
	"allhours/edge/internal/doctor"
	"allhours/protocol"
)

// scaleTests is what is asked for of the scales.
type scaleTests struct {
	during    time.Duration // that they are watched
	lightestG float64
	press     time.Duration // that a hand on each platform is waited for; 0: none is
	live      bool
}

// What a scale must do to sell by it, beside what it weighs.
const (
	neededHz  = 8.0
	feltG     = 150.0
	driftAMin = 5.0 // grams
)

func (s *scaleTests) flags(flags *flag.FlagSet) {
	flags.DurationVar(&s.during, "scales", 12*time.Second, "how long the scales are watched, while nobody touches them; 0: not at all")
	flags.Float64Var(&s.lightestG, "lightest", 50, "`GRAMS` of the lightest article: what the noise may be follows from it")
	flags.DurationVar(&s.press, "press", 0, "ask for a hand on each platform, and wait so long for it")
	flags.BoolVar(&s.live, "live", false, "show the scales of the file until Ctrl-C, and nothing else")
}

func (s *scaleTests) limits() doctor.Limits {
	return doctor.Limits{Lightest: protocol.FromGrams(s.lightestG), Hz: neededHz, Drift: protocol.FromGrams(driftAMin)}
}

// run watches the scales of a file's text, and says what is wrong with them and their lines.
func (s *scaleTests) run(ctx context.Context, name string, text []byte, say func(string, ...any), report *doctor.Report) error {
	cfg, err := config.ParseHardware(name, text)
	if err != nil || s.during == 0 || len(cfg.Scales) == 0 {
		return err
	}
	return onBench(ctx, cfg, func(ctx context.Context, w *doctor.Watch, bench *agent.Bench) error {
		say("watching the scales for %v: touch nothing", s.during)
		select {
		case <-time.After(s.during):
		case <-ctx.Done():
			return ctx.Err()
		}
		w.Judge(s.limits(), report)
		lines := bench.Lines()
		for _, name := range slices.Sorted(maps.Keys(lines)) {
			doctor.JudgeLine(name, lines[name], report)
		}
		if s.press == 0 {
			return nil
		}
		return w.Pressed(ctx, protocol.FromGrams(feltG), s.press, say, report)
	})
}

// view shows the scales until ctx ends.
func (s *scaleTests) view(ctx context.Context, cfg config.Config, out io.Writer, report *doctor.Report) error {
	return onBench(ctx, cfg, func(ctx context.Context, w *doctor.Watch, _ *agent.Bench) error {
		err := w.View(ctx, out)
		w.Judge(s.limits(), report)
		return err
	})
}

// onBench runs the scales of a file on their lines while f looks at them.
func onBench(ctx context.Context, cfg config.Config, f func(context.Context, *doctor.Watch, *agent.Bench) error) error {
	bench, err := agent.NewBench(cfg)
	if err != nil {
		return err
	}
	w := doctor.NewWatch(bench.Scales)
	running, end := context.WithCancel(ctx)
	var all sync.WaitGroup
	all.Go(func() { bench.Run(running) })
	all.Go(func() { w.Run(running) })
	err = f(ctx, w, bench)
	end()
	all.Wait()
	return err
}
