package agent

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// air is a controller with two probes, the second in the evaporator.
type air struct {
	mu     sync.Mutex
	shelf  edge.Temperature
	silent bool
}

func (a *air) Probes() int { return 2 }

func (a *air) Measure(_ context.Context, dst []edge.Temperature) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.silent {
		dst[0], dst[1] = edge.Temperature{At: time.Now(), Fault: edge.ProbeSilent}, edge.Temperature{At: time.Now(), Fault: edge.ProbeSilent}
		return errors.New("no answer")
	}
	dst[0], dst[1] = a.shelf, edge.Temperature{At: time.Now(), Celsius: -250}
	dst[0].At = time.Now()
	return nil
}

func (a *air) set(f func(*air)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f(a)
}

func TestTheTemperatureOfACompartmentIsToldAndNeverAnOldOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		controller := &air{shelf: edge.Temperature{Celsius: 42}}
		tn := emptyTown(t)
		tn.thermometers = []thermalUnit{{board: controller, compartments: []protocol.Compartment{1, 0}}}
		tn.begin()
		told := func(want ...wire.Probe) func() bool {
			return func() bool { return slices.Equal(tn.cloud.Telemetry().Compartments[0].Probes, want) }
		}
		tn.cloud.Until("4.2 degrees are told, of the one probe in the compartment", time.Minute, told(wire.Probe{Celsius: 42}))
		controller.set(func(a *air) { a.shelf = edge.Temperature{Fault: edge.ProbeBroken} })
		tn.cloud.Until("the broken probe is told", time.Minute, told(wire.Probe{Fault: "broken"}))
		controller.set(func(a *air) { a.shelf = edge.Temperature{Celsius: -5} })
		tn.cloud.Until("it is mended", time.Minute, told(wire.Probe{Celsius: -5}))
		controller.set(func(a *air) { a.silent = true })
		wait(2 * measureEvery)
		if got := tn.agent.probesOf(1, time.Now()); !slices.Equal(got, []wire.Probe{{Celsius: -5}}) {
			t.Errorf("after some lost readings: %+v, want the last one", got)
		}
		tn.cloud.Until("a silent controller's temperature is not known", 2*time.Minute, told(wire.Probe{Fault: "silent"}))
	})
}
