package driver

import (
	"fmt"

	"allhours/edge/internal/driver/cu48"
)

// Address is the device's address on its line; "" for one that has none.
func (f Found) Address() string {
	switch {
	case f.Lock != nil:
		return f.Lock.Address()
	case f.Scale != nil:
		return f.Scale.Address()
	case f.Thermometer != nil:
		return f.Thermometer.Address()
	}
	return ""
}

// Family is the name of the device's driver, as the configuration calls it.
func (f Found) Family() string {
	switch {
	case f.Lock != nil:
		return f.Lock.Family()
	case f.Scale != nil:
		return f.Scale.Family()
	case f.Thermometer != nil:
		return f.Thermometer.Family()
	case f.Reader != nil:
		return chosen(readers(*f.Reader))
	}
	return ""
}

// Family is the name of the scale's driver.
func (c ScaleConfig) Family() string { return chosen(scales(nil, c)) }

// Family is the name of the lock board's driver.
func (c LockConfig) Family() string { return chosen(locks(nil, c)) }

// Family is the name of the temperature controller's driver.
func (c ThermometerConfig) Family() string { return chosen(thermometers(nil, c)) }

func chosen[Board any](rows []builder[Board]) string {
	for _, row := range rows {
		if row.set {
			return row.name
		}
	}
	return ""
}

// AddressField is the way to the address in the settings of the device's driver, "modbusscale.unit"; "" where it has none.
func (f Found) AddressField() string {
	switch family := f.Family(); family {
	case "modbusscale", "registermap", "modbusrelay", "dixell":
		return family + ".unit"
	case "cu16", "lock8a", "wkly":
		return family + ".board"
	case "cu48":
		return family + ".device"
	}
	return ""
}

// Number is the device's address as its settings write it.
func (f Found) Number() byte {
	switch {
	case f.Scale != nil && f.Scale.ModbusScale != nil:
		return f.Scale.ModbusScale.Unit
	case f.Scale != nil && f.Scale.RegisterMap != nil:
		return f.Scale.RegisterMap.Unit
	case f.Thermometer != nil && f.Thermometer.Dixell != nil:
		return f.Thermometer.Dixell.Unit
	case f.Lock == nil:
		return 0
	case f.Lock.ModbusRelay != nil:
		return f.Lock.ModbusRelay.Unit
	case f.Lock.CU16 != nil:
		return f.Lock.CU16.Board
	case f.Lock.CU48 != nil:
		return f.Lock.CU48.Device
	case f.Lock.Lock8A != nil:
		return f.Lock.Lock8A.Board
	case f.Lock.WKLY != nil:
		return f.Lock.WKLY.Board
	}
	return 0
}

// First wires so many of the board's locks, from the first on; all that there are where there are fewer.
func (c LockConfig) First(doors int) LockConfig {
	switch {
	case c.ModbusRelay != nil:
		cut := *c.ModbusRelay
		cut.Channels = cut.Channels[:min(doors, len(cut.Channels))]
		c.ModbusRelay = &cut
	case c.CU16 != nil:
		cut := *c.CU16
		cut.Locks = cut.Locks[:min(doors, len(cut.Locks))]
		c.CU16 = &cut
	case c.CU48 != nil:
		cut := *c.CU48
		cut.Locks = cut.Locks[:min(doors, len(cut.Locks))]
		c.CU48 = &cut
	case c.Lock8A != nil:
		cut := *c.Lock8A
		cut.Locks = cut.Locks[:min(doors, len(cut.Locks))]
		c.Lock8A = &cut
	case c.WKLY != nil:
		cut := *c.WKLY
		cut.Locks = cut.Locks[:min(doors, len(cut.Locks))]
		c.WKLY = &cut
	}
	return c
}

// PlaceOf names an address in a way of asking: boards of one place hear the same questions.
func PlaceOf(search string, address byte) string {
	return fmt.Sprintf("%s address %d", search, address)
}

// Place is the device's, as PlaceOf names it.
func (f Found) Place() string {
	switch family := f.Family(); {
	case family == "cu48" && f.Lock.CU48.Protocol != cu48.Modbus, family == "cu16", family == "lock8a", family == "wkly", family == "mtsics":
		return PlaceOf(family, f.Number())
	}
	return PlaceOf(modbusSearch, f.Number())
}

// Covers reports whether the search asks for such a device, if it asks its address.
func (s Search) Covers(f Found) bool {
	return f.Address() != "" && f.Place() == PlaceOf(s.Name, f.Number())
}

// Words is what the device is and where.
func (f Found) Words() string {
	kind := "a temperature controller"
	switch {
	case f.Reader != nil:
		return "a reader of codes"
	case f.Lock != nil:
		kind = "a lock board"
	case f.Scale != nil:
		kind = "a scale"
	}
	if address := f.Address(); address != "" {
		return fmt.Sprintf("%s (%s, %s)", kind, f.Family(), address)
	}
	return fmt.Sprintf("%s (%s)", kind, f.Family())
}

// Channels is how many platforms the scale weighs; 0 where its settings cannot be used.
func (c ScaleConfig) Channels() int {
	scale, err := NewScale(nil, c)
	if err != nil {
		return 0
	}
	return scale.Channels()
}
