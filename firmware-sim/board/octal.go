package board

import (
	"math"
	"slices"
	"time"

	"allhours/protocol"
	"allhours/protocol/fieldbus/modbus"
)

// Registers of the 8-channel weight board: one read brings all weights.
const (
	OctalWeights  = 0  // + 2 x channel: 32 bits, high word first, tenths of a gram
	OctalStatus   = 16 // + channel: the transmitter's status bits
	OctalTracking = 32 // automatic zero range and time, creep range and time, for all channels
	octalZero     = 40 // write 1 to 8 for a channel, FF for all: what lies there becomes zero
	octalAddress  = 48
	octalLast     = octalAddress
	OctalCountMG  = 100
	// OctalTrackingLen is the number of registers from OctalTracking on that must read 0 for the weights to be honest.
	OctalTrackingLen = 4
)

// deadChannel is what the weight of a channel without a converter reads.
const deadChannel = math.MinInt32

// Octal is a weight board for eight platforms. It wakes with its own zero and creep tracking on.
type Octal struct {
	unit   byte
	meters []*meter
}

// NewOctal makes a board for up to eight platforms that was just powered.
func NewOctal(unit byte, specs []ScaleSpec) *Octal {
	o := &Octal{unit: unit}
	for _, spec := range specs[:min(len(specs), Channels)] {
		o.meters = append(o.meters, newMeter(spec.Converter, spec.CapacityG, spec.DivisionG))
	}
	return o
}

// Unit is the board's address.
func (o *Octal) Unit() byte { return o.unit }

// Said lists the weights that the board has shown lately, by channel.
func (o *Octal) Said() [][]protocol.Milligrams {
	said := make([][]protocol.Milligrams, len(o.meters))
	for ch, m := range o.meters {
		said[ch] = m.said
	}
	return said
}

// Tracks reports whether the board corrects its weights on its own.
func (o *Octal) Tracks() bool {
	return slices.ContainsFunc(o.meters, func(m *meter) bool { return m.tracking != tracking{} })
}

// Restart lets the board lose its power for a moment.
func (o *Octal) Restart() {
	for _, m := range o.meters {
		m.restart()
	}
}

// Answer serves one request.
func (o *Octal) Answer(req modbus.Request, at time.Time) []byte {
	req.Unit = o.unit
	switch req.Function {
	case modbus.ReadHolding:
		if int(req.Address)+int(req.Quantity) > octalLast+1 {
			return req.AppendException(nil, modbus.IllegalAddress)
		}
		registers := o.registers(at)
		return req.AppendRegistersReply(nil, registers[req.Address:req.Address+req.Quantity])
	case modbus.WriteRegister, modbus.WriteRegisters:
		return confirm(req, o.write(req, at))
	default:
		return req.AppendException(nil, modbus.IllegalFunction)
	}
}

// registers is the whole map at a time; what is reserved reads 0, a channel without a converter its own mark.
func (o *Octal) registers(at time.Time) [octalLast + 1]uint16 {
	var r [octalLast + 1]uint16
	for ch := range Channels {
		value, status := int32(deadChannel), uint16(StatusOverflow)
		if ch < len(o.meters) {
			value, status = o.weigh(ch, at)
		}
		r[OctalWeights+2*ch], r[OctalWeights+2*ch+1] = uint16(uint32(value)>>16), uint16(value)
		r[OctalStatus+ch] = status
	}
	if len(o.meters) > 0 {
		t := o.meters[0].tracking
		copy(r[OctalTracking:], []uint16{t.zeroRange, t.zeroTime, t.creepRange, t.creepTime})
	}
	r[octalAddress] = uint16(o.unit)
	return r
}

func (o *Octal) weigh(ch int, at time.Time) (int32, uint16) {
	grams, status := o.meters[ch].gross(at)
	if status&StatusOverflow != 0 {
		return deadChannel, status
	}
	return int32(math.Round(grams * 1000 / OctalCountMG)), status
}

func (o *Octal) write(req modbus.Request, at time.Time) modbus.Exception {
	for i, value := range written(req) {
		if wrong := o.writeOne(int(req.Address)+i, value, at); wrong != 0 {
			return wrong
		}
	}
	return 0
}

func (o *Octal) writeOne(address int, value uint16, at time.Time) modbus.Exception {
	switch {
	case address == octalZero:
		return o.zeroNow(value, at)
	case address < OctalTracking || address > OctalTracking+OctalTrackingLen-1:
		return modbus.IllegalAddress
	}
	for _, m := range o.meters {
		t := m.tracking
		*[]*uint16{&t.zeroRange, &t.zeroTime, &t.creepRange, &t.creepTime}[address-OctalTracking] = value
		m.setTracking(t)
	}
	return 0
}

// zeroNow zeroes one channel, counted from 1, or all; it refuses loads above a twenty-fifth of the capacity.
func (o *Octal) zeroNow(value uint16, at time.Time) modbus.Exception {
	const all, share = 0x00FF, 0.04
	if value != all && (value < 1 || int(value) > len(o.meters)) {
		return modbus.IllegalValue
	}
	for ch, m := range o.meters {
		if (value == all || int(value) == ch+1) && !m.zeroNow(at, share) {
			return modbus.DeviceFailure
		}
	}
	return 0
}
