package coverage

import (
	"cmp"
	"slices"
	"strings"

	"allhours/protocol"
)

// oracle judges one moment from all facts, which are in order, as slowly as the rules read.
type oracle struct {
	plan  Plan
	facts []Fact
	heard map[protocol.CabinetID]int64
	at    int64
}

func ordered(facts []Fact) []Fact {
	all := slices.Clone(facts)
	slices.SortFunc(all, func(a, b Fact) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Ref, b.Ref))
	})
	return all
}

// latest is what was said last of a subject.
func (o oracle) latest(cabinet protocol.CabinetID, kind Kind, subject string, also ...Kind) (f Fact, found bool) {
	for _, x := range o.facts {
		if x.Cabinet == cabinet && (x.Kind == kind || slices.Contains(also, x.Kind)) && x.Subject == subject && x.At <= o.at {
			f, found = x, true
		}
	}
	return f, found
}

func (o oracle) within(cabinet protocol.CabinetID, kind Kind, codes ...string) bool {
	return slices.ContainsFunc(o.facts, func(f Fact) bool {
		return f.Cabinet == cabinet && f.Kind == kind && f.From <= o.at && o.at < f.At && (len(codes) == 0 || slices.Contains(codes, f.Code))
	})
}

func (o oracle) store() State {
	for _, s := range o.plan.Open {
		if s.From <= o.at && o.at < s.To {
			return Open
		}
	}
	state := o.best("")
	for _, c := range o.plan.Needs[0].Categories {
		of := Uncovered
		for _, sku := range c.SKUs {
			of = better(of, o.best(sku))
		}
		state = worse(state, of)
	}
	return state
}

// best is whether some door could sell; with an article: while it lies behind it.
func (o oracle) best(sku protocol.SKU) State {
	state := Uncovered
	for _, c := range o.plan.Cabinets {
		here := slices.ContainsFunc(c.Stays, func(s Span) bool { return s.From <= o.at && (s.To == 0 || o.at < s.To) })
		for _, door := range []string{"1", "2"} {
			able := o.door(c, door)
			if here && able != Uncovered && (sku == "" || o.lies(c, door, sku) && !o.holds(c.ID, Barred, string(sku))) {
				state = better(state, able)
			}
			if here && able != Uncovered && sku != "" && !o.told(c.ID, Stock) {
				state = better(state, Unknown)
			}
		}
	}
	return state
}

func (o oracle) lies(c Cabinet, door string, sku protocol.SKU) bool {
	return slices.ContainsFunc(o.facts, func(f Fact) bool {
		platform, of, _ := strings.Cut(f.Subject, "/")
		behind := platform == "S2"
		last, found := o.latest(c.ID, Stock, f.Subject)
		return f.Cabinet == c.ID && f.Kind == Stock && of == string(sku) && behind == (door == "2") && found && last.Value > 0
	})
}

func (o oracle) told(cabinet protocol.CabinetID, kinds ...Kind) bool {
	return slices.ContainsFunc(o.facts, func(f Fact) bool { return f.Cabinet == cabinet && f.At <= o.at && slices.Contains(kinds, f.Kind) })
}

// holds is a state that lasts until it is said to be otherwise.
func (o oracle) holds(cabinet protocol.CabinetID, kind Kind, subject string) bool {
	f, found := o.latest(cabinet, kind, subject)
	return found && f.Value != 0
}

func (o oracle) door(c Cabinet, door string) State {
	apart, cut := o.latest(c.ID, Apart, "", End)
	paid, failing := o.latest("", Payment, "")
	if o.within("", Service) || failing && paid.Value != 0 || cut && apart.Kind == Apart || o.holds(c.ID, Halt, "off_sale") || o.holds(c.ID, Halt, "locked_out") {
		return Uncovered
	}
	known := o.told(c.ID, Silence, Stock, Door, Lock, Scale, Sale) && o.at < o.heard[c.ID]
	silent := o.within(c.ID, Silence, SilentGap, SilentFirst)
	power := false
	for _, f := range o.facts {
		if f.Cabinet == c.ID && f.Kind == Silence && (f.Code == SilentPower || f.Code == SilentStopped) && f.From <= o.at && o.at < f.At {
			silent, power = silent || o.at < f.From+Mark, power || o.at >= f.From+Mark
		}
	}
	line, told := o.latest(c.ID, Line, "")
	reader, read := o.latest(c.ID, Line, Reader)
	offline := told && line.Value == 0 || o.within(c.ID, Late)
	platform := protocol.PlatformID("S" + door)
	lock, tried := o.latest(c.ID, Lock, door)
	broken := tried && lock.Value == 2
	for _, f := range o.facts {
		between := slices.ContainsFunc(o.facts, func(g Fact) bool {
			return g.Kind == Lock && g.Cabinet == c.ID && g.Subject == door && g.Value < 2 && o.after(g, f.From, f.Seq) && g.At <= o.at
		})
		broken = broken || f.Cabinet == c.ID && f.Kind == Lock && f.Subject == door && f.Value == 2 && f.From <= o.at && o.at < f.At && !between
	}
	switch {
	case !known || silent:
		return Unknown
	case power, o.holds(c.ID, Sale, ""), offline && read && reader.Value == 0:
		return Uncovered
	}
	switch {
	case o.holds(c.ID, Scale, string(platform)), o.holds(c.ID, Sale, door), o.holds(c.ID, Door, door), broken:
		return Uncovered
	case offline && !read, tried && lock.Value == 1 || o.doubted(c.ID, door):
		return Unknown
	}
	return Covered
}

// after reports a fact that is ordered after a change that another one made.
func (o oracle) after(f Fact, at int64, seq uint64) bool {
	return f.At > at || f.At == at && f.Seq > seq
}

// doubted is a lock that failed once, and was not opened since.
func (o oracle) doubted(cabinet protocol.CabinetID, door string) bool {
	doubt := false
	for _, f := range o.facts {
		if f.Cabinet == cabinet && f.Kind == Lock && f.Subject == door && f.At <= o.at && f.Value < 2 {
			doubt = f.Value == 1
		}
	}
	return doubt
}
