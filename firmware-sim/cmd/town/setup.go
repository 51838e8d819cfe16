package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// The demo's staff. The password is no secret: fleetd --demo binds loopback only.
const (
	managerName     = "manager"
	managerPassword = "lit-window-at-night"
	technicianName  = "technician"
	restockerName   = "restocker"
	ownerName       = "owner"
	supportName     = "support"
	auditorName     = "auditor"
)

// tools runs the administrator's commands, before fleetd has the database.
type tools struct {
	bin      string
	folder   *folder
	brokerCA string
}

func (t tools) program(name string) string { return filepath.Join(t.bin, name) }

// fleetctl runs one command and gives what it printed.
func (t tools) fleetctl(ctx context.Context, stdin string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, t.program("fleetctl"), append([]string{"--data", t.folder.root}, args...)...)
	cmd.Stdin = strings.NewReader(stdin)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("fleetctl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(complaint.String()))
	}
	return out, nil
}

// prepare brings master data, the demo's staff and every cabinet's folder to where the processes can start.
func (t tools) prepare(ctx context.Context, n neighbourhood, net network, history int) error {
	text, err := json.MarshalIndent(n, "", " ")
	if err != nil {
		return fmt.Errorf("neighbourhood: %w", err)
	}
	file := t.folder.path("neighbourhood.json")
	if err := write(file, text); err != nil {
		return fmt.Errorf("neighbourhood: %w", err)
	}
	for _, p := range n.Cabinets {
		if err := t.prepareCabinet(p, n.Articles, net[p.ID].address()); err != nil {
			return fmt.Errorf("cabinet %s: %w", p.ID, err)
		}
	}
	if err := t.remember(ctx, history); err != nil {
		return err
	}
	if _, err := t.fleetctl(ctx, "", "apply", file); err != nil {
		return err
	}
	for name, role := range map[string]string{managerName: "manager", technicianName: "technician", restockerName: "restocker", ownerName: "owner", supportName: "support", auditorName: "auditor"} {
		if _, err := t.fleetctl(ctx, managerPassword, "user", "add", "--name", name, "--role", role, "--password-stdin", "--if-missing"); err != nil {
			return err
		}
	}
	return nil
}

// prepareCabinet writes what its two processes read. What an earlier run left of its goods and its journal stays.
func (t tools) prepareCabinet(p place, articles []article, network string) error {
	plan, err := p.plan(articles)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(plan, "", " ")
	if err != nil {
		return err
	}
	if err := write(t.folder.cabinet(p.ID, "boards.json"), text); err != nil {
		return err
	}
	config, err := agentConfig(t.folder, p, network, t.brokerCA)
	if err != nil {
		return err
	}
	return write(t.folder.cabinet(p.ID, "agent.yaml"), config)
}
