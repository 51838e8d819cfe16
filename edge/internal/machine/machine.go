// Package machine reads what the kernel tells of the cabinet's own computer: its supply, its battery and its radio. It refuses
// to guess: what the kernel does not tell is not known.
package machine

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"allhours/protocol/wire"
)

// Read reads the state below a root, which is "/" but in tests. Several supplies from outside are one: any of them is enough. Of
// several batteries the emptiest is told.
func Read(root string) wire.Machine {
	var m wire.Machine
	supplies, _ := filepath.Glob(filepath.Join(root, "sys/class/power_supply/*")) // The pattern is right.
	for _, supply := range supplies {
		switch word(supply, "type") {
		case "Mains", "USB":
			if online, known := number(supply, "online"); known {
				there := online > 0 || m.Mains != nil && *m.Mains
				m.Mains = &there
			}
		case "Battery", "UPS":
			if charge, known := number(supply, "capacity"); known && charge >= 0 && charge <= 100 && (m.Battery == nil || charge < *m.Battery) {
				m.Battery = &charge
			}
		}
	}
	m.Signal = signal(root)
	return m
}

func word(folder, name string) string {
	raw, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

func number(folder, name string) (int, bool) {
	n, err := strconv.Atoi(word(folder, name))
	return n, err == nil
}

// signal is the level of the first radio in /proc/net/wireless: below two lines of heads, the fourth field of each, in dBm.
func signal(root string) *int {
	raw, err := os.ReadFile(filepath.Join(root, "proc/net/wireless"))
	if err != nil {
		return nil
	}
	for i, line := range strings.Split(string(raw), "\n") {
		fields := strings.Fields(line)
		if i < 2 || len(fields) < 4 {
			continue
		}
		level, err := strconv.Atoi(strings.TrimSuffix(fields[3], "."))
		if err == nil && level < 0 { // Other drivers count from 0 to 255, in units of their own.
			return &level
		}
	}
	return nil
}
