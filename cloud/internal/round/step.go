package round

import (
	"maps"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

func (m *move) assign() (err error) {
	if err := m.in(cloud.RoundPlanned, cloud.RoundPicking, cloud.RoundUnderWay); err != nil {
		return err
	}
	m.round.Restocker, m.round.Walks, err = walker(m.tx, m.step.Restocker)
	return err
}

// cancel ends a round before anything has left the store: nothing is booked, and nothing is to be taken back.
func (m *move) cancel() error {
	if err := m.in(cloud.RoundPlanned, cloud.RoundPicking); err != nil {
		return err
	}
	if strings.TrimSpace(m.step.Why) == "" {
		return protocol.Errorf(protocol.CodeMalformed, "why: want a reason")
	}
	m.round.State, m.round.Ended = cloud.RoundCancelled, m.Now()
	return nil
}

// start locks what the round brings and in which order it is walked, and gives it to whoever picks where nobody was sent.
func (m *move) start() error {
	if err := m.in(cloud.RoundPlanned); err != nil {
		return err
	}
	if m.round.Restocker.IsZero() {
		m.round.Restocker, m.round.Walks = m.step.Person, m.step.By
	}
	m.round.State, m.round.Locked = cloud.RoundPicking, m.Now()
	if m.round.Kind == cloud.RoundTally { // There is nothing to be picked.
		m.round.State, m.round.Left = cloud.RoundUnderWay, m.Now()
	}
	return m.order()
}

// tote is what of one article is picked for one cabinet, or for another store.
type tote struct {
	planned int
	picked  *int
	short   *cloud.ShortReason
}

// totesOf are those of an article in the order of the walk, other stores last.
func (m *move) totesOf(sku protocol.SKU) (all []tote) {
	for i := range m.round.Lines {
		if l := &m.round.Lines[i]; l.SKU == sku && l.Planned > 0 {
			all = append(all, tote{l.Planned, &l.Picked, &l.Short})
		}
	}
	for i := range m.round.Legs {
		if l := &m.round.Legs[i]; l.SKU == sku && l.Way == cloud.LegTake {
			all = append(all, tote{l.Units, &l.Picked, &l.Short})
		}
	}
	return all
}

// pick shares what was picked of an article out to the totes. Picked once more it replaces what was said.
func (m *move) pick() error {
	if err := m.in(cloud.RoundPicking); err != nil {
		return err
	}
	planned, totes := 0, m.totesOf(m.step.SKU)
	for _, t := range totes {
		planned += t.planned
	}
	switch {
	case len(totes) == 0:
		return protocol.Errorf(cloud.CodeNotFound, "article %s is not on the list", m.step.SKU)
	case m.step.Units < 0 || m.step.Units > planned:
		return protocol.Errorf(protocol.CodeMalformed, "units: want 0 to %d of %s", planned, m.step.SKU)
	case (m.step.Units < planned) != (m.step.Short != "") || m.step.Short != "" && !m.step.Short.Valid():
		return protocol.Errorf(protocol.CodeMalformed, "short: want one of %v where fewer than %d were picked, and else none", cloud.ShortReasons(), planned)
	}
	if err := m.stillPicked(totes); err != nil {
		return err
	}
	left := m.step.Units
	for _, t := range totes {
		*t.picked, *t.short = min(left, t.planned), ""
		if left -= *t.picked; *t.picked < t.planned {
			*t.short = m.step.Short
		}
	}
	return nil
}

// depart books what was picked out of the store and into the van.
func (m *move) depart() error {
	if err := m.in(cloud.RoundPicking); err != nil {
		return err
	}
	var lines []cloud.MovedLine
	for _, x := range m.round.InVan() {
		if x.Expected > 0 {
			lines = append(lines, cloud.MovedLine{SKU: x.SKU, Qty: x.Expected})
		}
	}
	lots, err := m.dated()
	if err != nil {
		return err
	}
	m.round.State, m.round.Left = cloud.RoundUnderWay, m.Now()
	return m.carry(cloud.MoveGoods{Kind: cloud.MoveTransfer, From: m.shop(), To: m.van(), Lines: lines, Lots: lots})
}

func (m *move) shop() ledger.Account { return ledger.Shop(string(m.round.Store)) }

func (m *move) van() ledger.Account { return ledger.Van(string(m.round.Store)) }

// stop finds the stop of the step, which must not be over.
func (m *move) stop() (*cloud.RoundStop, error) {
	if err := m.in(cloud.RoundUnderWay); err != nil {
		return nil, err
	}
	stop := m.round.Stop(m.step.Cabinet)
	switch {
	case stop == nil:
		return nil, protocol.Errorf(cloud.CodeNotAStop, "cabinet %s is no stop of round %s", m.step.Cabinet, m.round.ID)
	case stop.State == cloud.StopDone || stop.State == cloud.StopSkipped:
		return nil, protocol.Errorf(cloud.CodeRoundState, "the stop at %s is %s", stop.Cabinet, stop.State)
	}
	return stop, nil
}

// line finds the line of the step, or makes one: what nobody had planned may be put as well.
func (m *move) line() (*cloud.RoundLine, error) {
	at := picking.Place{Cabinet: m.step.Cabinet, Platform: m.step.Platform, SKU: m.step.SKU}
	line := m.round.Line(at)
	if line == nil {
		return nil, protocol.Errorf(cloud.CodeNotFound, "%s on %s of %s is no lane of the round", at.SKU, at.Platform, at.Cabinet)
	}
	return line, nil
}

// count keeps what the restocker says was put into a lane at this stop, in all; the books wait for the scales.
func (m *move) count() error {
	stop, err := m.stop()
	if err != nil {
		return err
	}
	line, err := m.line()
	if err != nil {
		return err
	}
	if m.round.Kind == cloud.RoundTally {
		return m.tally(stop, line)
	}
	if m.step.Units < -mostPut || m.step.Units > mostPut {
		return protocol.Errorf(protocol.CodeMalformed, "units: want %d at most, below nothing what was taken out", mostPut)
	}
	if m.step.Removed < 0 || m.step.Removed > max(line.Before, 0) {
		return protocol.Errorf(protocol.CodeMalformed, "removed: want 0 to the %d units that lay there", max(line.Before, 0))
	}
	if reason := m.step.Reason; (m.step.Removed > 0) != (reason != "") || reason != "" && !reason.Valid() || reason == ledger.Other && strings.TrimSpace(m.step.Why) == "" {
		return protocol.Errorf(protocol.CodeMalformed, "reason: want one of %v for what was taken out, with why for %s, and else none", ledger.Reasons(), ledger.Other)
	}
	put := m.step.Units - m.step.Removed
	if saw := m.step.Saw; saw != nil && !sameUnits(saw.Units, line.Counted) && !sameUnits(&put, line.Counted) {
		return protocol.Errorf(cloud.CodeChanged, "somebody else has counted %s on %s", line.SKU, line.Platform)
	}
	line.Counted, line.Removed, line.Reason, line.Answer = &put, m.step.Removed, m.step.Reason, ""
	return nil
}

// stillPicked refuses to replace what somebody else has picked since whoever steps has looked.
func (m *move) stillPicked(totes []tote) error {
	picked := 0
	for _, t := range totes {
		picked += *t.picked
	}
	saw := m.step.Saw
	if saw == nil || picked == m.step.Units || picked == 0 && saw.Units == nil || saw.Units != nil && *saw.Units == picked {
		return nil
	}
	return protocol.Errorf(cloud.CodeChanged, "somebody else has picked %d of %s", picked, m.step.SKU)
}

// stillAsked refuses an answer to a question that was another one.
func (m *move) stillAsked(found picking.Finding) error {
	saw := m.step.Saw
	if saw == nil || sameUnits(saw.Units, &found.Said) && sameUnits(saw.Weighed, &found.Weighed) {
		return nil
	}
	return protocol.Errorf(cloud.CodeChanged, "it is asked now: %d said, %d weighed", found.Said, found.Weighed)
}

func sameUnits(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

// answer settles the question of a lane. What the restocker insists on is booked between van and lane, and somebody is to look
// at the scale; where the scales are right, nothing moves, for the books have their word already.
func (m *move) answer() error {
	if _, err := m.stop(); err != nil {
		return err
	}
	line, err := m.line()
	if err != nil {
		return err
	}
	found, asked := m.question(line.Place())
	if !asked || found.Question == picking.AskCount {
		return protocol.Errorf(cloud.CodeRoundState, "nothing is asked of %s on %s that is not answered by a count", line.SKU, line.Platform)
	}
	if err := m.stillAsked(found); err != nil {
		return err
	}
	if m.round.Kind == cloud.RoundTally {
		return m.explain(line)
	}
	if line.Counted == nil { // Then it is what was planned that they answer for.
		line.Counted = &found.Said
		asPlanned(line)
	}
	line.Answer = m.step.Answer
	switch m.step.Answer {
	case picking.ScalesRight:
		scaled(line, found.Weighed)
		return nil
	case picking.CountAgain:
		line.Counted, line.Removed, line.Reason = nil, 0, ""
		return nil
	case picking.SaidRight:
		return m.insist(line, found)
	}
	return protocol.Errorf(protocol.CodeMalformed, "answer: want %s, %s or %s", picking.ScalesRight, picking.SaidRight, picking.CountAgain)
}

// asPlanned says of a lane that what is past its date was taken out, as it was planned.
func asPlanned(line *cloud.RoundLine) {
	if line.Expired > 0 && line.Turn != cloud.TurnOut && line.Turn != cloud.TurnOff {
		line.Removed, line.Reason = line.Expired, ledger.Expired
	}
}

// scaled takes the scales' word for a lane. They see the difference of what was put and what was taken out: what was said to be put
// stands as long as they can have seen it, and no more than they have seen go is thrown away.
func scaled(line *cloud.RoundLine, weighed int) {
	put := *line.Counted + line.Removed
	line.Counted = &weighed
	if line.Removed = min(max(put-weighed, 0), line.Removed); line.Removed == 0 {
		line.Reason = ""
	}
}

func (m *move) question(at picking.Place) (picking.Finding, bool) {
	for _, f := range m.round.Findings(at.Cabinet) {
		if f.Place == at {
			return f, f.Verdict == picking.Ask
		}
	}
	return picking.Finding{}, false
}

func (m *move) insist(line *cloud.RoundLine, found picking.Finding) error {
	if err := m.adjust(line, found.Said-found.Weighed); err != nil {
		return err
	}
	units := found.Said
	line.Counted = &units
	return m.differs(line, cloud.DetailRefill.Fill(line.SKU, found.Said, found.Weighed))
}

// differs asks somebody to look at a scale that a refill did not agree with.
func (m *move) differs(line *cloud.RoundLine, detail string) error {
	return m.tx.Incidents.Open(cloud.Incident{
		Cabinet: line.Cabinet, Kind: cloud.IncidentRefillDiffers, Subject: string(line.Platform), Detail: detail, Last: m.Now(),
	})
}

// adjust books units that were put into a lane beside what the scales said.
func (m *move) adjust(line *cloud.RoundLine, more int) error {
	lane, err := m.account(line)
	if err != nil {
		return err
	}
	g := cloud.MoveGoods{Kind: cloud.MoveTransfer, From: m.van(), To: lane, Lines: []cloud.MovedLine{{SKU: line.SKU, Qty: max(more, -more)}}}
	if more < 0 {
		g.From, g.To = lane, m.van()
	}
	if err := m.carry(g); err != nil {
		return err
	}
	line.Adjusted += more
	line.After += more
	return nil
}

// shut ends a stop: one that was not opened wants a reason, one that was leaves no question open.
func (m *move) shut() error {
	stop, err := m.stop()
	if err != nil {
		return err
	}
	if stop.State == cloud.StopAhead {
		if stop.Why = strings.TrimSpace(m.step.Why); stop.Why == "" {
			return protocol.Errorf(protocol.CodeMalformed, "why: want a reason for a stop that was not opened")
		}
		if !m.unopened(stop) {
			stop.State, stop.Gone = cloud.StopSkipped, m.Now()
			return nil
		}
	}
	if err := m.nobodyAtTheDoors(stop.Cabinet); err != nil {
		return err
	}
	if asked := m.round.Asked(stop.Cabinet); asked > 0 {
		return protocol.Errorf(cloud.CodeAnswerNeeded, "%d lanes of %s wait for an answer", asked, stop.Cabinet)
	}
	if err := m.worded(stop); err != nil {
		return err
	}
	stop.State, stop.Gone = cloud.StopDone, m.Now()
	if m.round.Kind == cloud.RoundTally {
		return m.take(stop.Cabinet)
	}
	if err := m.leave(stop.Cabinet); err != nil {
		return err
	}
	if err := m.shown(stop.Cabinet); err != nil {
		return err
	}
	if err := m.redate(stop.Cabinet); err != nil {
		return err
	}
	if err := m.setUp(stop); err != nil {
		return err
	}
	return m.agreed(stop.Cabinet)
}

// agreed ends what an earlier refill has left open of a scale that was filled now, and on which everything agrees.
func (m *move) agreed(cabinet protocol.CabinetID) error {
	filled, insisted := make(map[protocol.PlatformID]bool), make(map[protocol.PlatformID]bool)
	for _, l := range m.round.LinesOf(cabinet) {
		filled[l.Platform] = filled[l.Platform] || l.Weighed != 0 && l.Counted != nil
		insisted[l.Platform] = insisted[l.Platform] || l.Adjusted != 0
	}
	for _, platform := range slices.Sorted(maps.Keys(filled)) {
		if !filled[platform] || insisted[platform] {
			continue
		}
		if err := m.tx.Incidents.Close(cabinet, cloud.IncidentRefillDiffers, string(platform), m.Now()); err != nil {
			return err
		}
	}
	return nil
}

// nobodyAtTheDoors refuses to end what an opening of the round may still change; an empty cabinet means any.
func (m *move) nobodyAtTheDoors(cabinet protocol.CabinetID) error {
	visits, err := m.tx.RoundDoors.List(m.round.ID)
	if err != nil {
		return err
	}
	for _, id := range visits {
		v, err := m.tx.Visits.Find(id)
		if err != nil {
			return err
		}
		if v.Ended.IsZero() && (cabinet == "" || v.Cabinet == cabinet) {
			return protocol.Errorf(cloud.CodeCabinetBusy, "an opening of %s has not been settled yet", v.Cabinet)
		}
	}
	return nil
}
