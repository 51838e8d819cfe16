package round

import (
	"slices"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

// unopened reports a stop at which something was counted though nobody was let in from here: the key opened the door. No settlement
// tells what was put there, and what was counted stands.
func (m *move) unopened(stop *cloud.RoundStop) (counted bool) {
	for i := range m.round.Lines {
		l := &m.round.Lines[i]
		tally := m.round.Kind == cloud.RoundTally
		if l.Cabinet == stop.Cabinet && l.Counted != nil && (tally || *l.Counted != 0 || l.Removed > 0) {
			counted, l.Blind = true, !tally
		}
	}
	return counted
}

// leave books what only the restocker knows of a cabinet that they leave: what was put where no scale could say, and what was
// taken out of the lanes, which is written off for its reason.
func (m *move) leave(cabinet protocol.CabinetID) error {
	findings, n := m.round.Findings(cabinet), 0
	for i := range m.round.Lines {
		line := &m.round.Lines[i]
		if line.Cabinet != cabinet {
			continue
		}
		found := findings[n]
		n++
		if err := m.unweighed(line, found); err != nil {
			return err
		}
		if line.Counted == nil && found.Verdict == picking.Agree {
			asPlanned(line)
		}
		if err := m.remove(line); err != nil {
			return err
		}
	}
	return nil
}

// unweighed books what was counted where the scales could not say.
func (m *move) unweighed(line *cloud.RoundLine, found picking.Finding) error {
	more := found.Said - line.Booked()
	if !line.Blind || found.Verdict != picking.Unweighed || more == 0 {
		return nil
	}
	if err := m.adjust(line, more); err != nil {
		return err
	}
	if lane, err := m.account(line); err != nil || lane != ledger.Stock(line.Cabinet, line.Platform) {
		return err
	}
	return m.differs(line, cloud.DetailUnweighed.Fill(line.SKU, found.Said))
}

// remove lets the dates of what was taken out go along with it, and writes it off.
func (m *move) remove(line *cloud.RoundLine) error {
	if line.Removed == 0 {
		return nil
	}
	if err := book.Swap(m.tx, m.Now(), line.SKU, max(line.Removed+min(line.Booked(), 0), 0), ledger.Stock(line.Cabinet, line.Platform), m.van()); err != nil {
		return err
	}
	if line.Reason == "" {
		return nil
	}
	there, err := m.tx.Ledger.Balance(m.van(), ledger.Article(line.SKU))
	if err != nil {
		return err
	}
	if line.Removed = min(line.Removed, int(max(there, 0))); line.Removed == 0 { // The scales have seen less of it go.
		return nil
	}
	note := cloud.WasteNote(line.Cabinet, line.Platform)
	return m.carry(cloud.MoveGoods{Kind: cloud.MoveWriteOff, From: m.van(), Reason: line.Reason, Note: note, Lines: []cloud.MovedLine{{SKU: line.SKU, Qty: line.Removed}}})
}

// shown refuses to leave a stop where something is thrown away of which there is no picture, in a chain that wants one. Where there is
// no network it is on the phone of whoever leaves, and comes later.
func (m *move) shown(cabinet protocol.CabinetID) error {
	policy, err := policyOf(m.tx, m.round.Store, 1)
	if err != nil || !policy.Policy.Photo {
		return err
	}
	photos, err := m.tx.Photos.List(cloud.PhotoQuery{Round: m.round.ID, Cabinet: cabinet})
	if err != nil {
		return err
	}
	for _, l := range m.round.LinesOf(cabinet) {
		seen := slices.ContainsFunc(photos, func(p cloud.RoundPhoto) bool { return p.Place == l.Place() }) || slices.Contains(m.step.Photos, l.Place())
		if l.Removed > 0 && l.Reason != "" && !seen {
			return protocol.Errorf(cloud.CodePhotoNeeded, "%d of %s on %s are thrown away, and nobody has taken a photo of them", l.Removed, l.SKU, l.Platform)
		}
	}
	return nil
}

// account is where a line's units lie by the books: among the stock, or astray where they do not belong.
func (m *move) account(line *cloud.RoundLine) (ledger.Account, error) {
	if line.Turn == cloud.TurnIn || line.Turn == cloud.TurnOut { // It has its place in one of the two planograms.
		return ledger.Stock(line.Cabinet, line.Platform), nil
	}
	cabinet, err := m.tx.Cabinets.Find(line.Cabinet)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(cabinet.Platforms, func(p cloud.Platform) bool { return p.ID == line.Platform && slices.Contains(p.SKUs, line.SKU) }) {
		return ledger.Stock(line.Cabinet, line.Platform), nil
	}
	return ledger.Stray(line.Cabinet, line.Platform), nil
}

// stray keeps that goods were taken along that lay where they do not belong. They are booked when the stop is over: no scale knows
// what they weigh there.
func (m *move) stray() error {
	if _, err := m.stop(); err != nil {
		return err
	}
	at := picking.Place{Cabinet: m.step.Cabinet, Platform: m.step.Platform, SKU: m.step.SKU}
	there, err := m.tx.Ledger.Balance(ledger.Stray(at.Cabinet, at.Platform), ledger.Article(at.SKU))
	if err != nil {
		return err
	}
	if m.step.Units < 1 || m.step.Units > int(there) {
		return protocol.Errorf(protocol.CodeMalformed, "units: want 1 to the %d of %s that lie astray on %s", there, at.SKU, at.Platform)
	}
	line, taken := m.round.LineAt(at), -m.step.Units
	line.Counted, line.Blind, line.Before, line.After = &taken, true, int(there), int(there)
	return nil
}
