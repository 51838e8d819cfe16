package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"allhours/cloud/server"
)

func retention(args []string, std streams) (work, error) {
	if len(args) != 0 {
		return nil, errors.New("want no arguments")
	}
	return func(ctx context.Context, admin *server.Admin) error {
		all, err := admin.Retention(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "KIND\tKEPT\tOLDER THAN\tWOULD BE REMOVED")
		for _, d := range all {
			kept := d.Period.String()
			if days := d.Period / (24 * time.Hour); days > 0 {
				kept = fmt.Sprintf("%d days", days)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\n", d.Kind, kept, d.Before.UTC().Format(time.RFC3339), d.Count)
		}
		return w.Flush()
	}, nil
}
