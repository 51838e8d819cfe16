package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// measureCoverage runs the benchmark of the rules of coverage, which are the cloud's own.
func measureCoverage(ctx context.Context, env environment) ([]figure, error) {
	bin, err := filepath.Abs(env.bin)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "coverage.test"), "-test.run", "^$", "-test.bench", "^(BenchmarkYear|BenchmarkEvent)$", "-test.benchtime", "1x", "-test.timeout", "20m")
	said, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("measure coverage: %w\n%s", err, said)
	}
	var figures []figure
	for _, line := range strings.Split(string(said), "\n") {
		switch name, values := benchmarkLine(line); name {
		case "BenchmarkYear":
			figures = append(figures, atMost("year_s", values["year-s"], "s", 2, fmt.Sprintf(
				"300 cabinets around 100 stores, %.0f facts; ordering and reading the same facts alone: %.2f s", values["facts"], values["bare-s"])))
		case "BenchmarkEvent":
			figures = append(figures, atMost("event_ms", values["slowest-ms"], "ms", 10, fmt.Sprintf(
				"slowest of 200 facts up to 60 days late in a year of a store, mean %.3f ms; the whole year again: %.1f ms", values["mean-ms"], values["whole-ms"])))
		}
	}
	if len(figures) != 2 {
		err = fmt.Errorf("measure coverage: want two figures: %s", said)
	}
	return figures, err
}
