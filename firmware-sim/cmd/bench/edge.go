package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"allhours/firmware-sim/street"
)

const (
	agentSettles  = 5 * time.Second  // what an agent does once, at its start, is not its appetite
	agentWatched  = 30 * time.Second // long enough that clock ticks of 10 ms are 0.03 % of a core
	clockTicksHz  = 100              // USER_HZ on every Linux that Go runs on
	statPageBytes = 4096
)

func measureEdge(ctx context.Context, env environment) (figures []figure, err error) {
	n, stop, err := env.neighbourhood(ctx, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	byLayout, err := oneOfEach(ctx, n)
	if err != nil {
		return nil, err
	}
	pid, err := n.PID("agent-" + byLayout["lanes"])
	if err != nil {
		return nil, err
	}
	if figures, err = appetite(ctx, pid); err != nil {
		return figures, err
	}
	polls, err := pollFigures(ctx, env, n, byLayout)
	return append(figures, polls...), err
}

func pollFigures(ctx context.Context, env environment, n *street.Neighbourhood, byLayout map[string]string) ([]figure, error) {
	var figures []figure
	for _, layout := range []string{"lanes", "shelves"} {
		f, err := pollRate(ctx, env, n.Folder(byLayout[layout]), layout)
		if err != nil {
			return figures, err
		}
		figures = append(figures, f)
	}
	for _, baud := range []int{9600, 19200} {
		f, err := pollRatio(ctx, env, n.Folder(byLayout["lanes"]), baud)
		if err != nil {
			return figures, err
		}
		figures = append(figures, f)
	}
	return figures, nil
}

// oneOfEach finds a cabinet of 24 lanes and one of five shelves.
func oneOfEach(ctx context.Context, n *street.Neighbourhood) (map[string]string, error) {
	layouts, err := n.Layouts(ctx)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for cabinet, layout := range layouts {
		found[layout] = cabinet
	}
	if found["lanes"] == "" || found["shelves"] == "" {
		return nil, fmt.Errorf("want a cabinet with lanes and one with shelves, have %v", layouts)
	}
	return found, nil
}

// appetite is the memory and the share of a core that an agent takes while it polls 24 channels and nobody shops.
func appetite(ctx context.Context, pid int) ([]figure, error) {
	if err := pause(ctx, agentSettles); err != nil {
		return nil, err
	}
	before, err := readStat(pid)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := pause(ctx, agentWatched); err != nil {
		return nil, err
	}
	after, err := readStat(pid)
	if err != nil {
		return nil, err
	}
	share := (after.cpu - before.cpu).Seconds() / time.Since(began).Seconds() * 100
	over := fmt.Sprintf("24 channels, %s, idle door", agentWatched)
	return []figure{
		atMost("agent_rss_mb", float64(after.rss)/(1<<20), "MB", 40, over),
		atMost("agent_cpu_pct", share, "%", 3, over),
	}, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// stat is what the kernel says of a process (proc(5), /proc/pid/stat, fields 14, 15 and 24).
type stat struct {
	cpu time.Duration
	rss int64 // bytes
}

func readStat(pid int) (stat, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, fmt.Errorf("look at process %d: %w", pid, err)
	}
	// The second field is the program's name in brackets and may hold blanks.
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 22 {
		return stat{}, fmt.Errorf("look at process %d: %d fields, want 22 at least", pid, len(fields))
	}
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return stat{}, fmt.Errorf("look at process %d: %w", pid, err)
		}
		ticks += n
	}
	pages, err := strconv.ParseInt(fields[21], 10, 64)
	if err != nil {
		return stat{}, fmt.Errorf("look at process %d: %w", pid, err)
	}
	return stat{cpu: time.Duration(ticks) * time.Second / clockTicksHz, rss: pages * statPageBytes}, nil
}
