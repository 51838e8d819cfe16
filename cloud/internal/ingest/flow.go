package ingest

import (
	"context"
	"errors"
	"fmt"

	"allhours/cloud"
)

// flow is the way of a parcel: what is committed in one transaction, and what is told once that is durable.
type flow struct {
	commit []step
	after  []call
}

// step is one named step inside the transaction; a parcel that is refused goes no further, and what was kept of it is
// committed.
type step struct {
	name string
	do   func(tx cloud.Tx, p *parcel) error
}

// call is one named step after the commit. Each is taken whatever became of the one before it: what is lost is asked for
// again by the cabinet's next word. Of a parcel that was refused nothing but memory follows.
type call struct {
	name    string
	do      func(ctx context.Context, p *parcel) error
	refused bool // also of a parcel that was refused
}

// onBirth begins a connection: the cabinet is told what is committed of its journal, and its desired state.
func (s *Service) onBirth() flow {
	return flow{
		commit: []step{
			{"know the cabinet", s.knowCabinet},
			{"know the journal", s.knowJournal},
			{"know the card", s.knowCard},
			{"keep the birth", s.keepBirth},
			{"skip what is lost", s.skipLost},
			{"look for holes", s.findHoles},
		},
		after: []call{
			{"let memory follow", s.announce, true},
			{"take the connection", s.connect, false},
			{"acknowledge", s.acknowledge, false},
			{"greet", s.greet, false},
			{"look at visits without a word", s.hear, false},
		},
	}
}

// onEvents takes a batch in.
func (s *Service) onEvents() flow {
	return flow{
		commit: []step{
			{"know the cabinet", s.knowCabinet},
			{"know the journal", s.knowJournal},
			{"put into the inbox", s.put},
			{"apply in order", s.apply},
			{"move the position", s.move},
			{"look for holes", s.findHoles},
		},
		after: []call{
			{"let memory follow", s.announce, true},
			{"acknowledge", s.acknowledge, false},
			{"look at visits without a word", s.hear, false},
		},
	}
}

// onReplay makes up for an event that was set aside, as it is and where it belongs in its journal.
func (s *Service) onReplay() flow {
	return flow{
		commit: []step{
			{"know the place", s.knowPlace},
			{"make its effect", s.replayOne},
			{"count again", s.recount},
			{"close the case", s.closeCase},
		},
		after: []call{{"let memory follow", s.announce, true}},
	}
}

// run takes a parcel its way.
func (s *Service) run(ctx context.Context, p *parcel, f flow) error {
	if err := s.DB.Update(ctx, func(tx cloud.Tx) error { return p.commit(tx, f.commit) }); err != nil {
		s.heads.forget(p.from.Cabinet)
		return err
	}
	if p.saw.read {
		s.heads.put(p.from.Cabinet, p.saw.head)
	}
	var errs []error
	for _, c := range f.after {
		if p.refused && !c.refused {
			continue
		}
		if err := c.do(ctx, p); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return errors.Join(errs...)
}

func (p *parcel) commit(tx cloud.Tx, steps []step) error {
	for _, step := range steps {
		if err := step.do(tx, p); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		if p.refused {
			return nil
		}
	}
	return nil
}
