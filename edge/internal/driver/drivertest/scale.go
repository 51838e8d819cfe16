package drivertest

import (
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
	"allhours/protocol"
)

// Scale is one weighing board under test, with the platforms on its channels.
type Scale struct {
	Twin      *Twin
	Board     edge.Scale
	Platforms []string
	Foreign   string // a reply of another unit, in hexadecimal
	Beside    *Scale // used in turn with it on the same line: its weights are another channel's
}

// Bounds of the suite for scales.
const (
	readsInScene = 8
	silentReads  = 3
	silentWithin = 2   // reads within which silence is told
	prepareAfter = 5   // failed reads in a row that may have been a restart, as the agent has it
	recoverReads = 200 // within which all weights must be told again; a busy machine loses some by itself
)

// ScaleReport is what one platform's scale really said lately, and whether its board corrects weights on its own.
type ScaleReport struct {
	Platform string                `json:"platform"`
	Said     []protocol.Milligrams `json:"said_mg"`
	Tracks   bool                  `json:"tracks"`
}

// Scales is what the twin's scales have said, by platform.
func (w *Twin) Scales() map[string]ScaleReport {
	w.t.Helper()
	var reports []ScaleReport
	w.call(http.MethodGet, "/scales", nil, &reports)
	by := map[string]ScaleReport{}
	for _, r := range reports {
		by[r.Platform] = r
	}
	return by
}

// serial opens one of the twin's lines.
func (w *Twin) serial(number int) edge.OpenPort {
	w.t.Helper()
	open, err := bus.Serial(filepath.Join(w.dir, "line"+strconv.Itoa(number)), Baud, bus.ParityNone)
	if err != nil {
		w.t.Fatal(err)
	}
	return open
}

// OwnLine runs a bus line to the device on one of the twin's further lines until the test ends.
func (w *Twin) OwnLine(number int) *bus.Line {
	w.t.Helper()
	return bustest.Start(w.t, bus.Config{Name: "twin", Baud: Baud}, w.serial(number))
}

// Feed lets a driver hear the device on one of the twin's further lines until the test ends.
func (w *Twin) Feed(number int, to bus.Listener) {
	w.t.Helper()
	feed := bus.NewFeed(bus.Config{Name: "twin", Baud: Baud}, w.serial(number), to)
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { feed.Run(ctx) })
	w.t.Cleanup(func() { cancel(); running.Wait() })
}

// ScaleSuite plays every scene: no weight is told that the scale did not say, and none of another channel; silence is told
// soon; no weight is told while the board corrects it on its own; and all is well again soon after the fault.
func ScaleSuite(t *testing.T, s Scale) {
	run := &scaleRun{Scale: s, failures: prepareAfter}
	for _, scene := range scaleScenes(s) {
		t.Run(scene.Name, func(t *testing.T) {
			run.t = t
			run.recover()
			for _, f := range scene.Faults {
				s.Twin.Break(f)
			}
			run.use(scene)
			for _, f := range scene.Faults {
				s.Twin.Mend(f)
			}
			run.recover()
		})
	}
}

// scaleScenes is what can go wrong with scales: all but what only a lock can do.
func scaleScenes(s Scale) []Scene {
	return append(lineScenes(s.Foreign),
		Scene{Name: "the board restarts", Faults: []Fault{{Kind: "scale_restarts", Platform: s.Platforms[0]}}, Chancy: true},
		Scene{Name: "the converter is overloaded", Faults: []Fault{{Kind: "scale_overload", Platform: s.Platforms[0]}}},
	)
}

// mute tells whether no board is heard at all while the scene lasts.
func (s Scene) mute() bool {
	return slices.ContainsFunc(s.Faults, func(f Fault) bool {
		return f.Kind == "line_silent" || f.Kind == "line_unplugged" || f.Kind == "line_babble" || f.Kind == "line_lost" && f.Rate == 1
	})
}

// scaleRun is what the suite did and saw so far.
type scaleRun struct {
	Scale
	t        *testing.T
	failures int // reads in a row
}

// use reads the scale while the line goes wrong.
func (s *scaleRun) use(scene Scene) {
	s.t.Helper()
	if scene.mute() {
		s.hearNobody()
		return
	}
	times := readsInScene
	if scene.Chancy {
		times *= 2
	}
	for n := range times {
		s.next()
		s.beside(n)
	}
}

// inFlight is how long something that was said before nobody is heard may still arrive on a busy machine.
const inFlight = 2 * time.Second

// hearNobody reads until the silence is told again and again.
func (s *scaleRun) hearNobody() {
	s.t.Helper()
	began := time.Now()
	for n, quiet := 0, 0; quiet < silentReads; n++ {
		told := s.next()
		s.beside(n)
		switch {
		case told == 0:
			quiet++
		case n >= silentWithin && time.Since(began) > inFlight:
			s.t.Errorf("reading %d tells %d weights although nobody is heard", n+1, told)
			return
		default:
			quiet = 0
		}
	}
}

// beside reads the other board of the line now and then, where there is one.
func (s *scaleRun) beside(n int) {
	s.t.Helper()
	if s.Beside != nil && n%2 == 0 {
		s.read(s.Beside.Board, s.Beside.Platforms)
	}
}

// next does what the agent does: it reads, and prepares the board again when it may have restarted. It gives how many
// weights were told.
func (s *scaleRun) next() (told int) {
	s.t.Helper()
	if s.failures >= prepareAfter {
		if err := s.Board.Prepare(s.t.Context()); err != nil {
			return 0
		}
		s.failures = 0
	}
	told = s.read(s.Board, s.Platforms)
	s.failures++
	if told > 0 {
		s.failures = 0
	}
	return told
}

// read reads a board once, holds each weight to what its scale has said, and counts the weights that were told.
func (s *scaleRun) read(board edge.Scale, platforms []string) (told int) {
	s.t.Helper()
	samples := make([]edge.Sample, board.Channels())
	err := board.Read(s.t.Context(), samples)
	scales := s.Twin.Scales()
	for ch, platform := range platforms {
		sample, scale := samples[ch], scales[platform]
		switch {
		case (err != nil) != (sample.Fault == edge.ScaleSilent):
			s.t.Errorf("%s: fault %q with error %v", platform, sample.Fault, err)
		case sample.Fault != edge.ScaleOK:
		case !slices.Contains(scale.Said, sample.Weight):
			s.t.Errorf("%s: %d mg are told, which its scale has not said", platform, sample.Weight)
		case scale.Tracks:
			s.t.Errorf("%s: %d mg are told while the board corrects them on its own", platform, sample.Weight)
		default:
			told++
		}
	}
	return told
}

// recover holds that all weights are told within a bounded number of reads.
func (s *scaleRun) recover() {
	s.t.Helper()
	for n := range recoverReads {
		if s.next() == len(s.Platforms) {
			if n > silentReads {
				s.t.Logf("right again after %d reads", n+1)
			}
			return
		}
		<-time.After(5 * time.Millisecond) // a line that is down answers at once
	}
	s.t.Fatalf("not right again after %d reads", recoverReads)
}
