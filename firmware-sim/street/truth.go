package street

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"allhours/firmware-sim/phone"
)

// Truth is what the control port knows of a cabinet, and the agent does not.
type Truth struct {
	Platforms []struct {
		ID    string       `json:"id"`
		Goods []phone.Line `json:"goods"`
	} `json:"platforms"`
	Openings []struct {
		PulsedAt int64 `json:"pulsed_at_us"` // UTC microseconds, when the board had the whole command
	} `json:"openings"`
}

// Truth asks the control port.
func (n *Neighbourhood) Truth(ctx context.Context, cabinet string) (Truth, error) {
	var t Truth
	err := phone.GetJSON(ctx, http.DefaultClient, n.Sim+"/cabinets/"+cabinet+"/truth", &t)
	return t, err
}

// Layouts says of each cabinet whether it has shelves or lanes.
func (n *Neighbourhood) Layouts(ctx context.Context) (map[string]string, error) {
	var list []struct {
		ID     string `json:"id"`
		Layout string `json:"layout"`
	}
	if err := phone.GetJSON(ctx, http.DefaultClient, n.Sim+"/cabinets", &list); err != nil {
		return nil, err
	}
	layouts := map[string]string{}
	for _, c := range list {
		layouts[c.ID] = c.Layout
	}
	return layouts, nil
}

// Fullest names the article with the most units, so that a long run does not empty a lane.
func (t Truth) Fullest() (platform, sku string) { return t.FullestBut("") }

// FullestBut is Fullest without one article.
func (t Truth) FullestBut(other string) (platform, sku string) {
	most := 0
	for _, p := range t.Platforms {
		for _, g := range p.Goods {
			if g.Qty > most && g.SKU != other {
				most, platform, sku = g.Qty, p.ID, g.SKU
			}
		}
	}
	return platform, sku
}

// LastPulse is when the lock was last told to release.
func (t Truth) LastPulse() (time.Time, error) {
	if len(t.Openings) == 0 {
		return time.Time{}, fmt.Errorf("no opening yet")
	}
	return time.UnixMicro(t.Openings[len(t.Openings)-1].PulsedAt), nil
}

// Taken is what left a cabinet between two looks, sorted by article.
func Taken(before, after Truth) []phone.Line {
	units := map[string]int{}
	count := func(t Truth, sign int) {
		for _, p := range t.Platforms {
			for _, g := range p.Goods {
				units[g.SKU] += sign * g.Qty
			}
		}
	}
	count(before, 1)
	count(after, -1)
	var taken []phone.Line
	for sku, qty := range units {
		if qty != 0 {
			taken = append(taken, phone.Line{SKU: sku, Qty: qty})
		}
	}
	slices.SortFunc(taken, func(a, b phone.Line) int { return strings.Compare(a.SKU, b.SKU) })
	return taken
}
