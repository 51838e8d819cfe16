package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/protocol"
)

// session is one connection with the statements prepared on it. No caller's context reaches a statement: a cancelled one
// could interrupt another statement of the connection. The type of each table embeds one, and the compiler makes every method of
// a session once more for each of these types: a method is what most tables use, everything else is a function.
type session struct {
	dialect    Dialect
	pool       *sql.DB
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

func connect(ctx context.Context, s *session) (err error) {
	s.statements = make(map[string]*sql.Stmt)
	s.conn, err = s.pool.Conn(ctx)
	return err
}

// disconnect ends the connection. One that is lost already has nothing to say about its end.
func disconnect(s *session) error {
	if s.conn == nil {
		return nil
	}
	lost := s.conn.PingContext(context.Background()) != nil
	var errs []error
	for _, statement := range s.statements {
		errs = append(errs, statement.Close())
	}
	errs = append(errs, s.conn.Close())
	s.conn = nil
	if lost {
		return nil
	}
	return errors.Join(errs...)
}

// renew gets another connection where this one is lost, as when the database's server was started again; false where this
// one is sound.
func renew(s *session) (bool, error) {
	if s.conn != nil && s.conn.PingContext(context.Background()) == nil {
		return false, nil
	}
	if err := disconnect(s); err != nil {
		return false, err
	}
	if err := connect(context.Background(), s); err != nil {
		return false, fmt.Errorf("connect: %w", err)
	}
	return true, nil
}

func tables(s *session) cloud.Tx {
	return cloud.Tx{
		Try:   func(work func() error) error { return try(s, work) },
		Plans: plans{s}, Cabinets: cabinets{s}, Prices: prices{s}, Changes: priceChanges{s}, Costs: costs{s}, Shelves: shelves{s}, Drafts: drafts{s}, Rollouts: rollouts{s}, Desired: desired{s},
		Visits: visits{s}, Steps: steps{s}, Orders: orders{s}, Decisions: decisions{s},
		Claims: claims{s}, Cards: cards{s}, Births: births{s}, Air: air{s}, Senders: senders{s}, Inbox: inbox{s}, Quarantine: quarantine{s}, Incidents: incidents{s}, Followed: incidentSteps{s}, Noticed: incidents{s}, Notices: notices{s}, Meters: meters{s}, Spans: calibrations{s},
		Ledger: book{s}, Sellers: sellers{s}, Ops: ops{s}, Personal: personal{s}, Debts: debts{s}, Resting: debts{s}, Tasks: tasks{s}, Halts: halts{s}, Handovers: handovers{s}, Movements: movements{s}, Counts: laneCounts{s}, Lots: lots{s},
		Days: days{s}, Wasted: wastes{s}, Closed: closedDays{s}, Scales: dayLevels{s}, Facts: dayFacts{s}, Doubts: dayDoubts{s}, Statements: statements{s}, Stated: statements{s},
		Disputes: disputes{s}, Refunds: refunds{s}, Actions: actions{s}, Messages: messages{s}, Told: messages{s}, Wishes: wishes{s}, Consents: consents{s}, Erasures: erasures{s}, Old: old{s}, Persons: persons{s}, Restored: restored{s}, Remembered: remembered{s}, Stays: stays{s}, Cases: cases{s}, CaseTimes: caseTimes{s},
		Rounds: rounds{s}, RoundDoors: roundVisits{s}, RoundSteps: roundSteps{s}, Photos: roundPhotos{s}, Policies: refillPolicies{s}, Ends: markdownEnds{s}, Crew: crew{s}, Habits: roundHabits{s}, Figures: roundFigures{s},
		Demand: demand{s}, Learned: demandParts{s}, Past: past{s}, Sold: sold{s},
		Totals: totals{s}, Work: dayWork{s}, Special: specialHours{s},
		CoverageFacts: coverageFacts{s}, CoverageHeads: coverageHeads{s}, CoverageRules: coverageRules{s}, CoverageDays: coverageDays{s}, CoverageMarks: coverageMarks{s},
	}
}

// inTx runs work between begin and commit, or undoes it. Work is begun once: where its connection is lost nobody knows what
// became of it.
func inTx(s *session, statements []string, work func() error) error {
	if err := begin(s, statements); err != nil {
		return err
	}
	if err := work(); err != nil {
		return errors.Join(err, s.run("ROLLBACK"))
	}
	if err := s.run("COMMIT"); err != nil {
		return errors.Join(err, s.run("ROLLBACK"))
	}
	return nil
}

// begin begins on another connection where this one turns out to be lost.
func begin(s *session, statements []string) error {
	err := runAll(s, statements)
	if err == nil {
		return nil
	}
	renewed, lost := renew(s)
	if lost != nil || !renewed {
		return errors.Join(err, lost)
	}
	return runAll(s, statements)
}

func runAll(s *session, statements []string) error {
	if s.conn == nil {
		return errNoConnection
	}
	for i, statement := range statements {
		err := s.run(statement)
		if err != nil && i > 0 {
			err = errors.Join(err, s.run("ROLLBACK"))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// errNoConnection is a session whose connection was lost and could not be had again yet.
var errNoConnection = errors.New("not connected")

// inSavepoint gives work's own error as result; err tells that the whole transaction cannot go on.
func inSavepoint(s *session, work func(*session) error) (result, err error) {
	if err := s.run("SAVEPOINT work"); err != nil {
		return nil, err
	}
	if result = work(s); result != nil {
		if err := s.run("ROLLBACK TO work"); err != nil {
			return result, err
		}
	}
	return result, s.run("RELEASE work")
}

// try runs work in a savepoint of its own.
func try(s *session, work func() error) error {
	if err := s.run("SAVEPOINT try"); err != nil {
		return err
	}
	result := work()
	if result != nil {
		if err := s.run("ROLLBACK TO try"); err != nil {
			return errors.Join(result, err)
		}
	}
	if err := s.run("RELEASE try"); err != nil {
		return errors.Join(result, err)
	}
	if s.dialect.Refused(result) {
		return protocol.Errorf(cloud.CodeConflict, "refused by the database: %v", result)
	}
	return result
}

func (s *session) run(query string) error {
	_, err := s.exec(query)
	return err
}

func (s *session) prepared(query string) (*sql.Stmt, error) {
	if statement, known := s.statements[query]; known {
		return statement, nil
	}
	statement, err := s.conn.PrepareContext(context.Background(), s.dialect.Rebind(query))
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	s.statements[query] = statement
	return statement, nil
}

// exec runs a statement and tells how many rows it changed.
func (s *session) exec(query string, args ...any) (int64, error) {
	statement, err := s.prepared(query)
	if err != nil {
		return 0, err
	}
	result, err := statement.ExecContext(context.Background(), legible(args)...)
	if err != nil {
		return 0, fmt.Errorf("exec: %w", err)
	}
	return result.RowsAffected()
}

// legible are arguments without the zero byte in a text, which no PostgreSQL keeps or compares.
func legible(args []any) []any {
	for i, arg := range args {
		if text, is := arg.(string); is && strings.IndexByte(text, 0) >= 0 {
			args[i] = strings.ReplaceAll(text, "\x00", "\uFFFD")
		}
	}
	return args
}

// rowsAtOnce is how many rows one statement inserts at most, and rowsExact up to how many there is a statement for each
// number. Those between are of half as many rows, and so on, so that few statements are prepared.
const (
	rowsAtOnce = 64
	rowsExact  = 16
)

// insert puts rows into a table; then says what follows the values, such as what to do in a conflict.
func (s *session) insert(table string, columns []string, then string, rows [][]any) error {
	return inserts(table, columns, then, rows, func(query string, args []any) error {
		_, err := s.exec(query, args...)
		return err
	})
}

// insertReturning puts rows into a table and reads what then, which ends in RETURNING, gives back of those that went in.
func insertReturning[T any](s *session, read func(scanner) (T, error), table string, columns []string, then string, rows [][]any) (found []T, err error) {
	err = inserts(table, columns, then, rows, func(query string, args []any) error {
		some, err := all(s, read, query, args...)
		found = append(found, some...)
		return err
	})
	return found, err
}

// inserts gives the statements by which rows go into a table, one after the other.
func inserts(table string, columns []string, then string, rows [][]any, do func(query string, args []any) error) error {
	one := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ")"
	head := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES "
	for n := rowsAtOnce; len(rows) > 0; {
		if n > len(rows) {
			n = max(n/2, min(len(rows), rowsExact))
			continue
		}
		query := head + strings.TrimSuffix(strings.Repeat(one+", ", n), ", ") + then
		if err := do(query, slices.Concat(rows[:n]...)); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// one reads a single row; false where there is none.
func (s *session) one(query string, args []any, into ...any) (bool, error) {
	statement, err := s.prepared(query)
	if err != nil {
		return false, err
	}
	err = statement.QueryRowContext(context.Background(), legible(args)...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("query: %w", err)
	}
	return true, nil
}

// scanner is a row under the cursor.
type scanner interface{ Scan(into ...any) error }

// all reads every row.
func all[T any](s *session, read func(scanner) (T, error), query string, args ...any) ([]T, error) {
	statement, err := s.prepared(query)
	if err != nil {
		return nil, err
	}
	rows, err := statement.QueryContext(context.Background(), legible(args)...)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	defer rows.Close()
	found := []T{}
	for rows.Next() {
		row, err := read(rows)
		if err != nil {
			return nil, fmt.Errorf("scan: %w", err)
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

// exactlyOne turns a guarded update that met no row into a conflict.
func exactlyOne(changed int64, err error, what string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if changed != 1 {
		return protocol.Errorf(cloud.CodeConflict, "%s: not in a state that allows it", what)
	}
	return nil
}
