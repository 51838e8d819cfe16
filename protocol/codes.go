package protocol

import (
	"errors"
	"fmt"
)

// Code says in one word why something was refused or went wrong. Codes travel in replies and events, label metrics and
// choose the text of a page, so they are never renamed.
type Code string

// Codes that both sides know.
const (
	CodeOK             Code = "ok"
	CodeMalformed      Code = "malformed"       // a message that cannot be read
	CodeUnsupported    Code = "unsupported"     // a version or command that this side does not know
	CodeExpired        Code = "expired"         // a command or grant whose time is over
	CodeNotYet         Code = "not_yet"         // a grant whose time has not begun
	CodeUnknownKey     Code = "unknown_key"     // signed with a key that this side does not hold
	CodeBadSignature   Code = "bad_signature"   // signed by someone else, or changed on the way
	CodeOtherCabinet   Code = "other_cabinet"   // meant for another cabinet or a door that this one lacks
	CodeStaleChallenge Code = "stale_challenge" // carries the challenge of an older connection
	CodeUsed           Code = "used"            // its nonce or visit has been burnt before
	CodeTimeUnknown    Code = "time_unknown"    // the cabinet cannot judge the grant's time
	CodeBusy           Code = "busy"            // another visit is under way at this door
	CodeDoorOpen       Code = "door_open"       // the door is not shut
	CodeNotSelling     Code = "not_selling"     // it has no configuration, is about to be started again, or is damaged
	CodeOffSale        Code = "off_sale"        // a person of the chain has taken it off sale; staff may open it
	CodeLockedOut      Code = "locked_out"      // a person of the chain lets nobody but a technician open it
	CodeLockFailed     Code = "lock_failed"     // the board did not answer or the latch did not move
	CodeNotPulled      Code = "not_pulled"      // released, but nobody pulled the door in time
	CodeScaleFault     Code = "scale_fault"     // a platform of the door cannot be weighed
	CodeTooWarm        Code = "too_warm"        // the food behind the door was above its limit for too long
	CodeColdUnknown    Code = "cold_unknown"    // nobody knows how warm it was, for too long
	CodeDiskFull       Code = "disk_full"       // no room to record a visit
	CodePulseUnknown   Code = "pulse_unknown"   // power failed between burning the grant and the pulse
	CodeStale          Code = "stale"           // older than what is already applied
	CodeResidentLimit  Code = "resident_limit"  // more than the chain risks on one resident while a line is down
	CodeCabinetLimit   Code = "cabinet_limit"   // more than the chain risks on one cabinet whose line is down
)

// Warmth reports whether a code is that of food that may not be sold for its temperature.
func (c Code) Warmth() bool { return c == CodeTooWarm || c == CodeColdUnknown }

// Halt reports whether a code is that of a person of the chain who has halted a cabinet.
func (c Code) Halt() bool { return c == CodeOffSale || c == CodeLockedOut }

// Error is an error with a code; the message is for an engineer, the code for everything else.
type Error struct {
	Code Code
	Msg  string
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Msg }

// Errorf makes an Error.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Msg: fmt.Sprintf(format, args...)}
}

// CodeOf finds the code in an error's chain; "" when it has none, CodeOK for nil.
func CodeOf(err error) Code {
	if err == nil {
		return CodeOK
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return ""
}
