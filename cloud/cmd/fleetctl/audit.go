package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"allhours/cloud/audit"
	"allhours/cloud/server"
)

// checkBooks recomputes the books; it ends with against where they differ from what they are made of.
func checkBooks(args []string, std streams) (work, error) {
	flags := quietFlags("audit")
	asJSON := flags.Bool("json", false, "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() != 0 {
		return nil, errors.New("want no arguments")
	}
	return func(ctx context.Context, admin *server.Admin) error {
		tell := func(d audit.Difference) error { return printDifference(std.out, d) }
		if *asJSON {
			tell = func(d audit.Difference) error { return json.NewEncoder(std.out).Encode(d) }
		}
		looked, err := admin.Audit(ctx, tell)
		if err != nil {
			return err
		}
		if *asJSON {
			err = json.NewEncoder(std.out).Encode(struct {
				Looked audit.Looked `json:"looked"`
			}{looked})
		} else {
			err = printLooked(std.out, looked)
		}
		if err == nil && looked.Differences > 0 {
			err = verdict{fmt.Sprintf("%d differences", looked.Differences)}
		}
		return err
	}, nil
}

func printDifference(out io.Writer, d audit.Difference) error {
	kind := "DIFFERENCE"
	if d.Shown {
		kind = "shown"
	}
	made := ""
	if len(d.Refs) > 0 {
		texts := make([]string, len(d.Refs))
		for i, r := range d.Refs {
			texts[i] = string(r)
		}
		made = "\n    made of: " + strings.Join(texts, ", ")
	}
	for _, e := range d.Entries {
		made += fmt.Sprintf("\n    entry %s: %s of %d fen, made of %s", e.ID, e.Kind, e.Fen, e.Ref)
	}
	_, err := fmt.Fprintf(out, "%s %s: %s\n    expected: %s\n    found: %s%s\n", kind, d.Check, d.Where, d.Expected, d.Found, made)
	return err
}

func printLooked(out io.Writer, l audit.Looked) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range []struct {
		n    int
		what string
	}{
		{l.Entries, "entries"},
		{l.Postings, "postings"},
		{l.Accounts, "accounts and units"},
		{l.Visits, "visits"},
		{l.Operations, "payment operations"},
		{l.Journals, "journals"},
		{l.Events, "events"},
		{l.Deeds, "deeds of the staff"},
		{l.Shown, "differences between books and scales, which are shown"},
		{l.Differences, "differences"},
	} {
		fmt.Fprintf(w, "%d\t %s\n", row.n, row.what)
	}
	if err := w.Flush(); err != nil || l.Sealed == "" {
		return err
	}
	_, err := fmt.Fprintf(out, "the audit log ends with the seal %s\n", l.Sealed)
	return err
}
