// Package server wires the cloud together and is its only public door: fleetd runs it as a process, and whole-system tests
// run it in memory. It holds no rule of its own.
package server
