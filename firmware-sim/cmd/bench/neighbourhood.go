package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// startupLimit is how long a neighbourhood may take until all its cabinets sell.
const startupLimit = 60 * time.Second

// neighbourhood is `make run` on free ports in a folder of its own, without residents.
type neighbourhood struct {
	dir      string
	service  string // base address of the service
	sim      string // base address of the control port
	town     *exec.Cmd
	log      *os.File
	cabinets []string
}

func startNeighbourhood(ctx context.Context, env environment) (*neighbourhood, error) {
	dir, err := os.MkdirTemp("", "allhours-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "town.log"))
	if err != nil {
		return nil, fmt.Errorf("make a log: %w", err)
	}
	n := &neighbourhood{
		dir: dir, log: log,
		service: "http://127.0.0.1:" + strconv.Itoa(ports[0]),
		sim:     "http://127.0.0.1:" + strconv.Itoa(ports[2]),
	}
	n.town = exec.Command(filepath.Join(env.bin, "town"), "-bin", env.bin, "-data", filepath.Join(dir, "run"),
		"-port", strconv.Itoa(ports[0]), "-mqtt-port", strconv.Itoa(ports[1]), "-sim-port", strconv.Itoa(ports[2]), "-shoppers=0")
	n.town.Stdout, n.town.Stderr = log, log
	if err := n.town.Start(); err != nil {
		return nil, fmt.Errorf("start the town: %w", err)
	}
	if err := n.waitUntilAllSell(ctx); err != nil {
		n.stop()
		return nil, fmt.Errorf("%w; its log is %s", err, log.Name())
	}
	return n, nil
}

// stop ends the town and removes its folder; the town ends its own children.
func (n *neighbourhood) stop() error {
	if err := n.town.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the town: %w", err)
	}
	err := n.town.Wait()
	n.log.Close()
	if err != nil {
		return fmt.Errorf("the town ended badly, its log is %s: %w", n.log.Name(), err)
	}
	return os.RemoveAll(n.dir)
}

func (n *neighbourhood) waitUntilAllSell(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startupLimit)
	defer cancel()
	for {
		if n.allSell(ctx) {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("the neighbourhood did not come up in time")
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (n *neighbourhood) allSell(ctx context.Context) bool {
	var fleet struct {
		Cabinets []struct {
			ID    string `json:"id"`
			State string `json:"state"`
		} `json:"cabinets"`
	}
	if err := getJSON(ctx, http.DefaultClient, n.service+"/api/v1/cabinets", &fleet); err != nil || len(fleet.Cabinets) == 0 {
		return false
	}
	n.cabinets = n.cabinets[:0]
	for _, c := range fleet.Cabinets {
		if c.State != "ready" {
			return false
		}
		n.cabinets = append(n.cabinets, c.ID)
	}
	return true
}

// pid reads the process id of one of the town's children.
func (n *neighbourhood) pid(name string) (int, error) {
	text, err := os.ReadFile(filepath.Join(n.dir, "run", name+".pid"))
	if err != nil {
		return 0, fmt.Errorf("process id of %s: %w", name, err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		return 0, fmt.Errorf("process id of %s: %w", name, err)
	}
	return pid, nil
}

func freePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func getJSON(ctx context.Context, client *http.Client, url string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("get %s: %w", url, err)
	}
	return doJSON(client, req, into)
}

func doJSON(client *http.Client, req *http.Request, into any) error {
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", req.Method, req.URL.Path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		var problem struct{ Title, Detail string }
		if err := json.NewDecoder(resp.Body).Decode(&problem); err != nil {
			return fmt.Errorf("%s %s: %s", req.Method, req.URL.Path, resp.Status)
		}
		return fmt.Errorf("%s %s: %s: %s %s", req.Method, req.URL.Path, resp.Status, problem.Title, problem.Detail)
	}
	if into == nil {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("%s %s: %w", req.Method, req.URL.Path, err)
	}
	return nil
}
