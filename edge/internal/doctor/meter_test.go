package doctor_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/doctor"
	"allhours/protocol"
)

// watched lets a meter see a scale for some seconds; change makes each sample what it is.
func watched(seconds, hz int, change func(i int, s *edge.Sample)) *doctor.Meter {
	chance := rand.New(rand.NewPCG(1, 2))
	m := doctor.NewMeter()
	for i := range seconds * hz {
		s := edge.Sample{
			At:     time.Unix(1000, 0).Add(time.Duration(i) * time.Second / time.Duration(hz)),
			Weight: 5_000_000 + protocol.Milligrams(chance.NormFloat64()*400),
		}
		change(i, &s)
		m.Add(s)
	}
	return m
}

func TestAScaleIsToldWhatIsWrongWithIt(t *testing.T) {
	limits := doctor.Limits{Lightest: 60_000, Hz: 8, Drift: 5000}
	chance := rand.New(rand.NewPCG(3, 4))
	cases := []struct {
		name   string
		hz     int
		change func(i int, s *edge.Sample)
		level  doctor.Level
		text   string
	}{
		{"a sound one", 10, func(int, *edge.Sample) {}, doctor.OK, "noise 0.40 g"},
		{"one that trembles", 10, func(_ int, s *edge.Sample) { s.Weight += protocol.Milligrams(chance.NormFloat64() * 9000) }, doctor.Wrong, "trembles"},
		{"one that wanders off", 10, func(i int, s *edge.Sample) { s.Weight += protocol.Milligrams(i * 30) }, doctor.Wrong, "drifts"},
		{"one that is asked too seldom", 4, func(int, *edge.Sample) {}, doctor.Wrong, "4.0 times a second"},
		{"one that never moves at all", 10, func(_ int, s *edge.Sample) { s.Weight = 5_000_000 }, doctor.Look, "stuck"},
		{"one without a cell", 10, func(_ int, s *edge.Sample) { s.Weight, s.Fault = 0, edge.ScaleOverload }, doctor.Wrong, "overloaded"},
		{"one that is silent", 10, func(_ int, s *edge.Sample) { s.Weight, s.Fault = 0, edge.ScaleSilent }, doctor.Wrong, "no weight"},
		{"one that fails now and then", 10, func(i int, s *edge.Sample) {
			if i%10 == 0 {
				s.Weight, s.Fault = 0, edge.ScaleSilent
			}
		}, doctor.Wrong, "30 of 300 readings failed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var r doctor.Report
			limits.Judge(watched(30, c.hz, c.change).Scale("S1"), &r)
			if len(r.Findings) != 1 || r.Findings[0].Level != c.level || !strings.Contains(r.Findings[0].Text, c.text) {
				t.Errorf("found %+v: want %s with %q", r.Findings, c.level, c.text)
			}
		})
	}
}

func TestALineIsJudgedByItsAnswers(t *testing.T) {
	cases := []struct {
		name  string
		stats bus.Stats
		level doctor.Level
	}{
		{"a sound one", bus.Stats{Up: true, Openings: 1, Requests: 1000, Replies: 999, Timeouts: 1}, doctor.OK},
		{"one in fifty garbled", bus.Stats{Up: true, Openings: 1, Requests: 1000, Replies: 980, Spoilt: 20}, doctor.Wrong},
		{"one in ten lost", bus.Stats{Up: true, Openings: 1, Requests: 1000, Replies: 900, Timeouts: 100}, doctor.Wrong},
		{"one whose plug is loose", bus.Stats{Up: true, Openings: 3, Requests: 1000, Replies: 1000}, doctor.Wrong},
		{"one that is not there", bus.Stats{Fault: "no such device"}, doctor.Wrong},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var r doctor.Report
			doctor.JudgeLine("line0", c.stats, &r)
			if len(r.Findings) != 1 || r.Findings[0].Level != c.level {
				t.Errorf("found %+v: want %s", r.Findings, c.level)
			}
		})
	}
}

func TestTheScalesFitIntoATerminalOf80By24(t *testing.T) {
	var scales []doctor.Scale
	for i := range 40 {
		s := watched(12, 10, func(int, *edge.Sample) {}).Scale(protocol.PlatformID([]string{"A", "B", "C", "D", "E"}[i/8] + string(rune('1'+i%8))))
		s.Weight, s.Drift = -123_456_789, -123_456_789
		scales = append(scales, s)
	}
	rows := strings.Split(strings.TrimSuffix(doctor.Table(scales), "\r\n"), "\r\n")
	if len(rows) > 24 {
		t.Errorf("%d rows", len(rows))
	}
	for _, row := range rows {
		if len(row) > 80+len("\x1b[K") {
			t.Errorf("%d columns: %q", len(row), row)
		}
	}
	if !strings.Contains(rows[len(rows)-2], "20 calmer ones are not shown") {
		t.Errorf("hides without a word: %q", rows[len(rows)-2])
	}
}
