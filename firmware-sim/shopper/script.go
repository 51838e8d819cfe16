package shopper

import (
	"fmt"
	"slices"
	"time"

	"allhours/firmware-sim/physics"
	"allhours/protocol"
)

// Verb is one thing that a person does.
type Verb string

// The verbs. A pull is tried until the latch gives.
const (
	Pull  Verb = "pull"
	Take  Verb = "take"
	Bring Verb = "bring" // new goods come into the hands, as a restocker brings them
	Put   Verb = "put"
	Shut  Verb = "shut"
)

// Limits of a script.
const (
	MaxActions = 200
	MaxAfter   = 5 * time.Minute
	MaxQty     = 100
)

// Action is one step of a script.
type Action struct {
	Do       Verb                `json:"do"`
	AfterMS  int                 `json:"after_ms,omitempty"` // milliseconds to wait before
	Platform protocol.PlatformID `json:"platform,omitempty"`
	SKU      protocol.SKU        `json:"sku,omitempty"`
	Qty      int                 `json:"qty,omitempty"`
}

// After is the pause before the action.
func (a Action) After() time.Duration { return time.Duration(a.AfterMS) * time.Millisecond }

// ActionError says which action could not be done, and why. Index counts from 0.
type ActionError struct {
	Index  int
	Action Action
	Err    error
}

func (e *ActionError) Error() string {
	what := string(e.Action.Do)
	if e.Action.Do == Take || e.Action.Do == Put {
		what = fmt.Sprintf("%s %d of %s at %s", e.Action.Do, e.Action.Qty, e.Action.SKU, e.Action.Platform)
	}
	return fmt.Sprintf("action %d (%s): %v", e.Index, what, e.Err)
}

func (e *ActionError) Unwrap() error { return e.Err }

// Validate reports the first action that makes no sense at any cabinet.
func Validate(script []Action) error {
	if len(script) == 0 || len(script) > MaxActions {
		return fmt.Errorf("actions: want 1 to %d, got %d", MaxActions, len(script))
	}
	for i, a := range script {
		if err := a.validate(); err != nil {
			return &ActionError{i, a, err}
		}
	}
	return nil
}

func (a Action) validate() error {
	if a.AfterMS < 0 || a.After() > MaxAfter {
		return fmt.Errorf("after_ms: want 0 to %d, got %d", MaxAfter.Milliseconds(), a.AfterMS)
	}
	switch a.Do {
	case Pull, Shut:
		if a.Platform != "" || a.SKU != "" || a.Qty != 0 {
			return fmt.Errorf("takes no platform, sku or qty")
		}
		return nil
	case Take, Put:
		if a.Platform == "" || a.SKU == "" || a.Qty < 1 || a.Qty > MaxQty {
			return fmt.Errorf("wants a platform, a sku and a qty of 1 to %d", MaxQty)
		}
		return nil
	case Bring:
		if a.Platform != "" || a.SKU == "" || a.Qty < 1 || a.Qty > MaxQty {
			return fmt.Errorf("wants a sku, a qty of 1 to %d and no platform", MaxQty)
		}
		return nil
	}
	return fmt.Errorf("do: want pull, take, bring, put or shut, got %q", a.Do)
}

// Rehearse goes through the script in mind against what there is, so that nothing is begun that cannot be ended. It
// trusts that each pull will succeed.
func Rehearse(script []Action, now physics.State) error {
	mind := rehearsal{open: now.DoorOpen, heaps: map[protocol.PlatformID]map[protocol.SKU]int{}, hands: counts(now.Hands)}
	for _, heap := range now.Heaps {
		mind.heaps[heap.Platform] = counts(heap.Units)
	}
	for i, a := range script {
		if err := mind.do(a); err != nil {
			return &ActionError{i, a, err}
		}
	}
	return nil
}

func counts(units []physics.Unit) map[protocol.SKU]int {
	by := map[protocol.SKU]int{}
	for _, line := range physics.Count(units) {
		by[line.SKU] = line.Qty
	}
	return by
}

type rehearsal struct {
	open  bool
	heaps map[protocol.PlatformID]map[protocol.SKU]int
	hands map[protocol.SKU]int
}

func (r *rehearsal) do(a Action) error {
	switch a.Do {
	case Pull:
		if r.open {
			return ErrAlreadyOpen
		}
		r.open = true
		return nil
	case Shut:
		if !r.open {
			return physics.ErrDoorShut
		}
		r.open, r.hands = false, map[protocol.SKU]int{}
		return nil
	case Bring:
		if !r.open {
			return physics.ErrDoorShut
		}
		r.hands[a.SKU] += a.Qty
		return nil
	}
	return r.move(a)
}

func (r *rehearsal) move(a Action) error {
	heap, known := r.heaps[a.Platform]
	switch {
	case !r.open:
		return physics.ErrDoorShut
	case !known:
		return fmt.Errorf("%w; there are %v", physics.ErrNoPlatform, r.platforms())
	case a.Do == Take && heap[a.SKU] < a.Qty:
		return fmt.Errorf("%w: there are %d", physics.ErrNotThere, heap[a.SKU])
	case a.Do == Put && r.hands[a.SKU] < a.Qty:
		return fmt.Errorf("%w: it is %d", physics.ErrNotHeld, r.hands[a.SKU])
	}
	moved := a.Qty
	if a.Do == Put {
		moved = -a.Qty
	}
	heap[a.SKU] -= moved
	r.hands[a.SKU] += moved
	return nil
}

func (r *rehearsal) platforms() []protocol.PlatformID {
	ids := make([]protocol.PlatformID, 0, len(r.heaps))
	for id := range r.heaps {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
