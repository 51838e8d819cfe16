// Package line is the serial line between a cabinet's boards and whoever masters it: a real pty pair, or an in-memory
// port that behaves the same under fake time. Both keep the line's time: bytes at the baud rate, silences around frames,
// and the time that a board takes to answer.
//
// A line can be disturbed: frames are lost, doubled, glued, cut, flipped, echoed or late, by a seed.
//
// It knows nothing of what the bytes mean, and refuses to hurry: a master that speaks before the line was silent is not
// heard.
package line
