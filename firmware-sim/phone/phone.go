// Package phone is a resident with a phone, as the service's public API sees one. Programs and tests that play residents
// share it; it knows nothing but that API and the control port's address of a simulated cabinet's hands.
package phone

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"time"
)

// Resident is one person with a session at the service, and with hands.
type Resident struct {
	Hands
	service string // base address
	client  *http.Client
}

// SignIn makes a resident of a phone number (E.164) by the code that the demo shows, who agrees to the privacy notice.
func SignIn(ctx context.Context, service, sim, number string) (*Resident, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("cookie jar: %w", err)
	}
	r := &Resident{Hands: Hands{Sim: sim}, service: service, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
	var code struct {
		Demo string `json:"demo_code"`
	}
	if err := r.post(ctx, service+"/api/v1/auth/code", map[string]any{"phone": number}, &code); err != nil {
		return nil, err
	}
	var notice struct {
		Version string `json:"version"`
	}
	if err := GetJSON(ctx, r.client, service+"/api/v1/privacy", &notice); err != nil {
		return nil, err
	}
	return r, r.post(ctx, service+"/api/v1/auth/session", map[string]any{"phone": number, "code": code.Demo, "consent": notice.Version}, nil)
}

// Visit is what the API says of one.
type Visit struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Total int64  `json:"total_fen"`
	Lines []Line `json:"lines"`
	Pass  string `json:"pass"` // the grant, to be shown to the cabinet's reader; empty where it opens without
}

// Line is a number of units of one article.
type Line struct {
	SKU string `json:"sku"`
	Qty int    `json:"qty"`
}

// SameLines reports whether two baskets hold the same goods, in whatever order.
func SameLines(a, b []Line) bool {
	units := map[string]int{}
	for _, l := range a {
		units[l.SKU] += l.Qty
	}
	for _, l := range b {
		units[l.SKU] -= l.Qty
	}
	for _, left := range units {
		if left != 0 {
			return false
		}
	}
	return true
}

// Open asks for the cabinet's door.
func (r *Resident) Open(ctx context.Context, cabinet string) (Visit, error) {
	var v Visit
	err := r.post(ctx, r.service+"/api/v1/visits", map[string]any{"cabinet": cabinet}, &v)
	return v, err
}

// Look reads a visit of this resident.
func (r *Resident) Look(ctx context.Context, id string) (Visit, error) {
	var v Visit
	err := GetJSON(ctx, r.client, r.service+"/api/v1/visits/"+id, &v)
	return v, err
}

// Ended reports whether the visit's state is one that stays, a human's decision aside.
func (v Visit) Ended() bool {
	switch v.State {
	case "charged", "nothing_taken", "review", "owed", "aborted", "waived", "refunded":
		return true
	}
	return false
}

func (r *Resident) post(ctx context.Context, url string, body, into any) error {
	return postJSON(ctx, r.client, url, body, into)
}
