package ledger

import (
	"slices"

	"allhours/protocol"
	"allhours/protocol/settle"
)

// OffQuality is goods that were no good.
const OffQuality Account = "off:quality"

// DisputeRef is the ruling on an objection.
func DisputeRef(dispute protocol.UUID) Ref { return Ref("dispute:" + dispute.String()) }

// Unsell takes units of a bill back from the sold ones: to the given account, or to where they were taken from where it is
// empty. The answer is what was billed; before is how many units of the article went back to their places already, so that
// no platform gets more back than was taken from it. Units that were never booked as sold are left alone.
func Unsell(cabinet protocol.CabinetID, homes Homes, a settle.Answer, l settle.Line, before int, to Account) []Posting {
	back := Return(Leave(cabinet, homes, only(cabinet, homes, a, l, before), Sold(cabinet)))
	if to == "" || len(back) == 0 {
		return back
	}
	return move(Article(l.SKU), int64(l.Qty), Sold(cabinet), to)
}

// only narrows an answer to some units of one article, taken from the platforms that its story names, behind those that went
// back before.
func only(cabinet protocol.CabinetID, homes Homes, a settle.Answer, l settle.Line, before int) settle.Answer {
	narrow := settle.Answer{Decision: a.Decision, Lines: []settle.Line{l}}
	if explained(cabinet, homes, a) == nil {
		return narrow
	}
	net := make(map[protocol.PlatformID]int)
	var order []protocol.PlatformID
	for _, s := range a.Why[0].Steps {
		if s.SKU != l.SKU {
			continue
		}
		if !slices.Contains(order, s.Platform) {
			order = append(order, s.Platform)
		}
		net[s.Platform] += s.Qty
	}
	var steps []settle.Step
	rest := l.Qty
	for _, p := range order {
		there := max(-net[p], 0)
		back := min(there, before)
		before -= back
		if taken := min(there-back, rest); taken > 0 {
			steps = append(steps, settle.Step{Platform: p, SKU: l.SKU, Qty: -taken})
			rest -= taken
		}
	}
	narrow.Why = []settle.Explanation{{Lines: narrow.Lines, Steps: steps}}
	return narrow
}
