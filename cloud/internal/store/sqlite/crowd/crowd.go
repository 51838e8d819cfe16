// Package crowd fills a database in SQLite with what a fleet leaves behind in months, so that somebody can see how long pages
// take with it. The rows are alike, and they add up; the schema's own triggers rest meanwhile, which would take days. It is
// for measuring alone: nothing that serves anybody may import it.
package crowd

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3" // the only database that is filled this way
)

// Size is how much there is to be. Every cabinet sells each of Articles once a day.
type Size struct {
	Stores   int
	Cabinets int // a multiple of the stores; named c-0 and so on, those of store s-0 first
	Articles int // named 1000 and so on, four platforms P1 to P4 have a fourth of them each
	Days     int // that are over
	Events   int // in the inbox; no fewer than there are visits
}

// TenMillion is a chain of 300 cabinets after 250 days.
func TenMillion() Size {
	return Size{Stores: 30, Cabinets: 300, Articles: 20, Days: 250, Events: 10_000_000}
}

// Wide is as much of a chain of 10,000 cabinets after a week.
func Wide() Size {
	return Size{Stores: 1000, Cabinets: 10_000, Articles: 20, Days: 7, Events: 10_000_000}
}

// Visits is how many visits that makes.
func (s Size) Visits() int { return s.Cabinets * s.Articles * s.Days }

// People is how many residents make them, some 37 each.
func (s Size) People() int { return max(s.Visits()*2/75, 1) }

const (
	price   = 400  // fen of each article
	opening = 5000 // units of each article on the first morning
	feeOf   = 2    // fen of each capture
)

// Fill writes the rows into the file, whose schema is up to date and which nobody else has open. The stores, articles and
// cabinets are there already, without stock. Midnight is the beginning of today by the chain's clocks.
func Fill(ctx context.Context, path string, s Size, midnight time.Time) (err error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=OFF&_synchronous=OFF&_foreign_keys=off&_locking_mode=EXCLUSIVE&_cache_size=-400000")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	defer func() { err = errors.Join(err, db.Close()) }()
	rests, err := rest(ctx, db)
	if err != nil {
		return fmt.Errorf("rest the schema: %w", err)
	}
	for _, step := range append(steps(), peopleSteps()...) {
		if _, err := db.ExecContext(ctx, s.fit(step.text, midnight)); err != nil {
			return fmt.Errorf("fill %s: %w", step.name, err)
		}
	}
	for _, statement := range append(rests, "PRAGMA journal_mode = WAL") {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("wake the schema: %w", err)
		}
	}
	return nil
}

// rest takes triggers and indexes away and gives what makes them again.
func rest(ctx context.Context, db *sql.DB) (again []string, err error) {
	rows, err := db.QueryContext(ctx, `SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY type`)
	if err != nil {
		return nil, err
	}
	var drops []string
	for rows.Next() {
		var kind, name, text string
		if err := rows.Scan(&kind, &name, &text); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		drops, again = append(drops, "DROP "+kind+" "+name), append(again, text)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for _, drop := range drops {
		if _, err := db.ExecContext(ctx, drop); err != nil {
			return nil, err
		}
	}
	return again, nil
}

// step is one table's rows.
type step struct{ name, text string }

// fit puts the size into a statement. The words in it are:
//
//	{visits}        a table n, c, k, d of visits: their number, cabinet, article and day
//	{days}          a table c, k, d of articles of cabinets on days
//	{id:PREFIX}     an id of visit n
//	{ms}            when visit n was, in milliseconds
//	{day:EXPR}      the text of a day
func (s Size) fit(text string, midnight time.Time) string {
	first := midnight.AddDate(0, 0, -s.Days)
	day := "strftime('%Y-%m-%d', '" + first.Format(time.DateOnly) + "', '+' || (${1}) || ' days')"
	replace := strings.NewReplacer(
		"{visits}", fmt.Sprintf(`(WITH RECURSIVE v(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM v WHERE n < %d)
			SELECT n, n %% %d AS c, (n / %d) %% %d AS k, n / %d AS d FROM v)`, s.Visits()-1, s.Cabinets, s.Cabinets, s.Articles, s.Cabinets*s.Articles),
		"{days}", fmt.Sprintf(`(WITH RECURSIVE c(c) AS (SELECT 0 UNION ALL SELECT c + 1 FROM c WHERE c < %d), k(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM k WHERE k < %d),
			d(d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM d WHERE d < %d) SELECT c, k, d FROM c, k, d ORDER BY c, k, d)`, s.Cabinets-1, s.Articles-1, s.Days-1),
		"{visit}", id(1), "{hold}", id(2), "{capture}", id(3), "{bill}", id(4), "{held}", id(5), "{captured}", id(6), "{dispute}", id(7), "{action}", id(8), "{topup}", id(0),
		"{person}", fmt.Sprintf("printf('01900009-0000-7000-8000-%%012x', n %% %d)", s.People()), "{people}", strconv.Itoa(s.People()),
		"{ms}", fmt.Sprintf("%d + d * 86400000 + (k * 60 + c %% 60) * 60000 * 18 / %d", first.UnixMilli()+5*3600_000, max(s.Articles, 1)),
		"{sku}", "(1000 + k)", "{platform}", "'P' || (1 + k % 4)", "{store}", fmt.Sprintf("'s-' || (c / %d)", max(s.Cabinets/s.Stores, 1)),
		"{day}", strings.Replace(day, "${1}", "d", 1),
		"{days.many}", strconv.Itoa(s.Days), "{articles}", strconv.Itoa(s.Articles), "{visits.many}", strconv.Itoa(s.Visits()),
		"{cabinets}", strconv.Itoa(s.Cabinets), "{stores}", strconv.Itoa(s.Stores), "{events}", strconv.Itoa(s.Events/max(s.Cabinets, 1)), "{each}", strconv.Itoa(max(s.Events/max(s.Visits(), 1), 1)),
		"{first}", strconv.FormatInt(first.UnixMilli(), 10), "{now}", strconv.FormatInt(midnight.UnixMilli(), 10),
		"{price}", strconv.Itoa(price), "{opening}", strconv.Itoa(opening), "{fee}", strconv.Itoa(feeOf),
	)
	return replace.Replace(text)
}

// id writes an id of visit n, of a kind of its own.
func id(kind int) string { return fmt.Sprintf("printf('0190000%d-0000-7000-8000-%%012x', n)", kind) }
