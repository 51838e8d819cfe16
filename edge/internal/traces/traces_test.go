package traces_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"allhours/edge/internal/traces"
	"allhours/protocol"
)

var night = time.Date(2026, 11, 20, 2, 0, 0, 0, time.UTC)

// visit is one that was begun so long after the first.
func visit(t *testing.T, after time.Duration) protocol.VisitID {
	t.Helper()
	id, err := protocol.NewUUID(night.Add(after), rand.NewChaCha8([32]byte{byte(after / time.Hour)}))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// noise does not become smaller by being zipped.
func noise(n int) func(io.Writer) error {
	return func(w io.Writer) error {
		raw := make([]byte, n)
		if _, err := io.ReadFull(rand.NewChaCha8([32]byte{1}), raw); err != nil {
			return err
		}
		_, err := w.Write(raw)
		return err
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func plain(t *testing.T, raw []byte) string {
	t.Helper()
	zip, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

func TestARecordingIsKeptUnderItsVisitsName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "traces")
	f := traces.Open(traces.Options{Dir: dir})
	id := visit(t, 0)
	if _, err := traces.Fetch(dir, id); !errors.Is(err, traces.ErrNotKept) {
		t.Errorf("got %v before anything was kept", err)
	}
	if err := f.Keep(id, text("what the scales said\n")); err != nil {
		t.Fatal(err)
	}
	raw, err := traces.Fetch(dir, id)
	if err != nil || plain(t, raw) != "what the scales said\n" {
		t.Errorf("fetched %q, %v", plain(t, raw), err)
	}
}

func TestARecordingThatCannotBeWrittenLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f := traces.Open(traces.Options{Dir: dir})
	full := errors.New("no space left")
	if err := f.Keep(visit(t, 0), func(io.Writer) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v: want the disk's error", err)
	}
	if left := names(t, dir); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestTheOldestRecordingsGiveWayToTheNewest(t *testing.T) {
	dir := t.TempDir()
	f := traces.Open(traces.Options{Dir: dir, Bytes: 35_000})
	var ids []protocol.VisitID
	for i := range 5 {
		ids = append(ids, visit(t, time.Duration(i)*time.Hour))
		if err := f.Keep(ids[i], noise(10_000)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{ids[2].String() + ".jsonl.gz", ids[3].String() + ".jsonl.gz", ids[4].String() + ".jsonl.gz"}
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("kept %v: want the newest three", got)
	}
}

func TestRecordingsGiveWayToVisitsOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	f := traces.Open(traces.Options{Dir: dir})
	for i := range 3 {
		if err := f.Keep(visit(t, time.Duration(i)*time.Hour), text("x")); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []struct {
		some bool
		left int
	}{{true, 1}, {true, 0}, {false, 0}} {
		some, err := f.GiveWay()
		if left := names(t, dir); err != nil || some != want.some || len(left) != want.left {
			t.Errorf("time %d: %v, %v, left %v: want %+v", i, some, err, left, want)
		}
	}
}

func TestRecordingsAreKeptForTheirTimeByTheCloudsClock(t *testing.T) {
	dir := t.TempDir()
	f := traces.Open(traces.Options{Dir: dir, Keep: 90 * 24 * time.Hour})
	old, young := visit(t, 0), visit(t, 48*time.Hour)
	for _, id := range []protocol.VisitID{old, young} {
		if err := f.Keep(id, text("x")); err != nil {
			t.Fatal(err)
		}
	}
	half := filepath.Join(dir, visit(t, time.Hour).String()+".jsonl.gz.part")
	if err := os.WriteFile(half, []byte("a crash"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := f.Prune(night.Add(90*24*time.Hour + time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{young.String() + ".jsonl.gz"}) {
		t.Errorf("kept %v: want the young one", got)
	}
	if err := traces.Open(traces.Options{Dir: filepath.Join(dir, "none")}).Prune(night); err != nil {
		t.Errorf("a folder that is not there yet: %v", err)
	}
}

func TestReviewedVisitsAndASampleAreWanted(t *testing.T) {
	f := traces.Open(traces.Options{Dir: t.TempDir(), Sample: 20})
	wanted := 0
	for i := range 2000 {
		id := visit(t, 0)
		id[14], id[15] = byte(i>>8), byte(i)
		if !f.Wants(id, true, night) {
			t.Fatal("a reviewed visit is not wanted")
		}
		if f.Wants(id, false, night) {
			wanted++
		}
	}
	if wanted != 100 {
		t.Errorf("%d of 2000 visits: want one of 20", wanted)
	}
}

func TestSomebodyWhoAsksGetsTheNextVisitsAndIsThenForgotten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "traces")
	f := traces.Open(traces.Options{Dir: dir, Sample: 1 << 40})
	if err := f.Keep(visit(t, 0), text("before")); err != nil {
		t.Fatal(err)
	}
	got := make(chan string, 8)
	ended := make(chan error, 1)
	go func() {
		ended <- traces.Follow(t.Context(), dir, 2, func(id protocol.VisitID, raw []byte) error {
			got <- fmt.Sprintf("%s %s", id, plain(t, raw))
			return nil
		})
	}()
	first, second := visit(t, time.Hour), visit(t, 2*time.Hour)
	until(t, func() bool { return f.Wants(first, false, time.Now()) })
	for _, id := range []protocol.VisitID{first, second} {
		if err := f.Keep(id, text("during")); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for _, id := range []protocol.VisitID{first, second} {
		if s := <-got; s != id.String()+" during" {
			t.Errorf("got %s: want visit %s", s, id)
		}
	}
	if f.Wants(first, false, time.Now()) {
		t.Error("still wanted after the asker had enough")
	}
}

func TestAnAskerWhoWasKilledIsForgotten(t *testing.T) {
	dir := t.TempDir()
	f := traces.Open(traces.Options{Dir: dir, Sample: 1 << 40})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := traces.Follow(ctx, dir, 1, nil); err != nil {
		t.Errorf("to stop waiting is no error, got %v", err)
	}
	asked := filepath.Join(dir, "asked")
	if err := os.WriteFile(asked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if !f.Wants(visit(t, 0), false, now) || f.Wants(visit(t, 0), false, now.Add(2*time.Minute)) {
		t.Error("want an asker heard for a minute, and then no more")
	}
}

// until waits for the other goroutine.
func until(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); {
		if time.Now().After(end) {
			t.Fatal("nothing happens")
		}
		<-time.After(time.Millisecond)
	}
}
