package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"allhours/edge/agent"
	"allhours/edge/internal/config"
	"allhours/edge/internal/doctor"
	"allhours/edge/internal/durable"
)

// errUnwell ends a command that could do its work and found something wrong: its exit code is 3.
var errUnwell = errors.New("something is wrong")

// examination is what a technician asks the doctor for.
type examination struct {
	file   string
	write  bool
	json   bool
	paths  list
	speeds list
	only   list
	most   int
	doors  int
	reply  time.Duration
	codes  time.Duration
	quick  bool
	scales scaleTests
	locks  lockTests
	in     io.Reader
	to     io.Writer // where a technician is told what happens and what to do
	say    func(format string, args ...any)
}

// list is a flag that may be given several times, or with commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(text string) error {
	*l = append(*l, strings.Split(text, ",")...)
	return nil
}

// doctorCommand finds what hangs on the cabinet's lines and says what is wrong. The agent must not run meanwhile.
func doctorCommand(ctx context.Context, args []string, out, errOut io.Writer) error {
	x := examination{in: os.Stdin, to: errOut, say: func(format string, args ...any) { fmt.Fprintf(errOut, format+"\n", args...) }}
	flags := flag.NewFlagSet("doctor", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.StringVar(&x.file, "config", "", "the cabinet's `FILE`, which need not be there yet")
	flags.BoolVar(&x.write, "write", false, "change the file to what was found; the old one is kept beside it as .bak")
	flags.BoolVar(&x.json, "json", false, "print one JSON object")
	flags.Var(&x.paths, "line", "serial `DEVICE` to look at; none: those of the file and all others of this machine")
	flags.BoolVar(&x.quick, "quick", false, "look for nothing new: ask what the file names, at its speeds")
	flags.Var(&x.speeds, "speed", "`BAUD` to try; none: the usual ones")
	flags.Var(&x.only, "family", "`NAME` of what is asked for: modbus, cu16, cu48, lock8a, wkly, mtsics; none: all of them")
	flags.IntVar(&x.most, "addresses", 0, "how many addresses of each family are asked; 0: the likely ones")
	flags.IntVar(&x.doors, "doors", 1, "how many compartments the cabinet has")
	flags.DurationVar(&x.reply, "reply", 0, "how long a board may think, also in what is written; 0: 50ms")
	flags.DurationVar(&x.codes, "codes", 0, "how long a code held before a reader is waited for where nothing else is found")
	x.scales.flags(flags)
	flags.BoolVar(&x.locks.all, "test-locks", false, "open each compartment in turn, recorded as a service visit, and look what moves")
	flags.BoolVar(&x.locks.yes, "yes", false, "with --test-locks: do not ask before each")
	flags.IntVar(&x.locks.only, "compartment", 0, "with --test-locks: only this one")
	flags.StringVar(&x.locks.grant, "grant", "", "test the lock that this service `GRANT` (AH1...) is for, and use it up")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
	}
	if x.file == "" || flags.NArg() > 0 {
		fmt.Fprint(errOut, usage)
		return flag.ErrHelp
	}
	report, err := x.examine(ctx, out)
	if err != nil {
		return fmt.Errorf("doctor: %w", err)
	}
	return tell(report, x.json, out)
}

// tell prints a report, and fails with errUnwell where something is wrong.
func tell(report *doctor.Report, asJSON bool, out io.Writer) error {
	report.Close()
	if !asJSON {
		report.Print(out)
	} else if err := json.NewEncoder(out).Encode(report); err != nil {
		return err
	}
	if !report.Healthy {
		return errUnwell
	}
	return nil
}

func (x examination) examine(ctx context.Context, out io.Writer) (*doctor.Report, error) {
	raw, err := os.ReadFile(x.file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	cfg, err := config.ParseHardware(x.file, raw)
	if err != nil {
		return nil, err
	}
	release, err := hold(cfg.Data)
	if err != nil {
		return nil, err
	}
	defer release()
	report := &doctor.Report{}
	if x.scales.live {
		return report, x.scales.view(ctx, cfg, out, report)
	}
	survey, err := x.survey(ctx, cfg)
	if err != nil {
		return nil, err
	}
	edit := config.NewEdit(raw)
	if err := survey.Fit(edit, report); err != nil {
		return nil, err
	}
	if err := x.save(raw, edit.Bytes(), report); err != nil {
		return nil, err
	}
	if err := x.scales.run(ctx, x.file, edit.Bytes(), x.say, report); err != nil || !x.locks.wanted() {
		return report, err
	}
	return report, x.attend(ctx, report)
}

// attend runs the cabinet's agent without its line to the cloud, for what only it may do.
func (x examination) attend(ctx context.Context, report *doctor.Report) error {
	cfg, err := agent.LoadConfig(x.file)
	if err != nil {
		report.Say(doctor.Wrong, x.file, "the locks are not tested before the file is whole: %v", err)
		return nil
	}
	attended, err := agent.Attend(agent.Options{Config: cfg, Version: version()})
	if err != nil {
		return err
	}
	err = testLocks(ctx, attended, x.locks, x.in, x.to, report)
	return errors.Join(err, attended.Close())
}

// survey scans the lines of the file and the devices that were named, or all that there are.
func (x examination) survey(ctx context.Context, cfg config.Config) (*doctor.Survey, error) {
	scanner := doctor.Scanner{
		Open: agent.SerialDevice, Most: x.most, Reply: x.reply, Codes: x.codes, Only: x.only, Quick: x.quick, Say: x.say,
	}
	for _, text := range x.speeds {
		baud, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("--speed %q: want a number", text)
		}
		scanner.Speeds = append(scanner.Speeds, baud)
	}
	survey := doctor.NewSurvey(cfg, x.doors)
	survey.Reply = x.reply
	lines := doctor.Lines(cfg, x.paths)
	if x.quick && len(x.paths) == 0 {
		lines = cfg.Lines
	}
	for _, line := range lines {
		survey.Places = append(survey.Places, scanner.Scan(ctx, line, survey.On(line.Name)))
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	if len(survey.Places) == 0 {
		return nil, errors.New("this machine has no serial device: plug the adapters in, or name one with --line")
	}
	return survey, nil
}

// fileMode lets the agent read a file that root writes for it: it is of the folder's group, and holds a password.
const fileMode = 0o640

// added are the lines of the new file that the old one has not; the others may hold a password.
func added(old, fresh []byte) string {
	had := map[string]int{}
	for line := range strings.Lines(string(old)) {
		had[line]++
	}
	var lines strings.Builder
	for line := range strings.Lines(string(fresh)) {
		if had[line] > 0 {
			had[line]--
			continue
		}
		lines.WriteString(line)
	}
	return strings.TrimRight(lines.String(), "\n")
}

// save writes the file where that is asked for and the new one can be read; the old one is kept beside it.
func (x examination) save(old, fresh []byte, report *doctor.Report) error {
	if slices.Equal(old, fresh) {
		return nil
	}
	if cfg, err := config.ParseHardware(x.file, fresh); err != nil {
		return fmt.Errorf("what would be written cannot be read: %w", err)
	} else if cfg.Cabinet != "" {
		if _, err := agent.ParseConfig(x.file, fresh); err != nil {
			report.Say(doctor.Wrong, x.file, "it is not yet whole: %v", err)
		}
	} else {
		report.Say(doctor.Look, x.file, "it has the hardware only: who the cabinet is comes with its enrolment")
	}
	if !x.write {
		report.Say(doctor.Look, x.file, "not changed: --write would add these lines\n%s", added(old, fresh))
		return nil
	}
	if len(old) > 0 {
		if err := durable.Replace(x.file+".bak", old, 0o600); err != nil {
			return err
		}
	}
	report.File = x.file
	return durable.Replace(x.file, fresh, fileMode)
}
