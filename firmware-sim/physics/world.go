package physics

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// MoveTime is how long a hand is on a platform while it takes or puts something.
const MoveTime = 300 * time.Millisecond

// maxOpenings bounds the memory of past openings; the oldest are forgotten first.
const maxOpenings = 1000

// PlatformSpec is one platform with what lies on it when the world is new.
type PlatformSpec struct {
	ID        protocol.PlatformID
	CapacityG float64
	Lots      []Lot
}

// Heap is what lies on one platform.
type Heap struct {
	Platform protocol.PlatformID `json:"platform"`
	Units    []Unit              `json:"units"`
}

// Opening is one time that the door stood open.
type Opening struct {
	Taken    []settle.Line `json:"taken"`        // net, over all platforms; never nil
	PulsedAt int64         `json:"pulsed_at_us"` // UTC microseconds: when the solenoid was energised for it
}

// State is what survives when the simulator is stopped: things stay where they lie.
type State struct {
	Heaps    []Heap    `json:"heaps"`
	Hands    []Unit    `json:"hands"` // with the person before the open door
	DoorOpen bool      `json:"door_open"`
	Openings []Opening `json:"openings"`
}

// World is the matter of one cabinet: platforms on load cells behind one door.
type World struct {
	chance chance
	door   *Door
	cells  []*Cell // in the order of state.Heaps
	state  State
}

// Reasons for which a person cannot do something.
var (
	ErrLatched    = errors.New("the latch holds the door")
	ErrDoorShut   = errors.New("the door is shut")
	ErrNoPlatform = errors.New("there is no such platform")
	ErrNotThere   = errors.New("not so many lie there")
	ErrNotHeld    = errors.New("the shopper does not hold so many")
	ErrNoArticle  = errors.New("there is no such article")
)

// NewWorld draws a new cabinet's goods from the seed.
func NewWorld(specs []PlatformSpec, seed uint64) *World {
	c := chance{seed: seed ^ 0xB0C5}
	state := State{Openings: []Opening{}}
	for _, spec := range specs {
		heap := Heap{Platform: spec.ID, Units: []Unit{}}
		for _, lot := range spec.Lots {
			heap.Units = append(heap.Units, lot.draw(&c)...)
		}
		state.Heaps = append(state.Heaps, heap)
	}
	return assemble(specs, seed, state)
}

// Resume goes on from an earlier state. It fails when the state is of other platforms than the specs.
func Resume(specs []PlatformSpec, seed uint64, state State) (*World, error) {
	if len(specs) != len(state.Heaps) {
		return nil, fmt.Errorf("resume: %d platforms are planned, %d were kept", len(specs), len(state.Heaps))
	}
	for i, spec := range specs {
		if state.Heaps[i].Platform != spec.ID {
			return nil, fmt.Errorf("resume: platform %d is planned as %q, kept as %q", i, spec.ID, state.Heaps[i].Platform)
		}
	}
	if state.DoorOpen && len(state.Openings) == 0 {
		return nil, errors.New("resume: the door stands open, but no opening was kept")
	}
	return assemble(specs, seed, state), nil
}

func assemble(specs []PlatformSpec, seed uint64, state State) *World {
	w := &World{
		chance: chance{seed: seed, n: int64(len(state.Openings)) << 20},
		door:   NewDoor(seed^0xD00, state.DoorOpen),
		state:  state,
	}
	for i, spec := range specs {
		cellSeed := mix(seed + uint64(i))
		w.cells = append(w.cells, NewCell(OrdinaryCell(spec.CapacityG, cellSeed), cellSeed, grams(state.Heaps[i].Units)))
	}
	return w
}

// Door is the world's only door.
func (w *World) Door() *Door { return w.door }

// Cell is the load cell under a platform, nil when there is no such platform.
func (w *World) Cell(id protocol.PlatformID) *Cell {
	if i := w.index(id); i >= 0 {
		return w.cells[i]
	}
	return nil
}

// State is a copy of what survives.
func (w *World) State() State {
	s := State{DoorOpen: w.door.Open(), Hands: slices.Clone(w.state.Hands), Openings: slices.Clone(w.state.Openings)}
	for _, heap := range w.state.Heaps {
		s.Heaps = append(s.Heaps, Heap{heap.Platform, slices.Clone(heap.Units)})
	}
	return s
}

func (w *World) index(id protocol.PlatformID) int {
	return slices.IndexFunc(w.state.Heaps, func(h Heap) bool { return h.Platform == id })
}

// Pull tries the door. It fails with ErrLatched while the latch holds it; when it gives, an opening begins.
func (w *World) Pull(at time.Time) error {
	if w.door.Open() {
		return nil
	}
	if !w.door.Pull(at) {
		return ErrLatched
	}
	if len(w.state.Openings) == maxOpenings {
		w.state.Openings = slices.Delete(w.state.Openings, 0, 1)
	}
	w.state.Openings = append(w.state.Openings, Opening{Taken: []settle.Line{}, PulsedAt: w.door.PulsedAt().UnixMicro()})
	w.slam(at, 6)
	return nil
}

// Shut slams the door, which shakes every platform. What the person holds leaves with them.
func (w *World) Shut(at time.Time) error {
	if !w.door.Open() {
		return ErrDoorShut
	}
	w.door.Shut(at)
	w.state.Hands = nil
	w.slam(at, 40)
	return nil
}

func (w *World) slam(at time.Time, peak float64) {
	for _, cell := range w.cells {
		cell.Shake(at, peak*w.chance.between(0.4, 1))
	}
}

// Take moves qty units of an article from a platform into the person's hands; it is over after MoveTime. Nothing
// happens when it fails.
func (w *World) Take(at time.Time, id protocol.PlatformID, sku protocol.SKU, qty int) error {
	i, err := w.reach(id)
	if err != nil {
		return err
	}
	rest, picked, ok := pick(w.state.Heaps[i].Units, sku, qty, &w.chance)
	if !ok {
		return ErrNotThere
	}
	w.state.Heaps[i].Units = rest
	w.state.Hands = append(w.state.Hands, picked...)
	w.moved(at, i, -grams(picked))
	return nil
}

// Bring gives new goods into the hands of whoever stands before the open door, as a restocker comes with them.
func (w *World) Bring(lot Lot) error {
	if !w.door.Open() {
		return ErrDoorShut
	}
	w.state.Hands = append(w.state.Hands, lot.draw(&w.chance)...)
	return nil
}

// Put moves qty units of an article from the person's hands onto a platform; it is over after MoveTime. Nothing happens
// when it fails.
func (w *World) Put(at time.Time, id protocol.PlatformID, sku protocol.SKU, qty int) error {
	i, err := w.reach(id)
	if err != nil {
		return err
	}
	rest, picked, ok := pick(w.state.Hands, sku, qty, &w.chance)
	if !ok {
		return ErrNotHeld
	}
	w.state.Hands = rest
	w.state.Heaps[i].Units = append(w.state.Heaps[i].Units, picked...)
	w.moved(at, i, grams(picked))
	return nil
}

func (w *World) reach(id protocol.PlatformID) (int, error) {
	if !w.door.Open() {
		return 0, ErrDoorShut
	}
	i := w.index(id)
	if i < 0 {
		return 0, ErrNoPlatform
	}
	return i, nil
}

// moved lets the scales feel a move: the hand leans on the platform or brushes it, then the load changes. What the
// opening has taken so far is what the person holds, because hands are empty when the door gives.
func (w *World) moved(at time.Time, i int, delta float64) {
	cell := w.cells[i]
	cell.Press(at, MoveTime*9/10, w.chance.between(-60, 350))
	cell.Add(at.Add(MoveTime/2), MoveTime/3, delta)
	w.state.Openings[len(w.state.Openings)-1].Taken = Count(w.state.Hands)
}
