package agent

import (
	"context"

	"allhours/edge"
	"allhours/protocol/grant"
)

// Kinds of codes, as they are counted.
const (
	scanGrant = "grant"
	scanOther = "other"
)

// readCodes hands each code that is held before a reader to the loop, until ctx ends.
func (a *Agent) readCodes(ctx context.Context, r edge.Reader) {
	for {
		scan, err := r.Next(ctx)
		if err != nil {
			return
		}
		a.post(func() { a.scanned(scan) })
	}
}

// scanned takes a code in the loop: this is where a grant that was shown to the cabinet comes in. It is counted by its form
// and opens nothing. What it says is a permission, so it goes into no log.
func (a *Agent) scanned(s edge.Scan) {
	kind := scanGrant
	if _, err := grant.FromText(s.Text); err != nil {
		kind = scanOther
	}
	a.metrics.Scans.WithLabelValues(kind).Inc()
	a.log.Info("a code was shown", "kind", kind, "characters", len(s.Text))
}
