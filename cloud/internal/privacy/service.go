package privacy

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// Recordings are the weights of visits that were fetched from cabinets, as files.
type Recordings interface {
	Has(visit protocol.VisitID) (bool, error)
	// Older counts those of visits that began before, or removes so many of them at most.
	Older(before time.Time) (int, error)
	RemoveOlder(before time.Time, limit int) (int, error)
}

// Options are what New needs; all but Erased, Now and Logger.
type Options struct {
	DB         cloud.DB
	Recordings Recordings
	Erased     func(ctx context.Context) error // called after a resident was forgotten
	Now        func() time.Time
	Logger     *slog.Logger
}

// Service implements cloud.Privacy and cloud.OwnData.
type Service struct {
	Options
	counts counts
}

var (
	_ cloud.Privacy = (*Service)(nil)
	_ cloud.OwnData = (*Service)(nil)
)

// New makes the service. Nothing is removed before Run.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Erased == nil {
		o.Erased = func(context.Context) error { return nil }
	}
	return &Service{Options: o}
}

// retention is what the chain says; before it has said anything, the table of kinds.
func retention(tx cloud.Tx) (cloud.Retention, error) {
	chain, err := tx.Plans.Chain()
	if protocol.CodeOf(err) == cloud.CodeNotFound {
		return cloud.Retention{}, nil
	}
	return chain.Retention, err
}

// Notice implements cloud.Privacy.
func (s *Service) Notice(ctx context.Context) (n cloud.PrivacyNotice, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		r, err := retention(tx)
		n = cloud.NoticeOf(r)
		return err
	})
	return n, wrapped("privacy notice", err)
}

// Agree implements cloud.Privacy.
func (s *Service) Agree(ctx context.Context, resident protocol.UUID, version string) error {
	return wrapped("agree to the privacy notice", s.DB.Update(ctx, func(tx cloud.Tx) error {
		r, err := retention(tx)
		if err != nil {
			return err
		}
		if version != cloud.NoticeOf(r).Version {
			return protocol.Errorf(cloud.CodeConsentNeeded, "another version than the notice of now")
		}
		return tx.Consents.Add(resident, cloud.Consent{Version: version, At: s.Now()})
	}))
}

// Agreed implements cloud.Privacy.
func (s *Service) Agreed(ctx context.Context, resident protocol.UUID) error {
	return wrapped("consent", s.DB.View(ctx, func(tx cloud.Tx) error {
		r, err := retention(tx)
		if err != nil {
			return err
		}
		now := cloud.NoticeOf(r).Version
		all, err := tx.Consents.Of(resident)
		for _, c := range all {
			if c.Version == now {
				return nil
			}
		}
		if err != nil {
			return err
		}
		return protocol.Errorf(cloud.CodeConsentNeeded, "the resident has not agreed to version %s", now)
	}))
}

// Consent implements cloud.Privacy.
func (s *Service) Consent(ctx context.Context, resident protocol.UUID) (c cloud.Consent, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		all, err := tx.Consents.Of(resident)
		if len(all) > 0 {
			c = all[len(all)-1]
		}
		return err
	})
	return c, wrapped("consent", err)
}

// Unsettled implements cloud.OwnData.
func (s *Service) Unsettled(ctx context.Context, resident protocol.UUID) (u cloud.Unsettled, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		u, err = unsettled(tx, resident)
		return err
	})
	return u, wrapped("what is unsettled", err)
}

func unsettled(tx cloud.Tx, resident protocol.UUID) (u cloud.Unsettled, err error) {
	if u.Visit, u.Case, err = tx.Erasures.Unsettled(resident); err != nil {
		return u, err
	}
	under, err := tx.Personal.UnderWay(resident)
	if err != nil {
		return u, err
	}
	u.Money = len(under) > 0
	for into, account := range map[*protocol.Fen]ledger.Account{&u.Owed: ledger.Debt(resident), &u.Purse: ledger.Prepaid(resident)} {
		balance, err := tx.Ledger.Balance(account, ledger.Fen)
		if err != nil {
			return u, err
		}
		*into = protocol.Fen(max(balance, -balance))
	}
	return u, nil
}

// Erase implements cloud.OwnData.
func (s *Service) Erase(ctx context.Context, resident protocol.UUID) error {
	if err := s.DB.Update(ctx, func(tx cloud.Tx) error { return s.erase(tx, resident) }); err != nil {
		return fmt.Errorf("erase a resident: %w", err)
	}
	s.counts.erased.Add(1)
	return wrapped("erase a resident", s.Erased(context.WithoutCancel(ctx)))
}

func (s *Service) erase(tx cloud.Tx, resident protocol.UUID) error {
	u, err := unsettled(tx, resident)
	if err != nil {
		return err
	}
	if u.Any() {
		return protocol.Errorf(cloud.CodeStillOpen, "resident %s: %+v", resident, u)
	}
	was, err := tx.Erasures.Erase(resident, s.Now())
	if err == nil && !was {
		err = protocol.Errorf(cloud.CodeNotFound, "resident %s is not known", resident)
	}
	return err
}

func wrapped(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", operation, err)
}
