package board

import (
	"time"

	"allhours/protocol/fieldbus/modbus"
)

// Channels is the number of platforms of an 8-channel weight board, and the usual number of relays of a relay board.
const Channels = 8

// maxRelays is the largest relay board that is sold.
const maxRelays = 32

// Addresses of a relay board.
const (
	coilAll      = 0x00FF // all relays at once
	coilPulseOn  = 0x0200 // + channel: on for value x 100 ms, then off
	coilPulseOff = 0x0400 // + channel: off for value x 100 ms, then on
	regModes     = 0x1000 // + channel: what an input does to its relay
	regBaud      = 0x2000
	regAddress   = 0x4000
	regVersion   = 0x8000
)

// Values of a relay board's coils and registers.
const (
	toggleCoil   = 0x5500
	maxPulse     = 0x7FFF
	firmware     = 200
	modeNormal   = 0 // the input does nothing
	modeLinkage  = 1 // the relay follows the input
	modeToggle   = 2 // the relay changes when the input comes on
	modeEdge     = 3 // the relay changes whenever the input does
	pulseElement = 100 * time.Millisecond
)

// Wiring is what hangs on a lock board's terminals.
type Wiring interface {
	// Energise switches what the channel feeds; it is called for every order, also where that changes nothing.
	Energise(channel int, at time.Time, on bool)
	// Input tells whether the input's contact is closed.
	Input(channel int, at time.Time) bool
}

// Relay is a board with as many inputs as relays, as sold under the names Modbus RTU IO 8CH and Modbus RTU Relay 16CH and
// 32CH. Its own timer ends a pulse, whatever becomes of the master.
type Relay struct {
	unit   byte
	baud   uint16 // its code for the line's rate
	wiring Wiring
	relays []relay
	begun  bool
}

// relay is one relay and its input.
type relay struct {
	coil   bool
	turnAt time.Time // when the running pulse turns the relay back; zero when none runs
	mode   uint16
	input  bool // as seen last, for the modes
}

// NewRelay makes a board of 1 to 32 relays, all of them off.
func NewRelay(unit byte, baud, relays int, wiring Wiring) *Relay {
	return &Relay{unit: unit, baud: baudCode(baud), wiring: wiring, relays: make([]relay, min(max(relays, 1), maxRelays))}
}

// Restart is what a dip of the supply does: all relays fall off, and the inputs are seen afresh. The modes are kept.
func (r *Relay) Restart(at time.Time) {
	r.begun = false
	for ch := range r.relays {
		r.set(ch, at, false)
	}
}

// baudCode is how the board's register writes a rate: 0 for 4800, each next step the next usual rate.
func baudCode(baud int) uint16 {
	for code, rate := range []int{4800, 9600, 19200, 38400, 57600, 115200, 128000, 256000} {
		if rate == baud {
			return uint16(code)
		}
	}
	return 0xFFFF
}

// Unit is the board's address.
func (r *Relay) Unit() byte { return r.unit }

// Advance ends the pulses whose time is over and lets inputs work on relays. Whoever looks at what the relays feed calls
// it first.
func (r *Relay) Advance(at time.Time) {
	for ch := range r.relays {
		if turn := r.relays[ch].turnAt; !turn.IsZero() && !turn.After(at) {
			r.set(ch, turn, !r.relays[ch].coil)
		}
		r.link(ch, at)
	}
	r.begun = true
}

func (r *Relay) link(ch int, at time.Time) {
	one := &r.relays[ch]
	if one.mode == modeNormal {
		return
	}
	in := r.wiring.Input(ch, at)
	before := one.input
	one.input = in
	switch {
	case one.mode == modeLinkage && in != one.coil:
		r.set(ch, at, in)
	case !r.begun:
	case one.mode == modeToggle && in && !before, one.mode == modeEdge && in != before:
		r.set(ch, at, !one.coil)
	}
}

// set switches a relay and ends its pulse.
func (r *Relay) set(ch int, at time.Time, on bool) {
	r.relays[ch].turnAt = time.Time{}
	r.relays[ch].coil = on
	r.wiring.Energise(ch, at, on)
}

// Answer serves one request.
func (r *Relay) Answer(req modbus.Request, at time.Time) []byte {
	r.Advance(at)
	asked := req
	req.Unit = r.unit
	switch req.Function {
	case modbus.ReadCoils:
		return r.readBits(req, func(ch int) bool { return r.relays[ch].coil })
	case modbus.ReadInputs:
		return r.readBits(req, func(ch int) bool { return r.wiring.Input(ch, at) })
	case modbus.ReadHolding:
		if asked.Unit == 0 && req.Address == 0 && req.Quantity == 1 { // the vendor's "who is there"
			return req.AppendRegistersReply(nil, []uint16{uint16(r.unit)})
		}
		return r.readRegisters(req)
	case modbus.WriteCoil:
		return confirm(req, r.writeCoil(req, at))
	case modbus.WriteCoils:
		return confirm(req, r.writeCoils(req, at))
	case modbus.WriteRegister, modbus.WriteRegisters:
		return confirm(req, r.writeModes(req))
	default:
		return req.AppendException(nil, modbus.IllegalFunction)
	}
}

// confirm answers a write: with its echo where nothing is wrong.
func confirm(req modbus.Request, wrong modbus.Exception) []byte {
	if wrong != 0 {
		return req.AppendException(nil, wrong)
	}
	return req.AppendWriteReply(nil)
}

func (r *Relay) readBits(req modbus.Request, bit func(ch int) bool) []byte {
	if int(req.Address)+int(req.Quantity) > len(r.relays) {
		return req.AppendException(nil, modbus.IllegalAddress)
	}
	bits := make([]bool, req.Quantity)
	for i := range bits {
		bits[i] = bit(int(req.Address) + i)
	}
	return req.AppendBitsReply(nil, bits)
}

func (r *Relay) readRegisters(req modbus.Request) []byte {
	values := make([]uint16, req.Quantity)
	for i := range values {
		value, known := r.register(int(req.Address) + i)
		if !known {
			return req.AppendException(nil, modbus.IllegalAddress)
		}
		values[i] = value
	}
	return req.AppendRegistersReply(nil, values)
}

func (r *Relay) register(address int) (value uint16, known bool) {
	switch {
	case address >= regModes && address < regModes+len(r.relays):
		return r.relays[address-regModes].mode, true
	case address == regBaud:
		return r.baud, true
	case address == regAddress:
		return uint16(r.unit), true
	case address == regVersion:
		return firmware, true
	default:
		return 0, false
	}
}

func (r *Relay) writeCoil(req modbus.Request, at time.Time) modbus.Exception {
	address := int(req.Address)
	switch {
	case address < len(r.relays):
		return r.switchCoils(address, address+1, req.Value, at)
	case address == coilAll:
		return r.switchCoils(0, len(r.relays), req.Value, at)
	case address >= coilPulseOn && address < coilPulseOn+len(r.relays):
		return r.pulse(address-coilPulseOn, req.Value, at, true)
	case address >= coilPulseOff && address < coilPulseOff+len(r.relays):
		return r.pulse(address-coilPulseOff, req.Value, at, false)
	default:
		return modbus.IllegalAddress
	}
}

func (r *Relay) switchCoils(from, to int, value uint16, at time.Time) modbus.Exception {
	if value != modbus.CoilOn && value != modbus.CoilOff && value != toggleCoil {
		return modbus.IllegalValue
	}
	for ch := from; ch < to; ch++ {
		on := value == modbus.CoilOn
		if value == toggleCoil {
			on = !r.relays[ch].coil
		}
		r.set(ch, at, on)
	}
	return 0
}

func (r *Relay) pulse(ch int, value uint16, at time.Time, on bool) modbus.Exception {
	if value == 0 || value > maxPulse {
		return modbus.IllegalValue
	}
	r.set(ch, at, on)
	r.relays[ch].turnAt = at.Add(time.Duration(value) * pulseElement)
	return 0
}

func (r *Relay) writeCoils(req modbus.Request, at time.Time) modbus.Exception {
	if int(req.Address)+int(req.Quantity) > len(r.relays) {
		return modbus.IllegalAddress
	}
	for i := range int(req.Quantity) {
		r.set(int(req.Address)+i, at, modbus.Bit(req.Data, i))
	}
	return 0
}

func (r *Relay) writeModes(req modbus.Request) modbus.Exception {
	first := int(req.Address) - regModes
	if first < 0 || first+int(req.Quantity) > len(r.relays) {
		return modbus.IllegalAddress
	}
	values := written(req)
	for _, mode := range values {
		if mode > modeEdge {
			return modbus.IllegalValue
		}
	}
	for i, mode := range values {
		r.relays[first+i].mode = mode
	}
	return 0
}

// written lists the registers' new values of either write function.
func written(req modbus.Request) []uint16 {
	if req.Function == modbus.WriteRegister {
		return []uint16{req.Value}
	}
	values := make([]uint16, req.Quantity)
	for i := range values {
		values[i] = modbus.Register(req.Data, i)
	}
	return values
}
