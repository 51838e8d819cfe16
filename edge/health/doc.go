// Package health decides when the food behind a door is sold no more: [State.After] lets time pass over what is known of the
// air and the door, [State.Stop] says whether that is too much. Times are lengths, not moments, so that what is known can be
// kept on disk and go on after a boot, whatever the clock says. It has no clock, no goroutine and no I/O.
//
// It refuses to guess: air that nobody measures is not cold. It does not end a stop: only a person does.
package health
