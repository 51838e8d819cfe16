package web

import (
	"strings"

	"allhours/cloud"
	"allhours/protocol/wire"
)

// airView is how warm it is behind one door, and how warm the chain lets it be.
type airView struct {
	Compartment int
	Shown       string
	Brief       string // the same with the limit in a word, as it stands over a door
	Limit       string
}

// airViews are the doors with a probe behind them.
func (v *view) airViews(cab cloud.CabinetView, chain cloud.Chain) (all []airView) {
	t := cab.Presence.Telemetry
	if t == nil || cab.State == cloud.CabinetAway {
		return nil
	}
	for _, c := range t.Compartments {
		if len(c.Probes) == 0 {
			continue
		}
		var shown []string
		for _, p := range c.Probes {
			if p.Fault != "" {
				shown = append(shown, v.say("air.unknown"))
				continue
			}
			shown = append(shown, p.Celsius.String())
		}
		limit := cab.HealthOf(chain.Health, c.Compartment)
		row := airView{Compartment: int(c.Compartment), Shown: strings.Join(shown, ", "), Limit: v.sayLimit(limit)}
		if row.Brief = row.Shown; limit.AboveDC != nil {
			row.Brief = v.say("air.brief", row.Shown, limit.AboveDC.String())
		}
		all = append(all, row)
	}
	return all
}

// sayLimit tells what the chain says; the rest is as the cabinet's own box has it.
func (v *view) sayLimit(h wire.Health) string {
	var said []string
	if h.AboveDC != nil {
		said = append(said, v.say("air.above", h.AboveDC.String()))
	}
	for _, m := range []struct {
		key     string
		minutes int
	}{{"air.shut", h.ShutMin}, {"air.warm", h.WarmMin}, {"air.all", h.AllMin}} {
		if m.minutes > 0 {
			said = append(said, v.say(m.key, m.minutes))
		}
	}
	if len(said) == 0 {
		return v.say("air.own")
	}
	return v.say("air.chain", strings.Join(said, v.say("air.and")))
}
