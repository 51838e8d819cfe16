package coverage

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"allhours/protocol"
)

// never is later than everything.
const never = math.MaxInt64

// Store is one store's coverage. Facts may come in any order; what they change is computed when it is asked for.
type Store struct {
	plan    Plan
	facts   []Fact
	known   map[factKey]bool
	changes []change
	pending []change
	cabs    []*cab
	service span
	payment int32
	need    int32 // slot: which of the plan's needs holds
	codes   int32
	open    int32
	slots   int32
	lanes   [][]laneAt // of each need and category, by needCat
	until   int64
	days    []swept

	from, force int64 // what is to be swept again: from a moment, at least to another one
}

type factKey struct {
	ref     string
	kind    Kind
	subject string
}

// span is two slots: how many spans of a kind cover the moment, and the fact of the latest.
type span struct{ count, fact int32 }

// cab is a cabinet's slots.
type cab struct {
	id      protocol.CabinetID
	stands  int32
	silence span
	down    span
	late    span
	lost    int32
	reader  int32
	apart   int32
	stopped int32
	off     int32 // halts, the severer one last
	locked  int32
	doors   []door
	of      map[protocol.PlatformID]int
	lanes   map[string]int32
	scales  map[string]int32
	barred  map[string]int32 // articles

	first   int64 // before it nothing is known
	stocked int64 // before it nobody told what lies there
	heard   int64 // from it on nothing is known yet
}

type door struct {
	number                   protocol.Compartment
	open, lock, doubt, stops int32
	scales                   []int32
}

// laneAt is a lane that may serve a category.
type laneAt struct {
	cab, door int
	slot, bar int32
	subject   string
}

// change is what a fact does to a slot at a moment.
type change struct {
	at   int64
	seq  uint64
	slot int32
	do   action
	to   int32 // value that is set
	fact int32 // that does it
}

type action uint8

const (
	ends action = iota
	begins
	sets
	marks // changes nothing, and is a moment of which another rule speaks
)

// swept is a day with the state in which it begins.
type swept struct {
	begin  []int32
	pieces []piece
}

// New makes a store of which nothing is known yet.
func New(plan Plan) *Store {
	s := &Store{plan: plan, known: make(map[factKey]bool), from: never, days: make([]swept, max(len(plan.Days)-1, 0))}
	s.service = s.span()
	s.payment, s.need, s.codes, s.open = s.slot(), s.slot(), s.slot(), s.slot()
	for _, c := range plan.Cabinets {
		s.cabs = append(s.cabs, s.cabinet(c))
	}
	for _, o := range plan.Open {
		s.set(o.From, s.open, 1)
		s.set(o.To, s.open, none)
	}
	for n, need := range plan.Needs {
		s.set(need.From, s.need, int32(n))
	}
	for _, c := range plan.Codes {
		s.set(c.From, s.codes, map[bool]int32{true: 1, false: none}[c.Allowed])
	}
	s.lanes = make([][]laneAt, s.category(len(plan.Needs), 0))
	s.touch(math.MinInt64, never)
	return s
}

// none is a slot that is not set.
const none int32 = -1

func (s *Store) slot() int32 { s.slots++; return s.slots - 1 }
func (s *Store) span() span  { return span{s.slot(), s.slot()} }

func (s *Store) cabinet(of Cabinet) *cab {
	c := &cab{
		id: of.ID, stands: s.slot(), silence: s.span(), down: s.span(), late: s.span(), lost: s.slot(), reader: s.slot(), apart: s.slot(), stopped: s.slot(),
		of: make(map[protocol.PlatformID]int), lanes: make(map[string]int32), scales: make(map[string]int32), barred: make(map[string]int32), off: s.slot(), locked: s.slot(), first: never, stocked: never,
	}
	numbers := []protocol.Compartment{}
	for _, n := range of.Doors {
		numbers = append(numbers, n)
	}
	if len(numbers) == 0 {
		numbers = append(numbers, 1)
	}
	slices.Sort(numbers)
	for _, n := range slices.Compact(numbers) {
		c.doors = append(c.doors, door{number: n, open: s.slot(), lock: s.slot(), doubt: s.slot(), stops: s.slot()})
	}
	for platform, n := range of.Doors {
		c.of[platform] = slices.IndexFunc(c.doors, func(d door) bool { return d.number == n })
	}
	for _, stay := range of.Stays {
		s.set(stay.From, c.stands, 1)
		if stay.To != 0 {
			s.set(stay.To, c.stands, none)
		}
	}
	return c
}

// set is what the plan changes.
func (s *Store) set(at int64, slot, to int32) {
	s.pending = append(s.pending, change{at: at, slot: slot, do: sets, to: to, fact: none})
}

// touch notes from when on days must be swept again.
func (s *Store) touch(from, force int64) {
	if s.from == never {
		s.force = force
	}
	s.from, s.force = min(s.from, from), max(s.force, force)
}

// Add takes a fact in; one that is known already changes nothing. A fact about another store's cabinet is none of this one.
func (s *Store) Add(f Fact) {
	key := factKey{f.Ref, f.Kind, f.Subject}
	n := slices.IndexFunc(s.cabs, func(c *cab) bool { return c.id == f.Cabinet })
	if s.known[key] || n < 0 && f.Cabinet != "" {
		return
	}
	s.known[key] = true
	s.facts = append(s.facts, f)
	w := writer{s, f, int32(len(s.facts) - 1)}
	if f.Cabinet == "" {
		w.chain()
		return
	}
	c := s.cabs[n]
	w.cabinet(c, n)
	w.know(c)
}

// AddAll takes many facts in.
func (s *Store) AddAll(facts []Fact) {
	if len(s.known) == 0 {
		s.known = make(map[factKey]bool, len(facts))
	}
	s.facts, s.pending = slices.Grow(s.facts, len(facts)), slices.Grow(s.pending, len(facts)+len(facts)/4)
	for i := range facts {
		s.Add(facts[i])
	}
}

// Heard says up to when a cabinet has told everything.
func (s *Store) Heard(cabinet protocol.CabinetID, at int64) {
	for _, c := range s.cabs {
		if c.id == cabinet && c.heard != at {
			s.touch(min(c.heard, at), max(c.heard, at))
			c.heard = at
		}
	}
}

// Until says what time it is: nothing is told of what has not passed.
func (s *Store) Until(now int64) {
	if now != s.until {
		s.touch(min(s.until, now), max(s.until, now))
		s.until = now
	}
}

// merge puts the pending changes where they belong.
func (s *Store) merge() {
	if len(s.pending) == 0 {
		return
	}
	slices.SortFunc(s.pending, s.compare)
	at := len(s.changes) - 1
	s.changes = append(s.changes, s.pending...)
	for to, from := len(s.changes)-1, len(s.pending)-1; from >= 0; to-- {
		if at >= 0 && s.compare(s.changes[at], s.pending[from]) > 0 {
			s.changes[to] = s.changes[at]
			at--
			continue
		}
		s.changes[to] = s.pending[from]
		from--
	}
	s.pending = s.pending[:0]
}

// compare orders changes by what they say alone, never by when they came.
func (s *Store) compare(a, b change) int {
	switch { // Nearly all differ here.
	case a.at != b.at:
		return cmp.Compare(a.at, b.at)
	case a.seq != b.seq:
		return cmp.Compare(a.seq, b.seq)
	case a.do != b.do:
		return cmp.Compare(a.do, b.do)
	}
	if a.fact == b.fact || a.fact == none || b.fact == none {
		return cmp.Or(cmp.Compare(a.slot, b.slot), cmp.Compare(a.fact, b.fact), cmp.Compare(a.to, b.to))
	}
	f, g := &s.facts[a.fact], &s.facts[b.fact]
	return cmp.Or(strings.Compare(f.Ref, g.Ref), cmp.Compare(f.Kind, g.Kind), strings.Compare(f.Subject, g.Subject))
}
