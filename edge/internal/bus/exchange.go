package bus

import "errors"

// Priority orders what waits for the line.
type Priority uint8

// Priorities. Urgent is for locks only: it goes before every waiting poll.
const (
	Poll Priority = iota
	Urgent
)

var (
	// ErrNotSent says that no byte of the exchange has left, and none will.
	ErrNotSent = errors.New("not sent")
	// ErrDown says that the port is not open; ErrNotSent is always with it.
	ErrDown = errors.New("line is down")
	// ErrBabble says that the line never fell silent, so that nothing could be sent; ErrNotSent is always with it.
	ErrBabble = errors.New("line is never silent")
	// ErrTimeout says that nothing that could be the reply has arrived in time.
	ErrTimeout = errors.New("no reply")
	// ErrSpoilt says that a reply has arrived in time, but never one that was whole and right.
	ErrSpoilt = errors.New("spoilt reply")
	// ErrStuck says that the port took longer than any exchange can; it was abandoned and bytes may still leave.
	ErrStuck = errors.New("port is stuck")
)

// Exchange is one request and how to recognise its reply.
type Exchange struct {
	Frame    []byte // what to send, whole
	ReplyLen int    // of the usual reply in bytes, for the time that it takes on the wire

	// Need tells from the first bytes of a reply how long it is; an error means that they cannot begin it.
	Need func(received []byte) (int, error)
	// Check refuses a whole frame that is not the reply. A board's own refusal is a reply.
	Check func(frame []byte) error

	// Attempts is how often a poll may be sent until a reply arrives; 0 means once. What is urgent is sent once at most,
	// because a lock that is pulsed twice may open twice.
	Attempts int
}

// answersItself tells whether the frame would be taken for its own reply.
func (e Exchange) answersItself() bool {
	need, err := e.Need(e.Frame)
	return err == nil && need == len(e.Frame) && e.Check(e.Frame) == nil
}

// find looks for the reply in what has arrived, sliding over bytes that cannot begin it. It returns the reply, or how
// many leading bytes may be dropped for good and whether something in them looked like the reply and was wrong.
func (e Exchange) find(received []byte) (frame []byte, drop int, spoilt bool) {
	for drop < len(received) {
		rest := received[drop:]
		need, err := e.Need(rest)
		if err == nil && len(rest) < need && need <= receiveBuffer {
			return nil, drop, spoilt
		}
		if err == nil && len(rest) >= need {
			if err = e.Check(rest[:need]); err == nil {
				return rest[:need], drop, spoilt
			}
			spoilt = true
		}
		drop++
	}
	return nil, drop, spoilt
}
