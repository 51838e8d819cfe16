package web

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/protocol/wire"
)

// How old the word of a cabinet that is looked at may be: it tells each second, and three of them may be lost.
const (
	liveFor  = 4 * time.Second
	clockOff = 2 * time.Second // below it the clock is as good as right: a word is on its way for a while
)

// aged tells how old what is shown of a cabinet is. It is never older than what is told of it.
func (v *view) aged(cab cloud.CabinetView, now time.Time) agedView {
	told := cab.Presence.Told
	if told.IsZero() {
		told = cab.Presence.LastSeen
	}
	switch age := now.Sub(told); {
	case told.IsZero():
		return agedView{v.say("age.never"), "away", "question"}
	case cab.State == cloud.CabinetAway:
		return agedView{v.say("age.away", v.span(age)), "away", "offline"}
	case age <= liveFor:
		return agedView{v.say("age.live"), "live", "check"}
	default:
		return agedView{v.say("age.late", v.span(age)), "late", "clock"}
	}
}

// factsPart is what is known of a cabinet in figures.
type factsPart struct {
	Units int
	Low   int // kinds of goods of which two or fewer are left
	Facts []factRow
	Air   []airView // where nothing is drawn of it
}

func (v *view) factsPart(of standingNow, air airPart) factsPart {
	part := factsPart{Facts: v.machineFacts(of.cab, of.now)}
	for _, g := range of.goods {
		part.Units += g.Units
		if g.Units <= lowUnits {
			part.Low++
		}
	}
	if len(air.Curves) == 0 {
		part.Air = air.Now
	}
	return part
}

func (v *view) machineFacts(cab cloud.CabinetView, now time.Time) []factRow {
	row := func(name, say string) factRow {
		return factRow{Name: v.say(name), Say: cmp.Or(say, v.say("fact.untold")), Known: say != ""}
	}
	seen := factRow{Name: v.say("fact.seen"), Known: true, Age: v.age(cab.Presence.LastSeen, now)}
	seen.Say = seen.Age.Say
	t := cab.Presence.Telemetry
	if t == nil || cab.State == cloud.CabinetAway {
		t = &wire.Telemetry{}
	}
	rows := []factRow{
		seen, row("fact.power", v.sayPower(t.Machine)), row("fact.battery", v.sayPercent(t.Machine.Battery)),
		row("fact.signal", v.saySignal(t.Machine.Signal)), row("fact.clock", v.sayClock(t, cab.Presence.Told)),
	}
	unsent, polls := "", ""
	if t.PollHz > 0 {
		polls = v.say("fact.poll.hz", strconv.FormatFloat(t.PollHz, 'f', 1, 64))
	}
	if t.At != 0 || t.Last != 0 || len(t.Compartments) > 0 {
		unsent = v.say("fact.unsent.events", t.Backlog)
	}
	return append(rows, row("fact.unsent", unsent), row("fact.poll", polls))
}

func (v *view) sayPower(m wire.Machine) string {
	switch {
	case m.Mains == nil:
		return ""
	case *m.Mains:
		return v.say("fact.power.mains")
	}
	return v.say("fact.power.battery")
}

func (v *view) sayPercent(n *int) string {
	if n == nil {
		return ""
	}
	return fmt.Sprintf("%d\u00a0%%", *n)
}

// saySignal tells of a radio in dBm with a word: from -67 on it is good, from -80 on it will do.
func (v *view) saySignal(dbm *int) string {
	if dbm == nil {
		return ""
	}
	key := "fact.signal.poor"
	switch {
	case *dbm >= -67:
		key = "fact.signal.good"
	case *dbm >= -80:
		key = "fact.signal.fair"
	}
	return v.say(key, *dbm)
}

// sayClock tells by how much the cabinet's clock differs from the cloud's, as far as a word that was on its way can tell.
func (v *view) sayClock(t *wire.Telemetry, told time.Time) string {
	if t.At == 0 || told.IsZero() {
		return ""
	}
	if !t.Clock {
		return v.say("fact.clock.unknown")
	}
	off := time.UnixMilli(t.At).Sub(told)
	if off.Abs() < clockOff {
		return v.say("fact.clock.right")
	}
	if off < 0 {
		return v.say("fact.clock.behind", v.span(-off))
	}
	return v.say("fact.clock.ahead", v.span(off))
}

// firmwareOf is what the boards of a cabinet tell of themselves; most tell nothing.
func firmwareOf(t *wire.Telemetry) string {
	if t == nil {
		return ""
	}
	told := make([]string, len(t.Firmware))
	for i, f := range t.Firmware {
		told[i] = f.Version + " (" + f.Board + ")"
	}
	return strings.Join(told, " · ")
}

func (v *view) versionRows(cab cloud.CabinetView, of cloud.CabinetVersions) []versionRow {
	number := func(n uint64) string { return strconv.FormatUint(n, 10) }
	rows := []versionRow{{Name: v.say("version.state"), Wanted: number(of.Config), Has: number(of.Applied), Same: of.Config == of.Applied, Known: of.Applied != 0}}
	rows = append(rows, versionRow{
		Name: v.say("version.prices"), Wanted: number(uint64(of.Prices)), Has: number(uint64(of.AppliedPrices)), Same: of.Prices == of.AppliedPrices, Known: of.AppliedPrices != 0,
	})
	plan := versionRow{Name: v.say("version.planogram"), Wanted: v.say("version.platforms", of.Platforms), Known: of.AppliedDiff >= 0, Same: of.AppliedDiff == 0, Has: v.say("version.platforms.same")}
	if of.AppliedDiff > 0 {
		plan.Has = v.say("version.platforms.differ", of.AppliedDiff)
	}
	rows = append(rows, plan)
	for _, told := range []struct{ name, has string }{
		{"version.agent", cab.Presence.Versions.Agent}, {"version.rule", cab.Presence.Versions.Rule}, {"version.firmware", firmwareOf(cab.Presence.Telemetry)},
	} {
		rows = append(rows, versionRow{Name: v.say(told.name), Wanted: "—", Has: told.has, Same: true, Known: told.has != ""})
	}
	return rows
}
