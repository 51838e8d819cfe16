package driver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/driver/aandd"
	"allhours/edge/internal/driver/asciireader"
	"allhours/edge/internal/driver/cu16"
	"allhours/edge/internal/driver/cu48"
	"allhours/edge/internal/driver/dixell"
	"allhours/edge/internal/driver/lock8a"
	"allhours/edge/internal/driver/modbusrelay"
	"allhours/edge/internal/driver/modbusscale"
	"allhours/edge/internal/driver/mtsics"
	"allhours/edge/internal/driver/registermap"
	"allhours/edge/internal/driver/rtu"
	"allhours/edge/internal/driver/toledo"
	"allhours/edge/internal/driver/wkly"
	"allhours/protocol/fieldbus/modbus"
)

// Found is a device that answered or was heard. Exactly one of the settings is there.
type Found struct {
	Lock        *LockConfig
	Scale       *ScaleConfig
	Thermometer *ThermometerConfig
	Reader      *ReaderConfig
	Check       string // what of the settings no device can tell, for a person to look at
}

// What a person must look at.
const (
	checkRelay   = "which relay and which inputs belong to which door"
	checkContact = "what the contacts tell: latch, door or hook (both)"
	check8A      = checkContact + "; and when they are shorted: locked or open"
	checkCount   = "what one count weighs (count_mg), against a known weight"
)

// Search is one way to ask a line who is there. Nothing of it opens a lock or changes a setting.
type Search struct {
	Name      string
	Addresses []byte // that it can ask; those that are likely first
	Likely    int    // how many of them are
	// Ask asks one address. Its error is bus.ErrTimeout where nobody answers, bus.ErrSpoilt where what answers is garbled,
	// and ErrUnknown where a board answers that is none of this program's.
	Ask func(ctx context.Context, line rtu.Line, address byte) (Found, error)
}

// ErrUnknown says that a board answers which no driver knows.
var ErrUnknown = errors.New("a board answers that no driver knows")

// modbusSearch asks for all families that speak Modbus at once.
const modbusSearch = "modbus"

// Searches are all ways to ask.
func Searches() []Search {
	return []Search{
		{modbusSearch, addresses(1, 247), 32, askModbus},
		{"cu16", addresses(0, 14), 4, func(ctx context.Context, line rtu.Line, address byte) (Found, error) {
			cfg, err := cu16.Find(ctx, line, address)
			return Found{Lock: &LockConfig{CU16: &cfg}, Check: checkContact}, err
		}},
		// An odd number's query is two bits from an order: even numbers first.
		{"cu48", evenFirst(0, 31), 4, func(ctx context.Context, line rtu.Line, address byte) (Found, error) {
			cfg, err := cu48.Find(ctx, line, address)
			return Found{Lock: &LockConfig{CU48: &cfg}, Check: checkContact}, err
		}},
		{"lock8a", addresses(1, 32), 4, func(ctx context.Context, line rtu.Line, address byte) (Found, error) {
			cfg, err := lock8a.Find(ctx, line, address)
			return Found{Lock: &LockConfig{Lock8A: &cfg}, Check: check8A}, err
		}},
		{"wkly", addresses(0, 31), 4, func(ctx context.Context, line rtu.Line, address byte) (Found, error) {
			cfg, err := wkly.Find(ctx, line, address)
			return Found{Lock: &LockConfig{WKLY: &cfg}, Check: checkContact}, err
		}},
		{"mtsics", []byte{0}, 1, func(ctx context.Context, line rtu.Line, address byte) (Found, error) {
			cfg, err := mtsics.Find(ctx, line, address)
			return Found{Scale: &ScaleConfig{MTSICS: &cfg}}, err
		}},
	}
}

func addresses(first, last byte) []byte {
	all := make([]byte, 0, int(last)-int(first)+1)
	for a := int(first); a <= int(last); a++ {
		all = append(all, byte(a))
	}
	return all
}

func evenFirst(first, last byte) []byte {
	all := addresses(first, last)
	slices.SortStableFunc(all, func(a, b byte) int { return int(a%2) - int(b%2) })
	return all
}

// askModbus asks a unit for a register that some boards have and others refuse, and who answered for what its family has
// and no other.
func askModbus(ctx context.Context, line rtu.Line, unit byte) (Found, error) {
	const anyRegister = 8
	_, err := rtu.Poll(ctx, line, modbus.Read(unit, modbus.ReadHolding, anyRegister, 1), 1)
	if _, refused := errors.AsType[modbus.Exception](err); err != nil && !refused {
		return Found{}, err
	}
	if cfg, err := modbusscale.Find(ctx, line, unit); err == nil {
		return Found{Scale: &ScaleConfig{ModbusScale: &cfg}}, nil
	}
	if cfg, err := modbusrelay.Find(ctx, line, unit); err == nil {
		return Found{Lock: &LockConfig{ModbusRelay: &cfg}, Check: checkRelay}, nil
	}
	if cfg, err := dixell.Find(ctx, line, unit); err == nil {
		return Found{Thermometer: &ThermometerConfig{Dixell: &cfg}}, nil
	}
	if cfg, err := registermap.Find(ctx, line, unit); err == nil {
		return Found{Scale: &ScaleConfig{RegisterMap: &cfg}, Check: checkCount}, nil
	}
	if cfg, err := cu48.FindModbus(ctx, line, unit); err == nil {
		return Found{Lock: &LockConfig{CU48: &cfg}, Check: checkContact}, nil
	}
	return Found{}, fmt.Errorf("unit %d: %w", unit, ErrUnknown)
}

// Heard tells what speaks unasked on a line from what was heard there.
func Heard(heard []byte) (Found, bool) {
	if cfg, known := aandd.Find(heard); known {
		return Found{Scale: &ScaleConfig{AandD: &cfg}}, true
	}
	if cfg, known := toledo.Find(heard); known {
		return Found{Scale: &ScaleConfig{Toledo: &cfg}}, true
	}
	return Found{}, false
}

// Code tells whether a reader of codes sent what was heard while a code was held before it.
func Code(heard []byte) (Found, bool) {
	cfg, known := asciireader.Find(heard)
	return Found{Reader: &ReaderConfig{ASCII: &cfg}}, known
}

// Garbled reports an answer that was none: two boards at one address, noise, or another speed.
func Garbled(err error) bool { return errors.Is(err, bus.ErrSpoilt) }
