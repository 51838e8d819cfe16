package logring_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"allhours/edge/internal/logring"
)

func TestTheNewestLinesAreKeptWithinTheBound(t *testing.T) {
	r := logring.New(100)
	for i := range 50 {
		fmt.Fprintf(r, "line %04d\n", i)
	}
	if got, want := r.Last(2), "line 0048\nline 0049\n"; got != want {
		t.Errorf("the last two are %q, want %q", got, want)
	}
	if all := r.Last(0); len(all) != 100 || !strings.HasPrefix(all, "line 0040\n") {
		t.Errorf("kept %d bytes: %q", len(all), all)
	}
	fmt.Fprint(r, strings.Repeat("x", 1000))
	if all := r.Last(0); len(all) != 100 {
		t.Errorf("a line that is too long leaves %d bytes", len(all))
	}
}

func TestWhatIsLoggedReachesBothByTheirOwnLevels(t *testing.T) {
	var out bytes.Buffer
	r := logring.New(1 << 10)
	log := slog.New(r.Beside(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}))).With("line", "main").WithGroup("port")
	log.Debug("no")
	log.Info("kept", "at", 1)
	log.Warn("both", "at", 2)
	if got := r.Last(0); strings.Count(got, "\n") != 2 || !strings.Contains(got, "msg=kept line=main port.at=1") || !strings.Contains(got, "msg=both") {
		t.Errorf("the ring has %q", got)
	}
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "msg=both line=main port.at=2") {
		t.Errorf("the log has %q", got)
	}
}
