package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"allhours/protocol"
)

// uplink is one cabinet's network: it hands on what the agent and the broker say, until somebody takes it away.
type uplink struct {
	listener net.Listener
	broker   string
	serving  sync.WaitGroup

	mu    sync.Mutex // of what follows
	off   bool
	conns map[net.Conn]bool
}

// newUplink listens on a loopback port of its own; nothing is handed on before serve.
func newUplink(broker string) (*uplink, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("network of a cabinet: %w", err)
	}
	return &uplink{listener: listener, broker: broker, conns: map[net.Conn]bool{}}, nil
}

func (u *uplink) address() string { return u.listener.Addr().String() }

// serve hands on until close.
func (u *uplink) serve() {
	u.serving.Go(func() {
		for {
			near, err := u.listener.Accept()
			if err != nil {
				return
			}
			u.serving.Go(func() { u.handOn(near) })
		}
	})
}

func (u *uplink) handOn(near net.Conn) {
	defer near.Close()
	if !u.keep(near) {
		return
	}
	defer u.forget(near)
	far, err := net.Dial("tcp", u.broker)
	if err != nil {
		return // The agent tries again.
	}
	defer far.Close()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			_, _ = io.Copy(way[0], way[1]) // however it ends, the other way ends with it
			_, _ = near.Close(), far.Close()
		})
	}
	both.Wait()
}

func (u *uplink) keep(c net.Conn) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !u.off {
		u.conns[c] = true
	}
	return !u.off
}

func (u *uplink) forget(c net.Conn) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.conns, c)
}

// take takes the network away, or gives it back.
func (u *uplink) take(off bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.off = off
	if !off {
		return
	}
	for c := range u.conns {
		_ = c.Close()
	}
}

func (u *uplink) close() error {
	err := u.listener.Close()
	u.take(true)
	u.serving.Wait()
	return err
}

// network is the uplinks of all cabinets.
type network map[protocol.CabinetID]*uplink

func newNetwork(cabinets []place, broker string) (network, error) {
	n := network{}
	for _, p := range cabinets {
		u, err := newUplink(broker)
		if err != nil {
			return nil, errors.Join(err, n.close())
		}
		n[p.ID] = u
		u.serve()
	}
	return n, nil
}

func (n network) close() error {
	var wrong []error
	for _, u := range n {
		wrong = append(wrong, u.close())
	}
	return errors.Join(wrong...)
}
