package config

import (
	"errors"
	"fmt"

	"allhours/edge/internal/driver"
	"allhours/edge/internal/driver/setting"
	"allhours/protocol"
)

// refused says where a driver's settings are wrong, as exactly as the driver does.
func refused(at string, err error) *fault {
	if wrong, ok := errors.AsType[*setting.Error](err); ok {
		return faultf(at+"."+wrong.Field, "%s", wrong.Want)
	}
	return faultf(at, "%v", err)
}

func (c Config) checkThermometers() *fault {
	doors := map[protocol.Compartment]bool{0: true}
	for _, l := range c.Locks {
		for _, n := range l.Compartments {
			doors[n] = true
		}
	}
	for i, t := range c.Thermometers {
		at := fmt.Sprintf("thermometers[%d]", i)
		if !c.hasLine(t.Line) {
			return faultf(at+".line", "got %q: want the name of a line", t.Line)
		}
		for k, n := range t.Compartments {
			if !doors[n] {
				return faultf(fmt.Sprintf("%s.compartments[%d]", at, k), "got %d: want a compartment with a lock, or 0", n)
			}
		}
		controller, err := driver.NewThermometer(nil, t.ThermometerConfig)
		if err != nil {
			return refused(at, err)
		}
		if controller.Probes() != len(t.Compartments) {
			return faultf(at+".compartments", "got %d: want %d, one for each probe", len(t.Compartments), controller.Probes())
		}
	}
	return nil
}

func (c Config) checkReaders() *fault {
	for i, r := range c.Readers {
		at := fmt.Sprintf("readers[%d]", i)
		if !c.hasLine(r.Line) {
			return faultf(at+".line", "got %q: want the name of a line", r.Line)
		}
		if _, err := driver.NewReader(r.ReaderConfig); err != nil {
			return refused(at, err)
		}
	}
	return nil
}

// hung is one device on a line.
type hung struct {
	at, line string
	address  string // that no other board of the line may have; "" for none
	alone    bool   // nothing else can be on its line
}

func (c Config) devices() []hung {
	var all []hung
	for i, l := range c.Locks {
		all = append(all, hung{at: fmt.Sprintf("locks[%d]", i), line: l.Line, address: l.Address()})
	}
	for i, s := range c.Scales {
		all = append(all, hung{at: fmt.Sprintf("scales[%d]", i), line: s.Line, address: s.Address(), alone: s.Alone()})
	}
	for i, t := range c.Thermometers {
		all = append(all, hung{at: fmt.Sprintf("thermometers[%d]", i), line: t.Line, address: t.Address()})
	}
	for i, r := range c.Readers {
		all = append(all, hung{at: fmt.Sprintf("readers[%d]", i), line: r.Line, alone: true})
	}
	return all
}

// checkWires refuses what cannot hang on one line together: two boards at one address, or anything beside a device that
// needs the line for itself.
func (c Config) checkWires() *fault {
	for i, one := range c.devices() {
		for _, other := range c.devices()[:i] {
			switch {
			case one.line != other.line:
			case one.alone || other.alone:
				return faultf(one.at+".line", "%s is taken: %s and %s cannot share a line", one.line, other.at, one.at)
			case one.address != "" && one.address == other.address:
				return faultf(one.at, "%s on %s is taken by %s", one.address, one.line, other.at)
			}
		}
	}
	return nil
}
