package storeday

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/payment"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// mostStatement is the largest file that is taken in, in bytes: some hundred thousand lines.
const mostStatement = 32 << 20

// mostSpan is how many days one file may be for.
const mostSpan = 366

// opOf is the operation that a line's number names; empty where it names none that could be ours.
func opOf(l payment.StatementLine) string {
	number := l.Order
	if l.Kind == payment.LineRefund {
		number = l.Refund
	}
	id, err := protocol.ParseUUID(strings.ToLower(hyphened(number)))
	if err != nil {
		return ""
	}
	return id.String()
}

// Import implements cloud.Statements.
func (s *Service) Import(ctx context.Context, f cloud.StatementFile) (cloud.StatementImport, []cloud.BadRow, error) {
	raw, err := io.ReadAll(io.LimitReader(f.Text, mostStatement+1))
	if err != nil {
		return cloud.StatementImport{}, nil, err
	}
	if len(raw) > mostStatement {
		return cloud.StatementImport{}, nil, protocol.Errorf(protocol.CodeMalformed, "statement: want %d MB at most", mostStatement>>20)
	}
	sum := sha256.Sum256(raw)
	i := cloud.StatementImport{Sum: hex.EncodeToString(sum[:]), Name: f.Name, By: f.By, At: s.Now(), First: f.First, Last: f.Last}
	zone, err := s.zone(ctx)
	if err != nil {
		return i, nil, err
	}
	if err := s.spans(i, zone); err != nil {
		return i, nil, err
	}
	lines, bad := payment.ReadStatement(raw)
	if len(bad) == 0 {
		bad = outside(i, lines, zone)
	}
	if len(bad) > 0 {
		return cloud.StatementImport{}, bad, nil
	}
	i.Lines = len(lines)
	var kept []cloud.StatementLine
	if err := s.DB.View(ctx, func(tx cloud.Tx) (err error) { // Where a line belongs is looked up beside those who write: there are many.
		kept, err = s.kept(tx, lines, zone)
		return err
	}); err != nil {
		return i, nil, fmt.Errorf("read statement: %w", err)
	}
	if err := s.takeIn(ctx, &i, kept); err != nil {
		return i, nil, fmt.Errorf("import statement: %w", err)
	}
	s.heads.forget()
	return i, nil, nil
}

func (s *Service) zone(ctx context.Context) (zone *time.Location, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		zone, err = s.Book.Zone(tx)
		return err
	})
	return zone, err
}

// spans refuses days of which nobody can state everything.
func (s *Service) spans(i cloud.StatementImport, zone *time.Location) error {
	switch today := ledger.DayOf(s.Now(), zone); {
	case i.First == "" && i.Last == "":
		return nil
	case !i.First.Valid() || !i.Last.Valid() || i.Last < i.First:
		return protocol.Errorf(protocol.CodeMalformed, "days: want the first and the last that the statement is for, as 2006-01-02")
	case i.First.Add(mostSpan) <= i.Last:
		return protocol.Errorf(protocol.CodeMalformed, "days: want %d at most", mostSpan)
	case i.Last >= today:
		return protocol.Errorf(protocol.CodeMalformed, "days: %s is not over, and no statement has the whole of it", i.Last)
	}
	return nil
}

// outside are the lines that cannot belong to a statement of these days: whoever mixed up two days need not find out later. A
// file for no day needs a line.
func outside(i cloud.StatementImport, lines []payment.StatementLine, zone *time.Location) (bad []cloud.BadRow) {
	if i.First == "" {
		if len(lines) == 0 {
			bad = []cloud.BadRow{{Line: 2, Why: "want a line at least, or the days on which no money moved"}}
		}
		return bad
	}
	for _, l := range lines {
		if day := ledger.DayOf(l.At, zone); day < i.First || day > i.Last {
			bad = append(bad, cloud.BadRow{Line: l.Row, Column: payment.StatementTime, Why: fmt.Sprintf("%s: want a time from %s to %s, which the statement is for", day, i.First, i.Last)})
		}
	}
	return bad
}

// atOnce is how many lines are written at once: a door that is to be opened waits for no more than these.
const atOnce = 128

// takeIn writes the lines in small parts, between which others write, and says of the days what they are only with the last.
func (s *Service) takeIn(ctx context.Context, i *cloud.StatementImport, lines []cloud.StatementLine) error {
	stated := make(map[ledger.Day]int) // lines of each day, and those that are new
	fresh := make(map[ledger.Day]int)
	for part := range slices.Chunk(lines, atOnce) {
		if err := s.DB.Update(context.Background(), func(tx cloud.Tx) error { // What is done, and by whom, is told of the whole.
			added, err := tx.Statements.Put(*i, part)
			for _, l := range part {
				stated[l.Day]++
				if added[l.Key] {
					fresh[l.Day]++
				}
			}
			i.Added += len(added)
			return err
		}); err != nil {
			return err
		}
	}
	if err := s.bookFees(i.Sum); err != nil {
		return err
	}
	return s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error { return cover(tx, i, stated, fresh) })
}

// feesAtOnce is how many stores' fees are booked at once: an entry is some twenty times the work of a line.
const feesAtOnce = 16

// bookFees books what the provider kept by its statement, for each store and day of it. What an import that was broken off booked
// is left. What is to be booked is looked for beside those who write: it takes a look at every line.
func (s *Service) bookFees(statement string) error {
	s.booking.Lock()
	defer s.booking.Unlock()
	var fees []cloud.StatedFees
	if err := s.DB.View(context.Background(), func(tx cloud.Tx) (err error) {
		fees, err = tx.Statements.Unbooked(statement)
		return err
	}); err != nil {
		return fmt.Errorf("fees of statement %s: %w", statement, err)
	}
	for part := range slices.Chunk(fees, feesAtOnce) {
		if err := s.DB.Update(context.Background(), func(tx cloud.Tx) error {
			for _, f := range part {
				if err := s.Book.Post(tx, book.Fact{Ref: f.Ref(), Cabinet: cloud.Cabinet{Store: f.Store}, At: f.At}, ledger.Fees(f.Amount)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return fmt.Errorf("fees of statement %s: %w", statement, err)
		}
	}
	return nil
}

// cover ends an import: from now on the file states everything of its days.
func cover(tx cloud.Tx, i *cloud.StatementImport, stated, fresh map[ledger.Day]int) error {
	for day, n := range fresh {
		whole, err := tx.Stated.Covers(day)
		if err != nil {
			return err
		}
		if whole {
			i.Changed += n
		}
	}
	for day := i.First; day != "" && day <= i.Last; day = day.Add(1) {
		there, err := tx.Stated.Count(day)
		if err != nil {
			return err
		}
		i.Lacking += there - stated[day]
	}
	if _, err := tx.Statements.Put(*i, nil); err != nil {
		return err
	}
	return tx.Statements.Cover(*i)
}

// kept are the lines of a file as they are kept.
func (s *Service) kept(tx cloud.Tx, lines []payment.StatementLine, zone *time.Location) ([]cloud.StatementLine, error) {
	all, seen := make([]cloud.StatementLine, len(lines)), make(map[string]int, len(lines))
	for i, l := range lines {
		var err error
		if all[i], err = s.keptLine(tx, l, zone, seen); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// keptLine is a line with its day and its store, under a key by which it is known again.
func (s *Service) keptLine(tx cloud.Tx, l payment.StatementLine, zone *time.Location, seen map[string]int) (kept cloud.StatementLine, err error) {
	kept = cloud.StatementLine{
		Stated: reconcile.Stated{
			At: l.At.UTC(), Kind: reconcile.MoneyKind(l.Kind), Order: l.Order, Refund: l.Refund, Amount: l.Amount, Fee: l.Fee, Merchant: l.Merchant,
		},
		Currency: l.Currency, Day: ledger.DayOf(l.At, zone), Op: opOf(l),
	}
	same := strings.Join([]string{
		strconv.FormatInt(l.At.UnixMilli(), 10), l.Kind, l.Order, l.Refund, strconv.FormatInt(int64(l.Amount), 10),
		strconv.FormatInt(int64(l.Fee), 10), l.Merchant, l.Currency,
	}, "\x00")
	seen[same]++
	kept.Key = keyOf(same, seen[same])
	if kept.Op != "" {
		kept.Store, err = tx.Stated.Place(kept.Op)
	}
	return kept, err
}

// keyOf knows a line again. The same line twice in one file is stated twice; in two files that overlap it is one.
func keyOf(line string, occurrence int) string {
	sum := sha256.Sum256([]byte(line + "\x00" + strconv.Itoa(occurrence)))
	return hex.EncodeToString(sum[:16])
}

// Imports implements cloud.Statements.
func (s *Service) Imports(ctx context.Context, limit int) (list []cloud.StatementImport, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		list, err = tx.Statements.Imports(limit)
		return err
	})
	return list, err
}

// Lines implements cloud.Statements.
func (s *Service) Lines(ctx context.Context, day ledger.Day) (list []cloud.StatementLine, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		list, err = tx.Stated.On(day)
		return err
	})
	return list, err
}

// Unknown implements cloud.Statements.
func (s *Service) Unknown(ctx context.Context, limit int) (list []cloud.StatementLine, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		list, err = tx.Stated.Unknown(limit)
		return err
	})
	return list, err
}
