package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"allhours/firmware-sim/street"
)

// count is what the swarm prints every second.
type count struct {
	Cabinets  int    `json:"cabinets"`
	Connected int    `json:"connected"`
	Ready     int    `json:"ready"`
	Written   uint64 `json:"written"`
	Acked     uint64 `json:"acked"`
}

// swarm is a process of many cabinets.
type swarm struct {
	cabinets []string
	cmd      *exec.Cmd
	said     bytes.Buffer // what it complained of

	mu   sync.Mutex
	last count
	news chan struct{}
}

// enrolSwarm plans so many cabinets, each as one of the neighbourhood, around stores of their own, and gives the file of their codes.
func enrolSwarm(ctx context.Context, bin string, n *street.Neighbourhood, many int) (codes string, cabinets []string, err error) {
	plan, cabinets, err := swarmPlan(filepath.Join(n.Data(), "neighbourhood.json"), many)
	if err != nil {
		return "", nil, err
	}
	if _, err := tool(ctx, bin, n.Data(), bytes.NewReader(plan), "apply", "-"); err != nil {
		return "", nil, err
	}
	printed, err := tool(ctx, bin, n.Data(), nil, append([]string{"enrol", "--json"}, cabinets...)...)
	if err != nil {
		return "", nil, err
	}
	codes = filepath.Join(n.Data(), "swarm.codes")
	return codes, cabinets, os.WriteFile(codes, printed, 0o600)
}

func swarmPlan(from string, many int) (plan []byte, cabinets []string, err error) {
	text, err := os.ReadFile(from)
	if err != nil {
		return nil, nil, fmt.Errorf("plan of the swarm: %w", err)
	}
	var all map[string]json.RawMessage
	var known, stores []map[string]any
	if err = json.Unmarshal(text, &all); err == nil {
		err = errors.Join(json.Unmarshal(all["cabinets"], &known), json.Unmarshal(all["stores"], &stores))
	}
	if err != nil || len(known) == 0 || len(stores) == 0 {
		return nil, nil, fmt.Errorf("plan of the swarm: %s: %d cabinets, %d stores, %w", from, len(known), len(stores), err)
	}
	planned := make([]map[string]any, many)
	for i := range many {
		store, id := fmt.Sprintf("sw-%03d", i/aroundStore+1), fmt.Sprintf("sw-%05d", i+1)
		if i%aroundStore == 0 {
			stores = append(stores, like(stores[0], map[string]any{"id": store}))
		}
		planned[i] = like(known[i%len(known)], map[string]any{"id": id, "number": 1 + i%aroundStore, "store": store})
		cabinets = append(cabinets, id)
	}
	if all["cabinets"], err = json.Marshal(planned); err != nil {
		return nil, nil, err
	}
	if all["stores"], err = json.Marshal(stores); err != nil {
		return nil, nil, err
	}
	plan, err = json.Marshal(all)
	return plan, cabinets, err
}

// aroundStore is how many cabinets of the swarm stand around one store.
const aroundStore = 25

// like is a copy with something else in it.
func like(one, otherwise map[string]any) map[string]any {
	other := maps.Clone(one)
	maps.Copy(other, otherwise)
	return other
}

// tool runs fleetctl beside the service, and gives what it prints.
func tool(ctx context.Context, bin, data string, in io.Reader, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "fleetctl"), append([]string{"--data", data}, args...)...)
	var complaint bytes.Buffer
	cmd.Stdin, cmd.Stderr = in, &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("fleetctl %s: %w: %.500s", args[0], err, complaint.String())
	}
	return out, nil
}

// startSwarm starts one whose cabinets connect by and by, and then begin to write.
func startSwarm(bin string, n *street.Neighbourhood, codes string, cabinets []string, rate int) (*swarm, error) {
	s := &swarm{cabinets: cabinets, news: make(chan struct{}, 1)}
	s.cmd = exec.Command("nice", "-n", strconv.Itoa(niceSwarm), filepath.Join(bin, "cabinet-agent"), "swarm", "--codes", codes, "--cloud", n.Service,
		"--rate", fmt.Sprint(rate), "--spread", "90s")
	s.cmd.Stderr = &s.said
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the swarm: %w", err)
	}
	go s.read(out)
	return s, nil
}

func (s *swarm) read(out io.Reader) {
	defer close(s.news)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var c count
		if json.Unmarshal(lines.Bytes(), &c) != nil {
			continue
		}
		s.mu.Lock()
		s.last = c
		s.mu.Unlock()
		select {
		case s.news <- struct{}{}:
		default:
		}
	}
}

func (s *swarm) now() count {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// until waits for what the swarm prints.
func (s *swarm) until(ctx context.Context, limit time.Duration, what string, done func(count) bool) (count, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		select {
		case _, more := <-s.news:
			if c := s.now(); done(c) {
				return c, nil
			}
			if !more {
				return s.now(), fmt.Errorf("the swarm ended: %.500s", s.said.String())
			}
		case <-ctx.Done():
			return s.now(), fmt.Errorf("waited in vain until %s: %+v", what, s.now())
		}
	}
}

// stop ends the swarm. One that ended by itself ended badly.
func (s *swarm) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the swarm: %w: %.500s", err, s.said.String())
	}
	return s.cmd.Wait()
}
