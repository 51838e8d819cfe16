package cloud

import (
	"context"
	"encoding/json"
	"time"

	"allhours/protocol"
	"allhours/protocol/wire"
)

// Task is what a person asked a cabinet for beside its sales. It is sent until it is answered or its time is over.
type Task struct {
	ID      protocol.UUID
	Cabinet protocol.CabinetID
	Kind    wire.TaskKind
	Args    json.RawMessage
	By      string // the name of who asked
	Asked   time.Time
	Expires time.Time
	Reached time.Time     // when its cabinet was first heard to have it; zero: not yet, as far as is known
	Done    time.Time     // when the whole answer was there; zero: not yet
	Code    protocol.Code // the cabinet's answer, once it is done
	Detail  string        // of a refusal, for an engineer
	Result  bool          // there is one
}

// TaskState is a task in one word.
type TaskState string

// The states of a task.
const (
	TaskWaiting TaskState = "waiting" // for its cabinet
	TaskDone    TaskState = "done"
	TaskRefused TaskState = "refused"
	TaskExpired TaskState = "expired" // nobody answered in time
)

// State judges the task at now.
func (t Task) State(now time.Time) TaskState {
	switch {
	case t.Done.IsZero() && now.After(t.Expires):
		return TaskExpired
	case t.Done.IsZero():
		return TaskWaiting
	case t.Code != protocol.CodeOK:
		return TaskRefused
	}
	return TaskDone
}

// TaskTable keeps what cabinets were asked for: the outbox of tasks and their results, the newest of each cabinet.
type TaskTable interface {
	Add(t Task) error
	// Find has CodeNotFound where there is none, or no longer.
	Find(id protocol.UUID) (Task, error)
	// List gives the newest first; those that wait at a moment only, where it is not zero. An empty cabinet means any.
	List(cabinet protocol.CabinetID, waitAt time.Time, limit int) ([]Task, error)
	// Reach notes when a cabinet was first heard to have a task.
	Reach(id protocol.UUID, at time.Time) error
	// End has CodeConflict where the task is done. Result is gzipped, and nil where there is none.
	End(id protocol.UUID, code protocol.Code, detail string, result []byte, at time.Time) error
	// Result is gzipped; CodeNotFound where there is none.
	Result(id protocol.UUID) ([]byte, error)
}

// AskTask asks a cabinet for something. Who may ask for what is the caller's to say.
type AskTask struct {
	Cabinet protocol.CabinetID
	Kind    wire.TaskKind
	Args    any           // of the kind
	By      string        // the person's name
	Life    time.Duration // 0: the kind's own
}

// Tasks asks cabinets for what they tell only when they are asked.
type Tasks interface {
	// Ask writes the task down and sends it; the answer comes later. Errors: CodeUnknownCabinet, protocol.CodeMalformed,
	// CodeTooMany where too many wait for one cabinet.
	Ask(ctx context.Context, a AskTask) (Task, error)
	// Task finds one; CodeNotFound where there is none.
	Task(ctx context.Context, id protocol.UUID) (Task, error)
	// Latest lists the tasks of a cabinet, newest first.
	Latest(ctx context.Context, cabinet protocol.CabinetID, limit int) ([]Task, error)
	// Result is what a cabinet told, gzipped: JSON, or the lines of a log. CodeNotFound where there is none.
	Result(ctx context.Context, id protocol.UUID) ([]byte, error)
	// Trace is the recording of a visit that was fetched from its cabinet, gzipped; CodeNotFound where none was.
	Trace(ctx context.Context, visit protocol.VisitID) ([]byte, error)
	// HasTrace tells whether it was fetched, without reading it.
	HasTrace(ctx context.Context, visit protocol.VisitID) (bool, error)
}

// Restart asks a cabinet to end the boot that it is in. Asked twice in one boot it is started again once. CodeCabinetAway where it is
// not there: nobody knows which boot that would be.
func (v CabinetView) Restart(by string) (AskTask, error) {
	if v.Presence.Boot == 0 || v.State == CabinetAway {
		return AskTask{}, protocol.Errorf(CodeCabinetAway, "cabinet %s was last heard of at %s", v.ID, v.Presence.LastSeen)
	}
	return AskTask{Cabinet: v.ID, Kind: wire.TaskRestart, Args: wire.RestartArgs{Boot: v.Presence.Boot}, By: by}, nil
}
