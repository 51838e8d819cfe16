package server

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
)

// SimulatedStatement writes what the simulated provider booked on a day of the chain, as a provider's statement.
func (a *Admin) SimulatedStatement(ctx context.Context, w io.Writer, day string) (lines int, err error) {
	var chain cloud.Chain
	if err := a.db.View(ctx, func(tx cloud.Tx) (err error) {
		chain, err = tx.Plans.Chain()
		return err
	}); err != nil {
		return 0, fmt.Errorf("statement: %w", err)
	}
	zone, err := time.LoadLocation(chain.TimeZone)
	if err != nil {
		return 0, fmt.Errorf("statement: %w", err)
	}
	from, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		return 0, fmt.Errorf("--day %q: want a day as 2026-11-28", day)
	}
	booked, err := payment.SimulatedStatement(filepath.Join(a.data, paymentsName), from, from.AddDate(0, 0, 1))
	if err != nil {
		return 0, err
	}
	return len(booked), payment.WriteStatement(w, booked)
}
