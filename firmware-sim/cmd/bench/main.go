// Command bench measures the built programs from outside and prints each figure beside its reach and the limit or
// baseline measured in the same run. It judges nothing else: a figure that misses its reach is printed as missed, and the
// exit code stays 0, because a slow machine is not a broken build.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"allhours/firmware-sim/street"
)

// part is one group of figures; measure may report what it has together with an error.
type part struct {
	name    string
	measure func(ctx context.Context, env environment) ([]figure, error)
}

// environment is what every part needs.
type environment struct {
	bin      string // folder of the built programs
	log      *slog.Logger
	settling settling
}

// neighbourhood starts its first so many cabinets, 0 for all, in a folder of its own; stop ends it and removes the folder,
// unless it ended badly.
func (e environment) neighbourhood(ctx context.Context, cabinets int) (n *street.Neighbourhood, stop func() error, err error) {
	dir, err := os.MkdirTemp("", "allhours-bench-")
	if err != nil {
		return nil, nil, fmt.Errorf("make a folder: %w", err)
	}
	if n, err = street.Start(ctx, street.Options{Bin: e.bin, Dir: dir, Cabinets: cabinets}); err != nil {
		return nil, nil, err
	}
	return n, func() error {
		if err := n.Stop(); err != nil {
			return err
		}
		return os.RemoveAll(dir)
	}, nil
}

func parts() []part {
	return []part{
		{"settle", measureSettle},
		{"edge", measureEdge},
		{"disk", measureDisk},
		{"cloud", measureCloud},
		{"pages", measurePages},
		{"fleet", measureFleet},
		{"plan", measurePlans},
		{"coverage", measureCoverage},
		{"web", measureWeb},
	}
}

func main() {
	bin := flag.String("bin", "bin", "folder of the built programs")
	only := flag.String("only", "", "run this part alone: "+strings.Join(partNames(), ", "))
	out := flag.String("out", "", "write one JSON object a line to this file")
	var visits settling
	flag.IntVar(&visits.visits, "visits", 20_000, "settle: so many practice visits")
	flag.StringVar(&visits.seeds, "seeds", "odd", "settle: odd, which are held out, or even, which are for tuning")
	flag.StringVar(&visits.family, "family", "", "settle: this family of visits alone")
	flag.StringVar(&visits.failures, "failures", "", "settle: write the visits that went wrong to this trace file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env := environment{bin: *bin, log: slog.New(slog.NewTextHandler(os.Stderr, nil)), settling: visits}
	if err := run(ctx, env, *only, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, env environment, only, out string) error {
	sink, err := openSink(out)
	if err != nil {
		return err
	}
	defer sink.close()
	known := false
	var failed error
	for _, p := range parts() {
		if only != "" && only != p.name {
			continue
		}
		known = true
		figures, err := p.measure(ctx, env)
		for _, f := range figures {
			f.Part = p.name
			if err := sink.write(f); err != nil {
				return err
			}
		}
		if err != nil {
			failed = fmt.Errorf("part %s: %w", p.name, err)
			fmt.Fprintln(os.Stderr, "bench:", failed)
		}
	}
	if !known {
		return fmt.Errorf("part %q is not known: want one of %s", only, strings.Join(partNames(), ", "))
	}
	return failed
}

func partNames() []string {
	var names []string
	for _, p := range parts() {
		names = append(names, p.name)
	}
	return names
}
