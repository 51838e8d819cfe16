package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestALogTellsTheJournalItsLevelsAndLeavesTheTimeToIt(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var st unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &st); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, stream string
		want         []string
	}{
		{"a service of systemd", fmt.Sprintf("%d:%d", st.Dev, st.Ino), []string{
			`<6>msg=started cabinet=xs-01 version=1`, `<4>msg=late cabinet=xs-01`, `<3>msg=lock cabinet=xs-01 door.level=up`,
		}},
		{"started by hand from a service", "1:2", []string{"level=INFO", "level=WARN", "level=ERROR"}},
		{"started by hand", "", []string{"level=INFO", "level=WARN", "level=ERROR"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("JOURNAL_STREAM", c.stream)
			if err := file.Truncate(0); err != nil {
				t.Fatal(err)
			}
			if _, err := file.Seek(0, 0); err != nil {
				t.Fatal(err)
			}
			log := newLog(file, slog.LevelInfo).With("cabinet", "xs-01")
			log.Debug("of no interest")
			log.Info("started", "version", 1)
			log.Warn("late")
			log.WithGroup("door").Error("lock", "level", "up")
			text, err := os.ReadFile(file.Name())
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(string(text)), "\n")
			if len(lines) != len(c.want) {
				t.Fatalf("%d lines, want %d:\n%s", len(lines), len(c.want), text)
			}
			for i, want := range c.want {
				if !strings.Contains(lines[i], want) || strings.HasPrefix(want, "<") && strings.Contains(lines[i], "time=") {
					t.Errorf("%q: want %q, and the time only where nobody else keeps it", lines[i], want)
				}
			}
		})
	}
}
