package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/street"
	"allhours/protocol/fieldbus/modbus"
)

const (
	pollsSettle  = 3 * time.Second
	pollsWatched = 10 * time.Second
	bitsPerByte  = 10     // 8N1
	builtBaud    = 115200 // of a demo cabinet's line
)

// pollRatio holds the exchanges that an agent makes on a full line to those that the line has time for: both frames, the
// silence after each, and the board's own delay.
func pollRatio(ctx context.Context, env environment, folder string, baud int) (figure, error) {
	before, after, delay, err := runAlone(ctx, env, folder, baud)
	if err != nil {
		return figure{}, fmt.Errorf("poll_ratio at %d: %w", baud, err)
	}
	return ratio(before, after, baud, delay), nil
}

// pollRate is how often the slowest channel is read at the speed that a cabinet is built with.
func pollRate(ctx context.Context, env environment, folder, layout string) (figure, error) {
	_, after, _, err := runAlone(ctx, env, folder, builtBaud)
	if err != nil {
		return figure{}, fmt.Errorf("poll_hz of %s: %w", layout, err)
	}
	return atLeast("poll_hz_"+layout, after.hz, "Hz", 10, fmt.Sprintf("slowest channel at %d baud", builtBaud)), nil
}

// runAlone runs the boards and the agent of one cabinet alone, on a line of a given speed, and looks at the line twice.
func runAlone(ctx context.Context, env environment, folder string, baud int) (before, after line, delay time.Duration, err error) {
	dir, err := os.MkdirTemp("", "allhours-bench-")
	if err != nil {
		return before, after, 0, fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	status, delay, err := alone(folder, dir, baud)
	if err != nil {
		return before, after, 0, err
	}
	boards, err := startProgram(ctx, env, dir, "firmware-sim", "--dir", dir)
	if err != nil {
		return before, after, 0, err
	}
	defer func() { err = errors.Join(err, boards.stop()) }()
	agent, err := startProgram(ctx, env, dir, "cabinet-agent", "run", "--config", filepath.Join(dir, "agent.yaml"))
	if err != nil {
		return before, after, 0, err
	}
	defer func() { err = errors.Join(err, agent.stop()) }()
	if err := pause(ctx, pollsSettle); err != nil {
		return before, after, 0, err
	}
	if before, err = readLine(ctx, status); err != nil {
		return before, after, 0, err
	}
	if err := pause(ctx, pollsWatched); err != nil {
		return before, after, 0, err
	}
	after, err = readLine(ctx, status)
	return before, after, delay, err
}

// line is what an agent's metrics say of its line, and when.
type line struct {
	at                       time.Time
	requests, bytes, badness float64
	hz                       float64
}

func ratio(before, after line, baud int, delay time.Duration) figure {
	elapsed := after.at.Sub(before.at).Seconds()
	requests := after.requests - before.requests
	wire := (after.bytes - before.bytes) * bitsPerByte / float64(baud)
	perExchange := 2*modbus.Silence(baud, bitsPerByte) + delay
	needed := wire + requests*perExchange.Seconds()
	return atLeast(fmt.Sprintf("poll_ratio_%d", baud), needed/elapsed, "", 0.9,
		fmt.Sprintf("%.1f exchanges/s made, %.1f possible; %.0f failed", requests/elapsed, requests/needed, after.badness-before.badness))
}

// alone copies a cabinet's plan and configuration to a folder of its own and another speed, with its metrics shown and
// no broker to talk to.
func alone(from, to string, baud int) (status string, delay time.Duration, err error) {
	ports, err := street.FreePorts(1)
	if err != nil {
		return "", 0, err
	}
	status = "127.0.0.1:" + strconv.Itoa(ports[0])
	config, err := os.ReadFile(filepath.Join(from, "agent.yaml"))
	if err != nil {
		return "", 0, fmt.Errorf("copy the cabinet: %w", err)
	}
	text := strings.ReplaceAll(string(config), from, to)
	text = strings.Replace(text, "baud: "+strconv.Itoa(builtBaud), "baud: "+strconv.Itoa(baud), 1) + "status: \"" + status + "\"\n"
	if err := os.WriteFile(filepath.Join(to, "agent.yaml"), []byte(text), 0o600); err != nil {
		return "", 0, fmt.Errorf("copy the cabinet: %w", err)
	}
	delay, err = copyPlan(filepath.Join(from, "boards.json"), filepath.Join(to, "boards.json"), baud)
	return status, delay, err
}

func copyPlan(from, to string, baud int) (delay time.Duration, err error) {
	text, err := os.ReadFile(from)
	if err != nil {
		return 0, fmt.Errorf("copy the plan: %w", err)
	}
	var plan cabinet.Plan
	if err := json.Unmarshal(text, &plan); err != nil {
		return 0, fmt.Errorf("copy the plan: %w", err)
	}
	plan.Baud = baud
	if text, err = json.Marshal(plan); err != nil {
		return 0, fmt.Errorf("copy the plan: %w", err)
	}
	return plan.Response(), os.WriteFile(to, text, 0o600)
}

// program is one that bench started and will end.
type program struct{ cmd *exec.Cmd }

func startProgram(ctx context.Context, env environment, dir, name string, args ...string) (program, error) {
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		return program{}, fmt.Errorf("start %s: %w", name, err)
	}
	defer log.Close()
	cmd := exec.CommandContext(ctx, filepath.Join(env.bin, name), args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return program{}, fmt.Errorf("start %s: %w", name, err)
	}
	return program{cmd}, nil
}

func (p program) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop %s: %w", p.cmd.Path, err)
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%s ended badly: %w", p.cmd.Path, err)
	}
	return nil
}

func readLine(ctx context.Context, status string) (line, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+status+"/metrics", nil)
	if err != nil {
		return line{}, fmt.Errorf("read the agent's metrics: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return line{}, fmt.Errorf("read the agent's metrics: %w", err)
	}
	defer resp.Body.Close()
	l := line{at: time.Now()}
	into := map[string]*float64{
		"edge_line_requests_total": &l.requests, "edge_line_sent_bytes_total": &l.bytes, "edge_line_received_bytes_total": &l.bytes,
		"edge_line_timeouts_total": &l.badness, "edge_line_spoilt_total": &l.badness, "edge_poll_hz": &l.hz,
	}
	for text := bufio.NewScanner(resp.Body); text.Scan(); {
		series, number, _ := strings.Cut(text.Text(), " ")
		name, _, _ := strings.Cut(series, "{")
		if sum := into[name]; sum != nil {
			value, err := strconv.ParseFloat(number, 64)
			if err != nil {
				return l, fmt.Errorf("metric %s: %w", name, err)
			}
			*sum += value
		}
	}
	if l.requests == 0 {
		return l, errors.New("the agent's metrics show no request on its line")
	}
	return l, nil
}
