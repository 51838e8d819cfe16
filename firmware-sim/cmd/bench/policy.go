package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// measurePolicy runs the benchmark that holds the cloud's rounds to a practitioner's par levels on fixed days, with the same
// shoppers.
func measurePolicy(ctx context.Context, env environment) ([]figure, error) {
	program, err := filepath.Abs(filepath.Join(env.bin, "plan.test"))
	if err != nil {
		return nil, err
	}
	said, err := exec.CommandContext(ctx, program, "-test.run", "^$", "-test.bench", "^BenchmarkPolicy$", "-test.benchtime", "1x", "-test.timeout", "30m").CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("measure the rounds: %w\n%s", err, said)
	}
	for _, line := range strings.Split(string(said), "\n") {
		if name, v := benchmarkLine(line); name == "BenchmarkPolicy" {
			return policyFigures(v), nil
		}
	}
	return nil, fmt.Errorf("measure the rounds: want a line of figures: %s", said)
}

func policyFigures(v map[string]float64) []figure {
	share := func(what string) float64 { return v["planned-"+what] / v["fixed-"+what] }
	return []figure{
		atMost("night_sold_out_pct", 100*v["planned-bare"], "%", 1, fmt.Sprintf(
			"hours of nights in which a cabinet has nothing of an essential category that it carries, a simulated quarter; the best par levels on fixed days %.2f; of single essential articles %.2f and %.2f",
			100*v["fixed-bare"], 100*v["planned-sold-out"], 100*v["fixed-sold-out"])),
		atMost("round_stops_ratio", share("visits"), "", 1, fmt.Sprintf("stops against those of the par levels, %.0f", v["fixed-visits"])),
		atMost("round_waste_ratio", share("wasted"), "", 1, fmt.Sprintf("units wasted against those of the par levels, %.0f; lost sales %.0f and %.0f, margin net of waste %.2f of theirs",
			v["fixed-wasted"], v["planned-lost"], v["fixed-lost"], share("fen"))),
	}
}
