package server

import (
	"context"
	"fmt"

	"allhours/cloud/audit"
)

// Audit recomputes one snapshot of the books, beside a running server, and tells of each place where they say something
// else than what they are made of.
func (a *Admin) Audit(ctx context.Context, told func(audit.Difference) error) (looked audit.Looked, err error) {
	err = a.db.Audit(ctx, func(books audit.Books) error {
		books.Seal = a.people.Seal
		looked, err = audit.Run(books, told)
		return err
	})
	if err != nil {
		return looked, fmt.Errorf("audit: %w", err)
	}
	return looked, nil
}
