package doctor

import (
	"path/filepath"
	"slices"
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
