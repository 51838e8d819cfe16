package bustest

import (
	"context"
	"sync"
	"testing"

	"allhours/edge"
	"allhours/edge/internal/bus"
)

// Start runs a line until the test ends.
func Start(t testing.TB, cfg bus.Config, open edge.OpenPort) *bus.Line {
	t.Helper()
	line := bus.New(cfg, open)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { line.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return line
}
