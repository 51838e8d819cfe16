package journal

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"

	"allhours/edge"
	"allhours/protocol"
)

// ErrDamaged is in the chain of an error when the file is not a sound database: the cabinet must not sell, and the file
// must be kept for a human.
var ErrDamaged = errors.New("the journal is damaged")

// ErrContradiction is in the chain of an error when an event does not fit what the journal remembers, such as a second
// outcome of a visit. Trying it again is of no use.
var ErrContradiction = errors.New("the event contradicts the journal")

// Options say where the journal lies and how much it keeps.
type Options struct {
	Dir       string // holds journal.db and the room reserved for a visit
	Cabinet   protocol.CabinetID
	Clock     *edge.Clock
	Entropy   io.Reader     // for the journal's id
	KeepAcked time.Duration // acknowledged events stay so long; 0 means 14 days
	KeepBytes int64         // and take so many bytes at most; 0 means 256 MB
	Volatile  bool          // nobody relies on it before it is put in its place: nothing waits for the disk
}

// Journal is an open journal. Safe for concurrent use.
type Journal struct {
	opt     Options
	id      protocol.UUID
	boot    uint32
	clean   bool
	room    *room
	changed chan struct{}

	writing sync.Mutex
	writer  *sql.DB
	reader  *sql.DB
}

const pragmas = "?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_busy_timeout=5000&_foreign_keys=on"

// Open opens or creates the journal and counts the boot. An error with ErrDamaged says that the file is no sound database.
func Open(opt Options) (*Journal, error) {
	if opt.KeepAcked == 0 {
		opt.KeepAcked = 14 * 24 * time.Hour
	}
	if opt.KeepBytes == 0 {
		opt.KeepBytes = 256 << 20
	}
	path, dsn := filepath.Join(opt.Dir, fileName), source(opt.Dir)
	if opt.Volatile {
		dsn = strings.Replace(dsn, "_synchronous=FULL", "_synchronous=OFF", 1)
	}
	j := &Journal{opt: opt, room: newRoom(opt.Dir), changed: make(chan struct{}, 1)}
	var err error
	if j.writer, err = openPool(dsn); err != nil {
		return nil, fmt.Errorf("open journal %s: %w", path, err)
	}
	if err := j.start(); err != nil {
		return nil, errors.Join(fmt.Errorf("open journal %s: %w", path, judged(err)), j.writer.Close())
	}
	if j.reader, err = openPool(dsn + "&_query_only=on"); err != nil {
		return nil, errors.Join(fmt.Errorf("open journal %s: %w", path, err), j.writer.Close())
	}
	return j, nil
}

func openPool(dsn string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// check reads the whole file: what is damaged may lie where nothing else looks for long.
func (j *Journal) check() error {
	var verdict string
	if err := j.writer.QueryRow(`PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrDamaged, verdict)
	}
	return nil
}

// start checks the file, brings its schema up to date and counts the boot.
func (j *Journal) start() error {
	if err := j.check(); err != nil {
		return err
	}
	return j.write(false, func(tx *sql.Tx) error {
		if err := migrate(tx, j.newID); err != nil {
			return err
		}
		var id string
		if err := tx.QueryRow(`SELECT journal, boot + 1, clean FROM state`).Scan(&id, &j.boot, &j.clean); err != nil {
			return fmt.Errorf("read state: %w", err)
		}
		var err error
		if j.id, err = protocol.ParseUUID(id); err != nil {
			return fmt.Errorf("%w: journal id %q: %w", ErrDamaged, id, err)
		}
		_, err = tx.Exec(`UPDATE state SET boot = boot + 1, clean = 0`)
		return err
	})
}

func (j *Journal) newID() (string, error) {
	id, err := protocol.NewUUID(time.Now(), j.opt.Entropy)
	return id.String(), err
}

// Close marks the stop as orderly and closes the file.
func (j *Journal) Close() error {
	_, err := j.writer.Exec(`UPDATE state SET clean = 1`)
	return errors.Join(err, j.Abandon())
}

// Abandon closes the file as a crash would leave it.
func (j *Journal) Abandon() error { return errors.Join(j.reader.Close(), j.writer.Close()) }

// ID names the journal for ever.
func (j *Journal) ID() protocol.UUID { return j.id }

// Boot is how often the journal was opened, this time included.
func (j *Journal) Boot() uint32 { return j.boot }

// Clean tells whether the last stop was an orderly one; a new journal's was.
func (j *Journal) Clean() bool { return j.clean }

// Changed gets a token after events were written.
func (j *Journal) Changed() <-chan struct{} { return j.changed }

// write runs f in the one write transaction. For a visit under way the reserved room is given up when the disk is full,
// and f runs once more.
func (j *Journal) write(underWay bool, f func(*sql.Tx) error) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	err := j.attempt(f)
	if underWay && isFull(err) && j.room.release() {
		err = j.attempt(f)
	}
	return judged(err)
}

func (j *Journal) attempt(f func(*sql.Tx) error) error {
	tx, err := j.writer.Begin()
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := f(tx); err != nil {
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			return errors.Join(err, undo)
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func isFull(err error) bool {
	e, ok := errors.AsType[sqlite3.Error](err)
	return ok && e.Code == sqlite3.ErrFull
}

// judged gives the errors of a full disk and a damaged file their names.
func judged(err error) error {
	e, ok := errors.AsType[sqlite3.Error](err)
	switch {
	case !ok:
		return err
	case e.Code == sqlite3.ErrFull:
		return fmt.Errorf("%w: %w", protocol.Errorf(protocol.CodeDiskFull, "no room in the journal"), err)
	case e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}
