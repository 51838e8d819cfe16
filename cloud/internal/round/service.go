// Package round takes goods from a store's shelf into the lanes of its cabinets: it plans rounds, follows them step by step,
// and books what each step moves. It refuses to open doors, and to book a difference that nobody has answered for.
package round

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// Goods book what people move, in the caller's transaction.
type Goods interface {
	Within(tx cloud.Tx, g cloud.MoveGoods) (m cloud.Movement, touched []protocol.CabinetID, err error)
	// Tell brings cabinets what their books are now, and tells who watches the fleet.
	Tell(ctx context.Context, touched []protocol.CabinetID) error
}

// Demand foresees what will be wanted, as far as it knows by now.
type Demand interface {
	Outlooks(tx cloud.Tx) (cloud.Outlooks, error)
}

// Drafts put planograms into force, in the caller's transaction.
type Drafts interface {
	TakeDraft(tx cloud.Tx, number uint32, round protocol.UUID, by string) error
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB      cloud.DB
	Book    *book.Book
	Goods   Goods
	Drafts  Drafts
	Visits  cloud.Visits
	Fleet   cloud.Fleet
	Catalog *catalog.Book
	Demand  Demand
	Now     func() time.Time
	NewID   func() protocol.UUID
}

// Service implements cloud.Rounds, cloud.RoundCrew, cloud.RoundChores, cloud.RoundPlanning, cloud.RefillPolicies and cloud.Stocktakes.
type Service struct{ Options }

// New makes a service.
func New(o Options) *Service { return &Service{o} }

// List implements cloud.Rounds.
func (s *Service) List(ctx context.Context, q cloud.RoundQuery) (all []cloud.Round, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		all, err = tx.Rounds.List(q)
		return err
	})
	return all, err
}

// Restockers implements cloud.RoundCrew.
func (s *Service) Restockers(ctx context.Context) (all []cloud.Principal, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		all, err = tx.Crew.Restockers()
		return err
	})
	return all, err
}

// Round implements cloud.Rounds.
func (s *Service) Round(ctx context.Context, id protocol.UUID) (cloud.RoundView, error) {
	view := cloud.RoundView{Names: map[protocol.SKU]cloud.Article{}, Cabinets: map[protocol.CabinetID]cloud.CabinetView{}}
	var visits []protocol.VisitID
	var articles map[protocol.SKU]cloud.Article
	err := s.DB.View(ctx, func(tx cloud.Tx) (err error) {
		if view.Round, err = tx.Rounds.Find(id); err != nil {
			return err
		}
		if view.Steps, err = tx.RoundSteps.Of(id); err != nil {
			return err
		}
		if view.Photos, err = tx.Photos.List(cloud.PhotoQuery{Round: id}); err != nil {
			return err
		}
		if visits, err = tx.RoundDoors.List(id); err != nil {
			return err
		}
		if articles, err = s.Catalog.Articles(tx); err != nil {
			return err
		}
		for _, l := range view.Lines {
			view.Names[l.SKU] = articles[l.SKU]
		}
		for _, l := range view.Legs {
			view.Names[l.SKU] = articles[l.SKU]
		}
		if view.Stores, err = storesOf(tx, view.Round); err != nil {
			return err
		}
		if view.Drafts, err = draftsOf(tx, view.Round); err != nil {
			return err
		}
		if view.Picks, err = s.picks(tx, view.Round, articles); err != nil {
			return err
		}
		if view.Alike, err = s.namedAlike(tx, view, articles); err != nil {
			return err
		}
		policy, err := policyOf(tx, view.Store, 1)
		if err != nil {
			return err
		}
		view.Shown = policy.Policy.Photo
		view.Scales, err = s.scales(tx, view.Round)
		return err
	})
	if err != nil {
		return view, fmt.Errorf("round: %w", err)
	}
	for _, visit := range visits {
		v, err := s.Visits.Visit(ctx, visit)
		if err != nil {
			return view, fmt.Errorf("round %s: %w", id, err)
		}
		view.Visits = append(view.Visits, v)
	}
	for _, stop := range view.Stops {
		if view.Cabinets[stop.Cabinet], err = s.Fleet.Cabinet(ctx, stop.Cabinet); err != nil {
			return view, fmt.Errorf("round %s: %w", id, err)
		}
	}
	weighedAlike(&view, articles)
	return view, nil
}

// storesOf are the stores that a round begins at, and goes to.
func storesOf(tx cloud.Tx, r cloud.Round) (map[cloud.StoreID]cloud.Store, error) {
	all, err := tx.Plans.Stores()
	stores := make(map[cloud.StoreID]cloud.Store)
	for _, s := range all {
		if s.ID == r.Store || slices.ContainsFunc(r.Legs, func(l cloud.RoundLeg) bool { return l.Store == s.ID }) {
			stores[s.ID] = s
		}
	}
	return stores, err
}

// scales are what they said last of the lanes of a count.
func (s *Service) scales(tx cloud.Tx, r cloud.Round) (map[picking.Place]reconcile.Level, error) {
	all := make(map[picking.Place]reconcile.Level)
	if r.Kind != cloud.RoundTally {
		return all, nil
	}
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return nil, err
	}
	for _, stop := range r.Stops {
		some, err := levels(tx, stop.Cabinet, ledger.DayOf(s.Now(), zone))
		if err != nil {
			return nil, err
		}
		maps.Copy(all, some)
	}
	return all, nil
}

// Step implements cloud.Rounds. What it moves and that it was taken are written in one transaction.
func (s *Service) Step(ctx context.Context, step cloud.RoundStep) (cloud.RoundView, error) {
	if step.By == "" || step.Key == "" || len(step.Key) > maxKey || len(step.Why) > cloud.MaxNote {
		return cloud.RoundView{}, protocol.Errorf(protocol.CodeMalformed, "want a key of 1 to %d bytes, who steps, and a reason of %d bytes at most", maxKey, cloud.MaxNote)
	}
	var touched []protocol.CabinetID
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error {
		known, found, err := tx.RoundSteps.ByKey(step.Round, step.Key)
		if err != nil {
			return err
		}
		if found {
			return sameStep(known, step)
		}
		touched, err = s.take(tx, step)
		return err
	})
	if err != nil {
		return cloud.RoundView{}, fmt.Errorf("step of round %s: %w", step.Round, err)
	}
	if err := s.Goods.Tell(ctx, touched); err != nil {
		return cloud.RoundView{}, fmt.Errorf("step of round %s: %w", step.Round, err)
	}
	return s.Round(ctx, step.Round)
}

// maxKey bounds a step's key in bytes: that of its movements is longer.
const maxKey = 100

func sameStep(a, b cloud.RoundStep) error {
	if a.Kind == b.Kind && reflect.DeepEqual(a.RoundStepBody, b.RoundStepBody) {
		return nil
	}
	return protocol.Errorf(cloud.CodeKeyReused, "the key was used for another step")
}

// take moves the round on, and writes down that it did.
func (s *Service) take(tx cloud.Tx, step cloud.RoundStep) ([]protocol.CabinetID, error) {
	round, err := tx.Rounds.Find(step.Round)
	if err != nil {
		return nil, err
	}
	way, known := ways[step.Kind]
	if !known {
		return nil, protocol.Errorf(protocol.CodeMalformed, "kind: there is no step %q", step.Kind)
	}
	m := &move{Service: s, tx: tx, round: &round, step: step}
	if err := way(m); err != nil {
		return nil, err
	}
	if err := tx.Rounds.Save(round); err != nil {
		return nil, err
	}
	step.ID, step.At = s.NewID(), s.Now()
	return m.touched, tx.RoundSteps.Add(step)
}

// move is one step on its way.
type move struct {
	*Service
	tx      cloud.Tx
	round   *cloud.Round
	step    cloud.RoundStep
	touched []protocol.CabinetID
	booked  int // movements of this step
}

// ways are the steps that people take.
var ways = map[cloud.RoundStepKind]func(*move) error{
	cloud.RoundAssign: (*move).assign,
	cloud.RoundCancel: (*move).cancel,
	cloud.RoundStart:  (*move).start,
	cloud.RoundPick:   (*move).pick,
	cloud.RoundDepart: (*move).depart,
	cloud.RoundCount:  (*move).count,
	cloud.RoundDate:   (*move).date,
	cloud.RoundAnswer: (*move).answer,
	cloud.RoundStray:  (*move).stray,
	cloud.RoundClose:  (*move).shut,
	cloud.RoundHand:   (*move).hand,
	cloud.RoundFinish: (*move).finish,
}

// in refuses a step that the round is not ready for.
func (m *move) in(states ...cloud.RoundState) error {
	for _, state := range states {
		if m.round.State == state {
			return nil
		}
	}
	return protocol.Errorf(cloud.CodeRoundState, "round %s is %s: no %s now", m.round.ID, m.round.State, m.step.Kind)
}

// carry books goods that the step moves, as a movement of whoever took it.
func (m *move) carry(g cloud.MoveGoods) error {
	if len(g.Lines) == 0 {
		return nil
	}
	m.booked++
	g.Person, g.By = m.step.Person, m.step.By
	g.Key = fmt.Sprintf("round:%s:%s:%d", m.round.ID, m.step.Key, m.booked)
	_, touched, err := m.Goods.Within(m.tx, g)
	m.touched = append(m.touched, touched...)
	return err
}
