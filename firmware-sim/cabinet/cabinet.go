package cabinet

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"allhours/firmware-sim/board"
	"allhours/firmware-sim/fault"
	"allhours/firmware-sim/physics"
	"allhours/protocol"
	"allhours/protocol/fieldbus/modbus"
)

// Cabinet is one simulated cabinet. It is safe for concurrent use: the line and a person may reach it at once.
type Cabinet struct {
	plan Plan

	mu     sync.Mutex // of all below
	world  *physics.World
	faults fault.Set
	locks  []*lockUnit // never changes
	bus    *board.Bus  // all that speak Modbus on the cabinet's line
	scales []*scaleUnit
	own    []wired // devices with a line of their own
	cells  map[protocol.PlatformID]*channel

	readers     []*board.Reader
	thermostats []*board.Thermostat
}

// New builds a cabinet from its plan; kept is what an earlier run left behind, nil for a new cabinet. It fails when plan
// and kept state do not fit each other.
func New(plan Plan, kept *physics.State) (*Cabinet, error) {
	if err := plan.Validate(); err != nil {
		return nil, fmt.Errorf("cabinet plan: %w", err)
	}
	c := &Cabinet{plan: plan, cells: map[protocol.PlatformID]*channel{}}
	if kept == nil {
		c.world = physics.NewWorld(plan.specs(), plan.Seed)
	} else {
		world, err := physics.Resume(plan.specs(), plan.Seed, *kept)
		if err != nil {
			return nil, fmt.Errorf("cabinet %s: %w", plan.Cabinet, err)
		}
		c.world = world
	}
	c.wire()
	return c, nil
}

// wire puts the boards on their lines, as the layout and the devices have them.
func (c *Cabinet) wire() {
	boards := c.wireLocks()
	specs := map[protocol.PlatformID]board.ScaleSpec{}
	for _, p := range c.plan.Platforms {
		ch := &channel{faults: &c.faults, platform: p.ID, cell: c.world.Cell(p.ID), span: 1 + float64(p.SpanPPM)/1e6, zeroG: p.Zero.Grams()}
		c.cells[p.ID] = ch
		specs[p.ID] = board.ScaleSpec{Converter: ch, CapacityG: p.Capacity.Grams(), DivisionG: p.Division.Grams()}
	}
	boards = append(boards, c.wireDevices(specs)...)
	each := 1
	if c.plan.Layout == Lanes {
		each = board.Channels
	}
	unit := byte(FirstScaleUnit)
	for group := range slices.Chunk(c.plan.onBoards(), each) {
		boards = append(boards, c.weightBoard(c.addressOf(group[0], unit), group, specs))
		unit++
	}
	c.bus = board.NewBus(boards...)
}

// addressOf is the unit of the board that weighs a platform.
func (c *Cabinet) addressOf(id protocol.PlatformID, next byte) byte {
	for _, p := range c.plan.Platforms {
		if p.ID == id && p.Address != 0 {
			return p.Address
		}
	}
	return next
}

// weightBoard builds the layout's board for a group of platforms.
func (c *Cabinet) weightBoard(unit byte, group []protocol.PlatformID, specs map[protocol.PlatformID]board.ScaleSpec) board.Board {
	var built interface {
		board.Board
		scaleBoard
	}
	if c.plan.Layout == Lanes {
		channels := make([]board.ScaleSpec, len(group))
		for i, id := range group {
			channels[i] = specs[id]
		}
		built = board.NewOctal(unit, channels)
	} else {
		built = board.NewTransmitter(unit, c.plan.Baud, specs[group[0]])
	}
	u := &scaleUnit{board: built, platforms: group}
	c.scales = append(c.scales, u)
	return modbusScale{built, u}
}

// modbusScale is a weight board among the other Modbus boards of the line.
type modbusScale struct {
	board.Board
	unit *scaleUnit
}

// Answer is silence while the board starts.
func (m modbusScale) Answer(req modbus.Request, at time.Time) []byte {
	if m.unit.deaf(at) {
		return nil
	}
	return m.Board.Answer(req, at)
}

// wireLocks builds the lock boards and lists those that speak Modbus.
func (c *Cabinet) wireLocks() []board.Board {
	var speakModbus []board.Board
	for i, plan := range c.plan.locks() {
		first := c.world.Door()
		if i > 0 {
			first = nil
		}
		u := newLockUnit(plan, c.plan.Baud, c.plan.Seed+uint64(i), &c.faults, first)
		if b, ok := u.board.(board.Board); ok {
			speakModbus = append(speakModbus, modbusLock{b, u})
		}
		c.locks = append(c.locks, u)
	}
	return speakModbus
}

// Plan is how the cabinet is built.
func (c *Cabinet) Plan() Plan { return c.plan }

// Platforms lists the platforms' names in their order.
func (c *Cabinet) Platforms() []protocol.PlatformID {
	ids := make([]protocol.PlatformID, len(c.plan.Platforms))
	for i, p := range c.plan.Platforms {
		ids[i] = p.ID
	}
	return ids
}

// Answer is what the boards say to what they heard on the line; nil for silence.
func (c *Cabinet) Answer(heard []byte, at time.Time) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(at)
	sent := c.bus.Answer(heard, at)
	for _, u := range c.locks {
		sent = board.Collide(sent, u.answer(heard, at))
	}
	return sent
}

// Pull tries the door. It fails with physics.ErrLatched while the latch holds it.
func (c *Cabinet) Pull(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(at)
	return c.world.Pull(at)
}

// Shut closes the door; an error says why it cannot.
func (c *Cabinet) Shut(at time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(at)
	return c.world.Shut(at)
}

// Take moves goods into the hands of the person before the open door; an error says why it cannot, nothing is moved then.
func (c *Cabinet) Take(at time.Time, platform protocol.PlatformID, sku protocol.SKU, qty int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.world.Take(at, platform, sku, qty)
}

// Bring gives new goods into the hands of the person before the open door, of an article that the cabinet was planned with.
func (c *Cabinet) Bring(sku protocol.SKU, qty int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.plan.Platforms {
		for _, g := range p.Goods {
			if g.SKU == sku {
				return c.world.Bring(physics.Lot{SKU: sku, UnitG: g.Unit.Grams(), SDG: g.SD.Grams(), Qty: qty})
			}
		}
	}
	return physics.ErrNoArticle
}

// Put moves goods from the person's hands onto a platform; an error says why it cannot, nothing is moved then.
func (c *Cabinet) Put(at time.Time, platform protocol.PlatformID, sku protocol.SKU, qty int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.world.Put(at, platform, sku, qty)
}

// State is what there is, and what a later run goes on from.
func (c *Cabinet) State() physics.State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.world.State()
}

// Break breaks something, or mends it. An unplugged line is only noted here: pulling it is up to whoever holds it.
func (c *Cabinet) Break(at time.Time, f fault.Fault, broken bool) error {
	if err := f.Check(c.Platforms()); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(at)
	switch f.Kind {
	case fault.LatchStuck:
		c.world.Door().Stick(broken)
	case fault.DoorDead:
		c.world.Door().Deaden(at, broken)
	case fault.ScaleStuck:
		c.cells[f.Platform].freeze(at)
	case fault.ScaleRestarts:
		if broken {
			c.restart(at, f.Platform)
		}
	}
	c.faults.Put(f, broken)
	return nil
}

// Broken lists what is broken, and how often a lock's solenoid was left on for longer than it survives.
func (c *Cabinet) Broken(at time.Time) (faults []fault.Fault, burns int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(at)
	return c.faults.Active(), c.burns(at)
}

// channel is one converter with what may be broken about it.
type channel struct {
	faults   *fault.Set
	platform protocol.PlatformID
	cell     *physics.Cell
	span     float64 // by which the converter is calibrated wrongly
	zeroG    float64
	frozenG  float64
}

func (c *channel) freeze(at time.Time) { c.frozenG = c.cell.Conversion(physics.ConversionAt(at)) }

func (c *channel) ConversionAt(at time.Time) int64 { return physics.ConversionAt(at) }

func (c *channel) Conversion(k int64) (float64, bool) {
	switch {
	case c.faults.Has(fault.ScaleSilent, c.platform):
		return 0, false
	case c.faults.Has(fault.ScaleOverload, c.platform):
		return 1.2 * c.cell.CapacityG(), true
	case c.faults.Has(fault.ScaleStuck, c.platform):
		return c.frozenG, true
	}
	return c.cell.Conversion(k)*c.span + c.zeroG, true
}
