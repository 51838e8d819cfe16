package agent

import (
	"maps"
	"time"

	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/wire"
)

// refusedOpens are the refusals of commands to open, by command. The cloud takes a refusal for a door that stays shut: it frees
// the hold and tells whoever waits. So a command that the network brings once more must not open after all, though what stood
// against it is over. A restart may forget them, for a command is bound to its connection.
type refusedOpens map[protocol.UUID]refusedOpen

type refusedOpen struct {
	code   protocol.Code
	detail string
	until  time.Duration // since boot: a grant that is bound to a connection is too old for everyone by then
}

func (r refusedOpens) keep(command protocol.UUID, code protocol.Code, detail string, up time.Duration) {
	maps.DeleteFunc(r, func(_ protocol.UUID, old refusedOpen) bool { return up > old.until })
	if _, known := r[command]; !known {
		r[command] = refusedOpen{code, detail, up + grant.MaxOnline}
	}
}

// refuseAgain answers a command that was refused before as it was answered then.
func (a *Agent) refuseAgain(c wire.Command) bool {
	said, known := a.refused[c.ID]
	if known {
		a.reply(c.ID, said.code, said.detail, 0)
	}
	return known
}
