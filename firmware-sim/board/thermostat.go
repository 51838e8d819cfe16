package board

import (
	"time"

	"allhours/protocol"
	"allhours/protocol/fieldbus/modbus"
)

// Registers of a temperature controller.
const (
	ThermostatProbes = 256 // + probe: tenths of a degree, with a sign
	thermostatSet    = 272
	// ThermostatMost is how many probes a controller has.
	ThermostatMost = 3
	// noProbe is what a probe that is cut shows here; makers differ.
	noProbe = 0x7FFF
)

// Thermostat is a temperature controller with up to three probes.
type Thermostat struct {
	unit     byte
	setPoint uint16
	probes   [ThermostatMost]uint16
}

// NewThermostat makes a controller whose probes show these temperatures; what it has no probe for is cut.
func NewThermostat(unit byte, probes []protocol.DeciCelsius) *Thermostat {
	t := &Thermostat{unit: unit, setPoint: 30, probes: [ThermostatMost]uint16{noProbe, noProbe, noProbe}}
	for i := range min(len(probes), ThermostatMost) {
		t.Warm(i, probes[i])
	}
	return t
}

// Warm brings a probe to a temperature, and mends it.
func (t *Thermostat) Warm(probe int, to protocol.DeciCelsius) { t.probes[probe] = uint16(to) }

// Cut cuts a probe's wire.
func (t *Thermostat) Cut(probe int) { t.probes[probe] = noProbe }

// Unit is the controller's address.
func (t *Thermostat) Unit() byte { return t.unit }

// Answer serves one request.
func (t *Thermostat) Answer(req modbus.Request, _ time.Time) []byte {
	req.Unit = t.unit
	switch req.Function {
	case modbus.ReadHolding:
		return t.read(req)
	case modbus.WriteRegisters:
		if req.Address != thermostatSet || req.Quantity != 1 {
			return req.AppendException(nil, modbus.IllegalAddress)
		}
		t.setPoint = modbus.Register(req.Data, 0)
		return req.AppendWriteReply(nil)
	default:
		return req.AppendException(nil, modbus.IllegalFunction)
	}
}

func (t *Thermostat) read(req modbus.Request) []byte {
	first, count := int(req.Address), int(req.Quantity)
	switch {
	case first >= ThermostatProbes && first+count <= ThermostatProbes+ThermostatMost:
		return req.AppendRegistersReply(nil, t.probes[first-ThermostatProbes:][:count])
	case first == thermostatSet && count == 1:
		return req.AppendRegistersReply(nil, []uint16{t.setPoint})
	}
	return req.AppendException(nil, modbus.IllegalAddress)
}
