// Package card decides which card of each cabinet is believed, and hands over to another one what the books know of the
// cabinet: its stock, and the visits of which the card before has not told the end. It refuses to merge two cards: what the
// retired one still says is kept apart.
package card

import (
	"context"
	"errors"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/cloud/coverage"
	"allhours/cloud/internal/presence"
	"allhours/cloud/internal/visit"
	"allhours/cloud/internal/watch"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Visits is what becomes of visits whose card is gone.
type Visits interface {
	LeftBehind(tx cloud.Tx, cabinet protocol.CabinetID) (visit.Done, error)
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB       cloud.DB
	Visits   Visits
	Presence *presence.Book
	Hub      *watch.Hub
	Now      func() time.Time
}

// Service keeps to one card a cabinet.
type Service struct{ Options }

// New makes a service.
func New(o Options) *Service { return &Service{o} }

// Expect lets the next journal of a cabinet that was never in force be accepted, once: its card was replaced.
func (s *Service) Expect(ctx context.Context, cabinet protocol.CabinetID) error {
	return s.DB.Update(ctx, func(tx cloud.Tx) error { return tx.Cards.Expect(cabinet) })
}

// Admits reports CodeCardRetired for a journal that can never be in force any more.
func (s *Service) Admits(tx cloud.Tx, cabinet protocol.CabinetID, position cloud.Position, journal protocol.UUID) error {
	retired, err := tx.Cards.Retired(cabinet, journal)
	switch {
	case err != nil:
		return err
	case retired:
		return protocol.Errorf(cloud.CodeCardRetired, "journal %s was replaced at %s, or is another cabinet's", journal, cabinet)
	case position.Journal == journal && position.Apart != "":
		return protocol.Errorf(cloud.CodeCardRetired, "journal %s of %s is set apart: %s", journal, cabinet, position.Apart)
	}
	return nil
}

// Accept puts a journal into force in place of the one at position. It hands the stock of the books over with a new desired
// state, and leaves to a human what nobody can tell any more. Done is run after the commit.
func (s *Service) Accept(tx cloud.Tx, cabinet protocol.CabinetID, position cloud.Position, journal protocol.UUID) (visit.Done, error) {
	if err := tx.Cards.Accept(cabinet, journal, s.Now()); err != nil {
		return nil, err
	}
	if position.Journal.IsZero() {
		return s.forget(cabinet, func() {}), nil
	}
	if err := s.endKnown(tx, cabinet, position, journal); err != nil {
		return nil, err
	}
	left, err := s.Visits.LeftBehind(tx, cabinet)
	if err != nil {
		return nil, fmt.Errorf("visits of the card before: %w", err)
	}
	if position.Seen > 0 {
		if err := s.handOver(tx, cabinet); err != nil {
			return nil, fmt.Errorf("hand over the stock: %w", err)
		}
	}
	return s.forget(cabinet, left), s.close(tx, cabinet, position.Journal, journal)
}

// endKnown notes that what the card told of the cabinet ends with its last event.
func (s *Service) endKnown(tx cloud.Tx, cabinet protocol.CabinetID, position cloud.Position, journal protocol.UUID) error {
	now := s.Now().UnixMilli()
	f := coverage.Fact{Ref: "card:" + journal.String(), Cabinet: cabinet, Kind: coverage.End, At: now, Made: now}
	if !position.Placed.IsZero() {
		f.From = position.Placed.UnixMilli()
	}
	return tx.CoverageFacts.Add([]coverage.Fact{f})
}

// forget lets memory follow.
func (s *Service) forget(cabinet protocol.CabinetID, left visit.Done) visit.Done {
	return func() {
		s.Presence.Forget(cabinet)
		left()
		s.Hub.FleetChanged()
	}
}

// handOver gives the cabinet's next card the stock that the books know.
func (s *Service) handOver(tx cloud.Tx, cabinet protocol.CabinetID) error {
	config, found, err := tx.Desired.Latest(cabinet)
	if err != nil || !found {
		return err
	}
	stock, err := tx.Ledger.Balances(ledger.StockPrefix(cabinet))
	if err != nil {
		return err
	}
	units := make(map[ledger.Account]map[ledger.Unit]int)
	for _, b := range stock {
		if units[b.Account] == nil {
			units[b.Account] = make(map[ledger.Unit]int)
		}
		units[b.Account][b.Unit] = int(b.Amount)
	}
	config.Stock.Version++
	config.Stock.Book = make(map[protocol.PlatformID]map[protocol.SKU]int, len(config.Platforms))
	for _, p := range config.Platforms {
		config.Stock.Book[p.ID] = make(map[protocol.SKU]int, len(p.SKUs))
		for _, sku := range p.Known() {
			config.Stock.Book[p.ID][sku] = max(units[ledger.Stock(cabinet, p.ID)][ledger.Article(sku)], 0)
		}
	}
	config.Config.Version++
	return tx.Desired.Add(config, s.Now())
}

// close ends the incidents that another card answers.
func (s *Service) close(tx cloud.Tx, cabinet protocol.CabinetID, before, next protocol.UUID) error {
	var errs []error
	for _, journal := range []protocol.UUID{before, next} {
		for _, kind := range []cloud.IncidentKind{cloud.IncidentClonedCard, cloud.IncidentRestoredCard, cloud.IncidentOtherJournal} {
			errs = append(errs, tx.Incidents.Close(cabinet, kind, journal.String(), s.Now()))
		}
	}
	return errors.Join(errs...)
}

// SetApart believes the card in force no more, nor a copy of it, until a person has decided. Done is run after the commit.
func (s *Service) SetApart(tx cloud.Tx, cabinet protocol.CabinetID, why cloud.IncidentKind) (visit.Done, error) {
	now := s.Now().UnixMilli()
	f := coverage.Fact{Ref: fmt.Sprintf("apart:%s/%d", cabinet, now), Cabinet: cabinet, Kind: coverage.Apart, At: now, Code: string(why), Value: 1, Made: now}
	if err := tx.CoverageFacts.Add([]coverage.Fact{f}); err != nil {
		return nil, err
	}
	return s.forget(cabinet, func() {}), tx.Cards.SetApart(cabinet, why)
}
