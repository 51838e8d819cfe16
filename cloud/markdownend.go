package cloud

import (
	"context"
	"time"
)

// MarkdownEnd is a rule of prices that holds no more.
type MarkdownEnd struct {
	Markdown // as it was in the end
	At       time.Time
	By       string // the name of who ended it
}

// MarkdownRules end rules of prices; one is made or changed as all master data are.
type MarkdownRules interface {
	// EndMarkdown takes a category's rule back from now on: the rule of every other category holds for it then, and where that one
	// is ended, that somebody is told a day before and nothing costs less. CodeNotFound where it has none.
	EndMarkdown(ctx context.Context, category, by string) error
	// EndedMarkdowns lists so many of those that ended, the newest first.
	EndedMarkdowns(ctx context.Context, limit int) ([]MarkdownEnd, error)
}

// MarkdownEnds keep the rules that hold no more.
type MarkdownEnds interface {
	// End takes a rule away and keeps it as it was; CodeNotFound where there is none.
	End(category, by string, at time.Time) error
	// Ended has the newest first.
	Ended(limit int) ([]MarkdownEnd, error)
}
