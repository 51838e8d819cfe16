// Command fleetctl is the administrator's tool: it works on the data of a fleet, beside a running fleetd or without one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // A chain's time zone is checked, also where the system has none.

	"allhours/cloud/server"
)

const usage = `usage: fleetctl --data DIR COMMAND

  apply FILE.json|-                       take master data in: all or nothing, the same again changes nothing
  enrol --json CABINET                    make a cabinet's password and print its papers; an older password is void
  user add --name NAME --role ROLE --password-stdin [--if-missing]
                                          add a member of the staff
  cabinets                                list the cabinets
`

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}); err != nil {
		fmt.Fprintln(os.Stderr, "fleetctl:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, io streams) (err error) {
	flags := flag.NewFlagSet("fleetctl", flag.ContinueOnError)
	flags.SetOutput(io.err)
	flags.Usage = func() { fmt.Fprint(io.err, usage) }
	data := flags.String("data", "", "")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	command, known := commands()[flags.Arg(0)]
	if !known {
		return fmt.Errorf("command %q: want apply, enrol, user or cabinets", flags.Arg(0))
	}
	if *data == "" {
		return errors.New("--data: want the folder of the fleet's data")
	}
	work, err := command(flags.Args()[1:], io)
	if err != nil {
		return fmt.Errorf("%s: %w", flags.Arg(0), err)
	}
	admin, err := server.OpenAdmin(ctx, *data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	if err := work(ctx, admin); err != nil {
		return fmt.Errorf("%s: %w", flags.Arg(0), err)
	}
	return nil
}
