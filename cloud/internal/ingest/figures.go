package ingest

import (
	"time"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

// opened counts a door that was really pulled.
func (p *parcel) opened(tx cloud.Tx) error {
	if err := p.readTally(tx); err != nil {
		return err
	}
	p.tally.Events.Openings++
	return nil
}

// settled keeps the levels, and adds the visit to what the counters must have grown by, unless it says the same again.
func (p *parcel) settled(tx cloud.Tx, at time.Time, b wire.SettledBody, again bool) error {
	if err := tx.Meters.SaveLevels(p.from.Cabinet, b.Answer.Levels, at); err != nil {
		return err
	}
	if err := p.readTally(tx); err != nil {
		return err
	}
	var sold wire.Counters
	if !again && b.Purpose == protocol.PurposePurchase && b.Answer.Decision == settle.Bill && ledger.Believable(b.Answer) {
		config, _, err := tx.Desired.At(p.from.Cabinet, b.Config)
		if err != nil {
			return err
		}
		for _, l := range b.Answer.Lines {
			sold.Units += uint64(max(l.Qty, 0))
			sold.Fen += config.Goods[l.SKU].Price * protocol.Fen(l.Qty)
		}
	}
	p.tally.Events.Units += sold.Units
	p.tally.Events.Fen += sold.Fen
	return p.compare(tx, b.Counters)
}

// compare holds the growth of a cabinet's lifetime counters against the sum of its events. The first report of a cabinet
// is where counting begins.
func (p *parcel) compare(tx cloud.Tx, now wire.Counters) error {
	if err := p.readTally(tx); err != nil {
		return err
	}
	before, grown := p.tally.Reported, p.tally.Events
	sum := wire.Counters{Openings: before.Openings + grown.Openings, Units: before.Units + grown.Units, Fen: before.Fen + grown.Fen}
	if p.counted && now != sum {
		detail := cloud.DetailCounters.Fill(now.Openings, now.Units, now.Fen, sum.Openings, sum.Units, sum.Fen)
		if err := p.incident(tx, cloud.IncidentCounters, "", detail); err != nil {
			return err
		}
	}
	p.tally, p.counted = cloud.Tally{Reported: now}, true
	return nil
}

// readTally reads the counters once for a whole parcel.
func (p *parcel) readTally(tx cloud.Tx) (err error) {
	if p.tallied {
		return nil
	}
	p.tally, p.counted, err = tx.Meters.Counters(p.from.Cabinet)
	p.before, p.was, p.tallied = p.tally, p.counted, err == nil
	return err
}

// saveTally writes the counters back where they changed.
func (p *parcel) saveTally(tx cloud.Tx) error {
	if !p.counted || p.tally == p.before && p.was {
		return nil
	}
	return tx.Meters.SaveCounters(p.from.Cabinet, p.tally)
}
