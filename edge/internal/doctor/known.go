package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/config"
	"allhours/edge/internal/driver"
)

// State is what became of a device that the file names.
type State string

// States. A device on a line that was not looked at has none.
const (
	Silent   State = "silent"
	Answers  State = "answers"
	Garbled  State = "garbled" // it, or two, or a bad wire
	NotHeard State = "not heard"
)

// Known is a device that the file names.
type Known struct {
	driver.Found
	At    string // in the file: scales[1]
	Line  string
	Name  string // as people call it: S3, the lock of compartment 1
	Alone bool   // it is heard rather than asked, or has no address
	State State
}

// knownOf lists the devices of a file.
func knownOf(cfg config.Config) []*Known {
	var all []*Known
	for i, l := range cfg.Locks {
		k := &Known{At: fmt.Sprintf("locks[%d]", i), Line: l.Line, Name: "the lock board of " + doors(l.Compartments)}
		k.Lock = &l.LockConfig
		all = append(all, k)
	}
	for i, s := range cfg.Scales {
		k := &Known{At: fmt.Sprintf("scales[%d]", i), Line: s.Line, Name: joined(s.Platforms), Alone: s.Alone()}
		k.Scale = &s.ScaleConfig
		all = append(all, k)
	}
	for i, t := range cfg.Thermometers {
		k := &Known{At: fmt.Sprintf("thermometers[%d]", i), Line: t.Line, Name: "the thermometer of " + doors(t.Compartments)}
		k.Thermometer = &t.ThermometerConfig
		all = append(all, k)
	}
	for i, r := range cfg.Readers {
		k := &Known{At: fmt.Sprintf("readers[%d]", i), Line: r.Line, Name: "the reader of codes", Alone: true}
		k.Reader = &r.ReaderConfig
		all = append(all, k)
	}
	return all
}

func joined[T ~string](all []T) string {
	var names []string
	for _, one := range all {
		if one != "" {
			names = append(names, string(one))
		}
	}
	return strings.Join(names, ", ")
}

func doors[T ~uint8](all []T) string {
	var names []string
	for _, one := range all {
		names = append(names, fmt.Sprint(one))
	}
	return "compartment " + strings.Join(names, ", ")
}

// patience is how often a device that the file names is asked before it is called silent.
const patience = 4

// ask asks a device with its own driver and its own settings.
func (k *Known) ask(ctx context.Context, line *bus.Line) {
	ask, err := k.question(line)
	if err != nil {
		return
	}
	for range patience {
		err := ask(ctx)
		switch {
		case err == nil:
			k.State = Answers
			return
		case errors.Is(err, bus.ErrSpoilt):
			k.State = Garbled
		}
	}
}

// question is the driver's own reading.
func (k *Known) question(line *bus.Line) (func(context.Context) error, error) {
	switch {
	case k.Lock != nil:
		board, err := driver.NewLockBoard(line, *k.Lock)
		return func(ctx context.Context) error { _, err := board.Inputs(ctx); return err }, err
	case k.Scale != nil:
		scale, err := driver.NewScale(line, *k.Scale)
		return func(ctx context.Context) error {
			return scale.Read(ctx, make([]edge.Sample, scale.Channels()))
		}, err
	case k.Thermometer != nil:
		controller, err := driver.NewThermometer(line, *k.Thermometer)
		return func(ctx context.Context) error {
			return controller.Measure(ctx, make([]edge.Temperature, controller.Probes()))
		}, err
	}
	return nil, errors.New("a reader of codes cannot be asked")
}
