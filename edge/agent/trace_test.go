package agent

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/config"
	"allhours/edge/internal/fakecloud"
	"allhours/edge/internal/traces"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/trace"
	"allhours/protocol/wire"
)

// tracedTown keeps the trace of every visit; its boards answer at times of their own.
func tracedTown(t *testing.T, sample int) *town {
	t.Helper()
	tn := emptyTown(t)
	tn.traces, tn.lag = config.Traces{Sample: sample}, [2]time.Duration{3 * time.Millisecond, 11 * time.Millisecond}
	tn.boot()
	tn.cloud.Until("the cabinet is born", time.Minute, func() bool { return tn.cloud.Births() > 0 })
	c := desired(1)
	c.Limits.BillConfidence = 0.99
	tn.cloud.Configure(c)
	tn.untilSelling()
	return tn
}

// replayed answers the kept trace of a visit as cabinet-agent replay does.
func (tn *town) replayed(visit protocol.VisitID) []byte {
	tn.Helper()
	raw, err := traces.Fetch(TraceFolder(tn.options().Config), visit)
	if err != nil {
		tn.Fatal(err)
	}
	reader, err := trace.NewReader(bytes.NewReader(raw))
	if err != nil {
		tn.Fatal(err)
	}
	v, err := reader.Next()
	if err != nil {
		tn.Fatal(err)
	}
	if v.ID != visit.String() || v.Prices[water] != 200 {
		tn.Errorf("header %+v: want the visit's id and the prices", v.Header)
	}
	tn.Logf("%d rows in %d bytes", len(v.Rows), len(raw))
	answer, err := v.Settle(settle.Config{})
	if err != nil {
		tn.Fatal(err)
	}
	if _, err := reader.Next(); !errors.Is(err, io.EOF) {
		tn.Errorf("got %v after the visit: want the end", err)
	}
	text, err := json.Marshal(answer.Answer)
	if err != nil {
		tn.Fatal(err)
	}
	return text
}

func TestAReplayedTraceGivesTheVeryAnswerThatWasJournalled(t *testing.T) {
	visits := []struct {
		name   string
		do     func(tn *town)
		review bool
	}{
		{"one bottle", func(tn *town) { tn.put(0, -571) }, false},
		{"two packs, one of them put back", func(tn *town) {
			tn.put(0, -240)
			wait(3 * time.Second)
			tn.put(0, 120)
		}, false},
		{"milk, and the door opened twice", func(tn *town) {
			tn.put(1, -1030)
			wait(2 * time.Second)
			tn.shut()
			wait(200 * time.Millisecond)
			tn.key()
		}, false},
		{"a weight that nothing explains", func(tn *town) { tn.put(0, -333) }, true},
		{"a scale that is lost for a while", func(tn *town) {
			tn.put(1, -1030)
			tn.set(func(c *cabinet) { c.silent[1] = true })
			wait(8 * time.Second)
			tn.set(func(c *cabinet) { c.silent[1] = false })
		}, true},
	}
	synctest.Test(t, func(t *testing.T) {
		tn := tracedTown(t, 1)
		var journalled []wire.SettledBody
		for i, v := range visits {
			n := byte(i + 1)
			tn.openDoor(n)
			wait(time.Second)
			if !tn.pull() {
				t.Fatal("the latch does not give")
			}
			wait(2 * time.Second)
			v.do(tn)
			wait(2 * time.Second)
			tn.shut()
			b := tn.settled(n)
			if got := b.Answer.Decision == settle.Review; got != v.review {
				t.Errorf("%s: %+v: want a review: %v", v.name, b.Answer, v.review)
			}
			journalled = append(journalled, b)
			wait(20 * time.Second)
		}
		tn.stop()
		for i, b := range journalled {
			want, err := json.Marshal(b.Answer)
			if err != nil {
				t.Fatal(err)
			}
			if got := tn.replayed(b.Visit); string(got) != string(want) {
				t.Errorf("%s: replayed\n%s\njournalled\n%s", visits[i].name, got, want)
			}
		}
	})
}

func TestATraceRemembersTheWeightsThatWereLearnt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := tracedTown(t, 1)
		tn.sellMilk(1, 13, 1042)
		tn.stop()
		for n := byte(1); n <= 13; n++ {
			b := tn.settled(n)
			want, err := json.Marshal(b.Answer)
			if err != nil {
				t.Fatal(err)
			}
			if got := tn.replayed(b.Visit); string(got) != string(want) {
				t.Errorf("visit %d: replayed\n%s\njournalled\n%s", n, got, want)
			}
		}
	})
}

func TestOnlyReviewedVisitsAndTheSampleLeaveATrace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := tracedTown(t, 1_000_000)
		tn.shop(1)
		tn.settled(1)
		tn.openDoor(2)
		tn.aborted(2, protocol.CodeNotPulled)
		tn.set(func(c *cabinet) { c.silent[0] = true })
		wait(10 * time.Second)
		tn.shop(3)
		if b := tn.settled(3); b.Answer.Decision != settle.Review {
			t.Fatalf("settled %+v: want a review", b.Answer)
		}
		tn.stop()
		files, err := os.ReadDir(TraceFolder(tn.options().Config))
		if err != nil || len(files) != 1 || files[0].Name() != fakecloud.ID(3).String()+".jsonl.gz" {
			t.Errorf("kept %v, %v: want the reviewed visit", files, err)
		}
	})
}

func TestWhoeverAsksGetsTheTraceOfTheNextVisit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := tracedTown(t, 1_000_000)
		dir := TraceFolder(tn.options().Config)
		asked := filepath.Join(dir, "asked")
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(asked, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(asked, time.Now(), time.Now()); err != nil { // The bubble's time is not the disk's.
			t.Fatal(err)
		}
		tn.shop(1)
		b := tn.settled(1)
		wait(2 * time.Minute) // Whoever asked is gone.
		tn.shop(2)
		unwanted := tn.settled(2)
		tn.stop()
		want, err := json.Marshal(b.Answer)
		if err != nil {
			t.Fatal(err)
		}
		if got := tn.replayed(b.Visit); string(got) != string(want) {
			t.Errorf("replayed\n%s\njournalled\n%s", got, want)
		}
		if _, err := traces.Fetch(dir, unwanted.Visit); !errors.Is(err, traces.ErrNotKept) {
			t.Errorf("got %v of a visit that nobody asked for", err)
		}
	})
}

func TestAFolderThatTakesNoTraceCostsNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := tracedTown(t, 1)
		if err := os.WriteFile(filepath.Join(tn.dir, "traces"), []byte("in the way"), 0o600); err != nil {
			t.Fatal(err)
		}
		tn.shop(1)
		wants(t, tn.settled(1), settle.Bill, settle.Line{SKU: water, Qty: 1})
		wait(20 * time.Second)
		tn.shop(2)
		wants(t, tn.settled(2), settle.Bill, settle.Line{SKU: water, Qty: 1})
	})
}
