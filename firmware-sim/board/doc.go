// Package board holds the devices on a cabinet's serial lines, made of software: lock boards, weight boards, a temperature
// controller, scales that speak in text, and a reader of codes.
//
// A board answers frames at times that are passed in; it opens no port, keeps no line time and starts no goroutine. It
// answers what it does not know with a refusal, where its protocol has one, and damaged bytes with silence, as the real ones do.
package board
