// Package doctor finds what hangs on a cabinet's lines, compares it with the cabinet's file, and looks at its scales with
// a technician's eye. What it has to say it says in words.
//
// It asks and listens only. It never opens a lock: that is the agent's, under a visit.
package doctor
