// Package bus owns a cabinet's serial lines: one goroutine for each, through which every request goes.
//
// A [Line] keeps the pauses that the line needs, sends one request at a time, finds its reply by length and checksum,
// throws away late and foreign bytes, repeats what may be repeated, and opens the port again when it was unplugged or
// stuck. An urgent request goes before all waiting polls; what is under way is never interrupted, because a frame on top
// of another one spoils both.
//
// A [Feed] is a line on which a device speaks unasked; it only listens.
//
// It knows no protocol: an [Exchange] brings its bytes and the means to recognise its reply. It refuses to repeat an
// exchange more often than asked, and says with [ErrNotSent] when it is certain that nothing left.
package bus
