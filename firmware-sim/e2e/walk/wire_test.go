package walk

import (
	"io"
	"net"
	"sync"
	"testing"
)

// wire is what lies between a phone and the service, and can be cut: then nothing goes through any more, whoever in the browser asks.
type wire struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

func newWire(t *testing.T, to string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{listener: l, to: to, conns: map[net.Conn]bool{}}
	go w.serve()
	t.Cleanup(func() {
		_ = l.Close() // nobody is left who would mind
		w.set(true)
	})
	return w
}

func (w *wire) address() string { return "http://" + w.listener.Addr().String() }

func (w *wire) serve() {
	for {
		from, err := w.listener.Accept()
		if err != nil {
			return
		}
		go w.carry(from)
	}
}

func (w *wire) carry(from net.Conn) {
	to, err := net.Dial("tcp", w.to)
	if err != nil {
		_ = from.Close() // the phone sees a dead line
		return
	}
	if !w.hold(from, to) {
		return
	}
	defer w.drop(from, to)
	go func() {
		defer w.drop(from, to)
		_, _ = io.Copy(to, from) // ends with the connection
	}()
	_, _ = io.Copy(from, to) // ends with the connection
}

// hold keeps both ends for a cut; a cut wire lets nothing begin.
func (w *wire) hold(ends ...net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range ends {
		if w.cut {
			_ = c.Close() // it never began
			continue
		}
		w.conns[c] = true
	}
	return !w.cut
}

func (w *wire) drop(ends ...net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range ends {
		_ = c.Close() // the other end may have gone first
		delete(w.conns, c)
	}
}

// set cuts the wire and all that goes through it, or joins it again.
func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if !cut {
		return
	}
	for c := range w.conns {
		_ = c.Close() // the other end may have gone first
	}
}
