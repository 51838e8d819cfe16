// Command past makes the simulated past of a neighbourhood, once: the fleet's books and every cabinet's journal and shelves,
// as they would be had the neighbourhood lived through those days. Residents, restockers and a manager act through the
// services that pages and API stand on, cabinets through their own journals, on a clock that this program lets pass. It is
// the only program that both sides are built into, which is why it stands among the tests of the whole.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // the neighbourhood lives by its own clock, whatever this machine has installed
)

func main() {
	var o options
	flag.StringVar(&o.data, "data", "run", "folder of the neighbourhood's data, with neighbourhood.json and each cabinet's boards.json")
	flag.IntVar(&o.days, "days", 28, "how many days it is long, today not counted")
	flag.Int64Var(&o.seed, "seed", 28, "what follows from it, the past is made of")
	flag.StringVar(&o.broker, "broker", "tcp://127.0.0.1:1883", "that the cabinets' papers name")
	flag.StringVar(&o.password, "password", "", "of the staff")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o.until, o.say = time.Now(), func(format string, args ...any) { fmt.Printf(format+"\n", args...) }
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "past:", err)
		stop()
		os.Exit(1)
	}
}

type options struct {
	data     string
	days     int
	seed     int64
	password string
	broker   string
	until    time.Time
	say      func(format string, args ...any)
}

// mostDays bounds a past: its quarter hours are all played.
const mostDays = 120

// run makes the past in a folder of its own, and puts it in its place when all of it is on the disk.
func run(ctx context.Context, o options) error {
	if o.days < 1 || o.days > mostDays {
		return fmt.Errorf("-days %d: want 1 to %d", o.days, mostDays)
	}
	p := place{o.data}
	if done, err := p.settled(); err != nil || done {
		return err
	}
	if err := p.clear(); err != nil {
		return err
	}
	began := time.Now()
	s, err := open(ctx, o, p)
	if err != nil {
		return err
	}
	err = s.play(ctx)
	if err = errors.Join(err, s.close()); err != nil {
		return fmt.Errorf("%s: %w", s.now().In(s.zone).Format("2 January 15:04"), err)
	}
	if err := p.settle(); err != nil {
		return err
	}
	o.say("made %d simulated days in %.0f s: %s", o.days, time.Since(began).Seconds(), s.count)
	return nil
}
