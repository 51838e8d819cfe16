// Package street starts a neighbourhood of the built programs on free ports, for the bench and for the tests of the whole.
package street

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"syscall"
	"time"

	"allhours/firmware-sim/phone"
)

// startupLimit is how long a neighbourhood may take until all its cabinets sell.
const startupLimit = 60 * time.Second

// Neighbourhood is `make run` on free ports, without residents.
type Neighbourhood struct {
	Service  string   // base address of the service
	Sim      string   // base address of the control port
	Broker   string   // host:port of the broker
	Cabinets []string // their ids

	data string
	town *exec.Cmd
	log  *os.File
}

// Options say what is brought up; Cabinets and BrokerCA may be zero.
type Options struct {
	Bin      string // folder of the built programs
	Dir      string // the data is kept there, and the log beside it
	Cabinets int    // the first so many of the neighbourhood's; 0: all
	BrokerCA string // PEM file of the authority of a broker that the caller keeps at Neighbourhood.Broker, over TLS; else there is one inside
}

// Start brings one up and comes back when all of its cabinets sell. A second Start on the same folder goes on from there.
func Start(ctx context.Context, o Options) (*Neighbourhood, error) {
	n, err := Launch(o)
	if err != nil {
		return nil, err
	}
	if err := n.WaitUntilAllSell(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%w; its log is %s", err, n.log.Name()), n.Stop())
	}
	return n, nil
}

// Launch is Start without waiting.
func Launch(o Options) (*Neighbourhood, error) {
	ports, err := FreePorts(3)
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(o.Dir, "town.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the town's log: %w", err)
	}
	n := &Neighbourhood{
		Service: "http://127.0.0.1:" + strconv.Itoa(ports[0]),
		Sim:     "http://127.0.0.1:" + strconv.Itoa(ports[2]),
		Broker:  "127.0.0.1:" + strconv.Itoa(ports[1]),
		data:    filepath.Join(o.Dir, "run"),
		log:     log,
	}
	n.town = exec.Command(filepath.Join(o.Bin, "town"), "-bin", o.Bin, "-data", n.data, "-broker-ca", o.BrokerCA, "-cabinets", strconv.Itoa(o.Cabinets),
		"-port", strconv.Itoa(ports[0]), "-mqtt-port", strconv.Itoa(ports[1]), "-sim-port", strconv.Itoa(ports[2]), "-shoppers=0")
	if o.BrokerCA != "" {
		n.town.Env = append(os.Environ(), "MQTT_URL=tls://"+n.Broker)
	}
	n.town.Stdout, n.town.Stderr = log, log
	if err := n.town.Start(); err != nil {
		return nil, fmt.Errorf("start the town: %w", err)
	}
	return n, nil
}

// Stop ends the town, which ends its own children, and waits for it. Stopping again does nothing.
func (n *Neighbourhood) Stop() error {
	if n.town.ProcessState != nil {
		return nil
	}
	if err := n.town.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the town: %w", err)
	}
	err := n.town.Wait()
	n.log.Close()
	if err != nil {
		return fmt.Errorf("the town ended badly, its log is %s: %w", n.log.Name(), err)
	}
	return nil
}

// WaitUntilAllSell comes back when every cabinet is ready.
func (n *Neighbourhood) WaitUntilAllSell(ctx context.Context) error {
	return n.waitFor(ctx, "all cabinets sell", func(states map[string]string) bool {
		n.Cabinets = n.Cabinets[:0]
		for id, state := range states {
			if state != "ready" {
				return false
			}
			n.Cabinets = append(n.Cabinets, id)
		}
		slices.Sort(n.Cabinets)
		return len(n.Cabinets) > 0
	})
}

// WaitUntilSells comes back when one cabinet is ready.
func (n *Neighbourhood) WaitUntilSells(ctx context.Context, cabinet string) error {
	return n.waitFor(ctx, cabinet+" sells", func(states map[string]string) bool { return states[cabinet] == "ready" })
}

func (n *Neighbourhood) waitFor(ctx context.Context, what string, done func(states map[string]string) bool) error {
	ctx, cancel := context.WithTimeout(ctx, startupLimit)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		states, err := n.states(ctx)
		if err == nil && done(states) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain until %s, states %v, %v", what, states, err)
		case <-tick.C:
		}
	}
}

func (n *Neighbourhood) states(ctx context.Context) (map[string]string, error) {
	var fleet struct {
		Cabinets []struct {
			ID    string `json:"id"`
			State string `json:"state"`
		} `json:"cabinets"`
	}
	if err := phone.GetJSON(ctx, http.DefaultClient, n.Service+"/api/v1/cabinets", &fleet); err != nil {
		return nil, err
	}
	states := map[string]string{}
	for _, c := range fleet.Cabinets {
		states[c.ID] = c.State
	}
	return states, nil
}

// Data is where the service keeps everything.
func (n *Neighbourhood) Data() string { return n.data }

// WaitUntilRuns comes back when one of the town's children has been started.
func (n *Neighbourhood) WaitUntilRuns(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, startupLimit)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := n.PID(name)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain until %s runs: %w", name, err)
		case <-tick.C:
		}
	}
}

// Folder is where a cabinet keeps its plan, its configuration and its data.
func (n *Neighbourhood) Folder(cabinet string) string {
	return filepath.Join(n.data, "cabinets", cabinet)
}

var managerLine = regexp.MustCompile(`Name (\S+), password (\S+)`)

// Manager is how the town's own words say that the manager signs in.
func (n *Neighbourhood) Manager() (name, password string, err error) {
	text, err := os.ReadFile(n.log.Name())
	if err != nil {
		return "", "", fmt.Errorf("read the town's log: %w", err)
	}
	found := managerLine.FindSubmatch(text)
	if found == nil {
		return "", "", fmt.Errorf("%s does not say how the manager signs in", n.log.Name())
	}
	return string(found[1]), string(found[2]), nil
}

// PID reads the process id of one of the town's children: fleetd, agent-<cabinet> or sim-<cabinet>.
func (n *Neighbourhood) PID(name string) (int, error) {
	text, err := os.ReadFile(filepath.Join(n.data, name+".pid"))
	if err != nil {
		return 0, fmt.Errorf("process id of %s: %w", name, err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		return 0, fmt.Errorf("process id of %s: %w", name, err)
	}
	return pid, nil
}

// FreePorts finds n ports of the loopback that nobody listens on right now.
func FreePorts(n int) ([]int, error) {
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
