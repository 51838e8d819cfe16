package aandd

import (
	"allhours/protocol/fieldbus"
	"allhours/protocol/fieldbus/aandd"
	"allhours/protocol/fieldbus/ascii"
)

// enough lines of one form are no accident.
const enough = 2

// Find tells from what was heard on a line whether such a scale speaks there, and how it shows its weight.
func Find(heard []byte) (Config, bool) {
	for _, parity := range []ascii.Parity{ascii.Eight, ascii.Even, ascii.Odd} {
		counted := map[Config]int{}
		lines := ascii.NewLines(aandd.MaxLine, parity)
		for _, b := range heard {
			line, _ := lines.Push(b)
			cfg, known := formatOf(line)
			if cfg.SevenBits = parity; !known {
				continue
			}
			if counted[cfg]++; counted[cfg] == enough {
				return cfg, true
			}
		}
	}
	return Config{}, false
}

// formatOf is the one format in which a line is a weight.
func formatOf(line []byte) (Config, bool) {
	for _, unit := range []fieldbus.Unit{fieldbus.Grams, fieldbus.Kilograms} {
		for decimals := range fieldbus.MaxDecimals + 1 {
			for width := decimals + 2; width <= maxWidth; width++ {
				f := aandd.Format{Unit: unit, Decimals: decimals, Width: width}
				if reading, err := f.Parse(line); err == nil && !reading.Over {
					return Config{Unit: unit, Decimals: decimals, Width: width}, true
				}
			}
		}
	}
	return Config{}, false
}
