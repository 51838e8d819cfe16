package storeday

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"allhours/cloud"
	"allhours/protocol"
)

// Close implements cloud.StoreDays. Figures and signature are written in one transaction: nothing can come between.
func (s *Service) Close(ctx context.Context, c cloud.CloseDay) (cloud.ClosedDay, error) {
	c.Note = strings.TrimSpace(c.Note)
	if len(c.Note) > cloud.MaxNote || c.By == "" {
		return cloud.ClosedDay{}, protocol.Errorf(protocol.CodeMalformed, "note: want %d bytes at most, and who closes", cloud.MaxNote)
	}
	var closed cloud.ClosedDay
	err := s.DB.Update(context.WithoutCancel(ctx), func(tx cloud.Tx) (err error) {
		closed, err = s.sign(tx, c)
		return err
	})
	if err != nil {
		return closed, fmt.Errorf("close %s of %s: %w", c.Day, c.Store, err)
	}
	s.heads.forget()
	return closed, nil
}

func (s *Service) sign(tx cloud.Tx, c cloud.CloseDay) (cloud.ClosedDay, error) {
	d, err := s.day(tx, c.Store, c.Day)
	if err != nil {
		return cloud.ClosedDay{}, err
	}
	switch {
	case d.Closed != nil || d.Next > c.Day:
		return cloud.ClosedDay{}, protocol.Errorf(cloud.CodeDayClosed, "it is closed")
	case !d.Over:
		return cloud.ClosedDay{}, protocol.Errorf(cloud.CodeDayNotOver, "the day is not over")
	case d.Next != "" && d.Next < c.Day:
		return cloud.ClosedDay{}, protocol.Errorf(cloud.CodeDayBefore, "%s is to be closed first", d.Next)
	case c.Sum != "" && c.Sum != d.Sum:
		return cloud.ClosedDay{}, protocol.Errorf(cloud.CodeFiguresMoved, "the figures have changed")
	case len(d.Open) > 0 && c.Note == "":
		return cloud.ClosedDay{}, protocol.Errorf(cloud.CodeNoteNeeded, "%d items are open: want a note", len(d.Open))
	}
	closed := cloud.ClosedDay{Store: c.Store, Day: c.Day, By: c.By, Role: c.Role, At: s.Now(), Note: c.Note, Open: len(d.Open)}
	raw, sum, err := figures(d)
	if err != nil {
		return closed, err
	}
	closed.Sum = sum
	if closed.Figures, err = pack(raw); err != nil {
		return closed, err
	}
	kept := closed
	kept.Store = booksOf(c.Store)
	return closed, tx.Closed.Add(kept)
}

// figures writes a day as what is signed, and its SHA-256.
func figures(d cloud.StoreDay) (raw []byte, sum string, err error) {
	if raw, err = json.Marshal(d); err != nil {
		return nil, "", fmt.Errorf("figures of %s: %w", d.Day, err)
	}
	hash := sha256.Sum256(raw)
	return raw, hex.EncodeToString(hash[:]), nil
}

func pack(raw []byte) ([]byte, error) {
	var into bytes.Buffer
	zip := gzip.NewWriter(&into)
	_, err := zip.Write(raw)
	if err := errors.Join(err, zip.Close()); err != nil {
		return nil, fmt.Errorf("pack figures: %w", err)
	}
	return into.Bytes(), nil
}

// unpack reads what was signed, and refuses what is not that.
func unpack(c cloud.ClosedDay) (d cloud.StoreDay, err error) {
	raw, err := c.Signed()
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		return d, fmt.Errorf("figures of %s: %w", c.Day, err)
	}
	d.Closed, d.Sum = &c, c.Sum
	return d, nil
}
