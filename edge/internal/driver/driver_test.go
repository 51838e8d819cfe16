package driver_test

import (
	"testing"

	"allhours/edge/internal/driver"
	"allhours/edge/internal/driver/modbusrelay"
	"allhours/edge/internal/driver/modbusscale"
	"allhours/edge/internal/driver/registermap"
)

func TestExactlyOneDriverIsBuilt(t *testing.T) {
	transmitter := &modbusscale.Config{Unit: 1}
	octal := &registermap.Config{Unit: 2, Channels: 8, CountWeight: 100}
	for _, c := range []struct {
		name     string
		cfg      driver.ScaleConfig
		channels int // 0: refused
	}{
		{"a transmitter", driver.ScaleConfig{ModbusScale: transmitter}, 1},
		{"an 8-channel board", driver.ScaleConfig{RegisterMap: octal}, 8},
		{"none", driver.ScaleConfig{}, 0},
		{"two at once", driver.ScaleConfig{ModbusScale: transmitter, RegisterMap: octal}, 0},
		{"settings that the driver refuses", driver.ScaleConfig{ModbusScale: &modbusscale.Config{}}, 0},
	} {
		scale, err := driver.NewScale(nil, c.cfg)
		if (err == nil) != (c.channels > 0) || (scale == nil) != (c.channels == 0) {
			t.Errorf("%s: %v, %v", c.name, scale, err)
			continue
		}
		if scale != nil && scale.Channels() != c.channels {
			t.Errorf("%s has %d channels, want %d", c.name, scale.Channels(), c.channels)
		}
	}
	if board, err := driver.NewLockBoard(nil, driver.LockConfig{}); err == nil || board != nil {
		t.Errorf("no lock board: %v, %v", board, err)
	}
	one := driver.LockConfig{ModbusRelay: &modbusrelay.Config{Unit: 1, Channels: []modbusrelay.Channel{{}}}}
	if board, err := driver.NewLockBoard(nil, one); err != nil || board.Channels() != 1 {
		t.Errorf("a relay board: %v, %v", board, err)
	}
}
