// Command fleetd is the fleet service: pages, API, broker and books in one process.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // Days are the store's own, also where the system has no time zones.

	"allhours/cloud/server"
)

// runningAtOnce is how many goroutines may run for each processor. A call into SQLite that takes longer than some
// microseconds loses its place to another goroutine, and with one place for each processor the writer of the books stood in
// line behind ten thousand connections after each statement: with four it finds one free, and the kernel divides the
// processors.
const runningAtOnce = 4

// garbagePercent is how much may be thrown away, of what is in use, before it is collected. What ten thousand connections keep
// is some hundreds of MB, and as much again for what is garbage is a host's memory; three fifths of it cost a few parts of a hundred
// of a processor.
const garbagePercent = 60

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) * runningAtOnce)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "fleetd:", err)
		os.Exit(1)
	}
}

// What --second-step may be.
const (
	secondOffered  = "offered"
	secondRequired = "required"
)

// settings are what the command line and the environment say.
type settings struct {
	data, http, url, mqtt, cabinetsMQTT, cert, key, brokerURL, brokerCA, databaseURL string
	demo, verbose                                                                    bool
	second                                                                           string
	alerts                                                                           server.Alerts
}

func parse(args []string, env func(string) string, out io.Writer) (settings, error) {
	s := settings{brokerURL: env("MQTT_URL"), databaseURL: env("DATABASE_URL")}
	flags := flag.NewFlagSet("fleetd", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.StringVar(&s.data, "data", "", "`folder` of the keys, and of the database where DATABASE_URL in the environment names no PostgreSQL")
	flags.StringVar(&s.http, "http", "127.0.0.1:8080", "`address` of pages and API")
	flags.StringVar(&s.url, "url", "", "`address` at which residents reach the pages, https://host, for the links in messages (that of --http)")
	flags.StringVar(&s.mqtt, "mqtt", "127.0.0.1:1883", "`address` of the embedded broker; MQTT_URL in the environment names another broker instead")
	flags.StringVar(&s.cabinetsMQTT, "cabinets-mqtt", "", "`address` at which cabinets reach the broker, tls://host:port, where it is another than --mqtt or MQTT_URL names")
	flags.StringVar(&s.cert, "tls-cert", "", "certificate `file` of both addresses, needed where they are not on loopback")
	flags.StringVar(&s.key, "tls-key", "", "its private key `file`")
	flags.StringVar(&s.brokerCA, "mqtt-ca", "", "PEM `file` of the authorities that the certificate of MQTT_URL's broker is checked with (the system's)")
	flags.BoolVar(&s.demo, "demo", false, "show sign-in codes and simulate payment; binds loopback only")
	flags.BoolVar(&s.verbose, "verbose", false, "log each request")
	flags.StringVar(&s.second, "second-step", secondOffered, "of the staff's sign-in, beside the password: offered to all, or required of owners, managers, support and auditors")
	alertFlags(flags, &s.alerts)
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if err := alertSecrets(env, &s.alerts); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("%q: no such argument, see -h", flags.Arg(0))
	case s.second != secondOffered && s.second != secondRequired:
		return s, fmt.Errorf("--second-step %q: want %s or %s", s.second, secondOffered, secondRequired)
	case s.data == "":
		return s, errors.New("--data: want the folder of the database and the keys")
	case (s.cert == "") != (s.key == ""):
		return s, errors.New("--tls-cert and --tls-key: want both or none")
	case s.brokerCA != "" && s.brokerURL == "":
		return s, errors.New("--mqtt-ca is of the broker that MQTT_URL names, and it names none")
	}
	return s, nil
}

func run(ctx context.Context, args []string, env func(string) string, out io.Writer) error {
	s, err := parse(args, env, out)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if s.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: level}))
	o, err := s.options(log)
	if err != nil {
		return err
	}
	fleet, err := server.New(ctx, o)
	if err != nil {
		return errors.Join(err, closeAll(o.HTTP, o.MQTT))
	}
	log.Info("serving", "http", o.HTTP.Addr().String(), "broker", s.broker(), "demo", s.demo)
	err = fleet.Run(ctx)
	log.Info("stopped")
	return err
}

func (s settings) options(log *slog.Logger) (server.Options, error) {
	o := server.Options{
		Data: s.data, DatabaseURL: s.databaseURL, BrokerURL: s.brokerURL, BrokerCA: s.brokerCA, CabinetsURL: s.cabinetsMQTT, BaseURL: s.url, Demo: s.demo, Logger: log, Alerts: s.alerts,
		SecondStep: s.second == secondRequired,
	}
	if s.cert != "" {
		pair, err := tls.LoadX509KeyPair(s.cert, s.key)
		if err != nil {
			return o, fmt.Errorf("--tls-cert and --tls-key: %w", err)
		}
		o.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	var err error
	if o.HTTP, err = server.Listen("http", s.http, o.TLS != nil, s.demo); err != nil {
		return o, err
	}
	if s.brokerURL != "" {
		return o, nil
	}
	if o.MQTT, err = server.Listen("mqtt", s.mqtt, o.TLS != nil, s.demo); err != nil {
		return o, errors.Join(err, o.HTTP.Close())
	}
	return o, nil
}

// broker says in the log which one is used; the address of another one may hold a password.
func (s settings) broker() string {
	if s.brokerURL != "" {
		return "MQTT_URL"
	}
	return s.mqtt
}

func closeAll(all ...net.Listener) (err error) {
	for _, l := range all {
		if l != nil {
			if closed := l.Close(); !errors.Is(closed, net.ErrClosed) {
				err = errors.Join(err, closed)
			}
		}
	}
	return err
}
