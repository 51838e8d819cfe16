// Package drivertest holds every driver to the same rules on a line that goes wrong. The board on the other side is its
// twin in firmware-sim, which runs as a program of its own and is reached over a real pty; what the line does to frames
// is ordered at the twin's control port, and what really happened is read there.
//
// It belongs in tests only. It knows no family: a table in its tests says how each is wired.
package drivertest
