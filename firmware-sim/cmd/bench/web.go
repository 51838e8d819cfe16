package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// measureWeb asks for the page of a chain of ten thousand cabinets, from outside and with a browser.
func measureWeb(ctx context.Context, env environment) ([]figure, error) {
	bin, err := filepath.Abs(env.bin)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "ingest.test"), "-test.run", "^$", "-test.bench", "^BenchmarkDashboard$", "-test.benchtime", "1x", "-test.timeout", "30m")
	said, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("measure the dashboard: %w\n%s", err, said)
	}
	for _, line := range strings.Split(string(said), "\n") {
		name, values := benchmarkLine(line)
		if name != "BenchmarkDashboard" {
			continue
		}
		return []figure{
			atMost("dashboard_ms", values["first-ms"], "ms", 100, fmt.Sprintf(
				"first byte at the 99th percentile, each drawn anew; 10,000 cabinets, 400 stores; median %.1f ms, a store's page %.1f ms", values["median-ms"], values["store-ms"])),
			atMost("dashboard_interactive_ms", values["interactive-ms"], "ms", 1000, "headless Chromium with an empty cache, until scripts have run and no long task is left; median of 5"),
			atMost("dashboard_kB", values["kB"], "kB", 300, "the page, its styles and scripts, nothing compressed"),
		}, nil
	}
	return nil, fmt.Errorf("measure the dashboard: %s", said)
}
