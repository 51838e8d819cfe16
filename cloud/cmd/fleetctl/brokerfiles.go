package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"allhours/cloud/server"
)

func brokerFiles(args []string, std streams) (work, error) {
	flags := quietFlags("broker-files")
	out, listen := flags.String("out", "", ""), flags.String("listen", ":8883", "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if *out == "" || flags.NArg() != 0 {
		return nil, errors.New("want --out and a folder")
	}
	host, text, err := net.SplitHostPort(*listen)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w", err)
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return nil, fmt.Errorf("--listen: port %q: want 1 to 65535", text)
	}
	return func(ctx context.Context, admin *server.Admin) error {
		done, err := admin.BrokerFiles(ctx, *out, host, int(port))
		if err != nil {
			return err
		}
		for _, id := range done.Old {
			fmt.Fprintf(std.err, "fleetctl: broker-files: warning: cabinet %s cannot sign in there: its password is kept in an older form. "+
				"Enrol it again: fleetctl enrol %s\n", id, id)
		}
		fmt.Fprintln(std.out, told(done))
		return nil
	}, nil
}

// told says what is to be done next.
func told(done server.BrokerFiles) string {
	s := fmt.Sprintf("%s: cabinets that can sign in: %d", done.Folder, done.Logins)
	if len(done.Written) == 0 {
		return s + "; nothing has changed"
	}
	return s + "; written: " + strings.Join(done.Written, ", ") + "\n" +
		"mosquitto reads passwords and acl again when it gets SIGHUP, mosquitto.conf when it is started"
}
