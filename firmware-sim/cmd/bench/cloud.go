package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// measureCloud runs the cloud's own benchmarks of what it takes in, which know its tables.
func measureCloud(ctx context.Context, env environment) ([]figure, error) {
	bin, err := filepath.Abs(env.bin)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "ingest.test"), "-test.run", "^$", "-test.bench", "^Benchmark(Ingest|Statement)$", "-test.benchtime", "1x", "-test.timeout", "20m")
	cmd.Env = append(os.Environ(), "AGENT="+filepath.Join(bin, "cabinet-agent"))
	said, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("measure the cloud: %w\n%s", err, said)
	}
	var figures []figure
	for _, line := range strings.Split(string(said), "\n") {
		name, values := benchmarkLine(line)
		if engine, found := strings.CutPrefix(name, "BenchmarkIngest/"); found {
			figures = append(figures, atLeast("ingest_"+engine+"_ratio", values["ratio"], "", 0.5, fmt.Sprintf(
				"%.0f events/s of a bare insert's %.0f; CPU seconds: load %.1f, service with broker %.1f, database %.1f",
				values["events/s"], values["bare/s"], values["load-cpu-s"], values["service-cpu-s"], values["database-cpu-s"])))
		}
		if name == "BenchmarkStatement" {
			figures = append(figures, atMost("statement_door_p99_ms", values["door-ms"], "ms", 100, fmt.Sprintf(
				"what %.0f doors wait for their visit and hold to be written while a statement of 200,000 lines is taken in, for %.0f s; the longest %.0f ms; without it %.1f ms",
				values["doors"], values["import-s"], values["longest-ms"], values["alone-ms"])))
		}
	}
	if err == nil && len(figures) != 3 {
		err = fmt.Errorf("measure the cloud: want a figure of each database, and one of the statement: %s", said)
	}
	return figures, err
}

// benchmarkLine reads a line that go test prints of a benchmark: its name, and each value by its unit.
func benchmarkLine(line string) (name string, values map[string]float64) {
	fields := strings.Fields(line)
	if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
		return "", nil
	}
	name, values = fields[0], map[string]float64{}
	if at := strings.LastIndexByte(name, '-'); at > 0 { // The number of processors.
		name = name[:at]
	}
	for i := 2; i+1 < len(fields); i += 2 {
		if v, err := strconv.ParseFloat(fields[i], 64); err == nil {
			values[fields[i+1]] = v
		}
	}
	return name, values
}
