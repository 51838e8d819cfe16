package wire

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"

	"allhours/protocol"
)

// TaskKind is what a cabinet is asked for beside its sales.
type TaskKind string

// The kinds of tasks.
const (
	TaskAttest    TaskKind = "attest"    // AttestArgs: a person answers for food that is stopped; no result
	TaskSelfTest  TaskKind = "selftest"  // no arguments; the result is a SelfTest
	TaskLogs      TaskKind = "logs"      // LogsArgs; the result is the lines
	TaskTraces    TaskKind = "traces"    // no arguments; the result is a TraceList
	TaskTrace     TaskKind = "trace"     // TraceArgs; the result is the recording, JSON lines
	TaskCalibrate TaskKind = "calibrate" // CalibrateArgs, within a service visit; the result is a Calibrated
	TaskRestart   TaskKind = "restart"   // RestartArgs; no result
)

// Task (in a command, signed) asks for something once, however often it is sent: the id tells that it is the same. A result
// is fetched part by part, each asked for by the same task with another offset.
type Task struct {
	V         int                `json:"v"`
	Cabinet   protocol.CabinetID `json:"cabinet"`
	ID        protocol.UUID      `json:"id"`
	Challenge []byte             `json:"challenge"` // of the newest birth: an old one cannot be played back
	Expires   int64              `json:"expires"`   // UTC ms of the cloud's clock
	Kind      TaskKind           `json:"kind"`
	By        string             `json:"by"` // the name of who asks
	Args      json.RawMessage    `json:"args,omitempty"`
	Offset    int                `json:"offset,omitempty"` // bytes of the result that are there
}

// MaxPart and MaxResult bound a result, compressed, in bytes.
const (
	MaxPart   = 16 << 10
	MaxResult = 4 << 20
)

// Part is a piece of a task's result, which is gzipped as a whole.
type Part struct {
	Offset int    `json:"offset"`
	Total  int    `json:"total"`
	Sum    []byte `json:"sum"` // SHA-256 of the whole: another one means that the result was made anew
	Data   []byte `json:"data"`
}

// MaxWhy bounds what a person says, in bytes.
const MaxWhy = 500

// AttestArgs name the compartment whose food may be sold again, and why.
type AttestArgs struct {
	Compartment protocol.Compartment `json:"compartment"`
	Why         string               `json:"why"`
}

// LogsArgs say how many of the last lines are wanted; 0: all that are kept.
type LogsArgs struct {
	Lines int `json:"lines,omitempty"`
}

// TraceArgs name the visit whose recording is wanted.
type TraceArgs struct {
	Visit protocol.VisitID `json:"visit"`
}

// TraceList is what recordings a cabinet keeps, the newest first.
type TraceList struct {
	Traces []KeptTrace `json:"traces"`
}

// KeptTrace is a recording of a visit.
type KeptTrace struct {
	Visit protocol.VisitID `json:"visit"`
	Bytes int64            `json:"bytes"` // compressed
}

// CalibrateArgs name a platform. Nothing lies on it where Mass is zero; otherwise Mass lies on it.
type CalibrateArgs struct {
	Platform protocol.PlatformID `json:"platform"`
	Mass     protocol.Milligrams `json:"mass_mg,omitempty"`
}

// RestartArgs name the boot that is to end. The agent answers busy while it waits for the visits under way, and ok once it has
// been started again since, so that a word that comes twice starts it once.
type RestartArgs struct {
	Boot uint32 `json:"boot"`
}

// Calibrated is what a platform showed of what lies on it, before and after.
type Calibrated struct {
	Before protocol.Milligrams `json:"before_mg"`
	After  protocol.Milligrams `json:"after_mg"`
}

// SelfTest is how a cabinet finds itself, without touching anything.
type SelfTest struct {
	At       int64    `json:"at"` // UTC ms as the cabinet believes
	UpMS     int64    `json:"up_ms"`
	Versions Versions `json:"versions"`
	Checks   []Check  `json:"checks"`
}

// Verdict is how a part of a cabinet is found.
type Verdict string

// The verdicts, from the best to the worst; what cannot be told is unknown.
const (
	VerdictWell    Verdict = "well"
	VerdictDoubt   Verdict = "doubt" // it works, and should be looked at
	VerdictBad     Verdict = "bad"
	VerdictUnknown Verdict = "unknown"
)

// Check is one part of a self-test. Whoever shows it has a sentence for each item and word, with the values filled in.
type Check struct {
	Item    string   `json:"item"`    // line, scale, door, probe, sale, disk, journal, clock or config
	Subject string   `json:"subject"` // which of them; empty where there is one
	Verdict Verdict  `json:"verdict"`
	Word    string   `json:"word"`             // what was found
	Values  []string `json:"values,omitempty"` // in the sentence's own order
}

// CheckWords lists what may be found of each item, so that both sides have the same words.
func CheckWords() map[string][]string {
	return map[string][]string{
		"line":    {"well", "lossy", "quiet", "down"},
		"scale":   {"well", "slow", "noisy", "none", "silent", "stuck", "overload"},
		"door":    {"locked", "shut", "unlocked", "open", "unknown"},
		"probe":   {"cold", "warm", "silent", "broken"},
		"sale":    {"well", "stopped"},
		"disk":    {"well", "low", "full", "unknown"},
		"journal": {"well", "behind", "unsaved"},
		"clock":   {"well", "off", "unknown"},
		"config":  {"well", "waiting", "none"},
	}
}

// maxResult bounds a result once it is unpacked, in bytes, so that a small gzip cannot fill a reader's memory.
const maxResult = 32 << 20

// UnpackResult gives the result of a task as it was before it was gzipped, cut at 32 MB; an error has
// protocol.CodeMalformed.
func UnpackResult(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, protocol.Errorf(protocol.CodeMalformed, "result: %v", err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxResult))
	if err != nil {
		return nil, protocol.Errorf(protocol.CodeMalformed, "result: %v", err)
	}
	return plain, nil
}
