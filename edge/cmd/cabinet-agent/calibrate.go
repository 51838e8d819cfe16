package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"

	"allhours/edge/agent"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// calibration is what a technician asks for.
type calibration struct {
	file     string
	platform protocol.PlatformID
	zero     bool
	spanG    float64
	sku      string
	count    int
	force    bool
	by       string
	json     bool
}

// calibrated is everything that was done, as --json prints it. Its field names are stable.
type calibrated struct {
	OK           bool                  `json:"ok"`
	Calibrations []wire.CalibratedBody `json:"calibrations"`
	Code         protocol.Code         `json:"code,omitempty"`  // why the last step was refused
	Error        string                `json:"error,omitempty"` // the same in words
}

// calibrateCommand sets the zero and the span of one platform. The agent must not run meanwhile.
func calibrateCommand(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) error {
	var c calibration
	flags := flag.NewFlagSet("calibrate", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.StringVar(&c.file, "config", "", "the cabinet's `FILE`")
	flags.Func("platform", "the `ID` of the platform", func(id string) error { c.platform = protocol.PlatformID(id); return nil })
	flags.BoolVar(&c.zero, "zero", false, "the platform is empty: make it show nothing")
	flags.Float64Var(&c.spanG, "span-g", 0, "`GRAMS` that lie on the platform, and nothing else")
	flags.StringVar(&c.sku, "article", "", "`SKU` of the units that lie on the platform, and nothing else")
	flags.IntVar(&c.count, "count", 0, "how many of them")
	flags.BoolVar(&c.force, "force", false, "with --zero: also where it shows more than an empty platform should, as a new cell does")
	flags.StringVar(&c.by, "by", "", "the technician's `NAME` with the cloud, for the record")
	flags.BoolVar(&c.json, "json", false, "print one JSON object")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	asked := 0
	for _, one := range []bool{c.zero, c.spanG != 0, c.sku != ""} {
		if one {
			asked++
		}
	}
	if c.file == "" || c.platform == "" || flags.NArg() > 0 || asked > 1 || (c.sku != "") != (c.count > 0) || c.spanG < 0 {
		fmt.Fprint(errOut, usage)
		return flag.ErrHelp
	}
	return c.run(ctx, asked == 1, in, out, errOut)
}

func (c calibration) run(ctx context.Context, atOnce bool, in io.Reader, out, errOut io.Writer) error {
	cfg, err := agent.LoadConfig(c.file)
	if err != nil {
		return err
	}
	release, err := hold(cfg.Data)
	if err != nil {
		return err
	}
	defer release()
	t, err := agent.Attend(agent.Options{Config: cfg, Version: version()})
	if err != nil {
		return err
	}
	done := calibrated{Calibrations: []wire.CalibratedBody{}}
	if atOnce {
		err = c.step(ctx, t, &done, c.known(), errOut)
	} else {
		err = c.guide(ctx, t, &done, in, errOut)
	}
	if err := errors.Join(t.Close(), ctx.Err()); err != nil {
		return err
	}
	return c.tell(done, err, out)
}

// known is what lies on the platform; nil for nothing.
func (c calibration) known() *agent.Known {
	if c.zero {
		return nil
	}
	return &agent.Known{Mass: protocol.FromGrams(c.spanG), SKU: protocol.SKU(c.sku), Count: c.count}
}

// step makes one calibration and says what it did; nil is for an empty platform.
func (c calibration) step(ctx context.Context, t *agent.Attended, done *calibrated, k *agent.Known, errOut io.Writer) error {
	var body wire.CalibratedBody
	var err error
	if k == nil {
		body, err = t.Zero(ctx, c.platform, c.force, c.by)
	} else {
		body, err = t.Span(ctx, c.platform, *k, c.by)
	}
	if err != nil {
		return err
	}
	done.Calibrations = append(done.Calibrations, body)
	fmt.Fprintf(errOut, "%s: it was wrong by %+.1f g, and is now by %+.1f g\n", c.platform, body.Before.Grams(), body.After.Grams())
	return nil
}

// guide leads through zero and span. What is refused is said, and can be tried again.
func (c calibration) guide(ctx context.Context, t *agent.Attended, done *calibrated, in io.Reader, errOut io.Writer) error {
	typed := newTyped(in, errOut)
	for {
		if _, more := typed.ask(ctx, "Take everything off %s, wait until it rests, and press Enter:", c.platform); !more {
			return errAbandoned
		}
		err := c.step(ctx, t, done, nil, errOut)
		if err == nil {
			break
		}
		fmt.Fprintf(errOut, "not so: %v\n", err)
	}
	for {
		text, more := typed.ask(ctx, "Put a known weight on it, a tenth of what it carries or more; type its\n"+
			"grams (2000), or an article and how many (1001 x 5), or Enter alone to end:")
		if text == "" || !more {
			return nil
		}
		k, err := parseKnown(text)
		if err == nil {
			err = c.step(ctx, t, done, k, errOut)
		}
		if err != nil {
			fmt.Fprintf(errOut, "not so: %v\n", err)
		}
	}
}

var errAbandoned = errors.New("calibrate: nothing was done")

// parseKnown reads grams, or an article and how many of it.
func parseKnown(text string) (*agent.Known, error) {
	if sku, count, article := strings.Cut(text, "x"); article {
		n, err := strconv.Atoi(strings.TrimSpace(count))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q: want an article and how many, 1001 x 5", text)
		}
		return &agent.Known{SKU: protocol.SKU(strings.TrimSpace(sku)), Count: n}, nil
	}
	g, err := strconv.ParseFloat(strings.TrimSuffix(text, "g"), 64)
	if err != nil || g <= 0 {
		return nil, fmt.Errorf("%q: want grams, 2000", text)
	}
	return &agent.Known{Mass: protocol.FromGrams(g)}, nil
}

// tell prints what was done; a step that was refused ends with errUnwell.
func (c calibration) tell(done calibrated, refused error, out io.Writer) error {
	done.OK = refused == nil
	if refused != nil {
		done.Code, done.Error = protocol.CodeOf(refused), refused.Error()
	}
	switch {
	case c.json:
		if err := json.NewEncoder(out).Encode(done); err != nil {
			return err
		}
	case refused != nil:
		fmt.Fprintf(out, "%s: %v\n", c.platform, refused)
	}
	if refused != nil {
		return errUnwell
	}
	return nil
}
