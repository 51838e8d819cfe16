// Package past plays one cabinet through a time that somebody else lets pass: what `make run HISTORY=` shows was never on a
// serial line, and was written all the same by the code that writes every day. Grants are checked and burnt, doors step
// through package session, weights are settled by package settle, and the journal is the agent's own, which goes on from it.
//
// What stands in for boards are the moments and the readings that the caller gives. It refuses to make up an event, a number
// or a counter itself, to keep a clock, and to speak to a network: it gives out messages and takes them.
package past
