package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"time"
)

// resident is one person with a phone: a client with a session, and hands at the control port.
type resident struct {
	at     *neighbourhood
	client *http.Client
}

func (n *neighbourhood) newResident(ctx context.Context, number int) (*resident, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("cookie jar: %w", err)
	}
	r := &resident{at: n, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
	phone := fmt.Sprintf("+86139%08d", number)
	var code struct {
		Demo string `json:"demo_code"`
	}
	if err := r.post(ctx, n.service+"/api/v1/auth/code", map[string]any{"phone": phone}, &code); err != nil {
		return nil, err
	}
	return r, r.post(ctx, n.service+"/api/v1/auth/session", map[string]any{"phone": phone, "code": code.Demo}, nil)
}

// visitView is what the API says of a visit.
type visitView struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Total int64  `json:"total_fen"`
	Lines []struct {
		SKU string `json:"sku"`
		Qty int    `json:"qty"`
	} `json:"lines"`
}

func (r *resident) open(ctx context.Context, cabinet string) (visitView, error) {
	var v visitView
	err := r.post(ctx, r.at.service+"/api/v1/visits", map[string]any{"cabinet": cabinet}, &v)
	return v, err
}

var ended = map[string]bool{
	"charged": true, "nothing_taken": true, "review": true, "owed": true, "aborted": true, "waived": true,
}

// receipt asks until the visit has ended, every 5 ms, which is also how far the figure may be off.
func (r *resident) receipt(ctx context.Context, id string) (visitView, error) {
	for {
		var v visitView
		if err := getJSON(ctx, r.client, r.at.service+"/api/v1/visits/"+id, &v); err != nil {
			return v, err
		}
		if ended[v.State] {
			return v, nil
		}
		select {
		case <-ctx.Done():
			return v, fmt.Errorf("visit %s is still %s: %w", id, v.State, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// action is one move at the control port.
type action struct {
	Do       string `json:"do"`
	Platform string `json:"platform,omitempty"`
	SKU      string `json:"sku,omitempty"`
	Qty      int    `json:"qty,omitempty"`
	AfterMS  int    `json:"after_ms,omitempty"`
}

func (r *resident) shop(ctx context.Context, cabinet string, actions ...action) error {
	return r.post(ctx, r.at.sim+"/cabinets/"+cabinet+"/shopper", map[string]any{"actions": actions}, nil)
}

func (r *resident) post(ctx context.Context, url string, body, into any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("post %s: %w", url, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("post %s: %w", url, err)
	}
	req.Header.Set("Content-Type", "application/json")
	return doJSON(r.client, req, into)
}
