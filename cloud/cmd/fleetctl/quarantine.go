package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"allhours/cloud"
	"allhours/cloud/server"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// mostAside is how many events quarantine list shows.
const mostAside = 10_000

func quarantine(args []string, std streams) (work, error) {
	if len(args) == 0 {
		return nil, errors.New("want list, show, replay or dismiss")
	}
	switch args[0] {
	case "list":
		return listAside(args[1:], std)
	case "show":
		return showAside(args[1:], std)
	case "replay":
		return endAside(args[1:], std, "replayed", (*server.Admin).Replay)
	case "dismiss":
		return endAside(args[1:], std, "dismissed", (*server.Admin).Dismiss)
	}
	return nil, fmt.Errorf("quarantine %s: want list, show, replay or dismiss", args[0])
}

// aside is what quarantine list --json and show print of an event.
type aside struct {
	Event  string         `json:"event"`
	Type   wire.EventType `json:"type"`
	Reason protocol.Code  `json:"reason"`
	Detail string         `json:"detail"`
	At     time.Time      `json:"at"`
	How    cloud.AsideHow `json:"how"`
	By     string         `json:"by,omitempty"`
	Sent   *wire.Event    `json:"sent,omitempty"`
}

func asideOf(s cloud.SetAside) aside {
	return aside{
		Event: fmt.Sprintf("%s/%s/%d", s.Event.Cabinet, s.Event.Journal, s.Event.Seq), Type: s.Event.Type, Reason: s.Reason, Detail: s.Detail,
		At: s.At, How: s.How, By: s.By,
	}
}

func listAside(args []string, std streams) (work, error) {
	flags := quietFlags("quarantine list")
	asJSON, ended := flags.Bool("json", false, ""), flags.Bool("all", false, "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 1 {
		return nil, errors.New("want one cabinet at most")
	}
	return func(ctx context.Context, admin *server.Admin) error {
		all, err := admin.SetAside(ctx, protocol.CabinetID(flags.Arg(0)), mostAside)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		if !*asJSON {
			fmt.Fprintln(w, "EVENT\tTYPE\tSET ASIDE\tREASON\tCASE\tDETAIL")
		}
		for _, s := range all {
			if s.How != cloud.AsideWaiting && !*ended {
				continue
			}
			if err := printAside(std.out, w, asideOf(s), *asJSON); err != nil {
				return err
			}
		}
		return w.Flush()
	}, nil
}

func printAside(out, table io.Writer, a aside, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(a)
	}
	state := "waits"
	if a.How != cloud.AsideWaiting {
		state = fmt.Sprintf("%s by %s", a.How, a.By)
	}
	_, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", a.Event, a.Type, a.At.Local().Format(time.DateTime), a.Reason, state, a.Detail)
	return err
}

func showAside(args []string, std streams) (work, error) {
	if len(args) != 1 {
		return nil, errors.New("want one event")
	}
	key, err := parseAside(args[0])
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, admin *server.Admin) error {
		all, err := admin.FindAside(ctx, key)
		if err == nil && len(all) == 0 {
			err = fmt.Errorf("%s is not set aside", args[0])
		}
		if err != nil {
			return err
		}
		for _, s := range all {
			shown := asideOf(s)
			shown.Sent = &s.Event
			text, err := json.MarshalIndent(shown, "", "  ")
			if err != nil {
				return err
			}
			fmt.Fprintln(std.out, string(text))
		}
		return nil
	}, nil
}

// endAside does something to each event, and says which could not be done; the others are.
func endAside(args []string, std streams, done string, end func(*server.Admin, context.Context, cloud.AsideKey, string) error) (work, error) {
	flags := quietFlags("quarantine " + done)
	by := flags.String("by", "", "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if *by == "" || flags.NArg() == 0 {
		return nil, errors.New("want --by NAME and events")
	}
	var keys []cloud.AsideKey
	for _, text := range flags.Args() {
		key, err := parseAside(text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return func(ctx context.Context, admin *server.Admin) error {
		var errs []error
		for i, key := range keys {
			err := end(admin, ctx, key, *by)
			if err == nil {
				_, err = fmt.Fprintf(std.out, "%s %s\n", flags.Arg(i), done)
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	}, nil
}

func parseAside(text string) (key cloud.AsideKey, err error) {
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		return key, fmt.Errorf("event %q: want cabinet/journal/seq", text)
	}
	key.Cabinet = protocol.CabinetID(parts[0])
	if key.Journal, err = protocol.ParseUUID(parts[1]); err != nil {
		return key, fmt.Errorf("event %q: %w", text, err)
	}
	if key.Seq, err = strconv.ParseUint(parts[2], 10, 64); err != nil {
		return key, fmt.Errorf("event %q: %w", text, err)
	}
	return key, key.Cabinet.Validate()
}
