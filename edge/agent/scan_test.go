package agent

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/status"
	"allhours/protocol"
	"allhours/protocol/grant"
)

// codes is a reader before which a test holds codes.
type codes chan string

func (c codes) Next(ctx context.Context) (edge.Scan, error) {
	select {
	case text := <-c:
		return edge.Scan{Text: text, At: time.Now()}, nil
	case <-ctx.Done():
		return edge.Scan{}, ctx.Err()
	}
}

func TestACodeIsCountedAndNeverLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reader := make(codes)
		tn := emptyTown(t)
		tn.readers = []edge.Reader{reader}
		tn.begin()
		var logged bytes.Buffer
		done := make(chan struct{})
		tn.agent.post(func() {
			tn.agent.log = slog.New(slog.NewTextHandler(&logged, nil))
			close(done)
		})
		<-done
		g := tn.cloud.Grant(protocol.VisitID{7})
		g.Challenge = grant.Token{}
		shown := tn.cloud.Sign(g)
		for _, text := range []string{shown, "6901234567892", "AH1.!"} {
			reader <- text
		}
		wait(time.Second)
		pulses := 0
		tn.set(func(c *cabinet) { pulses = c.pulses })
		if n := scans(t, tn.agent); n[status.ScanGrant] != 1 || n[status.ScanOther] != 2 || pulses != 0 {
			t.Errorf("counted %v, pulsed %d times", n, pulses)
		}
		tn.stop()
		if text := logged.String(); strings.Count(text, "a code was shown") != 3 || strings.Contains(text, shown) || strings.Contains(text, "6901234567892") {
			t.Errorf("logged:\n%s", text)
		}
	})
}

// scans is what the metrics count, by kind.
func scans(t *testing.T, a *Agent) map[string]float64 {
	t.Helper()
	families, err := a.opt.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counted := map[string]float64{}
	for _, f := range families {
		if f.GetName() != "edge_scans_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			counted[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
		}
	}
	return counted
}
