package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// pageTimes are what the requests for one kind of page took.
type pageTimes struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
	CPU float64 `json:"cpu_ms"`
}

// measurePages asks for every page over a database of months, and of ten thousand cabinets; PAGES_EVENTS makes the first as large
// as is asked, in the folder PAGES_DATA.
func measurePages(ctx context.Context, env environment) (figures []figure, err error) {
	for _, shape := range []struct{ name, events, wide string }{
		{"page_p99_ms", "600000", ""}, {"page_wide_p99_ms", "1500000", "1"},
	} {
		given := []string{"PAGES_REQUESTS=50", "PAGES_WIDE=" + shape.wide}
		if events := os.Getenv("PAGES_EVENTS"); events != "" && shape.wide == "" {
			shape.events = events
		}
		if shape.wide != "" {
			given = append(given, "PAGES_DATA=")
		}
		times, err := timePages(ctx, env, append(given, "PAGES_EVENTS="+shape.events))
		if err != nil {
			return figures, err
		}
		figures = append(figures, slowestPage(shape.name, shape.events, times))
	}
	return figures, nil
}

func timePages(ctx context.Context, env environment, given []string) (times map[string]pageTimes, err error) {
	bin, err := filepath.Abs(env.bin)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "allhours-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "times.json")
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "ingest.test"), "-test.run", "^TestPagesOverACrowd$", "-test.timeout", "3h")
	cmd.Env = append(append(os.Environ(), given...), "PAGES_OUT="+out)
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("measure the pages: %w\n%s", err, said)
	}
	raw, err := os.ReadFile(out)
	if err != nil {
		return nil, fmt.Errorf("measure the pages: %w", err)
	}
	return times, json.Unmarshal(raw, &times)
}

// slowestPage is the page that nobody waits longer for than for any other, at its 99th percentile.
func slowestPage(name, events string, times map[string]pageTimes) figure {
	var slowest, hungry string
	for page, t := range times {
		if slowest == "" || t.P99 > times[slowest].P99 {
			slowest = page
		}
		if hungry == "" || t.CPU > times[hungry].CPU {
			hungry = page
		}
	}
	return atMost(name, times[slowest].P99, "ms", 100, fmt.Sprintf("%s of %d pages, %s events stored; its median %.1f ms; the most CPU takes %s, %.1f ms",
		slowest, len(times), events, times[slowest].P50, hungry, times[hungry].CPU))
}
