package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// measurePlans measures how long plans take, how good the rounds are, and the forecast that they stand on.
func measurePlans(ctx context.Context, env environment) ([]figure, error) {
	figures, err := measureRestock(ctx, env)
	rounds, failed := measurePolicy(ctx, env)
	forecast, vain := measurePlan(ctx, env)
	return slices.Concat(figures, rounds, forecast), errors.Join(err, failed, vain)
}

// measureRestock runs the benchmarks that forecast and plan a fleet whose model has learned already.
func measureRestock(ctx context.Context, env environment) ([]figure, error) {
	program, err := filepath.Abs(filepath.Join(env.bin, "restock.test"))
	if err != nil {
		return nil, err
	}
	said, err := exec.CommandContext(ctx, program, "-test.run", "^$", "-test.bench", "^BenchmarkPlan(300|10000)$", "-test.benchtime", "3x", "-test.timeout", "20m").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("measure the restock plan: %w\n%s", err, said)
	}
	reach := map[string]float64{"300": 2, "10000": 60}
	var figures []figure
	for _, line := range strings.Split(string(said), "\n") {
		name, v := benchmarkLine(line)
		cabinets, _ := strings.CutPrefix(name, "BenchmarkPlan")
		if limit, known := reach[cabinets]; known {
			figures = append(figures, atMost("plan_"+cabinets+"_s", v["s/plan"], "s", limit, fmt.Sprintf(
				"forecasts and plans of %s cabinets with 30 articles each, drawn sales, on one core; %.1f µs an article; %.0f cabinets visited", cabinets, v["us/lane"], v["visited"])))
		}
	}
	if err == nil && len(figures) != len(reach) {
		err = fmt.Errorf("measure the restock plan: want %d figures: %s", len(reach), said)
	}
	return figures, err
}
