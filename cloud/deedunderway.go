package cloud

import (
	"context"
	"sync"
)

// DeedPen writes deeds as the audit log has them.
type DeedPen interface {
	// Tidy keeps the words of a deed short, and each in one line.
	Tidy(d Deed) Deed
	// Seal is the seal of a deed that follows the one with another seal.
	Seal(before string, d Deed) string
}

// DeedUnderWay is what somebody of the staff is doing. Its record goes into the audit log in the transaction of the first thing
// that it changes, so that neither is in the books without the other. It is safe for concurrent use.
type DeedUnderWay struct {
	pen DeedPen

	mu    sync.Mutex
	deed  Deed
	kept  Deed // as it was written
	state recordState
}

type recordState int

const (
	recordOpen    recordState = iota // not in the log
	recordWriting                    // a transaction has it
	recordWritten
	recordOver // the deed came to its end, and nothing more belongs to it
)

// Tell changes what is known of the deed.
func (u *DeedUnderWay) Tell(change func(d *Deed)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	change(&u.deed)
}

// Told is what is known of it.
func (u *DeedUnderWay) Told() Deed {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.deed
}

// End gives what is known of the deed when it is over, and the record of it that is in the log, if one is.
func (u *DeedUnderWay) End() (d, kept Deed, written bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	written = u.state == recordWritten
	u.state = recordOver
	return u.deed, u.kept, written
}

// Record lets a transaction write the deed down: one that somebody who is known does under a word, and that was not written yet.
// The transaction says with settle what it wrote, and whether it came to be.
func (u *DeedUnderWay) Record() (pen DeedPen, settle func(kept Deed, durable bool), mine bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.state != recordOpen || u.deed.Did == "" || u.deed.Name == "" {
		return nil, nil, false
	}
	u.state = recordWriting
	return u.pen, u.settle, true
}

func (u *DeedUnderWay) settle(kept Deed, durable bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.state != recordWriting {
		return
	}
	u.state = recordOpen
	if durable {
		u.kept, u.state = kept, recordWritten
	}
}

type deedKey struct{}

// WithDeed gives a context whose changes are those of a deed.
func WithDeed(ctx context.Context, u *DeedUnderWay, pen DeedPen) context.Context {
	u.pen = pen
	return context.WithValue(ctx, deedKey{}, u)
}

// DeedOf is the deed of a context; nil where there is none.
func DeedOf(ctx context.Context) *DeedUnderWay {
	u, _ := ctx.Value(deedKey{}).(*DeedUnderWay)
	return u
}

// TellDeed changes what is known of a context's deed, if it has one.
func TellDeed(ctx context.Context, change func(d *Deed)) {
	if u := DeedOf(ctx); u != nil {
		u.Tell(change)
	}
}
