package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"
)

// setting is a port and the name by which a person changes it.
type setting struct {
	name string
	port int
}

func (s setting) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// checkPorts names every port that cannot be listened on, and how to choose another.
func checkPorts(settings ...setting) error {
	var taken []error
	used := map[int]string{}
	for _, s := range settings {
		if other := used[s.port]; other != "" {
			taken = append(taken, fmt.Errorf("%s and %s are both %d: choose another, as in: make run %s=%d", other, s.name, s.port, s.name, s.port+1000))
			continue
		}
		used[s.port] = s.name
		listener, err := net.Listen("tcp", s.address())
		if err != nil {
			taken = append(taken, fmt.Errorf("port %d (%s) cannot be used: %w. Choose another, as in: make run %s=%d", s.port, s.name, err, s.name, s.port+1000))
			continue
		}
		taken = append(taken, listener.Close())
	}
	return errors.Join(taken...)
}
