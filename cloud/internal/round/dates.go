package round

import (
	"maps"
	"slices"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// mostDates is how many dates what was put into one lane may have.
const mostDates = 10

// walked is the day on which a round is walked: a round that was planned in the evening may leave in the morning.
func (s *Service) walked(tx cloud.Tx, r *cloud.Round) (ledger.Day, error) {
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return "", err
	}
	return max(r.Day, ledger.DayOf(s.Now(), zone)), nil
}

// dated shares the dates of what leaves the store out to the lines: those that were planned for them, then the first to expire to the
// first of them. What could not be sold any more on the day of the walk stays on the shelf.
func (m *move) dated() (named []cloud.SaidLot, err error) {
	day, err := m.walked(m.tx, m.round)
	if err != nil {
		return nil, err
	}
	shelf, err := shelfLots(m.tx, m.round.Store)
	if err != nil {
		return nil, err
	}
	lots, asks := make(map[protocol.SKU][]*[]picking.Lot), make(map[protocol.SKU][]picking.Wish)
	add := func(sku protocol.SKU, units int, planned *[]picking.Lot) {
		lots[sku], asks[sku] = append(lots[sku], planned), append(asks[sku], picking.Wish{Units: units, Lots: *planned})
	}
	for i := range m.round.Lines {
		add(m.round.Lines[i].SKU, m.round.Lines[i].Picked, &m.round.Lines[i].Lots)
	}
	for i := range m.round.Legs {
		add(m.round.Legs[i].SKU, m.round.Legs[i].Picked, &m.round.Legs[i].Lots)
	}
	for _, sku := range slices.Sorted(maps.Keys(lots)) {
		sent, _ := picking.Send(picking.Sellable(shelf[sku], day), asks[sku])
		for i, into := range lots[sku] {
			*into = sent[i]
			for _, lot := range sent[i] {
				named = append(named, cloud.SaidLot{SKU: sku, Units: lot.Units, Until: lot.Until, Named: true})
			}
		}
	}
	return named, nil
}

// date keeps until when what was put into a lane may be sold, as somebody read it off the goods. It is booked when the stop ends, for
// only then it is agreed how much was put.
func (m *move) date() error {
	if _, err := m.stop(); err != nil {
		return err
	}
	line, err := m.line()
	if err != nil {
		return err
	}
	today, err := m.walked(m.tx, m.round)
	if err != nil {
		return err
	}
	units, seen := 0, make(map[ledger.Day]bool)
	for _, d := range m.step.Dates {
		if !d.Until.Valid() || d.Units < 1 || seen[d.Until] {
			return protocol.Errorf(protocol.CodeMalformed, "dates: want each day once as 2006-01-02, and 1 unit or more")
		}
		if d.Until < today {
			return protocol.Errorf(cloud.CodeDateOver, "%s may be sold until %s: it is not put into a lane any more", m.step.SKU, d.Until)
		}
		units, seen[d.Until] = units+d.Units, true
	}
	if len(m.step.Dates) > mostDates || units > mostPut {
		return protocol.Errorf(protocol.CodeMalformed, "dates: want %d at most, of %d units at most", mostDates, mostPut)
	}
	line.Said = picking.FirstExpired(m.step.Dates)
	return nil
}

// redate books the dates that were read at a stop, for as many units as were put.
func (m *move) redate(cabinet protocol.CabinetID) error {
	for _, l := range m.round.LinesOf(cabinet) {
		said, _ := picking.Take(l.Said, max(l.Booked(), 0)+l.Removed)
		if len(said) == 0 {
			continue
		}
		if err := book.Redate(m.tx, m.Now(), l.SKU, ledger.Stock(l.Cabinet, l.Platform), l.Lots, said); err != nil {
			return err
		}
	}
	return nil
}
