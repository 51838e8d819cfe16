package dispute

import (
	"context"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/visitlog"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// aroundVisit is how long before and after a visit its cabinet's incidents belong to its story.
const aroundVisit = 10 * time.Minute

// Find implements cloud.Support.
func (s *Service) Find(ctx context.Context, f cloud.FindVisits) (found []cloud.FoundVisit, more bool, err error) {
	if f.Person.IsZero() && f.Cabinet == "" && f.From.IsZero() && f.Number == "" {
		return nil, false, protocol.Errorf(protocol.CodeMalformed, "want something that is known of the visit")
	}
	found = []cloud.FoundVisit{}
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		list, err := tx.Visits.List(cloud.VisitQuery{Person: f.Person, Cabinet: f.Cabinet, From: f.From, To: f.To, Number: f.Number, Before: f.Before, Limit: cloud.FoundMost + 1})
		if more = len(list) > cloud.FoundMost; more {
			list = list[:cloud.FoundMost]
		}
		for _, v := range list {
			found = append(found, cloud.FoundVisit{Visit: v.Visit})
		}
		return err
	})
	if err != nil {
		return nil, false, err
	}
	known := make(map[protocol.UUID]string)
	for i, v := range found {
		if _, asked := known[v.Person]; !asked && v.By == "" {
			if known[v.Person], err = s.masked(ctx, v.Person); err != nil {
				return nil, false, err
			}
		}
		found[i].Masked = known[v.Person]
	}
	return found, more, nil
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

// events are what the cabinet journalled of the visit, as far as it can be found beside its settlement. What moved on the scales
// is told with the settlement.
func events(tx cloud.Tx, story *cloud.VisitStory) error {
	log, err := visitlog.Of(tx, story.Visit)
	for _, e := range log {
		event := cloud.VisitEvent{At: e.At(), Type: e.Type}
		switch b := e.Read.(type) {
		case wire.StepBody:
			continue
		case wire.AbortedBody:
			event.Code = b.Code
		case wire.RefusedBody:
			event.Code = b.Code
		case wire.LockBody:
			event.Code = b.Code
		}
		story.Events = append(story.Events, event)
	}
	return err
}
