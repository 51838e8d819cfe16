package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// measurePlan runs the benchmark that holds the cloud's forecast to a neighbourhood whose demand is known.
func measurePlan(ctx context.Context, env environment) ([]figure, error) {
	program, err := filepath.Abs(filepath.Join(env.bin, "plan.test"))
	if err != nil {
		return nil, err
	}
	said, err := exec.CommandContext(ctx, program, "-test.run", "^$", "-test.bench", "^BenchmarkForecastGap$", "-test.benchtime", "1x", "-test.timeout", "60m").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("measure the forecast: %w\n%s", err, said)
	}
	var figures []figure
	for _, line := range strings.Split(string(said), "\n") {
		if name, v := benchmarkLine(line); name == "BenchmarkForecastGap" {
			figures = append(figures, atLeast("forecast_gap", v["gap"], "", 0.5, fmt.Sprintf(
				"pinball loss at 50 and 90 %%: %.4f; same weekday last week %.4f, four-week mean %.4f, each at its best; oracle %.4f; %.2f against both as they stand; %.0f cases",
				v["model"], v["last-week"], v["four-weeks"], v["oracle"], v["gap-as-they-stand"], v["cases"])))
		}
	}
	if err == nil && len(figures) != 1 {
		err = fmt.Errorf("measure the forecast: want one figure: %s", said)
	}
	return figures, err
}
