package sqlstore

import (
	"encoding/binary"
	"fmt"
	"math"

	"allhours/cloud"
	"allhours/protocol"
)

type air struct{ *session }

// Save implements cloud.AirTraces.
func (t air) Save(traces []cloud.AirTrace) error {
	for _, a := range traces {
		if _, err := t.exec(`INSERT INTO air (cabinet, compartment, probe, last, steps) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (cabinet, compartment, probe) DO UPDATE SET last = excluded.last, steps = excluded.steps`,
			string(a.Cabinet), int(a.Compartment), a.Probe, a.Last, airBytes(a.Steps)); err != nil {
			return fmt.Errorf("save air of %s: %w", a.Cabinet, err)
		}
	}
	return nil
}

// List implements cloud.AirTraces.
func (t air) List() ([]cloud.AirTrace, error) {
	return all(t.session, func(row scanner) (cloud.AirTrace, error) {
		var a cloud.AirTrace
		var raw []byte
		err := row.Scan(&a.Cabinet, &a.Compartment, &a.Probe, &a.Last, &raw)
		a.Steps = airSteps(raw)
		return a, err
	}, `SELECT cabinet, compartment, probe, last, steps FROM air ORDER BY cabinet, compartment, probe`)
}

// Forget implements cloud.AirTraces.
func (t air) Forget(before int64) error {
	if _, err := t.exec(`DELETE FROM air WHERE last < ?`, before); err != nil {
		return fmt.Errorf("forget air: %w", err)
	}
	return nil
}

// airUntold stands for a step of which nothing was told; no probe measures it.
const airUntold = math.MinInt16

// airBytes are steps as they are stored: the lowest and the highest of each in tenths of a degree, two bytes each.
func airBytes(steps []cloud.AirRange) []byte {
	raw := make([]byte, 0, 4*len(steps))
	for _, s := range steps {
		low, high := int16(s.Low), int16(s.High)
		if !s.Known {
			low, high = airUntold, airUntold
		}
		raw = binary.BigEndian.AppendUint16(raw, uint16(low))
		raw = binary.BigEndian.AppendUint16(raw, uint16(high))
	}
	return raw
}

func airSteps(raw []byte) []cloud.AirRange {
	steps := make([]cloud.AirRange, 0, len(raw)/4)
	for ; len(raw) >= 4; raw = raw[4:] {
		low, high := int16(binary.BigEndian.Uint16(raw)), int16(binary.BigEndian.Uint16(raw[2:]))
		s := cloud.AirRange{}
		if low != airUntold {
			s = cloud.AirRange{Low: protocol.DeciCelsius(low), High: protocol.DeciCelsius(high), Known: true}
		}
		steps = append(steps, s)
	}
	return steps
}
