package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"allhours/firmware-sim/board"
	"allhours/firmware-sim/cabinet"
	"allhours/firmware-sim/fault"
	"allhours/firmware-sim/line"
	"allhours/firmware-sim/physics"
	"allhours/firmware-sim/shopper"
	"allhours/protocol"
	"allhours/protocol/settle"
)

// Cabinet is what the port needs of one.
type Cabinet interface {
	shopper.Cabinet
	Locks
	Devices
	Plan() cabinet.Plan
	// Break breaks something or mends it; an error says why that makes no sense.
	Break(at time.Time, f fault.Fault, broken bool) error
	// Broken lists what is broken and counts the times that the lock's coil was left on for too long.
	Broken(at time.Time) (faults []fault.Fault, burns int)
}

// Locks is the lock boards and their doors.
type Locks interface {
	// Locks tells what the lock boards are and went through.
	Locks(at time.Time) []cabinet.LockReport
	// Move pulls a door open or shuts it; an error says why it cannot.
	Move(at time.Time, lock, channel int, open bool) error
}

// Line is the cabinet's line, which can be pulled out and disturbed.
type Line interface {
	Plug(in bool) error
	Disturb(n line.Noise)
}

// Info is one line of the list of cabinets.
type Info struct {
	ID     protocol.CabinetID `json:"id"`
	Layout cabinet.Layout     `json:"layout"`
}

// Truth is what really is in a cabinet and what really was taken.
type Truth struct {
	Platforms []Goods           `json:"platforms"`
	Openings  []physics.Opening `json:"openings"` // in their order; the last may still be open
}

// Goods is what lies on one platform.
type Goods struct {
	ID    protocol.PlatformID `json:"id"`
	Goods []settle.Line       `json:"goods"`
}

// Script is the body of a shopper's request.
type Script struct {
	Actions []shopper.Action `json:"actions"`
}

// FaultOrder is the body of a fault's request.
type FaultOrder struct {
	fault.Fault
	Mend bool `json:"mend,omitempty"`
}

// FaultReport is what is broken and what could be.
type FaultReport struct {
	Active        []fault.Fault `json:"active"`
	SolenoidBurns int           `json:"solenoid_burns"`
	Kinds         []fault.Kind  `json:"kinds"`
}

// Port serves one cabinet.
type Port struct {
	ctx     context.Context // the program's: a shopper ends what they began, even when the caller hangs up
	cabinet Cabinet
	line    Line
	shopper sync.Mutex // held by the one person before the door
}

// New makes the port; shoppers walk away when ctx ends.
func New(ctx context.Context, c Cabinet, line Line) *Port {
	return &Port{ctx: ctx, cabinet: c, line: line}
}

// Handler is the port's routes.
func (p *Port) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cabinets", func(w http.ResponseWriter, _ *http.Request) { answer(w, []Info{p.info()}) })
	mux.HandleFunc("GET /cabinets/{id}/truth", p.known(p.truth))
	mux.HandleFunc("POST /cabinets/{id}/shopper", p.known(p.shop))
	mux.HandleFunc("GET /cabinets/{id}/locks", p.known(p.locks))
	mux.HandleFunc("POST /cabinets/{id}/locks", p.known(p.move))
	mux.HandleFunc("GET /cabinets/{id}/scales", p.known(p.scales))
	mux.HandleFunc("POST /cabinets/{id}/reader", p.known(p.show))
	mux.HandleFunc("POST /cabinets/{id}/probe", p.known(p.warm))
	mux.HandleFunc("GET /cabinets/{id}/fault", p.known(p.faults))
	mux.HandleFunc("POST /cabinets/{id}/fault", p.known(p.setFault))
	return mux
}

func (p *Port) info() Info {
	plan := p.cabinet.Plan()
	return Info{ID: plan.Cabinet, Layout: plan.Layout}
}

func (p *Port) known(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if id := r.PathValue("id"); id != string(p.info().ID) {
			Problem(w, http.StatusNotFound, fmt.Sprintf("there is no cabinet %q here", id))
			return
		}
		serve(w, r)
	}
}

func (p *Port) truth(w http.ResponseWriter, _ *http.Request) { answer(w, TruthOf(p.cabinet.State())) }

// TruthOf sums a state up.
func TruthOf(state physics.State) Truth {
	truth := Truth{Platforms: []Goods{}, Openings: state.Openings}
	if truth.Openings == nil {
		truth.Openings = []physics.Opening{}
	}
	for _, heap := range state.Heaps {
		truth.Platforms = append(truth.Platforms, Goods{heap.Platform, physics.Count(heap.Units)})
	}
	return truth
}

func (p *Port) shop(w http.ResponseWriter, r *http.Request) {
	var script Script
	err := decode(r, &script)
	if err == nil {
		err = shopper.Validate(script.Actions)
	}
	if err != nil {
		Problem(w, http.StatusBadRequest, err.Error())
		return
	}
	if !p.shopper.TryLock() {
		Problem(w, http.StatusConflict, "another shopper is at this cabinet; nothing was done")
		return
	}
	defer p.shopper.Unlock()
	if err := shopper.Run(p.ctx, p.cabinet, script.Actions); err != nil {
		Problem(w, statusOf(err), err.Error())
		return
	}
	answer(w, map[string]int{"done": len(script.Actions)})
}

// statusOf tells what a person could not do from what the simulator could not do.
func statusOf(err error) int {
	for _, conflict := range []error{
		physics.ErrLatched, cabinet.ErrNoLock, cabinet.ErrNoReader, cabinet.ErrNoProbe, board.ErrTooMany, physics.ErrDoorShut, physics.ErrNoPlatform, physics.ErrNotThere, physics.ErrNotHeld, physics.ErrNoArticle,
		shopper.ErrNotReleased, shopper.ErrAlreadyOpen,
	} {
		if errors.Is(err, conflict) {
			return http.StatusConflict
		}
	}
	if errors.Is(err, context.Canceled) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

func (p *Port) faults(w http.ResponseWriter, _ *http.Request) {
	active, burns := p.cabinet.Broken(time.Now())
	answer(w, FaultReport{Active: active, SolenoidBurns: burns, Kinds: fault.Kinds()})
}

func (p *Port) setFault(w http.ResponseWriter, r *http.Request) {
	var order FaultOrder
	err := decode(r, &order)
	if err == nil {
		err = p.cabinet.Break(time.Now(), order.Fault, !order.Mend)
	}
	if err != nil {
		Problem(w, http.StatusBadRequest, err.Error())
		return
	}
	active, _ := p.cabinet.Broken(time.Now())
	p.line.Disturb(noiseOf(active, p.cabinet.Plan().Seed))
	if order.Kind == fault.LineUnplugged {
		if err := p.line.Plug(order.Mend); err != nil {
			Problem(w, http.StatusInternalServerError, err.Error())
			return
		}
	}
	p.faults(w, r)
}
