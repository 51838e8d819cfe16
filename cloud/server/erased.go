package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/protocol"
)

// erasedName is a file beside the keys, which no backup of the books has: the ids of residents who were forgotten, one a line.
// They lead to nobody. Books that are restored from before forget them again.
const erasedName = "erased"

func erasedPath(data string) string { return filepath.Join(data, keysName, erasedName) }

// readErased reads the file; none is there before anybody was forgotten. A line that was cut by a power failure is written again
// by followErased.
func readErased(data string) ([]protocol.UUID, error) {
	file, err := os.Open(erasedPath(data))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("who was forgotten: %w", err)
	}
	defer file.Close()
	var ids []protocol.UUID
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if id, err := protocol.ParseUUID(lines.Text()); err == nil {
			ids = append(ids, id)
		}
	}
	return ids, lines.Err()
}

// followErased lets the file have everybody whom the books say was forgotten. It comes after the books: who is not forgotten
// there is never in it.
func followErased(ctx context.Context, data string, db *sqlstore.DB) error {
	var ids []protocol.UUID
	if err := db.View(ctx, func(tx cloud.Tx) (err error) {
		ids, err = tx.Erasures.Erased()
		return err
	}); err != nil {
		return fmt.Errorf("who was forgotten: %w", err)
	}
	written, err := readErased(data)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(ids, func(id protocol.UUID) bool { return slices.Contains(written, id) })
	if len(missing) == 0 {
		return nil
	}
	return appendErased(data, missing)
}

func appendErased(data string, ids []protocol.UUID) error {
	path := erasedPath(data)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("who was forgotten: %w", err)
	}
	text := []byte("\n") // After what a power failure may have left of a line.
	for _, id := range ids {
		text = append(text, id.String()+"\n"...)
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("who was forgotten: %w", err)
	}
	return syncFile(filepath.Dir(path))
}

// forgetAgain erases from restored books whoever was forgotten since they were backed up.
func forgetAgain(ctx context.Context, data string, db *sqlstore.DB) (n int, err error) {
	ids, err := readErased(data)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	err = db.Update(ctx, func(tx cloud.Tx) error {
		for _, id := range ids {
			was, err := tx.Erasures.Erase(id, time.Now())
			if err != nil {
				return err
			}
			if was {
				n++
			}
		}
		return nil
	})
	return n, err
}
