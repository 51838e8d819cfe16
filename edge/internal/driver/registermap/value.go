package registermap

import (
	"math"

	"allhours/protocol"
	"allhours/protocol/fieldbus/modbus"
)

// weigh reads the value at a register of the data. Boards show a channel that they cannot measure as the smallest or the
// largest count, or as no number: then it is false.
func (c Config) weigh(data []byte, register int) (protocol.Milligrams, bool) {
	value, ok := c.value(data, register)
	if !ok {
		return 0, false
	}
	if c.Negate {
		value = -value
	}
	mg := math.Round(value * c.CountWeight)
	if math.IsNaN(mg) || math.Abs(mg) > maxWeight {
		return 0, false
	}
	return protocol.Milligrams(mg), true
}

// maxWeight is a hundred tonnes in milligrams: more than any shelf holds, and less than a float can tell exactly.
const maxWeight = 1e11

func (c Config) value(data []byte, register int) (float64, bool) {
	if c.Format.registers() == 1 {
		word := modbus.Register(data, register)
		if c.Format == Int16 {
			count := int16(word)
			return float64(count), count != math.MinInt16 && count != math.MaxInt16
		}
		return float64(word), word != math.MaxUint16
	}
	word := c.long(data, register)
	switch c.Format {
	case Uint32:
		return float64(word), word != math.MaxUint32
	case Float32:
		return float64(math.Float32frombits(word)), true
	default:
		count := int32(word)
		return float64(count), count != math.MinInt32 && count != math.MaxInt32
	}
}

// long joins two registers in the board's order.
func (c Config) long(data []byte, register int) uint32 {
	high, low := modbus.Register(data, register), modbus.Register(data, register+1)
	if c.Order == LowFirst {
		high, low = low, high
	}
	return uint32(high)<<16 | uint32(low)
}
