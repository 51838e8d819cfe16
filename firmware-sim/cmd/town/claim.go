package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"allhours/protocol"
)

// claimed makes each agent's folder a cabinet, as a technician does: with a code of the fleet. One that was claimed in an
// earlier run stays as it is.
func (h *household) claimed(ctx context.Context) error {
	s := newService(h.opts.port)
	for _, p := range h.town.Cabinets {
		_, err := os.Stat(h.tools.folder.cabinet(p.ID, "agent", "credentials.yaml"))
		if errors.Is(err, os.ErrNotExist) {
			if err = s.awaitHealth(ctx); err == nil {
				err = h.tools.claim(ctx, p.ID, s.base)
			}
		}
		if err != nil {
			return fmt.Errorf("cabinet %s: %w", p.ID, err)
		}
	}
	return nil
}

// claim prints a code and types it at the cabinet.
func (t tools) claim(ctx context.Context, id protocol.CabinetID, cloud string) error {
	text, err := t.fleetctl(ctx, "", "enrol", "--json", string(id))
	if err != nil {
		return err
	}
	var enrolled struct {
		Code string `json:"code"`
	}
	if err := json.Unmarshal(text, &enrolled); err != nil {
		return fmt.Errorf("fleetctl enrol: %w", err)
	}
	cmd := exec.CommandContext(ctx, t.program("cabinet-agent"), "claim", enrolled.Code, "--cloud", cloud, "--config", t.folder.cabinet(id, "agent.yaml"))
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("cabinet-agent claim: %w: %s", err, strings.TrimSpace(complaint.String()))
	}
	return nil
}

// awaitHealth returns when the service answers.
func (s *service) awaitHealth(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startupLimit)
	defer cancel()
	for {
		resp, err := s.get(ctx, "/healthz")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
			err = errors.New(resp.Status)
		}
		select {
		case <-time.After(askPause):
		case <-ctx.Done():
			return fmt.Errorf("the service did not come up within %v: %w", startupLimit, err)
		}
	}
}
