package ingest

import (
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/visit"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
	"allhours/protocol/wire"
)

// levels keeps the last word of the scales, and of each day what they counted last on it.
func (s *Service) levels(tx cloud.Tx, src visit.Source, b wire.StockBody) error {
	if err := tx.Meters.SaveLevels(src.Cabinet, b.Levels, src.At); err != nil || len(b.Counts) == 0 {
		return err
	}
	zone, err := s.Book.Zone(tx)
	if err != nil {
		return err
	}
	day := ledger.DayOf(src.At, zone)
	for _, c := range b.Counts {
		if err := tx.Scales.Save(day, dayLevel(src.Cabinet, src.At, c)); err != nil {
			return err
		}
	}
	return nil
}

func dayLevel(cabinet protocol.CabinetID, at time.Time, c wire.Count) cloud.DayLevel {
	l := cloud.DayLevel{Cabinet: cabinet, Platform: c.Platform, At: at, Counts: make(map[protocol.SKU]reconcile.Level, len(c.Units))}
	for _, u := range c.Units {
		l.Counts[u.SKU] = reconcile.Level{Qty: int64(u.Qty), Low: int64(u.Low), High: int64(u.High)}
	}
	return l
}
