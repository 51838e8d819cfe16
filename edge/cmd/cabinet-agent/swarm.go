package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"allhours/edge/internal/swarm"
	"allhours/protocol/claim"
)

// roomyGC spends memory so that ten thousand cabinets leave the processors to the cloud that is measured.
const roomyGC = 800

// countEvery is how often the swarm tells how it stands.
const countEvery = time.Second

// swarmCommand is many cabinets in one process, for measuring a cloud. It takes what fleetctl enrol --json printed of them.
func swarmCommand(ctx context.Context, args []string, out, errOut io.Writer) error {
	flags := flag.NewFlagSet("swarm", flag.ContinueOnError)
	flags.SetOutput(errOut)
	cloud := flags.String("cloud", "", "the `URL` of the fleet's pages")
	ca := flags.String("ca", "", "PEM `FILE` of the authorities to trust instead of the system's")
	file := flags.String("codes", "", "`FILE` of what fleetctl enrol --json printed, a line of each cabinet")
	rate := flags.Float64("rate", 0, "events a second of all cabinets together, beside those of visits")
	spread := flags.Duration("spread", 10*time.Second, "over which the cabinets connect, before they begin to write")
	drain := flags.Int("drain", 0, "once all are connected, write `N` events in each at once, and end when all are acknowledged")
	batch := flags.Int("batch", 0, "send `N` events in a batch at most")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	if *cloud == "" || *file == "" || *rate < 0 || *spread < 0 || *drain < 0 || *batch < 0 || flags.NArg() > 0 {
		fmt.Fprint(errOut, usage)
		return flag.ErrHelp
	}
	codes, err := readCodes(*file)
	if err != nil {
		return err
	}
	debug.SetGCPercent(roomyGC)
	s, err := swarm.Claim(ctx, swarm.Options{
		Cloud: *cloud, CA: *ca, Codes: codes, Rate: *rate, Batch: *batch, Spread: *spread, Entropy: rand.Reader, Log: newLog(errOut, slog.LevelWarn),
	})
	if err != nil {
		return fmt.Errorf("swarm: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx)
	}()
	defer func() {
		stop()
		<-ended
	}()
	if *drain > 0 {
		return tellDrain(ctx, s, *drain, out)
	}
	return tellCounts(s, ended, out)
}

// drained is what a drain prints.
type drained struct {
	Events  int     `json:"events"`
	Seconds float64 `json:"seconds"`
}

func tellDrain(ctx context.Context, s *swarm.Swarm, events int, out io.Writer) error {
	took, err := s.Drain(ctx, events)
	if err != nil {
		return fmt.Errorf("swarm: drain: %w", err)
	}
	return json.NewEncoder(out).Encode(drained{Events: events * s.Count().Cabinets, Seconds: took.Seconds()})
}

func readCodes(path string) ([]claim.Code, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("codes: %w", err)
	}
	defer file.Close()
	var codes []claim.Code
	for lines := json.NewDecoder(file); ; {
		var printed struct {
			Code string `json:"code"`
		}
		err := lines.Decode(&printed)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("codes: %s: cabinet %d: %w", path, len(codes)+1, err)
		}
		code, err := claim.ParseCode(printed.Code)
		if err != nil {
			return nil, fmt.Errorf("codes: %s: cabinet %d: %w", path, len(codes)+1, err)
		}
		codes = append(codes, code)
	}
	if len(codes) == 0 {
		return nil, fmt.Errorf("codes: %s: no cabinet in it", path)
	}
	return codes, nil
}

func tellCounts(s *swarm.Swarm, ended <-chan struct{}, out io.Writer) error {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	lines := json.NewEncoder(out)
	for {
		select {
		case <-ended:
			return lines.Encode(s.Count())
		case <-tick.C:
			if err := lines.Encode(s.Count()); err != nil {
				return err
			}
		}
	}
}
