// Package control is the loopback port through which a person or a test becomes the shopper of a simulated cabinet, looks
// at what is really there, or breaks something.
//
// It moves matter only. It refuses to tell the agent anything: the agent learns through its line.
package control
