// Package physics is the matter of a simulated cabinet: goods with weights of their own, load cells that ring and drift,
// a latch, a door and its bouncing switch.
//
// Every function gets the time passed in and draws its chance from a seed, so that the same story gives the same
// readings however often it is asked. It refuses to run on its own: it starts no goroutine, reads no clock and is not
// safe for concurrent use.
package physics
