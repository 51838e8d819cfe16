package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// measureDisk runs the edge's own test of what an agent writes: an idle hour lasts seconds there, because its time is made
// up, and the disk is one that counts.
func measureDisk(ctx context.Context, env environment) ([]figure, error) {
	program, err := filepath.Abs(filepath.Join(env.bin, "wear.test"))
	if err != nil {
		return nil, err
	}
	said, err := exec.CommandContext(ctx, program, "-test.run", "^TestWearOfTheDiskIsBounded$", "-test.v").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("measure the disk: %w\n%s", err, said)
	}
	var figures []figure
	for lines := bufio.NewScanner(bytes.NewReader(said)); lines.Scan(); {
		_, told, found := strings.Cut(lines.Text(), ": figure ")
		var name string
		var value, reach float64
		if _, wrong := fmt.Sscanf(told, "%s %f reach %f", &name, &value, &reach); !found || wrong != nil {
			continue
		}
		unit := "kB"
		if strings.HasPrefix(name, "syncs") {
			unit = "syncs"
		}
		figures = append(figures, atMost(name, value, unit, reach, "pages of 4096 bytes that fsync brings to the disk, log and checkpoint"))
	}
	if err == nil && len(figures) == 0 {
		err = fmt.Errorf("measure the disk: no figures in %q", said)
	}
	return figures, err
}
