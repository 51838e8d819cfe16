package agent

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"

	"allhours/protocol"
	"allhours/protocol/topic"
	"allhours/protocol/wire"
)

// Bounds of what is kept of tasks: an answer is given again to whoever asks again, and to whoever asks for its next part.
const (
	tasksKept   = 32
	resultsKept = 2 << 20 // bytes of results
	tasksWait   = 8       // for the events to go first
)

// work is what a task does beside the loop; nil where nothing is left to do. It gives the gzipped result.
type work func() ([]byte, error)

// tasks is what the loop knows of tasks.
type tasks struct {
	known   map[protocol.UUID]*finding
	order   []protocol.UUID // of known, oldest first
	bytes   int             // of the results in known
	waiting []wire.Task
}

// finding is what came of a task.
type finding struct {
	at     wire.Task // as it was asked last
	done   bool
	result []byte
	sum    [sha256.Size]byte
	err    error
}

func newTasks() tasks { return tasks{known: map[protocol.UUID]*finding{}} }

// task takes a task from the cloud. It is signed, because a broker could make one up.
func (a *Agent) task(cmd wire.Command) error {
	if err := a.fresh(cmd); err != nil {
		return err
	}
	var t wire.Task
	if err := wire.Unseal(wire.KindTask, a.keys, cmd.Task, &t); err != nil {
		return err
	}
	now, _ := a.clock.Cloud()
	challenge := a.uplink.Challenge()
	switch {
	case t.V != wire.Version:
		return protocol.Errorf(protocol.CodeUnsupported, "task: version %d: want %d", t.V, wire.Version)
	case t.Cabinet != a.opt.Config.Cabinet:
		return protocol.Errorf(protocol.CodeOtherCabinet, "task: for cabinet %q", t.Cabinet)
	case t.ID != cmd.ID:
		return protocol.Errorf(protocol.CodeMalformed, "task: %s in a command %s", t.ID, cmd.ID)
	case challenge.IsZero() || string(t.Challenge) != string(challenge[:]):
		return protocol.Errorf(protocol.CodeStaleChallenge, "task: bound to another connection")
	case now.UnixMilli() > t.Expires:
		return protocol.Errorf(protocol.CodeExpired, "task: expired %d ms ago", now.UnixMilli()-t.Expires)
	case t.By == "" || len(t.By) > wire.MaxWhy || t.Offset < 0:
		return protocol.Errorf(protocol.CodeMalformed, "task: want who asks, and an offset that is none or more")
	}
	return a.do(t)
}

// do answers a task at once, begins it, or lets it wait: what is long goes after the events.
func (a *Agent) do(t wire.Task) error {
	if (t.Kind == wire.TaskLogs || t.Kind == wire.TaskTrace) && a.backlog() > 0 {
		return a.later(t)
	}
	f, known := a.tasks.known[t.ID]
	switch {
	case known && f.done:
		f.at = t
		return a.answer(f)
	case known:
		f.at = t
		return nil
	}
	a.log.Info("a task is asked for", "kind", t.Kind, "task", t.ID)
	f = &finding{at: t}
	a.remind(f)
	next, err := a.begin(t)
	if err != nil || next == nil {
		return a.found(f, nil, err)
	}
	a.keeping.Go(func() {
		result, err := next()
		select {
		case a.work <- func() { a.came(f, result, err) }:
		case <-a.ended:
		}
	})
	return nil
}

// begin checks what a task wants, in the loop.
func (a *Agent) begin(t wire.Task) (work, error) {
	switch t.Kind {
	case wire.TaskAttest:
		return a.attestTask(t)
	case wire.TaskSelfTest:
		test := a.selfTest()
		return func() ([]byte, error) { return packed(test) }, nil
	case wire.TaskLogs:
		return a.logsTask(t)
	case wire.TaskTraces:
		return a.tracesTask, nil
	case wire.TaskTrace:
		return a.traceTask(t)
	case wire.TaskCalibrate:
		return a.calibrateTask(t)
	case wire.TaskRestart:
		return a.restartTask(t)
	}
	return nil, protocol.Errorf(protocol.CodeUnsupported, "task %q is not known here", t.Kind)
}

// later keeps a task until the cloud has all events; the same one replaces itself.
func (a *Agent) later(t wire.Task) error {
	w := &a.tasks.waiting
	*w = slices.DeleteFunc(*w, func(other wire.Task) bool { return other.ID == t.ID })
	if len(*w) == tasksWait {
		return protocol.Errorf(protocol.CodeBusy, "task: %d wait already", tasksWait)
	}
	*w = append(*w, t)
	return nil
}

// lookAtTasks goes on with what waited, one at a time: each answer may bring events before the next.
func (a *Agent) lookAtTasks() {
	w := &a.tasks.waiting
	if now, known := a.clock.Cloud(); known {
		*w = slices.DeleteFunc(*w, func(t wire.Task) bool { return now.UnixMilli() > t.Expires })
	}
	if len(*w) == 0 || a.backlog() > 0 {
		return
	}
	t := (*w)[0]
	*w = slices.Delete(*w, 0, 1)
	if err := a.do(t); err != nil {
		a.refuseCommand(t.ID, wire.CommandTask, err)
	}
}

// backlog is how many events the cloud has not acknowledged.
func (a *Agent) backlog() uint64 {
	_, last, err := a.journal.Bounds()
	acked, _, err2 := a.journal.Acked()
	if err != nil || err2 != nil {
		return 1 // Nobody knows: the events come first.
	}
	return last - acked + uint64(len(a.unsaved))
}

// came takes what came of a task that ran beside the loop.
func (a *Agent) came(f *finding, result []byte, err error) {
	if err := a.found(f, result, err); err != nil {
		a.refuseCommand(f.at.ID, wire.CommandTask, err)
	}
}

// found keeps what came of a task and answers it; an error is what is to be replied.
func (a *Agent) found(f *finding, result []byte, err error) error {
	if err == nil && len(result) > wire.MaxResult {
		result, err = nil, protocol.Errorf(protocol.CodeUnsupported, "a result of %d bytes: %d are sent at most", len(result), wire.MaxResult)
	}
	f.done, f.result, f.err, f.sum = true, result, err, sha256.Sum256(result)
	if a.tasks.known[f.at.ID] == f { // Not among the many that came since.
		a.tasks.bytes += len(result)
		a.forgetTasks()
	}
	return a.answer(f)
}

func (a *Agent) remind(f *finding) {
	a.tasks.known[f.at.ID] = f
	a.tasks.order = append(a.tasks.order, f.at.ID)
	a.forgetTasks()
}

// forgetTasks drops the oldest results where they are too large together, but never the newest, and the oldest tasks where
// there are too many. What was only read may be read again; what had an effect has a small answer, and stays for longer.
func (a *Agent) forgetTasks() {
	k := &a.tasks
	for i := 0; i < len(k.order)-1 && k.bytes > resultsKept; {
		if f := k.known[k.order[i]]; len(f.result) > 0 {
			k.drop(i)
			continue
		}
		i++
	}
	for len(k.order) > tasksKept {
		k.drop(0)
	}
}

func (k *tasks) drop(i int) {
	id := k.order[i]
	k.bytes -= len(k.known[id].result)
	delete(k.known, id)
	k.order = slices.Delete(k.order, i, i+1)
}

// answer sends the part that was asked for.
func (a *Agent) answer(f *finding) error {
	if f.err != nil {
		return f.err
	}
	r := wire.Reply{V: wire.Version, Cabinet: a.opt.Config.Cabinet, ID: f.at.ID, Code: protocol.CodeOK}
	if len(f.result) > 0 {
		if f.at.Offset >= len(f.result) {
			return protocol.Errorf(protocol.CodeMalformed, "task: offset %d in a result of %d bytes", f.at.Offset, len(f.result))
		}
		end := min(f.at.Offset+wire.MaxPart, len(f.result))
		r.Part = &wire.Part{Offset: f.at.Offset, Total: len(f.result), Sum: f.sum[:], Data: f.result[f.at.Offset:end]}
	}
	a.uplink.Send(topic.Reply, r)
	return nil
}

// argsOf reads what a task is about.
func argsOf(t wire.Task, into any) error {
	if err := json.Unmarshal(t.Args, into); err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "%s: arguments: %v", t.Kind, err)
	}
	return nil
}

// packed is a result as it is sent.
func packed(result any) ([]byte, error) {
	plain, err := json.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", result, err)
	}
	return gzipped(plain)
}

func gzipped(plain []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("compress a result: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress a result: %w", err)
	}
	return b.Bytes(), nil
}
