package agent

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/config"
	"allhours/edge/internal/fakecloud"
	"allhours/edge/internal/traces"
	"allhours/protocol"
	"allhours/protocol/wire"
)

func asItIs(*wire.Task) {}

// replies to one task, in their order.
func (tn *town) answers(n byte) []wire.Reply {
	return slices.DeleteFunc(tn.cloud.Replies(), func(r wire.Reply) bool { return r.ID != fakecloud.ID(n) })
}

// asks sends a task and waits for its answer.
func (tn *town) asks(n byte, kind wire.TaskKind, args any, offset int) wire.Reply {
	tn.Helper()
	before := len(tn.answers(n))
	tn.cloud.Task(fakecloud.ID(n), kind, args, func(t *wire.Task) { t.Offset = offset })
	tn.cloud.Until("the task is answered", time.Minute, func() bool { return len(tn.answers(n)) > before })
	return tn.answers(n)[before]
}

// fetches asks for every part of a result.
func (tn *town) fetches(n byte, kind wire.TaskKind, args any) (packed []byte) {
	tn.Helper()
	for {
		r := tn.asks(n, kind, args, len(packed))
		if r.Code != protocol.CodeOK || r.Part == nil || r.Part.Offset != len(packed) || len(r.Part.Data) > wire.MaxPart {
			tn.Fatalf("part at %d: %+v", len(packed), r)
		}
		packed = append(packed, r.Part.Data...)
		if len(packed) < r.Part.Total {
			continue
		}
		if sum := sha256.Sum256(packed); !bytes.Equal(sum[:], r.Part.Sum) {
			tn.Fatalf("%d bytes have another sum", len(packed))
		}
		return packed
	}
}

func (tn *town) unpack(packed []byte) []byte {
	tn.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		tn.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		tn.Fatal(err)
	}
	return plain
}

func TestASelfTestFindsWhatIsWrongAndTouchesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := emptyTown(t)
		cold := tn.cooled()
		tn.begin()
		wait(time.Minute)
		find := func(n byte) map[string]string {
			var s wire.SelfTest
			if err := json.Unmarshal(tn.unpack(tn.fetches(n, wire.TaskSelfTest, struct{}{})), &s); err != nil {
				t.Fatal(err)
			}
			if s.Versions.Agent != "test" || s.UpMS < 60_000 {
				t.Errorf("it says of itself %+v", s)
			}
			words := map[string]string{}
			for _, c := range s.Checks {
				if !slices.Contains(wire.CheckWords()[c.Item], c.Word) {
					t.Errorf("%s %s is in no table of words", c.Item, c.Word)
				}
				words[c.Item+c.Subject] = string(c.Verdict) + " " + c.Word
			}
			return words
		}
		well := find(1)
		for part, word := range map[string]string{
			"scaleS1": "well well", "scaleS2": "well well", "door1": "well locked", "probe1.1": "well cold", "sale1": "well well",
			"disk": "well well", "journal": "well well", "clock": "well well", "config": "well well",
		} {
			if part == "disk" { // The disk is the machine's own.
				word = well[part]
			}
			if well[part] != word || word == "" {
				t.Errorf("%s is found %q, want %q", part, well[part], word)
			}
		}
		cold.is(90)
		tn.set(func(c *cabinet) { c.silent[1] = true })
		tn.key()
		wait(45 * time.Minute)
		ill := find(2)
		for part, word := range map[string]string{
			"scaleS1": "well well", "scaleS2": "bad silent", "door1": "doubt open", "probe1.1": "doubt warm", "sale1": "bad stopped",
		} {
			if ill[part] != word {
				t.Errorf("%s is found %q, want %q", part, ill[part], word)
			}
		}
		if tn.pulses != 0 {
			t.Errorf("%d pulses", tn.pulses)
		}
	})
}

func TestTheLogIsFetchedInPartsThatBelongTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		chance := rand.New(rand.NewPCG(1, 2))
		for range 2000 {
			raw := make([]byte, 32)
			for i := range raw {
				raw[i] = byte(chance.Uint32())
			}
			tn.agent.log.Info(hex.EncodeToString(raw))
		}
		first := tn.asks(1, wire.TaskLogs, wire.LogsArgs{}, 0)
		if first.Part == nil || first.Part.Total <= 2*wire.MaxPart {
			t.Fatalf("the first part: %+v", first.Part)
		}
		tn.agent.log.Info("later")
		text := string(tn.unpack(tn.fetches(1, wire.TaskLogs, wire.LogsArgs{})))
		if n := strings.Count(text, "\n"); n < 2000 || strings.Contains(text, "msg=later") {
			t.Errorf("%d lines, or one that was not there when they were asked for", n)
		}
		last := string(tn.unpack(tn.fetches(2, wire.TaskLogs, wire.LogsArgs{Lines: 1})))
		if strings.Count(last, "\n") != 1 {
			t.Errorf("the last line is %q", last)
		}
		if r := tn.asks(2, wire.TaskLogs, wire.LogsArgs{Lines: 1}, 1<<20); r.Code != protocol.CodeMalformed {
			t.Errorf("beyond its end: %+v", r)
		}
	})
}

func TestWhatIsLongGoesAfterTheEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.cloud.Mute(true)
		tn.shop(1)
		wait(10 * time.Second)
		tn.cloud.Task(fakecloud.ID(2), wire.TaskLogs, wire.LogsArgs{}, asItIs)
		if r := tn.asks(3, wire.TaskSelfTest, struct{}{}, 0); r.Code != protocol.CodeOK {
			t.Errorf("what is short: %+v", r)
		}
		wait(20 * time.Second)
		if got := tn.answers(2); len(got) != 0 {
			t.Fatalf("answered before the events: %+v", got)
		}
		tn.cloud.Mute(false)
		tn.cloud.Until("it is answered", time.Minute, func() bool { return len(tn.answers(2)) == 1 })
		if len(tn.cloud.Events(wire.VisitSettled)) != 1 {
			t.Error("the log came before the settlement")
		}
	})
}

func TestAVisitsTraceComesAsItWasWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := emptyTown(t)
		tn.traces = config.Traces{Sample: 1}
		tn.begin()
		tn.shop(1)
		b := tn.settled(1)
		wait(10 * time.Second)
		var list wire.TraceList
		if err := json.Unmarshal(tn.unpack(tn.fetches(2, wire.TaskTraces, struct{}{})), &list); err != nil {
			t.Fatal(err)
		}
		if len(list.Traces) != 1 || list.Traces[0].Visit != fakecloud.ID(1) {
			t.Fatalf("kept %+v", list)
		}
		got := tn.fetches(3, wire.TaskTrace, wire.TraceArgs{Visit: fakecloud.ID(1)})
		raw, err := traces.Fetch(TraceFolder(tn.options().Config), fakecloud.ID(1))
		if err != nil || !bytes.Equal(got, raw) || int64(len(got)) != list.Traces[0].Bytes {
			t.Errorf("%d bytes came of %d: %v", len(got), len(raw), err)
		}
		want, err := json.Marshal(b.Answer)
		if err != nil {
			t.Fatal(err)
		}
		if answer := tn.replayed(fakecloud.ID(1)); !bytes.Equal(answer, want) {
			t.Errorf("replayed as %s, journalled as %s", answer, want)
		}
		if r := tn.asks(4, wire.TaskTrace, wire.TraceArgs{Visit: fakecloud.ID(9)}, 0); r.Code != protocol.CodeStale {
			t.Errorf("a visit without one: %+v", r)
		}
	})
}

func TestAScaleIsCalibratedOnceAndOnlyWhileSomebodyServicesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.set(func(c *cabinet) { c.weights[0] = 50_000 })
		wait(5 * time.Second)
		if r := tn.asks(2, wire.TaskCalibrate, wire.CalibrateArgs{Platform: "S1"}, 0); r.Code != protocol.CodeNotYet {
			t.Errorf("without a service visit: %+v", r)
		}
		g := tn.cloud.Grant(fakecloud.ID(3))
		g.Purpose = protocol.PurposeService
		tn.cloud.Open(fakecloud.ID(3), g)
		tn.reply(3)
		tn.pull()
		wait(time.Second)
		for _, c := range []struct {
			n    byte
			what string
			args wire.CalibrateArgs
			code protocol.Code
		}{
			{4, "a platform that is not there", wire.CalibrateArgs{Platform: "S9"}, protocol.CodeNotYet},
			{5, "a mass below nothing", wire.CalibrateArgs{Platform: "S1", Mass: -1}, protocol.CodeMalformed},
			{6, "zero", wire.CalibrateArgs{Platform: "S1"}, protocol.CodeOK},
			{8, "a weight that is not there", wire.CalibrateArgs{Platform: "S1", Mass: 7_000_000}, protocol.CodeMalformed},
			{7, "span", wire.CalibrateArgs{Platform: "S1", Mass: 5_000_000}, protocol.CodeOK},
			{7, "the same span once more", wire.CalibrateArgs{Platform: "S1", Mass: 5_000_000}, protocol.CodeOK},
		} {
			if c.args.Mass > 0 {
				tn.set(func(c *cabinet) { c.weights[0] = 5_040_000 })
			}
			r := tn.asks(c.n, wire.TaskCalibrate, c.args, 0)
			if r.Code != c.code {
				t.Errorf("%s: %+v", c.what, r)
			}
			var made wire.Calibrated
			if c.n != 7 {
				continue
			}
			if err := json.Unmarshal(tn.unpack(r.Part.Data), &made); err != nil {
				t.Fatal(err)
			}
			near(t, made.Before, 4_990_000)
			near(t, made.After, 5_000_000)
		}
		tn.shut()
		tn.settled(3)
		if n := len(tn.told(wire.ScaleSet)); n != 2 {
			t.Errorf("%d calibrations were written down, want zero and span once each", n)
		}
		if r := tn.asks(9, wire.TaskCalibrate, wire.CalibrateArgs{Platform: "S1"}, 0); r.Code != protocol.CodeNotYet {
			t.Errorf("after the visit: %+v", r)
		}
	})
}

func TestWhatIsKeptOfTasksIsBounded(t *testing.T) {
	a := &Agent{tasks: newTasks()}
	for n := range 100 {
		f := &finding{at: wire.Task{ID: fakecloud.ID(byte(n))}, done: true, result: make([]byte, resultsKept/4)}
		if n%2 == 0 {
			f.result = nil
		}
		a.remind(f)
		a.tasks.bytes += len(f.result)
		a.forgetTasks()
		if a.tasks.bytes > resultsKept || len(a.tasks.known) > tasksKept || len(a.tasks.known) != len(a.tasks.order) {
			t.Fatalf("after %d: %d bytes, %d tasks, %d in order", n, a.tasks.bytes, len(a.tasks.known), len(a.tasks.order))
		}
	}
	if len(a.tasks.known) < tasksKept-8 {
		t.Errorf("only %d tasks are known: small answers go with the large", len(a.tasks.known))
	}
}

func TestTheLogNamesNobodyAndOpensNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newShopFront(t)
		g := p.pass(1, 0)
		copy(g.Subject[:], "canary-subject-1")
		p.buys(g)
		p.shows(g)
		p.cloud.Attest(fakecloud.ID(2), func(t *wire.Task, a *wire.AttestArgs) { t.By = "canary-name" })
		text := string(p.unpack(p.fetches(3, wire.TaskLogs, wire.LogsArgs{})))
		if !strings.Contains(text, "a code was shown") {
			t.Fatalf("the log has %q", text)
		}
		for _, canary := range []string{
			"AH1.", "canary", hex.EncodeToString(g.Subject[:]), hex.EncodeToString(g.Nonce[:]), p.cloud.Sign(g)[10:30],
		} {
			if strings.Contains(text, canary) {
				t.Errorf("the log has %q", canary)
			}
		}
	})
}
