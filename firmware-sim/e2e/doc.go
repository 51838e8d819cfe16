// Package e2e holds the whole-system tests: the rules of the house, the whole path through the built programs and a real
// browser, crashes, and a simulation of both sides in one process. It has no code but tests.
package e2e
