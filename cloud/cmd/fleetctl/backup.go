package main

import (
	"context"
	"errors"
	"fmt"

	"allhours/cloud/server"
)

// backup copies the books beside a running service.
func backup(args []string, std streams) (work, error) {
	if len(args) != 1 || args[0] == "" {
		return nil, errors.New("want one file that is not there yet")
	}
	return func(ctx context.Context, admin *server.Admin) error {
		return admin.Backup(ctx, args[0], progress(std))
	}, nil
}

// restore fills new books, which nobody may have open.
func (b books) restore(args []string, std streams) (work, error) {
	if len(args) != 1 || args[0] == "" {
		return nil, errors.New("want one file that backup has written")
	}
	return func(ctx context.Context, _ *server.Admin) error {
		return server.Restore(ctx, b.data, b.databaseURL, args[0], progress(std))
	}, nil
}

func progress(std streams) func(string, int) {
	return func(table string, rows int) {
		if rows > 0 {
			fmt.Fprintf(std.out, "%-20s %d\n", table, rows)
		}
	}
}
