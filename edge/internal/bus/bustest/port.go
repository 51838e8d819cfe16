package bustest

import (
	"slices"
	"time"
)

// Write lets the board hear a frame.
func (b *Board) Write(frame []byte) (int, error) {
	b.mu.Lock()
	stuck := b.stuck
	b.mu.Unlock()
	if stuck != nil {
		<-stuck
		return 0, ErrUnplugged
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.pulled:
		return 0, ErrUnplugged
	case b.takes >= 0:
		return b.takes, ErrUnplugged
	}
	now := time.Now()
	b.heard = append(b.heard, Sent{now, string(frame)})
	for _, p := range b.answer(string(frame)) {
		p.at = now.Add(p.After)
		b.coming = append(b.coming, p)
	}
	slices.SortStableFunc(b.coming, func(a, b Part) int { return a.at.Compare(b.at) })
	b.signal()
	return len(frame), nil
}

// Read waits for the next bytes or for the timeout.
func (b *Board) Read(buf []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	end := time.Now().Add(b.timeout)
	for {
		next := end
		switch {
		case b.pulled:
			return 0, ErrUnplugged
		case len(b.coming) > 0 && !b.coming[0].at.After(time.Now()):
			n := copy(buf, b.coming[0].Bytes)
			if b.coming[0].Bytes = b.coming[0].Bytes[n:]; b.coming[0].Bytes == "" {
				b.coming = b.coming[1:]
			}
			return n, nil
		case !time.Now().Before(end):
			return 0, nil
		case len(b.coming) > 0 && b.coming[0].at.Before(end):
			next = b.coming[0].at
		}
		b.await(next)
	}
}

func (b *Board) signal() {
	close(b.changed)
	b.changed = make(chan struct{})
}

// await waits unlocked until something changed or the moment came.
func (b *Board) await(moment time.Time) {
	changed := b.changed
	b.mu.Unlock()
	defer b.mu.Lock()
	timer := time.NewTimer(time.Until(moment))
	defer timer.Stop()
	select {
	case <-changed:
	case <-timer.C:
	}
}

// ResetInputBuffer drops what has arrived by now.
func (b *Board) ResetInputBuffer() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.resets++
	for len(b.coming) > 0 && !b.coming[0].at.After(time.Now()) {
		b.coming = b.coming[1:]
	}
	return nil
}

// SetReadTimeout bounds the next reads.
func (b *Board) SetReadTimeout(d time.Duration) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.timeout = d
	return nil
}

// Close closes nothing: the board may be opened again.
func (b *Board) Close() error { return nil }
