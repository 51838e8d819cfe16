package main

import (
	"context"
	"errors"
	"fmt"

	"allhours/cloud/server"
)

// statement writes what a real payment provider would have for download.
func statement(args []string, std streams) (work, error) {
	flags := quietFlags("statement")
	day := flags.String("day", "", "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if *day == "" || flags.NArg() != 0 {
		return nil, errors.New("want --day 2026-11-28")
	}
	return func(ctx context.Context, admin *server.Admin) error {
		lines, err := admin.SimulatedStatement(ctx, std.out, *day)
		if err != nil {
			return err
		}
		fmt.Fprintf(std.err, "fleetctl: statement: %d lines of the simulated provider; no real money moved\n", lines)
		return nil
	}, nil
}
