package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"allhours/protocol"
)

// The demo's staff. The password is no secret: fleetd --demo binds loopback only.
const (
	managerName     = "manager"
	managerPassword = "lit-window-at-night"
	technicianName  = "technician"
)

// tools runs the administrator's commands, before fleetd has the database.
type tools struct {
	bin    string
	folder *folder
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
func (t tools) prepare(ctx context.Context, n neighbourhood, net network) error {
	text, err := json.MarshalIndent(n, "", " ")
	if err != nil {
		return fmt.Errorf("neighbourhood: %w", err)
	}
	file := t.folder.path("neighbourhood.json")
	if err := write(file, text); err != nil {
		return fmt.Errorf("neighbourhood: %w", err)
	}
	if _, err := t.fleetctl(ctx, "", "apply", file); err != nil {
		return err
	}
	for name, role := range map[string]string{managerName: "manager", technicianName: "technician"} {
		if _, err := t.fleetctl(ctx, managerPassword, "user", "add", "--name", name, "--role", role, "--password-stdin", "--if-missing"); err != nil {
			return err
		}
	}
	for _, p := range n.Cabinets {
		if err := t.prepareCabinet(ctx, p, n.Articles, net[p.ID].address()); err != nil {
			return fmt.Errorf("cabinet %s: %w", p.ID, err)
		}
	}
	return nil
}

// prepareCabinet writes what its two processes read. What an earlier run left of its goods and its journal stays.
func (t tools) prepareCabinet(ctx context.Context, p place, articles []article, network string) error {
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
	papers, err := t.enrolled(ctx, p.ID)
	if err != nil {
		return err
	}
	config, err := agentConfig(t.folder, p, papers, network)
	if err != nil {
		return err
	}
	return write(t.folder.cabinet(p.ID, "agent.yaml"), config)
}

// enrolment is what fleetctl enrol prints.
type enrolment struct {
	Cabinet      protocol.CabinetID `json:"cabinet"`
	Shard        int                `json:"shard"`
	MQTTUser     string             `json:"mqtt_user"`
	MQTTPassword string             `json:"mqtt_password"`
	Keys         []key              `json:"keys"`
}

type key struct {
	ID     int    `json:"id" yaml:"id"`
	Public string `json:"public" yaml:"public"` // base64
}

// enrolled reads the cabinet's papers, or enrols it where there are none yet: enrolling again would void its password.
func (t tools) enrolled(ctx context.Context, id protocol.CabinetID) (enrolment, error) {
	var papers enrolment
	file := t.folder.cabinet(id, "enrolment.json")
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		if text, err = t.fleetctl(ctx, "", "enrol", "--json", string(id)); err == nil {
			err = write(file, text)
		}
	}
	if err != nil {
		return papers, fmt.Errorf("enrol: %w", err)
	}
	if err := json.Unmarshal(text, &papers); err != nil {
		return papers, fmt.Errorf("enrol: %s: %w", file, err)
	}
	if papers.Cabinet != id || papers.MQTTUser == "" || len(papers.Keys) == 0 {
		return papers, fmt.Errorf("enrol: %s is not an enrolment of %s", file, id)
	}
	return papers, nil
}
