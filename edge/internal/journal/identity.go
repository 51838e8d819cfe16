package journal

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"allhours/edge/internal/durable"
	"allhours/protocol"
)

const fileName = "journal.db"

func source(dir string) string {
	return "file:" + (&url.URL{Path: filepath.Join(dir, fileName)}).EscapedPath() + pragmas
}

// Identify tells the id of the journal in a folder, and makes one where there is none yet. It counts no boot, and may be
// called beside a running agent. An error with ErrDamaged says that the file is no sound database.
func Identify(dir string, entropy io.Reader) (id protocol.UUID, err error) {
	j := &Journal{opt: Options{Dir: dir, Entropy: entropy}}
	if j.writer, err = openPool(source(dir)); err != nil {
		return id, fmt.Errorf("identify journal: %w", err)
	}
	defer func() { err = errors.Join(err, j.writer.Close()) }()
	if err = j.check(); err != nil {
		return id, fmt.Errorf("identify journal: %w", judged(err))
	}
	err = j.write(false, func(tx *sql.Tx) error {
		if err := migrate(tx, j.newID); err != nil {
			return err
		}
		var text string
		if err := tx.QueryRow(`SELECT journal FROM state`).Scan(&text); err != nil {
			return fmt.Errorf("read state: %w", err)
		}
		id, err = protocol.ParseUUID(text)
		return err
	})
	if err == nil {
		err = durable.Give(filepath.Join(dir, fileName))
	}
	if err != nil {
		return id, fmt.Errorf("identify journal: %w", err)
	}
	return id, nil
}

// Aside renames the journal of a folder, so that the next one is new, and tells the file that it lies in from then on. A
// journal that an agent has open is refused.
func Aside(dir string) (kept string, err error) {
	path := filepath.Join(dir, fileName)
	if err := atRest(dir); err != nil && !errors.Is(err, ErrDamaged) {
		return "", fmt.Errorf("set the journal aside: %w", err)
	}
	for n := 1; ; n++ {
		kept = fmt.Sprintf("%s.%d", path, n)
		if _, err := os.Lstat(kept); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return "", fmt.Errorf("set the journal aside: %w", err)
		}
	}
	for _, part := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(path+part, kept+part); err != nil && (part == "" || !errors.Is(err, fs.ErrNotExist)) {
			return "", fmt.Errorf("set the journal aside: %w", err)
		}
	}
	folder, err := os.Open(dir)
	if err != nil {
		return "", fmt.Errorf("set the journal aside: %w", err)
	}
	return kept, errors.Join(folder.Sync(), folder.Close())
}

// atRest brings everything of the journal into its one file, which no other program may have open.
func atRest(dir string) error {
	db, err := openPool(source(dir))
	if err != nil {
		return err
	}
	var mode string
	err = judged(db.QueryRow(`PRAGMA journal_mode = DELETE`).Scan(&mode))
	if err == nil && mode != "delete" {
		err = errors.New("an agent has it open: stop it first")
	}
	return errors.Join(err, db.Close())
}
