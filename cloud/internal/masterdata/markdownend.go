package masterdata

import (
	"context"

	"allhours/cloud"
	"allhours/protocol"
)

// EndMarkdown implements cloud.MarkdownRules.
func (s *Service) EndMarkdown(ctx context.Context, category, by string) error {
	if by == "" {
		return protocol.Errorf(protocol.CodeMalformed, "want the name of who ends a rule")
	}
	if category == everyCategory {
		category = ""
	}
	if err := s.Desired.EndMarkdown(ctx, category, by); err != nil {
		return err
	}
	_, err := s.Desired.Turn(ctx) // Cabinets are told now, not when somebody looks at the clock.
	return err
}

// EndedMarkdowns implements cloud.MarkdownRules.
func (s *Service) EndedMarkdowns(ctx context.Context, limit int) (all []cloud.MarkdownEnd, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		all, err = tx.Ends.Ended(limit)
		return err
	})
	return all, err
}
