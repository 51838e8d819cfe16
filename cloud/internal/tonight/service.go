// Package tonight tells what the stores sell in the night that it is, and what needs a person now, by what that costs. It keeps
// its sums in memory: they are made of the books, and after a restart they are made again. It refuses to judge what is wrong.
package tonight

import (
	"context"
	"log/slog"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/catalog"
	"allhours/cloud/internal/presence"
	"allhours/protocol"
)

// Demand tells what will be wanted; the model is only read.
type Demand interface {
	Outlooks(tx cloud.Tx) (cloud.Outlooks, error)
}

// Fleet tells how cabinets are planned; what it gives is only read.
type Fleet interface {
	Planned(tx cloud.Tx) (map[protocol.CabinetID]*cloud.Cabinet, error)
}

// Options are what the service stands on; all are needed.
type Options struct {
	DB       cloud.DB
	Book     *book.Book
	Catalog  *catalog.Book
	Presence *presence.Book
	Demand   Demand
	Fleet    Fleet
	Coverage cloud.Coverage
	Now      func() time.Time
	Logger   *slog.Logger
}

// Service implements cloud.Tonight.
type Service struct {
	Options
	sums  sums
	costs costs
}

// New makes a service; Run counts.
func New(o Options) *Service { return &Service{Options: o} }

// countEvery is how often the books are read on while nobody asks, so that whoever asks need not wait.
const countEvery = 10 * time.Second

// Run counts what is sold until ctx ends.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		if err := s.count(ctx); err != nil && ctx.Err() == nil {
			s.Logger.Error("count what is sold", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

var _ cloud.Tonight = (*Service)(nil)
