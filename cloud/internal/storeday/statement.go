package storeday

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// mostStatement is the largest file that is taken in, in bytes: some hundred thousand lines.
const mostStatement = 32 << 20

// statement matches the provider's lines of the day with what our book says was done.
func (a *adding) statement(d *cloud.StoreDay) error {
	pairs, stated, err := a.pairs()
	if err != nil {
		return err
	}
	d.Stated, d.Paid, d.Pairs = stated, reconcile.Sum(pairs, a.day), []reconcile.Pair{}
	for _, p := range pairs {
		if p.State == reconcile.Matched {
			d.Matched++
			continue
		}
		d.Pairs = append(d.Pairs, p)
	}
	return nil
}

func (a *adding) pairs() (pairs []reconcile.Pair, stated bool, err error) {
	m := reconcile.Matching{Day: a.day, Merchant: a.s.Merchant, DayOf: func(at time.Time) ledger.Day { return ledger.DayOf(at, a.zone) }}
	if m.Booked, err = a.tx.Days.Booked(a.store, a.day); err != nil {
		return nil, false, err
	}
	if m.Imported, err = a.tx.Stated.Any(a.day); err != nil {
		return nil, false, err
	}
	lines, err := a.lines()
	if err != nil {
		return nil, false, err
	}
	ours := make(map[string]bool, len(m.Booked))
	for _, b := range m.Booked {
		ours[string(b.Kind)+b.Number] = true
	}
	named := make(map[string]bool, len(lines))
	for _, l := range lines {
		m.Stated = append(m.Stated, l.Stated)
		number := string(l.Kind) + strings.ReplaceAll(l.Op, "-", "")
		named[number] = true
		if !ours[number] {
			b, found, err := a.tx.Days.BookedAs(l.Kind, l.Op)
			if err != nil {
				return nil, false, err
			}
			if found {
				m.Booked, ours[number] = append(m.Booked, b), true
			}
		}
	}
	if err := a.repeated(&m, lines); err != nil {
		return nil, false, err
	}
	if m.Imported {
		if err := a.elsewhere(&m, named); err != nil {
			return nil, false, err
		}
	}
	return m.Match(), m.Imported, nil
}

// repeated finds the lines of other days that state again what a line of this day states: whatever was taken on two days was
// taken twice.
func (a *adding) repeated(m *reconcile.Matching, lines []cloud.StatementLine) error {
	asked := make(map[string]bool, len(lines))
	for _, l := range lines {
		if l.Op == "" || asked[string(l.Kind)+l.Op] {
			continue
		}
		asked[string(l.Kind)+l.Op] = true
		all, err := a.tx.Stated.Naming(l.Op)
		if err != nil {
			return err
		}
		for _, other := range all {
			if other.Kind == l.Kind && other.Day != a.day {
				m.Stated = append(m.Stated, other.Stated)
			}
		}
	}
	return nil
}

// elsewhere finds the lines of other days that are of this day's operations.
func (a *adding) elsewhere(m *reconcile.Matching, named map[string]bool) error {
	for _, b := range m.Booked {
		if b.Day != a.day || named[string(b.Kind)+b.Number] {
			continue
		}
		id, err := protocol.ParseUUID(hyphened(b.Number))
		if err != nil {
			continue
		}
		lines, err := a.tx.Stated.Naming(id.String())
		if err != nil {
			return err
		}
		for _, l := range lines {
			if l.Kind == b.Kind && l.Day != a.day {
				m.Stated = append(m.Stated, l.Stated)
			}
		}
	}
	return nil
}

// lines are the day's of the store, also those whose operation was not known yet when they came.
func (a *adding) lines() ([]cloud.StatementLine, error) {
	lines, err := a.tx.Stated.Of(a.store, a.day)
	if err != nil {
		return nil, err
	}
	unplaced, err := a.tx.Stated.Of("", a.day)
	if err != nil {
		return nil, err
	}
	for _, l := range unplaced {
		if l.Op == "" {
			continue
		}
		store, err := a.tx.Stated.Place(l.Op)
		if err != nil {
			return nil, err
		}
		if store == a.store {
			lines = append(lines, l)
		}
	}
	return lines, nil
}

// hyphened writes an order number as the id that it is; anything else stays as it is.
func hyphened(number string) string {
	if len(number) != 32 {
		return number
	}
	return strings.Join([]string{number[:8], number[8:12], number[12:16], number[16:20], number[20:]}, "-")
}

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
func (s *Service) Import(ctx context.Context, by, name string, file io.Reader) (cloud.StatementImport, []cloud.BadRow, error) {
	raw, err := io.ReadAll(io.LimitReader(file, mostStatement+1))
	if err != nil {
		return cloud.StatementImport{}, nil, err
	}
	if len(raw) > mostStatement {
		return cloud.StatementImport{}, nil, protocol.Errorf(protocol.CodeMalformed, "statement: want %d MB at most", mostStatement>>20)
	}
	lines, bad := payment.ReadStatement(bytes.NewReader(raw))
	if len(bad) > 0 {
		return cloud.StatementImport{}, bad, nil
	}
	sum := sha256.Sum256(raw)
	i := cloud.StatementImport{Sum: hex.EncodeToString(sum[:]), Name: name, By: by, At: s.Now(), Lines: len(lines)}
	err = s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) error { return s.takeIn(tx, &i, lines) })
	if err != nil {
		return i, nil, fmt.Errorf("import statement: %w", err)
	}
	s.heads.forget()
	return i, nil, nil
}

func (s *Service) takeIn(tx cloud.Tx, i *cloud.StatementImport, lines []payment.StatementLine) error {
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return err
	}
	i.Added = 0
	seen := make(map[string]int, len(lines))
	for _, l := range lines {
		kept := cloud.StatementLine{
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
			if kept.Store, err = tx.Stated.Place(kept.Op); err != nil {
				return err
			}
		}
		added, err := tx.Statements.Put(i.Sum, kept)
		if err != nil {
			return err
		}
		if added {
			i.Added++
		}
	}
	return tx.Statements.AddImport(*i)
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

// Unknown implements cloud.Statements.
func (s *Service) Unknown(ctx context.Context, limit int) (list []cloud.StatementLine, err error) {
	err = s.DB.View(ctx, func(tx cloud.Tx) error {
		list, err = tx.Stated.Unknown(limit)
		return err
	})
	return list, err
}
