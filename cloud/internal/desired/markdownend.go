package desired

import (
	"context"
	"fmt"

	"allhours/cloud"
)

// EndMarkdown takes the rule of a category back; the prices that it made go back with it.
func (s *Service) EndMarkdown(ctx context.Context, category, by string) error {
	err := s.DB.Update(ctx, func(tx cloud.Tx) error {
		if err := tx.Ends.End(category, by, s.Now()); err != nil {
			return err
		}
		if err := s.remark(tx); err != nil {
			return err
		}
		return s.restate(tx)
	})
	if err != nil {
		return fmt.Errorf("end a rule of prices: %w", err)
	}
	return nil
}
