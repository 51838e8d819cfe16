// Package visitlog finds what a cabinet journalled of a visit among all of its events. It changes nothing.
package visitlog

import (
	"strconv"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Where the events of a visit lie around the one that settled it.
const (
	ahead = 90
	after = 20
	// stockAhead is how far before a visit it is looked for what lay there; each visit and each hour tells it.
	stockAhead = 200
)

// Entry is an event with its body read.
type Entry struct {
	wire.Event
	Read wire.Body
}

// At is when it happened; zero where the cabinet did not know the time.
func (e Entry) At() time.Time {
	if !e.Clock {
		return time.Time{}
	}
	return time.UnixMilli(e.Event.At).UTC()
}

// Of lists the events of a visit as far as they can be found beside its settlement, in their order.
func Of(tx cloud.Tx, v cloud.VisitRecord) ([]Entry, error) {
	journal, seq, found, err := settlement(tx, v)
	if err != nil || !found {
		return nil, err
	}
	first := uint64(1)
	if seq > ahead {
		first = seq - ahead
	}
	var all []Entry
	for n := first; n <= seq+after; n++ {
		e, there, err := entry(tx, v.Cabinet, journal, n)
		if err != nil {
			return nil, err
		}
		if id := visitOf(e.Read); there && id != nil && *id == v.ID {
			all = append(all, e)
		}
	}
	return all, nil
}

// StockBefore is what the cabinet told last of what lay on its platforms before an event; false where that is not found.
func StockBefore(tx cloud.Tx, e Entry) (Entry, bool, error) {
	for n := e.Seq; n > 1 && e.Seq-n < stockAhead; n-- {
		before, there, err := entry(tx, e.Cabinet, e.Journal, n-1)
		if err != nil {
			return Entry{}, false, err
		}
		if !there {
			continue
		}
		switch before.Read.(type) {
		case wire.StockBody, wire.SettledBody:
			return before, true, nil
		}
	}
	return Entry{}, false, nil
}

// entry reads one event; false where it is not here, or cannot be read.
func entry(tx cloud.Tx, cabinet protocol.CabinetID, journal protocol.UUID, seq uint64) (Entry, bool, error) {
	e, there, err := tx.Inbox.Next(cabinet, journal, seq)
	if err != nil || !there || e.Type == "" {
		return Entry{}, false, err
	}
	body, err := wire.DecodeBody(e.Type, e.Body)
	return Entry{e, body}, err == nil, nil //nolint:nilerr // What cannot be read tells of no visit.
}

// settlement finds the event that settled a visit: the book's entry of its bill, or of its undecided goods, names it. Of a
// visit that cost nothing there is no entry: it is looked for by its time.
func settlement(tx cloud.Tx, v cloud.VisitRecord) (journal protocol.UUID, seq uint64, found bool, err error) {
	for _, account := range []ledger.Account{ledger.Due(v.ID), ledger.Undecided(v.ID)} {
		entries, err := tx.Ledger.Entries(account)
		if err != nil {
			return journal, 0, false, err
		}
		for _, e := range entries {
			if journal, seq, found = parseRef(e.Ref); found {
				return journal, seq, true, nil
			}
		}
	}
	return byTime(tx, v)
}

func parseRef(ref ledger.Ref) (journal protocol.UUID, seq uint64, ok bool) {
	rest, is := strings.CutPrefix(string(ref), "event:")
	parts := strings.Split(rest, "/")
	if !is || len(parts) != 3 {
		return journal, 0, false
	}
	journal, err := protocol.ParseUUID(parts[1])
	if err != nil {
		return journal, 0, false
	}
	seq, err = strconv.ParseUint(parts[2], 10, 64)
	return journal, seq, err == nil
}

// byTime halves the cabinet's journal until it comes to where the visit ended.
func byTime(tx cloud.Tx, v cloud.VisitRecord) (protocol.UUID, uint64, bool, error) {
	p, err := tx.Inbox.Position(v.Cabinet)
	if err != nil || v.Ended.IsZero() || p.Applied == 0 {
		return p.Journal, 0, false, err
	}
	low, high := uint64(1), p.Applied
	for low < high {
		middle := (low + high) / 2
		e, there, err := tx.Inbox.Next(v.Cabinet, p.Journal, middle)
		if err != nil {
			return p.Journal, 0, false, err
		}
		if there && time.UnixMilli(e.At).After(v.Ended) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return p.Journal, low, true, nil
}

// visitOf is the visit that a body is of; nil where it is of none.
func visitOf(body wire.Body) *protocol.VisitID {
	switch b := body.(type) {
	case wire.BegunBody:
		return &b.Visit
	case wire.OpenedBody:
		return &b.Visit
	case wire.StepBody:
		return &b.Visit
	case wire.SettledBody:
		return &b.Visit
	case wire.AbortedBody:
		return &b.Visit
	case wire.RefusedBody:
		return &b.Visit
	case wire.DoorBody:
		return b.Visit
	case wire.LockBody:
		return b.Visit
	}
	return nil
}
