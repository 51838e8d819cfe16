// Command town is a whole neighbourhood started with one command: the fleet's service, and for every cabinet its boards,
// made of software, and its agent. It starts each as a process of its own, keeps it running and ends them all with itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the neighbourhood lives by its own clock, whatever this machine has installed
)

type options struct {
	bin      string
	data     string
	port     setting
	mqtt     setting
	sim      setting
	brokerCA string // of a broker that somebody else keeps on the port mqtt, over TLS; "" means that of the service
	cabinets int    // of the neighbourhood, the first ones; 0 means all
	shoppers bool
	speed    float64
	history  int // days of a simulated past that new data begin with
}

func main() {
	opts := options{port: setting{name: "PORT"}, mqtt: setting{name: "MQTT_PORT"}, sim: setting{name: "SIM_PORT"}}
	flag.StringVar(&opts.bin, "bin", "bin", "folder of the built programs")
	flag.StringVar(&opts.data, "data", "run", "folder of the neighbourhood's data")
	flag.IntVar(&opts.port.port, "port", 8080, "port of the pages and the API")
	flag.IntVar(&opts.mqtt.port, "mqtt-port", 1883, "port of the message broker")
	flag.StringVar(&opts.brokerCA, "broker-ca", "", "`file` of the authority of another broker, which you keep on that port, and which MQTT_URL names")
	flag.IntVar(&opts.sim.port, "sim-port", 8090, "port through which you are the shopper")
	flag.IntVar(&opts.cabinets, "cabinets", 0, "build the first `N` cabinets alone")
	flag.BoolVar(&opts.shoppers, "shoppers", true, "let residents come")
	flag.Float64Var(&opts.speed, "speed", 1, "divides the pauses between residents")
	flag.IntVar(&opts.history, "history", 0, "begin new data with a simulated past of so many `days`; data that are there stay as they are")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, opts); err != nil {
		fmt.Fprintln(os.Stderr, "town:", err)
		stop()
		os.Exit(1)
	}
}

// own are the ports that the neighbourhood listens on itself.
func (o options) own() []setting {
	if o.brokerCA != "" {
		return []setting{o.port, o.sim}
	}
	return []setting{o.port, o.mqtt, o.sim}
}

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

func run(ctx context.Context, opts options) error {
	if !(opts.speed > 0) { // also not a number
		return fmt.Errorf("SPEED=%v: want more than 0", opts.speed)
	}
	folder, err := openFolder(opts.data)
	if err != nil {
		return err
	}
	err = live(ctx, opts, folder)
	return errors.Join(err, folder.close())
}

// live brings the neighbourhood up and keeps it until ctx ends, which is no error.
func live(ctx context.Context, opts options, folder *folder) error {
	if err := checkPorts(opts.own()...); err != nil {
		return err
	}
	n, err := demo()
	if err == nil {
		err = n.keepFirst(opts.cabinets)
	}
	if err != nil {
		return err
	}
	net, err := newNetwork(n.Cabinets, opts.mqtt.address())
	if err != nil {
		return err
	}
	defer net.close()
	t := tools{bin: opts.bin, folder: folder, brokerCA: opts.brokerCA}
	if err := t.prepare(ctx, n, net, opts.history); err != nil {
		return ended(ctx, err)
	}
	h := newHousehold(ctx, t, opts, n, net)
	defer h.stop()
	if err := h.start(ctx); err != nil {
		return ended(ctx, err)
	}
	notReady, err := newService(opts.port).await(ctx, len(n.Cabinets))
	if err != nil {
		return ended(ctx, fmt.Errorf("%w; look into %s", err, folder.path("logs")))
	}
	welcome(os.Stdout, opts, n, notReady)
	if opts.shoppers {
		r, err := newResidents(opts, n)
		if err != nil {
			return err
		}
		r.stroll(ctx)
	}
	<-ctx.Done()
	say("\nStopping. What lies on the shelves stays in %s.", folder.root)
	return nil
}

// ended tells an end that was asked for from one that was not.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
