package round

import (
	"allhours/cloud"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// mostTransfers bounds how many a round has.
const mostTransfers = 60

// transfer writes down what a round carries between its cabinets, and puts its stops so that nothing is put before it was taken.
func transfer(round *cloud.Round, all []cloud.RoundTransfer) error {
	if len(all) > mostTransfers {
		return protocol.Errorf(protocol.CodeMalformed, "transfers: want %d at most", mostTransfers)
	}
	taken := make(map[picking.Place]int)
	for _, t := range all {
		from, to := round.Line(t.From), round.Line(t.To)
		switch {
		case from == nil || to == nil || t.From.SKU != t.To.SKU || t.From.Cabinet == t.To.Cabinet:
			return protocol.Errorf(protocol.CodeMalformed, "transfers: %s: want lanes of one article in two cabinets of the round", t.From.SKU)
		case t.Units < 1 || t.Units > mostPut:
			return protocol.Errorf(protocol.CodeMalformed, "transfers: %s: want 1 to %d units", t.From.SKU, mostPut)
		}
		if taken[t.From] += t.Units; taken[t.From] > max(from.Before-from.Expired, 0) {
			return protocol.Errorf(protocol.CodeMalformed, "transfers: %s: %d units that can be sold lie on %s of %s", t.From.SKU, max(from.Before-from.Expired, 0), t.From.Platform, t.From.Cabinet)
		}
	}
	ids := make([]protocol.CabinetID, len(round.Stops))
	for i, s := range round.Stops {
		ids[i] = s.Cabinet
	}
	order, ok := picking.Order(ids, moves(all))
	if !ok {
		return protocol.Errorf(protocol.CodeMalformed, "transfers: they go around in a circle: nobody could walk that way once")
	}
	round.Transfers = all
	rearrange(round, order)
	return nil
}

// moves are transfers as the rules of picking see them.
func moves(all []cloud.RoundTransfer) []picking.Transfer {
	some := make([]picking.Transfer, len(all))
	for i, t := range all {
		some[i] = picking.Transfer{From: t.From, To: t.To, Units: t.Units}
	}
	return some
}

// rearrange puts the stops of a round and their lines into an order.
func rearrange(r *cloud.Round, order []protocol.CabinetID) {
	stops, lines := make([]cloud.RoundStop, 0, len(r.Stops)), make([]cloud.RoundLine, 0, len(r.Lines))
	for _, id := range order {
		stops, lines = append(stops, *r.Stop(id)), append(lines, r.LinesOf(id)...)
	}
	r.Stops, r.Lines = stops, lines
}
