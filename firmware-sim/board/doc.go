// Package board holds the boards on a cabinet's serial line, made of software: a relay board, a weight transmitter and
// an 8-channel weight board, all speaking Modbus RTU.
//
// A board answers frames at times that are passed in; it opens no port, keeps no line time and starts no goroutine. It
// answers what it does not know with an exception, and damaged bytes with silence, as the real ones do.
package board
