package cabinet

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"allhours/firmware-sim/line"
	"allhours/firmware-sim/physics"
	"allhours/protocol"
)

// Layout is how a cabinet is built inside.
type Layout string

// Shelves are a few platforms of mixed goods, each with its own transmitter; lanes are many of one good each, eight to a
// weight board.
const (
	Shelves Layout = "shelves"
	Lanes   Layout = "lanes"
)

// Addresses on a cabinet's line, and what is wired to the relay board.
const (
	RelayUnit      = 1
	FirstScaleUnit = 11
	LockChannel    = 0
	DoorInput      = 0 // closed contact: the door is shut
	BoltInput      = 1 // closed contact: the bolt holds
)

// Plan is how a cabinet is built and what lies in it when it is new.
type Plan struct {
	Cabinet    protocol.CabinetID `json:"cabinet"`
	Layout     Layout             `json:"layout"`
	Seed       uint64             `json:"seed"`
	Baud       int                `json:"baud"`
	ResponseUS int                `json:"response_us"` // microseconds that a board takes to answer
	Platforms  []Platform         `json:"platforms"`
	Locks      []Lock             `json:"locks,omitempty"` // none: one relay board at RelayUnit with one door
	Devices    []Device           `json:"devices,omitempty"`
}

// Platform is one weighed surface.
type Platform struct {
	ID       protocol.PlatformID `json:"id"`
	Capacity protocol.Milligrams `json:"capacity_mg"`
	Division protocol.Milligrams `json:"division_mg"`
	Goods    []Good              `json:"goods"`
	Address  byte                `json:"address,omitempty"`  // of its layout's board; 0: the next in order
	SpanPPM  int                 `json:"span_ppm,omitempty"` // by which its converter shows too much of a load, in millionths
	Zero     protocol.Milligrams `json:"zero_mg,omitempty"`  // that it shows while it is empty
}

// Good is an article on a platform.
type Good struct {
	SKU   protocol.SKU        `json:"sku"`
	Unit  protocol.Milligrams `json:"unit_mg"`
	SD    protocol.Milligrams `json:"sd_mg"`
	Stock int                 `json:"stock"`
}

// leastBaud is the slowest line that is built.
const leastBaud = 4800

// Speed is that of one of the cabinet's lines, as Lines counts them.
func (p Plan) Speed(wire int) line.Speed {
	speed := line.Speed{Baud: p.Baud, Response: p.Response()}
	for _, d := range p.Devices {
		if d.Shared {
			continue
		}
		if wire--; wire == 0 && d.Baud != 0 {
			speed.Baud = d.Baud
		}
	}
	return speed
}

// Response is what a board takes to answer.
func (p Plan) Response() time.Duration { return time.Duration(p.ResponseUS) * time.Microsecond }

// Validate reports why no cabinet can be built so.
func (p Plan) Validate() error {
	if err := p.Cabinet.Validate(); err != nil {
		return err
	}
	var wrong []error
	if p.Layout != Shelves && p.Layout != Lanes {
		wrong = append(wrong, fmt.Errorf("layout %q: want %q or %q", p.Layout, Shelves, Lanes))
	}
	if p.Baud < leastBaud || p.ResponseUS < 0 {
		wrong = append(wrong, fmt.Errorf("baud %d and response %d us: want %d or more and 0 or more", p.Baud, p.ResponseUS, leastBaud))
	}
	seen := map[protocol.PlatformID]bool{}
	for i, platform := range p.Platforms {
		if platform.ID == "" || seen[platform.ID] || platform.Capacity <= 0 || platform.Division <= 0 {
			wrong = append(wrong, fmt.Errorf("platform %d: want an id of its own, a capacity and a division", i))
		}
		seen[platform.ID] = true
	}
	for _, l := range p.Locks {
		if err := l.validate(); err != nil {
			wrong = append(wrong, err)
		}
	}
	for _, d := range p.Devices {
		if err := d.validate(seen); err != nil {
			wrong = append(wrong, err)
		}
		if d.scale() {
			seen[d.Platform] = false // weighed by this one
		}
	}
	if len(p.Platforms) == 0 {
		wrong = append(wrong, errors.New("no platform"))
	}
	return errors.Join(wrong...)
}

func (p Plan) specs() []physics.PlatformSpec {
	specs := make([]physics.PlatformSpec, len(p.Platforms))
	for i, platform := range p.Platforms {
		specs[i] = physics.PlatformSpec{ID: platform.ID, CapacityG: platform.Capacity.Grams()}
		for _, good := range platform.Goods {
			specs[i].Lots = append(specs[i].Lots, physics.Lot{SKU: good.SKU, UnitG: good.Unit.Grams(), SDG: good.SD.Grams(), Qty: good.Stock})
		}
	}
	return specs
}

// onBoards lists the platforms that the layout's weight boards weigh: those that no device does.
func (p Plan) onBoards() []protocol.PlatformID {
	var ids []protocol.PlatformID
	for _, platform := range p.Platforms {
		if !slices.ContainsFunc(p.Devices, func(d Device) bool { return d.scale() && d.Platform == platform.ID }) {
			ids = append(ids, platform.ID)
		}
	}
	return ids
}
