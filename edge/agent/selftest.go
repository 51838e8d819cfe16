package agent

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"allhours/edge"
	"allhours/edge/internal/bus"
	"allhours/edge/internal/weigh"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// Bounds beyond which a part should be looked at.
const (
	lossyLine  = 0.05      // of the requests of a line, unanswered or spoilt
	slowScale  = 8.0       // readings a second
	noisyScale = 3_000     // mg, standard deviation
	lowDisk    = 200 << 20 // bytes that are free
	behind     = 1000      // events that the cloud has not acknowledged
)

// selfTest looks at everything that the loop knows, and touches nothing.
func (a *Agent) selfTest() wire.SelfTest {
	stamp := a.clock.Stamp()
	t := wire.SelfTest{
		At: stamp.At, UpMS: stamp.Up, Versions: wire.Versions{Agent: a.opt.Version, Rule: settle.RuleVersion}, Checks: []wire.Check{},
	}
	add := func(checks ...wire.Check) { t.Checks = append(t.Checks, checks...) }
	for _, l := range a.boards.lines {
		add(checkLine(l.name, l.stats()))
	}
	for _, c := range a.watch.Conditions() {
		add(checkScale(c))
	}
	for _, d := range a.doors {
		add(checkDoor(d))
		add(a.checkProbes(d.number)...)
		add(a.checkSale(d.number)...)
	}
	add(a.checkDisk(), a.checkJournal(), a.checkClock(), a.checkConfig())
	return t
}

func check(item, subject string, v wire.Verdict, word string, values ...any) wire.Check {
	c := wire.Check{Item: item, Subject: subject, Verdict: v, Word: word}
	for _, value := range values {
		c.Values = append(c.Values, fmt.Sprint(value))
	}
	return c
}

func checkLine(name string, s bus.Stats) wire.Check {
	failed := float64(s.Timeouts+s.Spoilt) / max(float64(s.Requests), 1)
	share := strconv.FormatFloat(failed*100, 'f', 1, 64)
	switch {
	case !s.Up:
		return check("line", name, wire.VerdictBad, "down", s.Fault)
	case s.Requests == 0 && s.ReceivedBytes == 0:
		return check("line", name, wire.VerdictUnknown, "quiet")
	case failed > lossyLine:
		return check("line", name, wire.VerdictDoubt, "lossy", s.Requests, share)
	}
	return check("line", name, wire.VerdictWell, "well", s.Requests, share)
}

func checkScale(c weigh.Condition) wire.Check {
	name := string(c.Platform)
	hz, noise := strconv.FormatFloat(c.Hz, 'f', 1, 64), strconv.FormatFloat(c.Noise.Grams(), 'f', 1, 64)
	kg := strconv.FormatFloat(c.Weight.Grams()/1000, 'f', 3, 64)
	switch {
	case c.Fault != "":
		return check("scale", name, wire.VerdictBad, c.Fault)
	case !c.OK:
		return check("scale", name, wire.VerdictUnknown, "none")
	case c.Hz < slowScale:
		return check("scale", name, wire.VerdictDoubt, "slow", hz, noise, kg)
	case c.Noise > noisyScale:
		return check("scale", name, wire.VerdictDoubt, "noisy", hz, noise, kg)
	}
	return check("scale", name, wire.VerdictWell, "well", hz, noise, kg)
}

func checkDoor(d *door) wire.Check {
	name := fmt.Sprint(d.number)
	switch d.state.Door() {
	case wire.DoorStateUnknown:
		return check("door", name, wire.VerdictBad, "unknown")
	case wire.DoorStateOpen:
		return check("door", name, wire.VerdictDoubt, "open")
	}
	switch d.state.Locked {
	case edge.No:
		return check("door", name, wire.VerdictBad, "unlocked")
	case edge.Unknown:
		return check("door", name, wire.VerdictWell, "shut")
	}
	return check("door", name, wire.VerdictWell, "locked")
}

func (a *Agent) checkProbes(n protocol.Compartment) []wire.Check {
	var all []wire.Check
	for i, p := range a.probesOf(n, time.Now()) {
		name := fmt.Sprintf("%d.%d", n, i+1)
		limit := a.cooled(n).limits.Above
		switch {
		case p.Fault != "":
			all = append(all, check("probe", name, wire.VerdictBad, p.Fault))
		case p.Celsius > limit:
			all = append(all, check("probe", name, wire.VerdictDoubt, "warm", p.Celsius, limit))
		default:
			all = append(all, check("probe", name, wire.VerdictWell, "cold", p.Celsius, limit))
		}
	}
	return all
}

// checkSale names each reason why a compartment does not sell.
func (a *Agent) checkSale(n protocol.Compartment) []wire.Check {
	var all []wire.Check
	name := fmt.Sprint(n)
	for _, s := range a.sales.stops {
		if s.Compartment == n {
			all = append(all, check("sale", name, wire.VerdictBad, "stopped", s.Code))
		}
	}
	if code := a.why(n); len(all) == 0 && code != protocol.CodeOK {
		all = append(all, check("sale", name, wire.VerdictBad, "stopped", code))
	}
	if len(all) == 0 {
		all = append(all, check("sale", name, wire.VerdictWell, "well"))
	}
	return all
}

func (a *Agent) checkDisk() wire.Check {
	var s syscall.Statfs_t
	if err := syscall.Statfs(a.opt.Config.Data, &s); err != nil {
		return check("disk", "", wire.VerdictUnknown, "unknown")
	}
	free := int64(s.Bavail) * int64(s.Bsize)
	switch mb := free >> 20; {
	case a.sales.full:
		return check("disk", "", wire.VerdictBad, "full", mb)
	case free < lowDisk:
		return check("disk", "", wire.VerdictDoubt, "low", mb)
	default:
		return check("disk", "", wire.VerdictWell, "well", mb)
	}
}

func (a *Agent) checkJournal() wire.Check {
	_, last, err := a.journal.Bounds()
	waiting := a.backlog()
	switch {
	case err != nil || len(a.unsaved) > 0:
		return check("journal", "", wire.VerdictBad, "unsaved", len(a.unsaved))
	case waiting > behind:
		return check("journal", "", wire.VerdictDoubt, "behind", last, waiting)
	}
	return check("journal", "", wire.VerdictWell, "well", last, waiting)
}

// checkClock compares the system's clock with the cloud's; the cabinet goes by the cloud's wherever it has it.
func (a *Agent) checkClock() wire.Check {
	now, known := a.clock.Cloud()
	if !known {
		return check("clock", "", wire.VerdictUnknown, "unknown")
	}
	off := time.Since(now).Round(time.Second)
	if off.Abs() > time.Minute {
		return check("clock", "", wire.VerdictDoubt, "off", off)
	}
	return check("clock", "", wire.VerdictWell, "well", off)
}

func (a *Agent) checkConfig() wire.Check {
	cfg := a.applied.Load()
	if cfg == nil {
		return check("config", "", wire.VerdictBad, "none")
	}
	var platforms []string
	for _, p := range cfg.Platforms {
		platforms = append(platforms, string(p.ID))
	}
	if a.waiting != nil {
		return check("config", "", wire.VerdictDoubt, "waiting", cfg.Config.Version, a.waiting.Config.Version)
	}
	return check("config", "", wire.VerdictWell, "well", cfg.Config.Version, strings.Join(platforms, " "))
}
