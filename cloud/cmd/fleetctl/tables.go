package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"allhours/cloud"
	"allhours/cloud/server"
)

// localTime is how a time is written at the chain's clocks.
const localTime = "2006-01-02T15:04"

// importTable takes a table of master data in, after it has said what changes.
func importTable(args []string, std streams) (work, error) {
	flags := quietFlags("import")
	from, draft, dry := flags.String("from", "", ""), flags.String("draft", "", ""), flags.Bool("dry-run", false, "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() != 2 {
		return nil, errors.New("want one table and one file, or - for the standard input")
	}
	kind, err := tableOf(flags.Arg(0))
	if err != nil {
		return nil, err
	}
	text, err := readDocument(flags.Args()[1:], std)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, admin *server.Admin) error {
		in := cloud.Intake{Kind: kind, Text: text, Draft: *draft}
		if in.From, err = fromTime(ctx, admin, *from); err != nil {
			return err
		}
		take := func(ctx context.Context) (cloud.Preview, error) { return admin.Planning().Apply(ctx, in, 0) }
		if *dry {
			take = func(ctx context.Context) (cloud.Preview, error) { return admin.Planning().Preview(ctx, in) }
		}
		preview, err := take(ctx)
		for _, w := range preview.Warnings {
			fmt.Fprintln(std.err, "fleetctl: import: warning:", w)
		}
		if err != nil {
			return fmt.Errorf("nothing was taken in:\n%w", err)
		}
		return printPreview(std.out, preview, *dry)
	}, nil
}

func tableOf(name string) (cloud.MasterKind, error) {
	kind := cloud.MasterKind(name)
	if !slices.Contains(cloud.MasterKinds(), kind) {
		return kind, fmt.Errorf("table %q: want one of %v", name, cloud.MasterKinds())
	}
	return kind, nil
}

// fromTime reads a time with its zone, or one at the chain's clocks; empty is none.
func fromTime(ctx context.Context, admin *server.Admin, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	chain, err := admin.Chain(ctx)
	if err != nil {
		return time.Time{}, err
	}
	zone, err := time.LoadLocation(chain.TimeZone)
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.ParseInLocation(localTime, text, zone)
	if err != nil {
		return at, fmt.Errorf("--from %q: want a time such as 2026-12-01T00:00", text)
	}
	return at, nil
}

func printPreview(out io.Writer, p cloud.Preview, dry bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if p.Converted {
		fmt.Fprintln(w, "read as GB18030 (GBK)")
	}
	for _, c := range p.Changes {
		if c.Added {
			fmt.Fprintf(w, "+ %s\t%s\n", c.Key, c.Name.En)
			continue
		}
		parts := make([]string, len(c.Fields))
		for i, f := range c.Fields {
			parts[i] = fmt.Sprintf("%s: %s -> %s", f.Field, f.From, f.To)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", c.Key, c.Name.En, strings.Join(parts, "; "))
	}
	done := "changed"
	if dry {
		done = "would change"
	}
	fmt.Fprintf(w, "%s: %d, unchanged: %d", done, len(p.Changes), p.Unchanged)
	if !p.From.IsZero() {
		fmt.Fprintf(w, ", from %s on", p.From.Format(time.RFC3339))
	}
	fmt.Fprintln(w)
	return w.Flush()
}

// exportTable gives a table out, as import reads it.
func exportTable(args []string, std streams) (work, error) {
	if len(args) != 1 {
		return nil, errors.New("want one table")
	}
	kind, err := tableOf(args[0])
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, admin *server.Admin) error {
		table, err := admin.Planning().Export(ctx, kind, "")
		if err != nil {
			return err
		}
		if _, err := std.out.Write(table); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		return nil
	}, nil
}
