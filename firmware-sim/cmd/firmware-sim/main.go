// Command firmware-sim is one simulated cabinet: its boards on a pty, and a loopback port for hands.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/control"
	"allhours/firmware-sim/line"
)

// Names of files in a cabinet's folder. The address of the control port is written once it listens.
const (
	planFile    = "boards.json"
	shelfFile   = "shelf.json"
	lineFile    = "line" // and its number
	addressFile = "control.addr"
)

func main() {
	dir := flag.String("dir", "", "folder of the cabinet, with its boards.json")
	addr := flag.String("control", "127.0.0.1:0", "loopback address of the control port")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dir, *addr); err != nil {
		fmt.Fprintln(os.Stderr, "firmware-sim:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir, addr string) error {
	plan, err := readPlan(filepath.Join(dir, planFile))
	if err != nil {
		return err
	}
	matter, err := cabinet.Open(plan, filepath.Join(dir, shelfFile))
	if err != nil {
		return err
	}
	wires, err := open(dir, plan, matter)
	if err == nil {
		err = serve(ctx, addr, filepath.Join(dir, addressFile), control.New(ctx, matter, wires).Handler())
	}
	return errors.Join(err, wires.Plug(false))
}

// lines are all lines of the cabinet: what is done to one is done to each.
type lines []*line.PTY

// open makes a pty for each line of the cabinet. With an error there are those that could be made.
func open(dir string, plan cabinet.Plan, matter *cabinet.Kept) (lines, error) {
	var all lines
	for i, boards := range matter.Lines() {
		wire, err := line.OpenPTY(filepath.Join(dir, lineFile+strconv.Itoa(i)), plan.Speed(i), boards)
		if err != nil {
			return all, err
		}
		all = append(all, wire)
	}
	return all, nil
}

// Plug puts the adapters in, or pulls them out.
func (l lines) Plug(in bool) error {
	var wrong error
	for _, wire := range l {
		wrong = errors.Join(wrong, wire.Plug(in))
	}
	return wrong
}

// Disturb replaces the lines' noise.
func (l lines) Disturb(n line.Noise) {
	for _, wire := range l {
		wire.Disturb(n)
	}
}

func readPlan(path string) (cabinet.Plan, error) {
	var plan cabinet.Plan
	text, err := os.ReadFile(path)
	if err != nil {
		return plan, fmt.Errorf("plan of the boards: %w", err)
	}
	if err := json.Unmarshal(text, &plan); err != nil {
		return plan, fmt.Errorf("plan of the boards: %s: %w", path, err)
	}
	return plan, nil
}

// serve listens until ctx ends and lets the shoppers walk away.
func serve(ctx context.Context, addr, addressPath string, h http.Handler) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("control port: %w", err)
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		return errors.Join(fmt.Errorf("control port: %s is not a loopback address", listener.Addr()), listener.Close())
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	if err := announce(addressPath, listener.Addr().String()); err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case err := <-ended:
		return fmt.Errorf("control port: %w", err)
	case <-ctx.Done():
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(closing), os.Remove(addressPath))
}

// announce writes the address in one step, so that nobody reads half of it.
func announce(path, address string) error {
	if err := os.WriteFile(path+".new", []byte(address+"\n"), 0o600); err != nil {
		return fmt.Errorf("announce the control port: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("announce the control port: %w", err)
	}
	return nil
}
