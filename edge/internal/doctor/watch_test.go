package doctor_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge"
	"allhours/edge/internal/doctor"
	"allhours/edge/internal/weigh"
	"allhours/protocol"
)

// shelf is a scale that a hand may press, and whose board may insist on its own corrections.
type shelf struct {
	mu    sync.Mutex
	hand  protocol.Milligrams
	keeps error
	shown int
}

func (s *shelf) Channels() int                 { return 1 }
func (s *shelf) Prepare(context.Context) error { return s.keeps }

func (s *shelf) Read(_ context.Context, dst []edge.Sample) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown++
	dst[0] = edge.Sample{At: time.Now(), Weight: 3_000_000 + s.hand + protocol.Milligrams(s.shown%3)*100}
	return nil
}

func (s *shelf) press(mg protocol.Milligrams) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hand = mg
}

// pressed plays a technician who presses the shelf behind each name that is called.
func pressed(t *testing.T, behind map[string]*shelf, boards []weigh.Board) (r doctor.Report) {
	t.Helper()
	w := doctor.NewWatch(boards)
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.Run(ctx) })
	<-time.After(15 * time.Second)
	w.Judge(doctor.Limits{Lightest: 50_000, Hz: 8, Drift: 5000}, &r)
	say := func(_ string, args ...any) {
		s := behind[string(args[0].(protocol.PlatformID))]
		if s == nil {
			return
		}
		go func() {
			<-time.After(time.Second)
			s.press(800_000)
			<-time.After(2 * time.Second)
			s.press(0)
		}()
	}
	if err := w.Pressed(ctx, 150_000, 20*time.Second, say, &r); err != nil {
		t.Error(err)
	}
	stop()
	running.Wait()
	return r
}

func TestAHandTellsWhichScaleIsWhich(t *testing.T) {
	cases := []struct {
		name         string
		swapped      bool
		keeps        error
		level        doctor.Level
		subject, say string
	}{
		{"each where the file has it", false, nil, doctor.OK, "S1", "feels a hand"},
		{"two that are swapped", true, nil, doctor.Wrong, "S1", "S2 felt the hand on S1"},
		{"one that nobody presses", false, nil, doctor.Look, "S3", "no hand was felt"},
		{"one that corrects its weights by itself", false, errors.New("tracking is on"), doctor.Wrong, "S1", "corrects weights on its own"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				one, two, three := &shelf{keeps: c.keeps}, &shelf{}, &shelf{}
				behind := map[string]*shelf{"S1": one, "S2": two}
				if c.swapped {
					behind = map[string]*shelf{"S1": two, "S2": one}
				}
				r := pressed(t, behind, []weigh.Board{
					{Scale: one, Platforms: []protocol.PlatformID{"S1"}},
					{Scale: two, Platforms: []protocol.PlatformID{"S2"}},
					{Scale: three, Platforms: []protocol.PlatformID{"S3"}},
				})
				for _, f := range r.Findings {
					if f.Level == c.level && f.Subject == c.subject && strings.Contains(f.Text, c.say) {
						return
					}
				}
				t.Errorf("found %+v: want %s of %s: %q", r.Findings, c.level, c.subject, c.say)
			})
		})
	}
}
