package board

import (
	"math"
	"time"

	"allhours/protocol"
	"allhours/protocol/fieldbus/modbus"
)

// Registers of the single-channel weight transmitter. Those of 32 bits take two, high word first.
const (
	txAddress       = 0
	txBaud          = 1
	txKey           = 5
	txStatus        = 8
	txMeasured      = 30 // 32 bits: what the board shows, net
	txRate          = 32
	txFilter        = 35 // strength, 0 to 50: so many conversions more are averaged
	txRaw           = 44 // 32 bits: the converter's counts
	txGross         = 80 // 32 bits
	txNet           = 82 // 32 bits
	txTare          = 84 // 32 bits
	txRange         = 86 // 32 bits: the scale's maximum
	txDivision      = 88 // in counts
	txZero          = 94 // write 1 or FF: what lies there becomes zero
	txZeroShare     = 93 // percent of the maximum within which that is allowed
	txAutoRange     = 96
	txAutoTime      = 97
	txStableRange   = 98 // divisions
	txStableTime    = 99 // tenths of a second
	txCreepRange    = 102
	txCreepTime     = 103
	txUnit          = 104 // 0 for grams
	txLast          = txUnit
	unlockKey       = 0x5AA5
	maxFilter       = 50
	countsPerGram   = 1000 // of the raw converter value
	conversionsASec = 40
)

// ScaleSpec is what a weight board knows of one channel.
type ScaleSpec struct {
	Converter Converter
	CapacityG float64
	DivisionG float64
}

// Transmitter is a weight board for one platform. It wakes with its own zero and creep tracking on.
type Transmitter struct {
	unit      byte
	baud      uint16
	decimals  uint16
	zeroShare uint16
	unlocked  bool
	meter     *meter
}

// NewTransmitter makes a transmitter that was just powered.
func NewTransmitter(unit byte, baud int, spec ScaleSpec) *Transmitter {
	codes := map[int]uint16{9600: 3, 19200: 4, 38400: 5, 57600: 6, 115200: 7}
	return &Transmitter{
		unit: unit, baud: codes[baud], decimals: decimalsOf(spec.DivisionG), zeroShare: 4,
		meter: newMeter(spec.Converter, spec.CapacityG, spec.DivisionG),
	}
}

// decimalsOf is how many digits after the point a division in grams needs.
func decimalsOf(divisionG float64) uint16 {
	decimals := uint16(0)
	for scaled := divisionG; math.Abs(scaled-math.Round(scaled)) > 1e-9 && decimals < 3; decimals++ {
		scaled *= 10
	}
	return decimals
}

// Unit is the board's address.
func (t *Transmitter) Unit() byte { return t.unit }

// Said lists the weights that the board has shown lately, by channel.
func (t *Transmitter) Said() [][]protocol.Milligrams { return [][]protocol.Milligrams{t.meter.said} }

// Tracks reports whether the board corrects its weights on its own.
func (t *Transmitter) Tracks() bool { return t.meter.tracking != tracking{} }

// Restart lets the board lose its power for a moment.
func (t *Transmitter) Restart() {
	t.meter.restart()
	t.unlocked = false
}

// Answer serves one request. A transmitter whose converter is dead does not answer at all.
func (t *Transmitter) Answer(req modbus.Request, at time.Time) []byte {
	if _, ok := t.meter.filtered(t.meter.converter.ConversionAt(at)); !ok {
		return nil
	}
	req.Unit = t.unit
	switch req.Function {
	case modbus.ReadHolding:
		return t.read(req, at)
	case modbus.WriteRegister, modbus.WriteRegisters:
		return confirm(req, t.write(req, at))
	default:
		return req.AppendException(nil, modbus.IllegalFunction)
	}
}

func (t *Transmitter) read(req modbus.Request, at time.Time) []byte {
	if int(req.Address)+int(req.Quantity) > txLast+1 {
		return req.AppendException(nil, modbus.IllegalAddress)
	}
	registers := t.registers(at)
	return req.AppendRegistersReply(nil, registers[req.Address:req.Address+req.Quantity])
}

// registers is the whole map at a time; what is reserved reads 0.
func (t *Transmitter) registers(at time.Time) [txLast + 1]uint16 {
	var r [txLast + 1]uint16
	grams, status := t.meter.gross(at)
	raw, _ := t.meter.filtered(t.meter.converter.ConversionAt(at))
	r[txAddress], r[txBaud] = uint16(t.unit), t.baud
	r[txStatus] = status | t.decimals
	r[txRate], r[txFilter] = conversionsASec, uint16(t.meter.window-1)
	t.put(r[:], txGross, t.counts(grams))
	t.put(r[:], txNet, t.counts(grams-t.meter.tare))
	t.put(r[:], txMeasured, t.counts(grams-t.meter.tare))
	t.put(r[:], txTare, t.counts(t.meter.tare))
	t.put(r[:], txRaw, int32(raw*countsPerGram))
	t.put(r[:], txRange, t.counts(t.meter.capacityG))
	r[txDivision] = uint16(t.counts(t.meter.divisionG))
	r[txZeroShare] = t.zeroShare
	r[txAutoRange], r[txAutoTime] = t.meter.tracking.zeroRange, t.meter.tracking.zeroTime
	r[txStableRange], r[txStableTime] = uint16(t.meter.stableD), uint16(t.meter.stableFor*10/conversionsASec)
	r[txCreepRange], r[txCreepTime] = t.meter.tracking.creepRange, t.meter.tracking.creepTime
	return r
}

func (t *Transmitter) put(r []uint16, address int, value int32) {
	r[address], r[address+1] = uint16(uint32(value)>>16), uint16(value)
}

// counts is a weight as the board's registers carry it: in grams, without the decimal point.
func (t *Transmitter) counts(grams float64) int32 {
	return int32(math.Round(grams * math.Pow10(int(t.decimals))))
}

// write sets registers one after the other and stops at the first that refuses.
func (t *Transmitter) write(req modbus.Request, at time.Time) modbus.Exception {
	values := written(req)
	if req.Address == txTare && len(values) == 2 {
		t.meter.tare = float64(int32(uint32(values[0])<<16|uint32(values[1]))) / math.Pow10(int(t.decimals))
		return 0
	}
	for i, value := range values {
		if wrong := t.writeOne(int(req.Address)+i, value, at); wrong != 0 {
			return wrong
		}
	}
	return 0
}

func (t *Transmitter) writeOne(address int, value uint16, at time.Time) modbus.Exception {
	tracking := t.meter.tracking
	switch address {
	case txKey:
		t.unlocked = value == unlockKey
		return 0
	case txFilter:
		if value > maxFilter {
			return modbus.IllegalValue
		}
		t.meter.window = int64(value) + 1
		return 0
	case txZero:
		return t.zeroNow(value, at)
	case txZeroShare:
		return t.setZeroShare(value)
	case txAutoRange:
		tracking.zeroRange = value
	case txAutoTime:
		tracking.zeroTime = value
	case txCreepRange:
		tracking.creepRange = value
	case txCreepTime:
		tracking.creepTime = value
	default:
		return modbus.IllegalAddress
	}
	t.meter.setTracking(tracking)
	return 0
}

// setZeroShare is a setting of the calibration and needs the key.
func (t *Transmitter) setZeroShare(percent uint16) modbus.Exception {
	if !t.unlocked || percent > 100 {
		return modbus.IllegalValue
	}
	t.zeroShare = percent
	return 0
}

func (t *Transmitter) zeroNow(value uint16, at time.Time) modbus.Exception {
	const one, all = 0x0001, 0x00FF
	switch {
	case value != one && value != all:
		return modbus.IllegalValue
	case !t.meter.zeroNow(at, float64(t.zeroShare)/100):
		return modbus.DeviceFailure
	}
	return 0
}
