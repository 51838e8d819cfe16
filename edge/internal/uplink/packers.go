package uplink

import "allhours/protocol/wire"

// Packers write messages for all uplinks that share them, one each at a time: each keeps 800 kB, which ten thousand
// uplinks of one process cannot have for themselves, and which costs more to make for each message than to compress it.
type Packers chan *wire.Packer

// NewPackers makes so many.
func NewPackers(n int) Packers {
	p := make(Packers, n)
	for range n {
		p <- new(wire.Packer)
	}
	return p
}

func (p Packers) encode(message any) ([]byte, error) {
	one := <-p
	defer func() { p <- one }()
	return one.Encode(message)
}
