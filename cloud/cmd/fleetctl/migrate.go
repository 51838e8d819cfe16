package main

import (
	"context"
	"errors"
	"fmt"

	"allhours/cloud/server"
)

// migrate brings the schema up to date, or says what that would be.
func (b books) migrate(args []string, std streams) (work, error) {
	flags := quietFlags("migrate")
	dry := flags.Bool("dry-run", false, "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() != 0 {
		return nil, errors.New("want no arguments")
	}
	return func(ctx context.Context, _ *server.Admin) error {
		look, word := server.Migrate, "made"
		if *dry {
			look, word = server.Pending, "lacks"
		}
		files, err := look(ctx, b.data, b.databaseURL)
		if err != nil {
			return err
		}
		for _, f := range files {
			fmt.Fprintln(std.out, word, f)
		}
		if len(files) == 0 {
			fmt.Fprintln(std.out, "up to date")
		}
		return nil
	}, nil
}
