package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"allhours/cloud"
	"allhours/cloud/server"
	"allhours/protocol"
)

const (
	maxDocument = 64 << 20 // bytes of master data: a city's worth
)

// work is a command whose arguments were understood. planogram may be given no admin; restore, migrate and permissions never are given one.
type work func(ctx context.Context, admin *server.Admin) error

// command reads its arguments before the data is touched.
type command func(args []string, io streams) (work, error)

// books are where a fleet's lie.
type books struct{ data, databaseURL string }

func commands(at books) map[string]command {
	return map[string]command{
		"apply": apply, "planogram": checkPlanogram, "enrol": enrol, "card-replaced": cardReplaced, "user": user, "cabinets": cabinets,
		"broker-files": brokerFiles, "audit": checkBooks, "quarantine": quarantine, "backup": backup, "restore": at.restore, "migrate": at.migrate,
		"import": importTable, "export": exportTable, "statement": statement, "retention": retention, "permissions": permissions,
	}
}

func apply(args []string, std streams) (work, error) {
	document, err := readDocument(args, std)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, admin *server.Admin) error {
		preview, err := admin.Apply(ctx, document)
		for _, w := range preview.Warnings {
			fmt.Fprintln(std.err, "fleetctl: apply: warning:", w)
		}
		if err != nil {
			return fmt.Errorf("nothing was taken in:\n%w", err)
		}
		return nil
	}, nil
}

// readDocument reads the one file of master data that the arguments name.
func readDocument(args []string, std streams) ([]byte, error) {
	if len(args) != 1 {
		return nil, errors.New("want one file, or - for the standard input")
	}
	in := std.in
	if args[0] != "-" {
		file, err := os.Open(args[0])
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	document, err := io.ReadAll(io.LimitReader(in, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(document) > maxDocument {
		return nil, fmt.Errorf("more than %d bytes", maxDocument)
	}
	return document, nil
}

// Lives of a claim code, in days.
const (
	usualDays = 7
	mostDays  = 90
)

func enrol(args []string, std streams) (work, error) {
	flags := quietFlags("enrol")
	asJSON, fleet, days := flags.Bool("json", false, ""), flags.String("cloud", "URL", ""), flags.Int("days", usualDays, "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() == 0 {
		return nil, errors.New("want a cabinet, or several")
	}
	for _, id := range flags.Args() {
		if err := protocol.CabinetID(id).Validate(); err != nil {
			return nil, err
		}
	}
	if *days < 1 || *days > mostDays {
		return nil, fmt.Errorf("--days %d: want 1 to %d", *days, mostDays)
	}
	tell := func(c cloud.ClaimCode) error {
		_, err := fmt.Fprintf(std.out, "One device may claim %s until %s. At the cabinet:\n\n    cabinet-agent claim %s --cloud %s --config cabinet.yaml\n",
			c.Cabinet, c.Expires.Local().Format(time.RFC1123), c.Code, *fleet)
		return err
	}
	if *asJSON {
		tell = func(c cloud.ClaimCode) error {
			return json.NewEncoder(std.out).Encode(enrolled{Cabinet: c.Cabinet, Code: c.Code.String(), Expires: c.Expires.UTC()})
		}
	}
	return func(ctx context.Context, admin *server.Admin) error {
		for _, id := range flags.Args() {
			c, err := admin.Enrol(ctx, protocol.CabinetID(id), time.Duration(*days)*24*time.Hour)
			if err != nil {
				return err
			}
			if err := tell(c); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// enrolled is what enrol --json prints of each cabinet.
type enrolled struct {
	Cabinet protocol.CabinetID `json:"cabinet"`
	Code    string             `json:"code"`
	Expires time.Time          `json:"expires"`
}

func oneCabinet(args []string) (protocol.CabinetID, error) {
	if len(args) != 1 {
		return "", errors.New("want one cabinet")
	}
	id := protocol.CabinetID(args[0])
	return id, id.Validate()
}

func cardReplaced(args []string, std streams) (work, error) {
	id, err := oneCabinet(args)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, admin *server.Admin) error {
		if err := admin.CardReplaced(ctx, id); err != nil {
			return err
		}
		_, err := fmt.Fprintf(std.out, "The next new journal of %s is believed. What its card had written and not sent is in no book.\n", id)
		return err
	}, nil
}

func cabinets(args []string, std streams) (work, error) {
	if len(args) != 0 {
		return nil, errors.New("want no arguments")
	}
	return func(ctx context.Context, admin *server.Admin) error {
		list, err := admin.Cabinets(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "CABINET\tSTORE\tLAYOUT\tSHARD\tPLATFORMS\tPLACE")
		for _, c := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%s\n", c.ID, c.Store, c.Layout, c.Shard, len(c.Platforms), c.Place.En)
		}
		return w.Flush()
	}, nil
}

func quietFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}
