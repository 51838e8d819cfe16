package line

import (
	"io"
	"io/fs"
	"sync"
	"time"
)

// Memory is a line without a kernel: its port behaves as an opened serial port does, and it works under fake time.
type Memory struct {
	disturber
	speed  Speed
	boards Boards

	mu        sync.Mutex
	port      *Port
	unplugged bool
	served    sync.WaitGroup
}

// NewMemory makes a plugged line.
func NewMemory(speed Speed, boards Boards) *Memory { return &Memory{speed: speed, boards: boards} }

// Open opens the line as the master. It fails with fs.ErrNotExist while the line is unplugged. A port that was open
// before is closed.
func (m *Memory) Open() (*Port, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.unplugged {
		return nil, fs.ErrNotExist
	}
	if m.port != nil {
		m.port.hangUp()
	}
	port := newPort()
	m.port = port
	m.served.Go(func() { _ = serve(&noisyWire{wire: memoryWire{port}, disturber: &m.disturber}, m.speed, m.boards) }) // it ends when the port closes, and only so
	return port, nil
}

// Plug puts the adapter in, or pulls it out, which breaks the open port. It never fails.
func (m *Memory) Plug(in bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unplugged = !in
	if !in && m.port != nil {
		m.port.hangUp()
		m.port = nil
	}
	return nil
}

// Close pulls the line out and waits for the boards' side.
func (m *Memory) Close() error {
	err := m.Plug(false)
	m.served.Wait()
	return err
}

// Port is the master's end of a line in memory. As with a real port a read that times out returns (0, nil).
type Port struct {
	toBoards chan []byte
	toMaster chan []byte
	closed   chan struct{}
	once     sync.Once

	mu      sync.Mutex // of what follows
	timeout time.Duration
	rest    []byte
}

// depth is how many writes or replies the kernel's buffers would hold.
const depth = 64

func newPort() *Port {
	return &Port{
		toBoards: make(chan []byte, depth), toMaster: make(chan []byte, depth), closed: make(chan struct{}), timeout: -1,
	}
}

// SetReadTimeout sets how long a read waits; negative for ever.
func (p *Port) SetReadTimeout(d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.timeout = d
	return nil
}

// Read gives what the boards sent. It returns (0, nil) after the timeout and io.EOF when the line was closed.
func (p *Port) Read(b []byte) (int, error) {
	p.mu.Lock()
	rest, timeout := p.rest, p.timeout
	p.mu.Unlock()
	if len(rest) == 0 {
		var err error
		if rest, err = p.next(timeout); err != nil || rest == nil {
			return 0, err
		}
	}
	n := copy(b, rest)
	p.mu.Lock()
	p.rest = rest[n:]
	p.mu.Unlock()
	return n, nil
}

func (p *Port) next(timeout time.Duration) ([]byte, error) {
	var expired <-chan time.Time
	if timeout >= 0 {
		timer := time.NewTimer(timeout)
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case b := <-p.toMaster:
		return b, nil
	case <-p.closed:
		return nil, io.EOF
	case <-expired:
		return nil, nil
	}
}

// Write sends bytes to the boards. It never waits for them to be on the wire, as a kernel's buffer does not.
func (p *Port) Write(b []byte) (int, error) {
	select {
	case <-p.closed:
		return 0, ErrClosed
	default:
	}
	select {
	case <-p.closed:
		return 0, ErrClosed
	case p.toBoards <- append([]byte(nil), b...):
		return len(b), nil
	}
}

// ResetInputBuffer throws away what was received and not read.
func (p *Port) ResetInputBuffer() error {
	p.mu.Lock()
	p.rest = nil
	p.mu.Unlock()
	for {
		select {
		case <-p.toMaster:
		default:
			return nil
		}
	}
}

// Close closes the port.
func (p *Port) Close() error {
	p.hangUp()
	return nil
}

func (p *Port) hangUp() { p.once.Do(func() { close(p.closed) }) }

// memoryWire is the boards' end of a port.
type memoryWire struct{ port *Port }

func (w memoryWire) await(limit time.Duration) ([]byte, error) {
	var expired <-chan time.Time
	if limit >= 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case b := <-w.port.toBoards:
		return b, nil
	case <-w.port.closed:
		return nil, ErrClosed
	case <-expired:
		return nil, nil
	}
}

func (w memoryWire) arrived() []byte {
	var all []byte
	for {
		select {
		case b := <-w.port.toBoards:
			all = append(all, b...)
		default:
			return all
		}
	}
}

func (w memoryWire) sleepUntil(moment time.Time) { time.Sleep(time.Until(moment)) }

func (w memoryWire) send(p []byte) error {
	select {
	case w.port.toMaster <- p:
		return nil
	case <-w.port.closed:
		return ErrClosed
	default:
		return nil // a full kernel buffer drops what nobody reads
	}
}
