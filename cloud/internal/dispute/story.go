package dispute

import (
	"context"
	"strconv"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// Bounds of what is looked at.
const (
	foundMost   = 50
	eventsAhead = 90 // of a settlement, in which its visit began
	eventsAfter = 20
	aroundVisit = 10 * time.Minute
)

// Find implements cloud.Support.
func (s *Service) Find(ctx context.Context, f cloud.FindVisits) ([]cloud.FoundVisit, error) {
	if f.Person.IsZero() && f.Cabinet == "" && f.From.IsZero() && f.Number == "" {
		return nil, protocol.Errorf(protocol.CodeMalformed, "want something that is known of the visit")
	}
	found := []cloud.FoundVisit{}
	err := s.DB.View(ctx, func(tx cloud.Tx) error {
		list, err := tx.Visits.List(cloud.VisitQuery{Person: f.Person, Cabinet: f.Cabinet, From: f.From, To: f.To, Number: f.Number, Limit: foundMost})
		for _, v := range list {
			found = append(found, cloud.FoundVisit{Visit: v.Visit})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	known := make(map[protocol.UUID]string)
	for i, v := range found {
		if _, asked := known[v.Person]; !asked && v.By == "" {
			if known[v.Person], err = s.masked(ctx, v.Person); err != nil {
				return nil, err
			}
		}
		found[i].Masked = known[v.Person]
	}
	return found, nil
}

// masked is the end of a resident's phone; a person who is gone has none.
func (s *Service) masked(ctx context.Context, person protocol.UUID) (string, error) {
	if s.Masked == nil || person.IsZero() {
		return "", nil
	}
	masked, err := s.Masked(ctx, person)
	if protocol.CodeOf(err) == cloud.CodeNotFound {
		return "", nil
	}
	return masked, err
}

// Story implements cloud.Support.
func (s *Service) Story(ctx context.Context, visit protocol.VisitID) (story cloud.VisitStory, err error) {
	if err = s.DB.View(ctx, func(tx cloud.Tx) error {
		if story.Visit, err = tx.Visits.Find(visit); err != nil {
			return err
		}
		for _, read := range []func(cloud.Tx, *cloud.VisitStory) error{bills, money, said, told, s.incidents, events} {
			if err := read(tx, &story); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return story, err
	}
	if story.Visit.By == "" {
		story.Masked, err = s.masked(ctx, story.Visit.Person)
	}
	return story, err
}

func bills(tx cloud.Tx, story *cloud.VisitStory) error {
	order, found, err := tx.Orders.Find(story.Visit.ID)
	if err != nil || !found {
		return err
	}
	story.Order = &order
	decision, decided, err := tx.Decisions.Find(story.Visit.ID)
	if decided {
		story.Decision = &decision
	}
	return err
}

func money(tx cloud.Tx, story *cloud.VisitStory) (err error) {
	story.Ops, err = tx.Ops.Of(story.Visit.ID)
	story.Owed, story.Left = payment.Owed(story.Visit.Visit, story.Ops), payment.Left(story.Ops)
	return err
}

func said(tx cloud.Tx, story *cloud.VisitStory) (err error) {
	if story.Disputes, err = tx.Disputes.Of(story.Visit.ID); err != nil {
		return err
	}
	story.Actions, err = tx.Actions.Of(story.Visit.ID)
	return err
}

func told(tx cloud.Tx, story *cloud.VisitStory) (err error) {
	story.Messages, err = tx.Told.Of(story.Visit.ID)
	return err
}

func (s *Service) incidents(tx cloud.Tx, story *cloud.VisitStory) (err error) {
	ended := story.Visit.Ended
	if ended.IsZero() {
		ended = s.Now()
	}
	story.Incidents, err = tx.Incidents.Around(story.Visit.Cabinet, story.Visit.Created.Add(-aroundVisit), ended.Add(aroundVisit), story.Visit.ID.String())
	return err
}

// events are what the cabinet journalled of the visit, as far as it can be found beside its settlement.
func events(tx cloud.Tx, story *cloud.VisitStory) error {
	journal, seq, found, err := settlement(tx, story.Visit)
	if err != nil || !found {
		return err
	}
	first := uint64(1)
	if seq > eventsAhead {
		first = seq - eventsAhead
	}
	for n := first; n <= seq+eventsAfter; n++ {
		e, there, err := tx.Inbox.Next(story.Visit.Cabinet, journal, n)
		if err != nil {
			return err
		}
		if event, of := eventOf(e, story.Visit.ID); there && of {
			story.Events = append(story.Events, event)
		}
	}
	return nil
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

// eventOf reads an event where it is of the visit.
func eventOf(e wire.Event, visit protocol.VisitID) (cloud.VisitEvent, bool) {
	event := cloud.VisitEvent{Type: e.Type}
	if e.Clock {
		event.At = time.UnixMilli(e.At).UTC()
	}
	if e.Type == "" {
		return event, false
	}
	body, err := wire.DecodeBody(e.Type, e.Body)
	if err != nil {
		return event, false
	}
	var of *protocol.VisitID
	switch b := body.(type) {
	case wire.BegunBody:
		of = &b.Visit
	case wire.OpenedBody:
		of = &b.Visit
	case wire.SettledBody:
		of = &b.Visit
	case wire.AbortedBody:
		of, event.Code = &b.Visit, b.Code
	case wire.RefusedBody:
		of, event.Code = &b.Visit, b.Code
	case wire.DoorBody:
		of = b.Visit
	case wire.LockBody:
		of, event.Code = b.Visit, b.Code
	}
	return event, of != nil && *of == visit
}
