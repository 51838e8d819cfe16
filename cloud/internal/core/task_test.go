package core_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// task is the last task that was sent; it must be good for this cabinet and connection.
func (c *cabinet) task() wire.Task {
	c.rig.t.Helper()
	var command wire.Command
	c.rig.must(wire.Decode(c.rig.mail.last(topic.Command), &command))
	var t wire.Task
	c.rig.must(wire.Unseal(wire.KindTask, c.rig.keys, command.Task, &t))
	if command.Kind != wire.CommandTask || t.ID != command.ID || t.Expires != command.Expires || t.Cabinet != c.address.Cabinet || !bytes.Equal(t.Challenge, c.challenge[:]) {
		c.rig.t.Errorf("the cabinet gets %+v in %+v", t, command)
	}
	return t
}

// answers a task, with the part of a result that it asks for.
func (c *cabinet) answers(t wire.Task, code protocol.Code, packed []byte) {
	c.rig.t.Helper()
	r := wire.Reply{V: 1, Cabinet: c.address.Cabinet, ID: t.ID, Code: code}
	if len(packed) > 0 {
		sum := sha256.Sum256(packed)
		r.Part = &wire.Part{Offset: t.Offset, Total: len(packed), Sum: sum[:], Data: packed[t.Offset:min(t.Offset+wire.MaxPart, len(packed))]}
	}
	c.rig.must(c.say(topic.Reply, r))
}

func (r *rig) ask(kind wire.TaskKind, args any) cloud.Task {
	r.t.Helper()
	t, err := r.core.Tasks.Ask(r.t.Context(), cloud.AskTask{Cabinet: "xs-01", Kind: kind, Args: args, By: "Chen Jun"})
	r.must(err)
	return t
}

func (r *rig) task(t cloud.Task) cloud.Task {
	r.t.Helper()
	now, err := r.core.Tasks.Task(r.t.Context(), t.ID)
	r.must(err)
	return now
}

// packed is a result of so many bytes that does not compress.
func packed(t *testing.T, bytesOf int, seed uint64) []byte {
	t.Helper()
	chance := rand.New(rand.NewPCG(seed, 1))
	plain := make([]byte, bytesOf)
	for i := range plain {
		plain[i] = byte(chance.Uint32())
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestALongResultIsAskedForPartByPart(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		asked := r.ask(wire.TaskLogs, wire.LogsArgs{Lines: 500})
		old, log := packed(t, 40_000, 1), packed(t, 50_000, 2)
		if got := r.cabinet.task(); got.Kind != wire.TaskLogs || string(got.Args) != `{"lines":500}` || got.By != "Chen Jun" || got.Offset != 0 {
			t.Errorf("asked %+v", got)
		}
		r.cabinet.answers(r.cabinet.task(), protocol.CodeOK, old)
		if got := r.cabinet.task(); got.Offset != wire.MaxPart {
			t.Fatalf("then asked %+v", got)
		}
		r.cabinet.answers(r.cabinet.task(), protocol.CodeOK, log) // The agent was started anew, and so is its log.
		for n := 0; r.task(asked).Done.IsZero(); n++ {
			if n > 6 {
				t.Fatalf("it asks on and on: %+v", r.cabinet.task())
			}
			r.cabinet.answers(r.cabinet.task(), protocol.CodeOK, log)
			r.cabinet.answers(r.cabinet.task(), protocol.CodeOK, log)
		}
		result, err := r.core.Tasks.Result(t.Context(), asked.ID)
		if err != nil || !bytes.Equal(result, log) || r.task(asked).State(time.Now()) != cloud.TaskDone {
			t.Errorf("%d bytes came of %d: %v, %+v", len(result), len(log), err, r.task(asked))
		}
		sent := r.mail.count(topic.Command)
		r.cabinet.answers(r.cabinet.task(), protocol.CodeBusy, nil)
		<-time.After(2 * time.Minute)
		if r.task(asked).Code != protocol.CodeOK || r.mail.count(topic.Command) != sent {
			t.Error("a task that is done is asked for again, or ended again")
		}
	})
}

// TestAResultThatWasMadeAnewMayBeShorterThanWhatIsHere: the log of an agent that was started anew ends before the offset that
// is asked for, which the agent refuses.
func TestAResultThatWasMadeAnewMayBeShorterThanWhatIsHere(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		asked := r.ask(wire.TaskLogs, wire.LogsArgs{})
		r.cabinet.answers(r.cabinet.task(), protocol.CodeOK, packed(t, 40_000, 1))
		r.cabinet.answers(r.cabinet.task(), protocol.CodeMalformed, nil)
		short := packed(t, 100, 2)
		if got := r.cabinet.task(); got.Offset != 0 || !r.task(asked).Done.IsZero() {
			t.Fatalf("then asked %+v, the task is %+v", got, r.task(asked))
		}
		r.cabinet.answers(r.cabinet.task(), protocol.CodeOK, short)
		if result, err := r.core.Tasks.Result(t.Context(), asked.ID); err != nil || !bytes.Equal(result, short) {
			t.Errorf("%d bytes came of %d: %v", len(result), len(short), err)
		}
		none := r.ask(wire.TaskLogs, wire.LogsArgs{})
		r.cabinet.answers(r.cabinet.task(), protocol.CodeMalformed, nil)
		if got := r.task(none); got.Code != protocol.CodeMalformed {
			t.Errorf("refused at its beginning, it is %+v", got)
		}
	})
}

func TestTasksAreSentInTheOrderInWhichTheyWereAsked(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.loseLine()
		r.ask(wire.TaskCalibrate, wire.CalibrateArgs{Platform: "S1"})
		<-time.After(time.Second)
		last := r.ask(wire.TaskCalibrate, wire.CalibrateArgs{Platform: "S1", Mass: 5_000_000})
		r.cabinet.birth()
		if got := r.cabinet.task(); got.ID != last.ID || r.mail.count(topic.Command) != 2 {
			t.Errorf("the last of %d is %+v", r.mail.count(topic.Command), got)
		}
	})
}

func TestATaskWaitsForItsCabinetAndIsSentUntilItIsAnsweredOrOver(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.loseLine()
		asked := r.ask(wire.TaskSelfTest, struct{}{})
		<-time.After(5 * time.Minute)
		if n := r.mail.count(topic.Command); n != 0 {
			t.Fatalf("%d commands without a line", n)
		}
		r.restart()
		if n := r.mail.count(topic.Command); n != 1 || r.cabinet.task().ID != asked.ID {
			t.Fatalf("%d commands when it is back", n)
		}
		r.cabinet.answers(r.cabinet.task(), protocol.CodeTimeUnknown, nil) // It has not heard the time yet.
		<-time.After(30 * time.Second)
		if n := r.mail.count(topic.Command); n != 2 || !r.task(asked).Done.IsZero() {
			t.Errorf("%d commands, %+v", n, r.task(asked))
		}
		r.cabinet.answers(r.cabinet.task(), protocol.CodeUnsupported, nil)
		if got := r.task(asked); got.State(time.Now()) != cloud.TaskRefused || got.Code != protocol.CodeUnsupported {
			t.Errorf("refused, it is %+v", got)
		}
		late := r.ask(wire.TaskSelfTest, struct{}{})
		<-time.After(2 * time.Hour)
		sent := r.mail.count(topic.Command)
		r.cabinet.telemetry()
		r.cabinet.birth()
		if got := r.task(late); got.State(time.Now()) != cloud.TaskExpired || r.mail.count(topic.Command) != sent {
			t.Errorf("after its time it is %+v, and sent %d times more", got, r.mail.count(topic.Command)-sent)
		}
	})
}

func TestTheTraceOfAVisitIsKeptAsItCame(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		visit := protocol.UUID{6: 0x70, 8: 0x80, 15: 9}
		asked := r.ask(wire.TaskTrace, wire.TraceArgs{Visit: visit})
		trace := packed(t, 20_000, 3)
		if _, err := r.core.Tasks.Trace(t.Context(), visit); protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("before it came: %v", err)
		}
		r.cabinet.answers(r.cabinet.task(), protocol.CodeOK, trace)
		r.cabinet.answers(r.cabinet.task(), protocol.CodeOK, trace)
		got, err := r.core.Tasks.Trace(t.Context(), visit)
		if err != nil || !bytes.Equal(got, trace) || r.task(asked).Code != protocol.CodeOK {
			t.Errorf("%d bytes of %d: %v, %+v", len(got), len(trace), err, r.task(asked))
		}
	})
}

func TestPartsThatDoNotBelongTogetherAreNoResult(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		sum := sha256.Sum256([]byte("other"))
		for what, part := range map[string]wire.Part{
			"another sum":          {Total: 3, Sum: sum[:], Data: []byte("abc")},
			"beyond its end":       {Offset: 2, Total: 3, Sum: sum[:], Data: []byte("abc")},
			"more than is allowed": {Total: wire.MaxResult + 1, Sum: sum[:], Data: []byte("abc")},
			"before its beginning": {Offset: -3, Total: 3, Sum: sum[:], Data: []byte("abc")},
			"nothing":              {Total: 3, Sum: sum[:]},
		} {
			asked := r.ask(wire.TaskLogs, wire.LogsArgs{})
			r.must(r.cabinet.say(topic.Reply, wire.Reply{V: 1, Cabinet: "xs-01", ID: asked.ID, Code: protocol.CodeOK, Part: &part}))
			if got := r.task(asked); got.Code != protocol.CodeMalformed || got.Result {
				t.Errorf("%s: %+v", what, got)
			}
		}
	})
}

func TestOnlySoManyTasksWaitForACabinet(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		for range 8 {
			r.ask(wire.TaskSelfTest, struct{}{})
		}
		_, err := r.core.Tasks.Ask(t.Context(), cloud.AskTask{Cabinet: "xs-01", Kind: wire.TaskSelfTest, Args: struct{}{}, By: "Chen Jun"})
		if protocol.CodeOf(err) != cloud.CodeTooMany {
			t.Errorf("a ninth: %v", err)
		}
		if _, err := r.core.Tasks.Ask(t.Context(), cloud.AskTask{Cabinet: "xs-99", Kind: wire.TaskSelfTest, By: "x"}); protocol.CodeOf(err) != cloud.CodeUnknownCabinet {
			t.Errorf("of a cabinet that is not there: %v", err)
		}
		if all, err := r.core.Tasks.Latest(t.Context(), "xs-01", 5); err != nil || len(all) != 5 {
			t.Errorf("%d tasks, %v", len(all), err)
		}
		synctest.Wait()
	})
}
