package coverage

import (
	"sort"

	"allhours/protocol"
)

// Able tells of each platform whether the door before it could sell at the last moment that has passed: Unknown also of what
// does not stand with the store.
func (s *Store) Able() func(protocol.CabinetID, protocol.PlatformID) State {
	s.settle()
	n := sort.Search(len(s.days), func(i int) bool { return s.plan.Days[i] >= s.until }) - 1
	if n < 0 || s.days[n].begin == nil {
		return func(protocol.CabinetID, protocol.PlatformID) State { return Unknown }
	}
	w := sweep{s: s, slots: s.begins(n), able: make([][]possible, len(s.cabs))}
	for i := sort.Search(len(s.changes), func(i int) bool { return s.changes[i].at >= s.plan.Days[n] }); i < len(s.changes) && s.changes[i].at < s.until; i++ {
		w.apply(s.changes[i])
	}
	cabs := make(map[protocol.CabinetID]int, len(s.cabs))
	for i, c := range s.cabs {
		if cabs[c.id] = i; w.slots[c.stands] != none {
			w.doors(i, c, s.until-1)
		}
	}
	return func(cabinet protocol.CabinetID, platform protocol.PlatformID) State {
		i, known := cabs[cabinet]
		if !known || len(w.able[i]) == 0 {
			return Unknown
		}
		return w.able[i][s.cabs[i].of[platform]].state
	}
}
