package drivertest

import (
	"slices"
	"testing"
	"time"

	"allhours/edge"
	"allhours/protocol"
)

// Thermometer is a temperature controller under test, the twin's first.
type Thermometer struct {
	Twin    *Twin
	Board   edge.Thermometer
	Foreign string // a reply of another unit, in hexadecimal
}

const (
	measures  = 6
	lastProbe = 1 // the one that is warmed and cooled; the others keep what they show
)

// ThermometerSuite plays every scene: no temperature is told that the probe did not have in it, a cut probe is never told
// as a temperature, silence is told soon, and the present temperature is told again soon after the fault.
func ThermometerSuite(t *testing.T, c Thermometer) {
	warm := protocol.DeciCelsius(40)
	for _, scene := range lineScenes(c.Foreign) {
		t.Run(scene.Name, func(t *testing.T) {
			run := &thermalRun{Thermometer: c, t: t}
			run.warm(warm)
			run.settle(warm)
			for _, f := range scene.Faults {
				c.Twin.Break(f)
			}
			for n := range measures {
				warm++
				run.warm(warm)
				if run.measure() && scene.mute() {
					t.Errorf("measure %d tells a temperature although nobody is heard", n+1)
				}
			}
			for _, f := range scene.Faults {
				c.Twin.Mend(f)
			}
			run.settle(warm)
		})
	}
	t.Run("a probe is cut and mended", func(t *testing.T) {
		run := &thermalRun{Thermometer: c, t: t}
		c.Twin.order("/probe", map[string]any{"controller": 0, "probe": lastProbe, "cut": true})
		Await(t, time.Minute, "the cut probe is told", func() bool { return run.last().Fault == edge.ProbeBroken })
		run.warm(warm)
		run.settle(warm)
	})
}

// thermalRun is what one scene did and saw so far.
type thermalRun struct {
	Thermometer
	t     *testing.T
	truth []protocol.DeciCelsius // what the probe showed in this scene
}

func (r *thermalRun) warm(to protocol.DeciCelsius) {
	r.t.Helper()
	r.truth = append(r.truth, to)
	r.Twin.order("/probe", map[string]any{"controller": 0, "probe": lastProbe, "dc": to})
}

// measure reads once, and reports whether a temperature was told.
func (r *thermalRun) measure() bool {
	r.t.Helper()
	dst := make([]edge.Temperature, r.Board.Probes())
	err := r.Board.Measure(r.t.Context(), dst)
	for i, told := range dst {
		switch {
		case (err != nil) != (told.Fault == edge.ProbeSilent):
			r.t.Errorf("probe %d: fault %q with error %v", i, told.Fault, err)
		case i == lastProbe && told.Fault == edge.ProbeOK && !slices.Contains(r.truth, told.Celsius):
			r.t.Errorf("%v are told, which the probe never showed", told.Celsius)
		}
	}
	return err == nil
}

func (r *thermalRun) last() edge.Temperature {
	dst := make([]edge.Temperature, r.Board.Probes())
	_ = r.Board.Measure(r.t.Context(), dst) // what it says of the error is in dst
	return dst[lastProbe]
}

func (r *thermalRun) settle(want protocol.DeciCelsius) {
	r.t.Helper()
	Await(r.t, time.Minute, "the present temperature", func() bool {
		told := r.last()
		return told.Fault == edge.ProbeOK && told.Celsius == want
	})
}

// lineScenes is what can go wrong with the line itself.
func lineScenes(foreign string) []Scene {
	return slices.DeleteFunc(Scenes(foreign), func(scene Scene) bool {
		return slices.ContainsFunc(scene.Faults, func(f Fault) bool { return f.Kind == "lock_restarts" })
	})
}
