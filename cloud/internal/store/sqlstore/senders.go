package sqlstore

import (
	"fmt"

	"allhours/cloud"
	"allhours/protocol"
)

type senders struct{ *session }

// Find implements cloud.Senders. It is asked for each message: between bounds, SQLite takes what it wants of a cabinet from the index
// that has it, and not from the row, whose layout pushes what is written out of the writer's memory.
func (t senders) Find(cabinet protocol.CabinetID) (cloud.Sender, error) {
	var s cloud.Sender
	var password string
	p := &s.Position
	_, err := t.one(`SELECT c.password_hash, c.shard, e.value, COALESCE(j.journal, ''), COALESCE(j.applied, 0), COALESCE(j.seen, 0), COALESCE(j.placed_ms, 0),
			COALESCE(j.boot, 0), COALESCE(j.start, ''), COALESCE(j.apart, ''), COALESCE(j.expects, 0)
		FROM cabinets c JOIN settings e ON e.name = 'fleet_epoch' LEFT JOIN journals j ON j.cabinet = c.id WHERE c.id BETWEEN ? AND ?`, []any{string(cabinet), string(cabinet)},
		&password, &s.Shard, &s.FleetEpoch, idColumn{&p.Journal}, &p.Applied, &p.Seen, timeColumn{&p.Placed},
		&p.Boot, idColumn{&p.Start}, &p.Apart, &p.Expects)
	if err != nil {
		return s, fmt.Errorf("sender %s: %w", cabinet, err)
	}
	s.Enrolled = password != ""
	return s, nil
}
