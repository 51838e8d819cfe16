package doctor

import (
	"path/filepath"
	"slices"

	"allhours/edge/internal/config"
)

// Ports lists the machine's serial devices: by their lasting names where they have one, each device once.
func Ports() []string {
	var all []string
	seen := map[string]bool{}
	for _, pattern := range []string{"/dev/serial/by-id/*", "/dev/ttyUSB*", "/dev/ttyACM*", "/dev/ttyAMA*", "/dev/ttyS*"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			continue // the patterns are whole
		}
		slices.Sort(names)
		for _, name := range names {
			if device := deviceOf(name); !seen[device] {
				seen[device] = true
				all = append(all, name)
			}
		}
	}
	return all
}

// deviceOf is what a path leads to; the path itself where it leads nowhere.
func deviceOf(path string) string {
	if device, err := filepath.EvalSymlinks(path); err == nil {
		return device
	}
	return path
}

// Lines are the serial devices to look at: those that are named, as the file has them where it does; where none is named,
// the file's and every other of this machine.
func Lines(cfg config.Config, named []string) []config.Line {
	var lines []config.Line
	if len(named) == 0 {
		lines, named = slices.Clone(cfg.Lines), Ports()
	}
	for _, path := range named {
		same := func(l config.Line) bool { return deviceOf(l.Path) == deviceOf(path) }
		if slices.ContainsFunc(lines, same) {
			continue
		}
		line := config.Line{Path: path}
		if i := slices.IndexFunc(cfg.Lines, same); i >= 0 {
			line = cfg.Lines[i]
		}
		lines = append(lines, line)
	}
	return lines
}
