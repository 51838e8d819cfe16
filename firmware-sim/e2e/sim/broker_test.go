package sim

import (
	"context"
	"io"
	"net"
	"sync"
)

// broker is where one life of the service listens.
type broker struct {
	waiting chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func newBroker() *broker { return &broker{waiting: make(chan net.Conn), closed: make(chan struct{})} }

func (b *broker) accept(ctx context.Context, c net.Conn) error {
	select {
	case b.waiting <- c:
		return nil
	case <-b.closed:
		return io.ErrClosedPipe
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Accept is a net.Listener's.
func (b *broker) Accept() (net.Conn, error) {
	select {
	case c := <-b.waiting:
		return c, nil
	case <-b.closed:
		return nil, net.ErrClosed
	}
}

// Close is a net.Listener's.
func (b *broker) Close() error {
	b.once.Do(func() { close(b.closed) })
	return nil
}

// Addr is a net.Listener's.
func (b *broker) Addr() net.Addr { return &net.IPAddr{IP: net.IPv4(127, 0, 0, 1)} }
