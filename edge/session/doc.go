// Package session is the life of a visit at one door, as a pure state machine: [Step] takes a state, an input and the time
// since boot, and gives the next state and what is to be done. It has no clock, no goroutine and no I/O; whoever runs it
// carries out the effects in their order and reports back.
//
// It refuses to pulse a lock whose grant is not burnt, to pulse it twice for one grant, and to give a visit two outcomes.
package session
