package toledo

import (
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/ascii"
	"allhours/protocol/fieldbus/toledo"
)

// enough frames of one form are no accident.
const enough = 2

// Find tells from what was heard on a line whether such a scale speaks there, and how it shows its weight.
func Find(heard []byte) (Config, bool) {
	for _, parity := range []ascii.Parity{ascii.Eight, ascii.Even, ascii.Odd} {
		for _, checksum := range []bool{true, false} {
			for _, unit := range []fieldbus.Unit{fieldbus.Grams, fieldbus.Kilograms} {
				for decimals := range toledo.MaxDecimals + 1 {
					cfg := Config{Unit: unit, Decimals: decimals, Checksum: checksum, SevenBits: parity}
					if cfg.frames(heard) >= enough {
						return cfg, true
					}
				}
			}
		}
	}
	return Config{}, false
}

// frames counts the weights in what was heard.
func (c Config) frames(heard []byte) (count int) {
	format := toledo.Format{Unit: c.Unit, Decimals: c.Decimals, Checksum: c.Checksum, Parity: c.SevenBits}
	frames := toledo.NewFrames(format)
	for _, b := range heard {
		frame, _ := frames.Push(b)
		if frame == nil {
			continue
		}
		if reading, err := format.Parse(frame); err == nil && !reading.Over {
			count++
		}
	}
	return count
}
