package ingest

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// lateAfter is by how much an event that was written with a line is late at most.
const lateAfter = 3 * time.Minute

// heads keep what each cabinet said last, as it is committed: most events change nothing of it.
type heads struct {
	mu  sync.Mutex
	all map[protocol.CabinetID]cloud.CoverageHead
}

func (h *heads) get(id protocol.CabinetID) (head cloud.CoverageHead, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	head, known = h.all[id]
	return head, known
}

func (h *heads) put(id protocol.CabinetID, head cloud.CoverageHead) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all[id] = head
}

func (h *heads) forget(id protocol.CabinetID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.all, id)
}

// witness gathers what the events of a parcel say of coverage.
type witness struct {
	facts   []coverage.Fact
	head    cloud.CoverageHead
	read    bool
	changed bool
	late    coverage.Span // of what happened while nothing could be heard
	lateRef string
}

// watchFor reads what the cabinet said last, once for a parcel.
func (s *Service) watchFor(tx cloud.Tx, p *parcel) (err error) {
	if p.saw.read {
		return nil
	}
	known := false
	if p.saw.head, known = s.heads.get(p.from.Cabinet); !known {
		p.saw.head, err = tx.CoverageHeads.Head(p.from.Cabinet)
	}
	p.saw.head = p.saw.head.Clone()
	p.saw.read = err == nil
	return err
}

// testify makes facts of an event that is applied: of those only that change something. Before is when the event before it
// happened.
func (s *Service) testify(tx cloud.Tx, p *parcel, e wire.Event, before, at time.Time, body wire.Body) error {
	if err := s.watchFor(tx, p); err != nil {
		return err
	}
	t := testimony{p: p, e: e, at: max(at.UnixMilli(), p.saw.head.At)}
	if err := t.silence(tx, before, body); err != nil {
		return err
	}
	if e.Clock && p.at.Sub(at) > lateAfter {
		t.late()
	}
	t.say(body)
	return nil
}

// testimony is one event as coverage sees it.
type testimony struct {
	p  *parcel
	e  wire.Event
	at int64
}

func (t testimony) fact(kind coverage.Kind, subject string, value int, code string) coverage.Fact {
	return coverage.Fact{
		Ref: string(ledger.EventRef(t.e.Cabinet, t.e.Journal, t.e.Seq)), Seq: t.e.Seq, Cabinet: t.e.Cabinet,
		Kind: kind, Subject: subject, At: t.at, Value: value, Code: code, Made: t.p.at.UnixMilli(),
	}
}

func (t testimony) add(f coverage.Fact) {
	t.p.saw.facts = append(t.p.saw.facts, f)
	t.p.saw.head.At, t.p.saw.changed = t.at, true
}

// silence is a time without the marks that an agent writes while it runs.
func (t testimony) silence(tx cloud.Tx, before time.Time, body wire.Body) error {
	f := t.fact(coverage.Silence, "", 0, coverage.SilentGap)
	f.From = before.UnixMilli()
	boot, isBoot := body.(wire.BootBody)
	switch {
	case before.IsZero():
		f.Code, f.From = coverage.SilentFirst, 0
		end, found, err := tx.CoverageFacts.Newest(t.e.Cabinet, coverage.End, "")
		if err != nil {
			return err
		}
		if found {
			f.From = end.From
		}
	case isBoot && boot.Clean:
		f.Code = coverage.SilentStopped
	case isBoot:
		f.Code = coverage.SilentPower
	case t.at-f.From <= coverage.Mark:
		return nil
	}
	t.add(f)
	return nil
}

// late widens the time of which was heard only after it.
func (t testimony) late() {
	if l := &t.p.saw.late; l.To == 0 || t.at < l.From {
		l.From = t.at
		t.p.saw.lateRef = t.fact(coverage.Late, "", 0, "").Ref
	}
	t.p.saw.late.To = t.p.at.UnixMilli()
}

func (t testimony) say(body wire.Body) {
	h := &t.p.saw.head
	switch b := body.(type) {
	case wire.StockBody:
		t.stock(b.Levels)
	case wire.SettledBody:
		t.stock(b.Answer.Levels)
	case wire.DoorBody:
		t.door(b)
	case wire.LockBody:
		if b.EventType == wire.LockFailed {
			t.failed(b)
		}
	case wire.ScaleBody:
		if faulty := b.EventType == wire.ScaleFault; h.Scales[b.Platform] != faulty {
			cloud.Note(&h.Scales, b.Platform, faulty)
			t.add(t.fact(coverage.Scale, string(b.Platform), number(faulty), b.Reason))
		}
	case wire.SaleBody:
		t.sale(b)
	case wire.AliveBody:
		if quiet := !b.Selling && len(h.Stopped) == 0; h.Quiet != quiet {
			h.Quiet = quiet
			t.add(t.fact(coverage.Sale, "", number(quiet), string(protocol.CodeNotSelling)))
		}
	}
}

func number(is bool) int {
	if is {
		return 1
	}
	return 0
}

// stock tells of lanes in which something lies that was empty, or the other way round.
func (t testimony) stock(levels []settle.Level) {
	for _, l := range levels {
		for _, u := range l.Units {
			lane := string(l.Platform) + "/" + string(u.SKU)
			if there, known := t.p.saw.head.Lanes[lane]; known && there == (u.Qty > 0) {
				continue
			}
			cloud.Note(&t.p.saw.head.Lanes, lane, u.Qty > 0)
			t.add(t.fact(coverage.Stock, lane, max(u.Qty, 0), ""))
		}
	}
}

// door tells of doors that stand open, whoever opened them. One that somebody who was let in has opened is known not to be
// broken.
func (t testimony) door(b wire.DoorBody) {
	h := &t.p.saw.head
	subject := strconv.Itoa(int(b.Compartment))
	switch {
	case b.EventType == wire.DoorShut && h.Open[b.Compartment]:
		delete(h.Open, b.Compartment)
		t.add(t.fact(coverage.Door, subject, 0, ""))
	case b.EventType == wire.DoorOpened && b.Visit != nil && h.Failed[b.Compartment].Times > 0:
		delete(h.Failed, b.Compartment)
		t.add(t.fact(coverage.Lock, subject, 0, ""))
	case (b.EventType == wire.DoorLeftOpen || b.EventType == wire.DoorOpened && b.Visit == nil) && !h.Open[b.Compartment]:
		cloud.Note(&h.Open, b.Compartment, true)
		t.add(t.fact(coverage.Door, subject, 1, string(b.EventType)))
	}
}

// failed counts failures in a row: after the second one the lock is known to be broken since the first.
func (t testimony) failed(b wire.LockBody) {
	h := &t.p.saw.head
	before := h.Failed[b.Compartment]
	if before.Times >= 2 {
		return
	}
	now := cloud.CoverageFailed{Times: before.Times + 1, Since: t.at}
	f := t.fact(coverage.Lock, strconv.Itoa(int(b.Compartment)), now.Times, string(b.Code))
	if before.Times == 1 {
		now.Since, f.From = before.Since, before.Since
	}
	cloud.Note(&h.Failed, b.Compartment, now)
	t.add(f)
}

func (t testimony) sale(b wire.SaleBody) {
	h := &t.p.saw.head
	if b.EventType == wire.SaleResumed {
		b.Code = ""
	}
	if h.Stopped[b.Compartment] == b.Code {
		return
	}
	if b.Code == "" {
		delete(h.Stopped, b.Compartment)
	} else {
		cloud.Note(&h.Stopped, b.Compartment, b.Code)
	}
	t.add(t.fact(coverage.Sale, strconv.Itoa(int(b.Compartment)), number(b.Code != ""), string(b.Code)))
}

// keepFacts writes what the parcel's events said, with the position that they moved.
func (s *Service) keepFacts(tx cloud.Tx, p *parcel) error {
	w := &p.saw
	facts := w.facts
	if w.late.To != 0 {
		facts = append(facts, coverage.Fact{
			Ref: w.lateRef, Cabinet: p.from.Cabinet, Kind: coverage.Late, From: w.late.From, At: w.late.To, Made: p.at.UnixMilli(),
		})
		w.late = coverage.Span{}
	}
	if len(facts) > 0 {
		if err := tx.CoverageFacts.Add(facts); err != nil {
			return err
		}
		w.facts = nil
	}
	if !w.changed {
		return nil
	}
	w.changed = false
	return tx.CoverageHeads.SaveHead(p.from.Cabinet, w.head)
}

// keepLine notes that a connection begins, and whether the cabinet reads codes.
func (s *Service) keepLine(tx cloud.Tx, p *parcel) error {
	reader, line := number(p.birth.Reader), coverage.Fact{
		Ref: "birth:" + p.birth.Conn.String(), Cabinet: p.from.Cabinet, Kind: coverage.Line, At: p.at.UnixMilli(), Value: 1, Made: p.at.UnixMilli(),
	}
	var facts []coverage.Fact
	before, found, err := tx.CoverageFacts.Newest(p.from.Cabinet, coverage.Line, coverage.Reader)
	if err != nil {
		return err
	}
	if !found || before.Value != reader {
		of := line
		of.Subject, of.Value = coverage.Reader, reader
		facts = append(facts, of)
	}
	if before, found, err = tx.CoverageFacts.Newest(p.from.Cabinet, coverage.Line, ""); err != nil {
		return err
	}
	if found && before.Value == 0 {
		facts = append(facts, line)
	}
	return tx.CoverageFacts.Add(facts)
}

// lostLine notes that a connection has ended.
func (s *Service) lostLine(tx cloud.Tx, d wire.Death, at time.Time) error {
	return tx.CoverageFacts.Add([]coverage.Fact{{
		Ref: "death:" + d.Conn.String(), Cabinet: d.Cabinet, Kind: coverage.Line, At: at.UnixMilli(), Made: at.UnixMilli(),
	}})
}

// endKnown notes that what was known of a cabinet ends, for its events are nowhere.
func (p *parcel) endKnown(tx cloud.Tx) error {
	if p.position.Placed.IsZero() {
		return nil
	}
	f := coverage.Fact{
		Ref: fmt.Sprintf("lost:%s/%s/%d", p.from.Cabinet, p.journal, p.position.Applied), Cabinet: p.from.Cabinet, Kind: coverage.End,
		From: p.position.Placed.UnixMilli(), At: p.at.UnixMilli(), Made: p.at.UnixMilli(),
	}
	p.position.Placed = time.Time{} // The next event has none before it.
	return tx.CoverageFacts.Add([]coverage.Fact{f})
}
