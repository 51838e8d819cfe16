// Command fleetctl is the administrator's tool: it works on the data of a fleet, beside a running fleetd or without one.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	_ "time/tzdata" // A chain's time zone is checked, also where the system has none.

	"allhours/cloud/server"
)

const usage = `usage: fleetctl --data DIR COMMAND

  apply FILE.json|-                       take master data in: all or nothing, the same again changes nothing
  planogram check [--json] [--max-reviews N] FILE.json|-
                                          which goods of such a file the scales cannot tell apart, how many of 1,000 visits
                                          would go to review for it, what is too heavy, and what should lie elsewhere;
                                          without --data the file must say all by itself
  import [--dry-run] [--from TIME] [--draft WHY] articles|prices|stores|planograms FILE.csv|-
                                          take a table in: all or nothing, the same again changes nothing; prices hold from
                                          a time on (2026-12-01T00:00 at the chain's clocks), else at once; planograms with --draft
                                          when a restocker has set them up
  export articles|prices|stores|planograms
                                          print a table as import reads it
  enrol [--json] [--cloud URL] [--days N] CABINET...
                                          print a code that one device may claim each cabinet with, for N days (7), and what to
                                          type there; an older code is void, what the cabinet signs in with is from the claim on
  card-replaced CABINET                   believe the next new journal of the cabinet, whose card was replaced
  user add --name NAME --role ROLE --password-stdin [--if-missing]
                                          add a member of the staff
  user list                               list them
  user role --name NAME --role ROLE       change what a member may do; like those below, it ends their sessions
  user block|unblock --name NAME          let a member in no more, or again
  user renew --name NAME                  print a password to start with, in place of one that is forgotten
  user drop-second --name NAME            take the second step away, of a member whose telephone is lost
  permissions                             print who may do what; no --data is needed
  cabinets                                list the cabinets
  audit [--json]                          recompute the books beside a running fleetd, and print each place where they say something
                                          else than what they are made of; the audit log of the staff is among them
  quarantine list [--json] [--all] [CABINET]
                                          events that were set aside, with their reasons; --all: also those whose case is ended
  quarantine show EVENT                   one of them, as the cabinet sent it; EVENT is cabinet/journal/seq, as list prints it
  quarantine replay --by NAME EVENT...    take it through the same steps again, after what stood in its way was mended
  quarantine dismiss --by NAME EVENT...   end its case without an effect
  backup FILE                             copy the books into a new file, beside a running fleetd; the keys are not in it
  restore FILE                            fill the books of a new data folder, or of a new PostgreSQL, from such a file; the
                                          cabinets send again what it lacks
  retention                               what of residents' data a running fleetd will remove for its age within a day; removes nothing
  migrate [--dry-run]                     bring the schema of the books up to date, as fleetd does when it starts; --dry-run: say
                                          what they lack, and change nothing
  statement --day YYYY-MM-DD              print what the demo's simulated payment provider booked on a day of the chain, as the
                                          CSV that a real one has for download
  broker-files --out DIR [--listen [HOST]:PORT]
                                          write what mosquitto needs to serve this fleet over TLS (:8883): its configuration,
                                          passwords and access lists; cert.pem and key.pem are to be put beside them

DATABASE_URL in the environment names the PostgreSQL of a fleet that has one: postgres://user:password@host/database.
It ends with 0; with 1 where it could not do its work; with 3 where audit found a difference, or planogram check a platform
over its capacity, or more than N reviews of 1,000 visits (30) in a cabinet.
`

// What the program ends with.
const (
	failed  = 1
	against = 3
)

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
		os.Exit(exitCode(err))
	}
}

func exitCode(err error) int {
	if _, judged := errors.AsType[verdict](err); judged {
		return against
	}
	return failed
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
	at := books{data: *data, databaseURL: os.Getenv("DATABASE_URL")}
	known := commands(at)
	command, is := known[flags.Arg(0)]
	if !is {
		return fmt.Errorf("command %q: want one of %s; fleetctl -h says what each does", flags.Arg(0), strings.Join(slices.Sorted(maps.Keys(known)), ", "))
	}
	alone := flags.Arg(0) == "permissions" || *data == "" && flags.Arg(0) == "planogram"
	if *data == "" && !alone {
		return errors.New("--data: want the folder of the fleet's data")
	}
	work, err := command(flags.Args()[1:], io)
	if err != nil {
		return fmt.Errorf("%s: %w", flags.Arg(0), err)
	}
	if alone || flags.Arg(0) == "restore" || flags.Arg(0) == "migrate" {
		if err := work(ctx, nil); err != nil {
			return fmt.Errorf("%s: %w", flags.Arg(0), err)
		}
		return nil
	}
	admin, err := server.OpenAdmin(ctx, at.data, at.databaseURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, admin.Close()) }()
	if err := kept(ctx, admin, flags.Args(), work); err != nil {
		return fmt.Errorf("%s: %w", flags.Arg(0), err)
	}
	return nil
}
