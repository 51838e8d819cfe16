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
	grace        = 8 * time.Second // for a cabinet that is there and does not sell
	askPause     = 100 * time.Millisecond
	askLimit     = 2 * time.Second
)

// How the service calls a cabinet that sells, and one that it has not heard from.
const (
	stateReady = "ready"
	stateAway  = "away"
)

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

// await returns when every cabinet sells. Cabinets that are there and do not sell, because a door was left open when the
// last run ended, do not hold it up for longer than a grace; they are told in the result.
func (s *service) await(ctx context.Context, cabinets int) (notReady []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, startupLimit)
	defer cancel()
	var there time.Time // since when no cabinet is away
	for {
		states, err := s.states(ctx)
		if err == nil && len(states) >= cabinets {
			var away bool
			notReady, away = unready(states)
			switch {
			case len(notReady) == 0:
				return nil, nil
			case away:
				there = time.Time{}
			case there.IsZero():
				there = time.Now()
			case time.Since(there) > grace:
				return notReady, nil
			}
		}
		select {
		case <-time.After(askPause):
		case <-ctx.Done():
			return nil, fmt.Errorf("not all cabinets came up within %v: %v, %v", startupLimit, notReady, err)
		}
	}
}

// unready lists the cabinets that do not sell, and tells whether one of them has not been heard from.
func unready(states map[string]string) (list []string, away bool) {
	for id, state := range states {
		if state != stateReady {
			list = append(list, id+" is "+state)
			away = away || state == stateAway
		}
	}
	slices.Sort(list)
	return list, away
}
