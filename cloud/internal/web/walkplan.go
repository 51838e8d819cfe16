package web

import (
	"cmp"

	"allhours/cloud"
	"allhours/protocol"
)

// planTurn is the draft that a stop sets up, platform by platform.
type planTurn struct {
	Why    string
	By     string
	Boards []planBoard
}

type planBoard struct {
	ID    protocol.PlatformID
	Lines []planLine
}

type planLine struct{ Icon, Class, Say string }

// planTurn tells what changes in a cabinet: what is taken out of it, and what is put in.
func (v *view) planTurn(r cloud.RoundView, stop cloud.RoundStop) *planTurn {
	d, is := r.Drafts[stop.Cabinet]
	if !is {
		return nil
	}
	t := planTurn{Why: d.Why, By: cmp.Or(d.By, v.say("rollout.tool"))}
	lines := r.LinesOf(stop.Cabinet)
	for _, p := range d.Plan {
		board := planBoard{ID: p.ID}
		for _, turn := range []cloud.LaneTurn{cloud.TurnOut, cloud.TurnIn} {
			for _, l := range lines {
				if l.Platform == p.ID && l.Turn == turn {
					board.Lines = append(board.Lines, v.planLine(r, l))
				}
			}
		}
		if len(board.Lines) == 0 {
			board.Lines = append(board.Lines, planLine{"plus", "soft", v.say("walk.plan.levels")})
		}
		t.Boards = append(t.Boards, board)
	}
	return &t
}

func (v *view) planLine(r cloud.RoundView, l cloud.RoundLine) planLine {
	name := v.articleName(r, l.SKU)
	if l.Turn == cloud.TurnOut {
		if l.Before <= 0 {
			return planLine{"minus", "", v.say("walk.plan.empty", name)}
		}
		return planLine{"minus", "", v.say("walk.plan.out", l.Before, name)}
	}
	units := l.Picked
	if r.State == cloud.RoundPlanned || r.State == cloud.RoundPicking {
		units = l.Planned
	}
	if units == 0 {
		return planLine{"plus", "amber", v.say("walk.plan.none", name)}
	}
	return planLine{"plus", "", v.say("walk.plan.in", units, name)}
}

// turn says how a lane turns by the draft.
func (v *view) turn(l cloud.RoundLine) string {
	if l.Turn == cloud.TurnNone {
		return ""
	}
	return v.say("walk.turn." + string(l.Turn))
}
