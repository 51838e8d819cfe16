package phone

import (
	"context"
	"net/http"
)

// Action is one move of the hands.
type Action struct {
	Do       string `json:"do"` // pull, take, bring, put, shut
	Platform string `json:"platform,omitempty"`
	SKU      string `json:"sku,omitempty"`
	Qty      int    `json:"qty,omitempty"`
	AfterMS  int    `json:"after_ms,omitempty"`
}

// Hands move goods through the control port of the simulated cabinets.
type Hands struct {
	Sim string // base address of the control port
}

// Shop moves them, one action after the other, and comes back when the last is done.
func (h Hands) Shop(ctx context.Context, cabinet string, actions ...Action) error {
	return postJSON(ctx, http.DefaultClient, h.Sim+"/cabinets/"+cabinet+"/shopper", map[string]any{"actions": actions}, nil)
}

// Show holds a code before the cabinet's reader.
func (h Hands) Show(ctx context.Context, cabinet, code string) error {
	return postJSON(ctx, http.DefaultClient, h.Sim+"/cabinets/"+cabinet+"/reader", map[string]any{"reader": 0, "text": code}, nil)
}

// TakeNetwork takes the network of one of the town's cabinets away, or gives it back.
func (h Hands) TakeNetwork(ctx context.Context, cabinet string, off bool) error {
	return postJSON(ctx, http.DefaultClient, h.Sim+"/cabinets/"+cabinet+"/network", map[string]any{"off": off}, nil)
}
