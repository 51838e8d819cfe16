package sim

import (
	"bufio"
	"context"
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// weather is how badly the network treats what it carries: shares of all publications, in both directions.
type weather struct {
	lose, double, delay float64
	cut                 float64 // the connection breaks in the middle of the packet
	latest              time.Duration
	rate                int // bits a second each way of a connection; 0: as many as there are
}

// overhead is what TCP, IP and TLS add to a packet, in bytes.
const overhead = 20 + 20 + 12 + 29

// carried is how many bytes went over the network so far, one way.
func (n *network) carried(w way) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.bytes[w]
}

func (n *network) carry(w way, p packet) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.bytes[w] += len(p) + overhead
	if n.heard != nil {
		n.heard(p)
	}
}

// takes is how long a packet is on its way.
func (w weather) takes(p packet, chance *rand.Rand) time.Duration {
	d := between(chance, leastLatency, mostLatency)
	if w.rate > 0 {
		d += time.Duration(len(p)+overhead) * 8 * time.Second / time.Duration(w.rate)
	}
	return d
}

// latency of a packet in fair weather.
const (
	leastLatency = time.Millisecond
	mostLatency  = 25 * time.Millisecond
)

// network lies between the cabinets and the service's broker.
type network struct {
	seed    uint64
	running sync.WaitGroup

	mu      sync.Mutex // of all below
	weather weather
	broker  *broker // nil while the service is down
	links   map[*link]bool
	dialled map[string]uint64 // connections that each cabinet made so far
	bytes   [2]int            // that were carried so far, upward and downward, with their overhead
	closed  bool
	heard   func(p []byte) // every packet; nil: nobody listens
}

// listen hands every packet to somebody, before its fate.
func (n *network) listen(heard func(p []byte)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.heard = heard
}

func newNetwork(seed uint64) *network {
	return &network{seed: seed, links: map[*link]bool{}, dialled: map[string]uint64{}}
}

// turn changes the weather.
func (n *network) turn(w weather) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.weather = w
}

// attach puts a broker behind the network in place of the one before; nil for none.
func (n *network) attach(b *broker) {
	n.mu.Lock()
	n.broker = b
	n.mu.Unlock()
	n.cutAll()
}

func (n *network) cutAll() {
	for _, l := range n.linksOf("") {
		l.cut()
	}
}

// linksOf lists the connections of one cabinet, or of all where its name is empty.
func (n *network) linksOf(owner string) []*link {
	n.mu.Lock()
	defer n.mu.Unlock()
	var found []*link
	for l := range n.links {
		if owner == "" || l.owner == owner {
			found = append(found, l)
		}
	}
	return found
}

// direction is which way a connection hangs.
type direction int

const (
	bothWays direction = iota
	upOnly
	downOnly
)

// hang lets nothing through a cabinet's connections until it flows again; nothing is lost by it.
func (n *network) hang(owner string, which direction) {
	for _, l := range n.linksOf(owner) {
		l.mu.Lock()
		l.hung[upward] = l.hung[upward] || which != downOnly
		l.hung[downward] = l.hung[downward] || which != upOnly
		l.mu.Unlock()
	}
}

// flow ends a hang.
func (n *network) flow(owner string) {
	for _, l := range n.linksOf(owner) {
		l.mu.Lock()
		l.hung = [2]bool{}
		l.mu.Unlock()
	}
}

// dial connects a cabinet to the broker, if there is one.
func (n *network) dial(ctx context.Context, owner string) (net.Conn, error) {
	near, cabinetSide := net.Pipe()
	brokerSide, far := net.Pipe()
	n.mu.Lock()
	broker := n.broker
	n.mu.Unlock()
	if broker == nil {
		return nil, net.ErrClosed
	}
	if err := broker.accept(ctx, far); err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || n.broker != broker {
		brokerSide.Close()
		return nil, net.ErrClosed
	}
	l := &link{net: n, owner: owner, ends: []net.Conn{cabinetSide, brokerSide}, done: make(chan struct{})}
	n.links[l] = true
	up, down := n.draw(owner), n.draw(owner)
	n.running.Go(func() { l.carry(upward, up) })
	n.running.Go(func() { l.carry(downward, down) })
	return near, nil
}

// draw makes a source of chance for the next direction of a cabinet's connections, so that what one cabinet meets does
// not depend on when the others connect; n.mu is held.
func (n *network) draw(owner string) *rand.Rand {
	n.dialled[owner]++
	h := fnv.New64a()
	h.Write([]byte(owner)) // a hash never fails
	return rand.New(rand.NewPCG(n.seed^h.Sum64(), n.dialled[owner]))
}

func (n *network) now() weather {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.weather
}

// close ends every connection and waits for what carried them.
func (n *network) close() {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.cutAll()
	n.running.Wait()
}

// link is one connection, packet by packet.
type link struct {
	net   *network
	owner string
	ends  []net.Conn
	done  chan struct{}
	once  sync.Once

	mu   sync.Mutex
	hung [2]bool // nothing passes upward, or downward
}

// way is a direction of one connection.
type way int

const (
	upward way = iota
	downward
)

func (l *link) cut() {
	l.once.Do(func() {
		close(l.done)
		for _, end := range l.ends {
			end.Close()
		}
		l.net.mu.Lock()
		delete(l.net.links, l)
		l.net.mu.Unlock()
	})
}

// lookAgain is how soon a hung direction is looked at again.
const lookAgain = 100 * time.Millisecond

// pause waits, and through a hang too; false when the link was cut.
func (l *link) pause(w way, d time.Duration) bool {
	for {
		timer := time.NewTimer(d)
		select {
		case <-timer.C:
		case <-l.done:
			timer.Stop()
			return false
		}
		l.mu.Lock()
		hung := l.hung[w]
		l.mu.Unlock()
		if !hung {
			return true
		}
		d = lookAgain
	}
}

// held is how many packets one direction of a connection can hold before it breaks.
const held = 4096

// carry moves packets one way until the link is cut or its sender has hung up and everything has arrived. The sender
// never waits: a connection that hangs fills up first.
func (l *link) carry(w way, chance *rand.Rand) {
	defer l.cut()
	waiting := make(chan packet, held)
	l.net.running.Go(func() {
		defer close(waiting)
		for r := bufio.NewReader(l.ends[w]); ; {
			p, err := readPacket(r)
			if err != nil || len(waiting) == held {
				return
			}
			waiting <- p
		}
	})
	for p := range waiting {
		if !l.pause(w, l.net.now().takes(p, chance)) || l.forward(w, p, chance) != nil {
			return
		}
	}
}

func (l *link) forward(w way, p packet, chance *rand.Rand) error {
	l.net.carry(w, p)
	if p.isPublish() {
		return l.post(w, p, chance)
	}
	_, err := l.ends[1-w].Write(p)
	return err
}

// errBroken is a connection that broke in the middle of a packet.
var errBroken = errors.New("the connection broke")

// post does to a publication what the weather wants.
func (l *link) post(way way, p packet, chance *rand.Rand) error {
	from, to, w, fate := l.ends[way], l.ends[1-way], l.net.now(), chance.Float64()
	var err error
	switch {
	case fate < w.lose: // The sender is told that it arrived, as brokers do before they lose it.
		if receipt := p.receipt(); receipt != nil {
			_, err = from.Write(receipt)
		}
	case fate < w.lose+w.double:
		_, err = to.Write(p)
		l.later(way, p, between(chance, 0, w.latest))
	case fate < w.lose+w.double+w.delay:
		l.later(way, p, between(chance, mostLatency, w.latest))
	case fate < w.lose+w.double+w.delay+w.cut:
		_, err = to.Write(p[:1+chance.IntN(len(p)-1)])
		err = errors.Join(errBroken, err)
	default:
		_, err = to.Write(p)
	}
	return err
}

// later lets a publication be overtaken by those behind it.
func (l *link) later(way way, p packet, d time.Duration) {
	l.net.running.Go(func() {
		if !l.pause(way, d) {
			return
		}
		if _, err := l.ends[1-way].Write(p); err != nil {
			l.cut()
		}
	})
}

func between(chance *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(chance.Int64N(int64(most-least)))
}
