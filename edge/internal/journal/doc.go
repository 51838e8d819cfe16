// Package journal is the cabinet's memory: what happened, which grants are burnt, what lies on each platform, which
// desired state is in force. It is one SQLite file, written by one program. What an event implies is committed together
// with the event, so that a crash leaves either both or neither.
//
// It refuses to judge: it does not decide what an event means for a sale, and it never rewrites one.
package journal
