package main

import (
	"cmp"
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
	"allhours/protocol"
)

const maxPassword = 1 << 10

// user changes who works here.
func user(args []string, std streams) (work, error) {
	care := map[string]func(context.Context, *server.Admin, protocol.UUID, protocol.Role) error{
		"role": func(ctx context.Context, a *server.Admin, id protocol.UUID, role protocol.Role) error {
			return a.StaffCare().ChangeRole(ctx, id, role)
		},
		"block": func(ctx context.Context, a *server.Admin, id protocol.UUID, _ protocol.Role) error {
			return a.StaffCare().Block(ctx, id, true)
		},
		"unblock": func(ctx context.Context, a *server.Admin, id protocol.UUID, _ protocol.Role) error {
			return a.StaffCare().Block(ctx, id, false)
		},
		"drop-second": func(ctx context.Context, a *server.Admin, id protocol.UUID, _ protocol.Role) error {
			return a.StaffCare().DropSecond(ctx, id)
		},
		"renew": func(ctx context.Context, a *server.Admin, id protocol.UUID, _ protocol.Role) error {
			starting, err := a.StaffCare().Renew(ctx, id)
			if err == nil {
				_, err = fmt.Fprintln(std.out, starting)
			}
			return err
		},
	}
	switch {
	case len(args) > 0 && args[0] == "add":
		return addUser(args[1:], std)
	case len(args) == 1 && args[0] == "list":
		return listUsers(std), nil
	case len(args) > 0 && args[0] == "stores":
		return limitUser(args[1:])
	case len(args) > 0 && care[args[0]] != nil:
		return careUser(args, care[args[0]])
	}
	return nil, errors.New("want user add, list, role, stores, block, unblock, renew or drop-second")
}

func addUser(args []string, std streams) (work, error) {
	flags := quietFlags("user add")
	name, role, stores := flags.String("name", "", ""), flags.String("role", "", ""), flags.String("stores", everyStore, "")
	fromStdin, ifMissing := flags.Bool("password-stdin", false, ""), flags.Bool("if-missing", false, "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if *name == "" || *role == "" || !*fromStdin || flags.NArg() != 0 {
		return nil, errors.New("want --name, --role and --password-stdin: a password on the command line can be read by everyone here")
	}
	raw, err := io.ReadAll(io.LimitReader(std.in, maxPassword))
	if err != nil {
		return nil, fmt.Errorf("read password: %w", err)
	}
	password := strings.TrimRight(string(raw), "\r\n")
	return func(ctx context.Context, admin *server.Admin) error {
		err := admin.AddStaff(ctx, *name, protocol.Role(*role), password, storesNamed(*stores)...)
		if *ifMissing && protocol.CodeOf(err) == cloud.CodeConflict {
			return nil
		}
		return err
	}, nil
}

// everyStore is what stands for no limit.
const everyStore = "all"

// storesNamed reads ids with commas between them; none stands for no limit.
func storesNamed(text string) (stores []cloud.StoreID) {
	if text == everyStore {
		return nil
	}
	for id := range strings.SplitSeq(text, ",") {
		stores = append(stores, cloud.StoreID(strings.TrimSpace(id)))
	}
	return stores
}

func limitUser(args []string) (work, error) {
	flags := quietFlags("user stores")
	name, stores := flags.String("name", "", ""), flags.String("stores", "", "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if *name == "" || *stores == "" || flags.NArg() != 0 {
		return nil, errors.New("want --name, and --stores with ids of stores and commas between them, or all")
	}
	return func(ctx context.Context, admin *server.Admin) error {
		m, err := admin.StaffNamed(ctx, *name)
		if err != nil {
			return err
		}
		return admin.LimitStaff(ctx, m.ID, storesNamed(*stores)...)
	}, nil
}

func careUser(args []string, do func(context.Context, *server.Admin, protocol.UUID, protocol.Role) error) (work, error) {
	flags := quietFlags("user " + args[0])
	name, role := flags.String("name", "", ""), flags.String("role", "", "")
	if err := flags.Parse(args[1:]); err != nil {
		return nil, err
	}
	if *name == "" || (*role == "") == (args[0] == "role") || flags.NArg() != 0 {
		return nil, errors.New("want --name, and --role where that is what changes")
	}
	return func(ctx context.Context, admin *server.Admin) error {
		m, err := admin.StaffNamed(ctx, *name)
		if err != nil {
			return err
		}
		return do(ctx, admin, m.ID, protocol.Role(*role))
	}, nil
}

func listUsers(std streams) work {
	return func(ctx context.Context, admin *server.Admin) error {
		list, err := admin.Staff().Members(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tROLE\tSTORES\tSTATE\tSECOND STEP\tSIGNED IN\tSESSIONS")
		for _, m := range list {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\n", m.Name, m.Role, cmp.Or(strings.ReplaceAll(string(m.Bound), " ", ","), everyStore), stateOf(m), secondOf(m), day(m.SignedIn), m.Sessions)
		}
		return w.Flush()
	}
}

func stateOf(m cloud.StaffMember) string {
	switch {
	case !m.Blocked.IsZero():
		return "blocked"
	case !m.Starting.IsZero():
		return "starting"
	}
	return "ok"
}

func secondOf(m cloud.StaffMember) string {
	var have []string
	if m.App {
		have = append(have, "app")
	}
	if m.Passkeys > 0 {
		have = append(have, "passkey")
	}
	if len(have) == 0 {
		return "none"
	}
	return strings.Join(have, "+")
}

func day(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return at.Local().Format("2006-01-02 15:04")
}

// permissions prints the matrix of who may do what.
func permissions(args []string, std streams) (work, error) {
	if len(args) != 0 {
		return nil, errors.New("want no arguments")
	}
	return func(context.Context, *server.Admin) error {
		roles := []protocol.Role{
			protocol.RoleResident, protocol.RoleRestocker, protocol.RoleTechnician, protocol.RoleSupport, protocol.RoleManager, protocol.RoleOwner, protocol.RoleAuditor,
		}
		w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
		fmt.Fprint(w, "MAY")
		for _, r := range roles {
			fmt.Fprint(w, "\t", r)
		}
		fmt.Fprintln(w)
		for _, p := range server.Permissions() {
			fmt.Fprint(w, p.What)
			for _, r := range roles {
				may := "-"
				if slices.Contains(p.Roles, r) {
					may = "yes"
				}
				fmt.Fprint(w, "\t", may)
			}
			fmt.Fprintln(w)
		}
		return w.Flush()
	}, nil
}
