// Command cabinet-agent is the agent of one cabinet. It only wires: package agent does the work.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"allhours/edge/agent"
	"allhours/edge/internal/systemd"
)

const usage = `usage:
  cabinet-agent run --config FILE   run the agent of one cabinet until SIGTERM
  cabinet-agent claim CODE --cloud URL [--ca FILE] (--config FILE | --data FOLDER) [--replace]
                                    make this device the cabinet that the code was printed for
  cabinet-agent replay FILE...      answer each visit of recorded traces, one JSON line a visit
  cabinet-agent record --config FILE --out FILE|DIR [--visits N | --visit ID]
                                    copy the traces of the next visits of the running agent, or one that it keeps
  cabinet-agent version             print the version
  cabinet-agent doctor --config FILE [--write] [--json] [--line DEVICE]...
                                    find the boards, say what is wrong, fit FILE to them; while the agent is stopped
  cabinet-agent calibrate --config FILE --platform ID [--zero | --span-g GRAMS | --article SKU --count N] [--json]
                                    set the zero and the span of a scale, step by step or at once; while the agent is stopped
  cabinet-agent swarm --codes FILE --cloud URL [--ca FILE] [--rate N | --drain N] [--batch N] [--spread DURATION]
                                    be many cabinets at once, to measure a cloud; one JSON line a second; boards there are none

Exit codes: 0 fine, 1 it could not be done, 2 wrong use, 3 it was done and something is wrong with the cabinet.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := command(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if errors.Is(err, errUnwell) {
		os.Exit(3)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cabinet-agent:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string, out, errOut io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "run":
			return run(ctx, args[1:], errOut)
		case "claim":
			return claimCabinet(ctx, args[1:], out, errOut)
		case "replay":
			return replay(args[1:], out)
		case "record":
			return record(ctx, args[1:], errOut)
		case "version":
			_, err := fmt.Fprintln(out, version())
			return err
		case "doctor":
			return doctorCommand(ctx, args[1:], out, errOut)
		case "swarm":
			return swarmCommand(ctx, args[1:], out, errOut)
		case "calibrate":
			return calibrateCommand(ctx, args[1:], os.Stdin, out, errOut)
		}
	}
	fmt.Fprint(errOut, usage)
	return flag.ErrHelp
}

func run(ctx context.Context, args []string, errOut io.Writer) error {
	flags := flag.NewFlagSet("run", flag.ContinueOnError)
	flags.SetOutput(errOut)
	file := flags.String("config", "", "the cabinet's `FILE`")
	verbose := flags.Bool("verbose", false, "log what is usually of no interest")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	if *file == "" || flags.NArg() > 0 {
		fmt.Fprint(errOut, usage)
		return flag.ErrHelp
	}
	cfg, err := agent.LoadConfig(*file)
	if err != nil {
		return err
	}
	release, err := hold(cfg.Data)
	if err != nil {
		return err
	}
	defer release()
	level := slog.LevelInfo
	if *verbose {
		level = slog.LevelDebug
	}
	log := newLog(errOut, level).With("cabinet", cfg.Cabinet)
	manager, err := systemd.FromEnvironment(os.Getenv, os.Getpid())
	if err != nil {
		return err
	}
	a, err := agent.New(agent.Options{
		Config: cfg, Version: version(), Log: log, Registry: registry(), Manager: agent.Manager{Tell: manager.Tell, Watchdog: manager.Watchdog},
	})
	if err != nil {
		return err
	}
	log.Info("started", "version", version())
	defer log.Info("stopped")
	return a.Run(ctx)
}

// registry shows the program's own memory and descriptors beside what the agent counts.
func registry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// release is set by the linker where a package is built.
var release string

func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
