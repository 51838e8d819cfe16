package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"allhours/firmware-sim/phone"
)

// Patience with a neighbourhood that comes up.
const (
	startupLimit = 60 * time.Second
	askPause     = 100 * time.Millisecond
	askLimit     = 2 * time.Second
)

// stateAway is how the service calls a cabinet that it has not heard from.
const stateAway = "away"

// service asks the fleet's service how its cabinets are.
type service struct {
	base   string
	client *http.Client
}

func newService(port setting) *service {
	return &service{base: "http://" + port.address(), client: &http.Client{Timeout: askLimit}}
}

// states maps cabinets to their states, once the service is well.
func (s *service) states(ctx context.Context) (map[string]string, error) {
	resp, err := s.get(ctx, "/healthz")
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/healthz: %s", resp.Status)
	}
	var fleet struct {
		Cabinets []struct {
			ID    string `json:"id"`
			State string `json:"state"`
		} `json:"cabinets"`
	}
	if err := phone.GetJSON(ctx, s.client, s.base+"/api/v1/cabinets", &fleet); err != nil {
		return nil, err
	}
	states := map[string]string{}
	for _, c := range fleet.Cabinets {
		states[c.ID] = c.State
	}
	return states, nil
}

func (s *service) get(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path, nil)
	if err != nil {
		return nil, err
	}
	return s.client.Do(req)
}

// await returns when every cabinet has been heard from. A cabinet that is there and does not sell, because its door was
// left open when the last run ended, is told in the result.
func (s *service) await(ctx context.Context, cabinets int) (notReady []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, startupLimit)
	defer cancel()
	for {
		states, err := s.states(ctx)
		if err == nil && len(states) >= cabinets {
			notReady = notReady[:0]
			away := false
			for id, state := range states {
				away = away || state == stateAway
				if state != "ready" {
					notReady = append(notReady, id+" is "+state)
				}
			}
			slices.Sort(notReady)
			if !away {
				return notReady, nil
			}
		}
		select {
		case <-time.After(askPause):
		case <-ctx.Done():
			return nil, fmt.Errorf("not all cabinets came up within %v: %v %w", startupLimit, notReady, context.Cause(ctx))
		}
	}
}
