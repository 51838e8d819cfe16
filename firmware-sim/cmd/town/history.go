package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
)

// What lies in the folder where there are books, and where a past was made that is not in its place yet.
const (
	booksName = "fleet.db"
	wholePast = "past.whole"
)

// remember begins new data with a simulated past, which a program of its own makes. Data that are there, lived or not, stay
// as they are; a past that was made and not put in its place is, whatever is asked for now.
func (t tools) remember(ctx context.Context, days int) error {
	lacks := func(name string) bool {
		_, err := os.Stat(t.folder.path(name))
		return errors.Is(err, fs.ErrNotExist)
	}
	switch {
	case !lacks(wholePast):
	case days == 0:
		return nil
	case !lacks(booksName):
		say("HISTORY=%d: %s has data already, which stay as they are.", days, t.folder.root)
		return nil
	case os.Getenv("DATABASE_URL") != "":
		return errors.New("HISTORY: a simulated past is made in SQLite only: leave DATABASE_URL out")
	}
	say("Making a simulated past of %d days. Its pages say so.", days)
	cmd := exec.CommandContext(ctx, t.program("past"), "-data", t.folder.root, "-days", strconv.Itoa(max(days, 1)), "-password", managerPassword)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("simulated past: %w", err)
	}
	return nil
}
