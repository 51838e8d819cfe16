package sqlstore

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

type priceChanges struct{ *session }

// Add implements cloud.PriceChanges.
func (p priceChanges) Add(c cloud.PriceChange) (uint32, error) {
	var number uint32
	if _, err := p.one(`SELECT COALESCE(MAX(number), 0) + 1 FROM price_changes`, nil, &number); err != nil {
		return 0, fmt.Errorf("number of a price change: %w", err)
	}
	if _, err := p.exec(`INSERT INTO price_changes (number, from_ms, entered_ms, by_name) VALUES (?, ?, ?, ?)`,
		number, ms(c.From), ms(c.Entered), c.By); err != nil {
		return 0, fmt.Errorf("add price change: %w", err)
	}
	for _, sku := range slices.Sorted(maps.Keys(c.Prices)) {
		if _, err := p.exec(`INSERT INTO price_change_lines (change, sku, fen) VALUES (?, ?, ?)`, number, string(sku), int64(c.Prices[sku])); err != nil {
			return 0, fmt.Errorf("add price change of %s: %w", sku, err)
		}
	}
	return number, nil
}

const priceChangeColumns = `SELECT c.number, c.from_ms, c.entered_ms, c.by_name, COALESCE(e.at_ms, 0), COALESCE(e.version, 0), COALESCE(e.by_name, '')
	FROM price_changes c LEFT JOIN price_change_ends e ON e.change = c.number `

func readPriceChange(row scanner) (cloud.PriceChange, error) {
	c := cloud.PriceChange{Prices: make(map[protocol.SKU]protocol.Fen)}
	return c, row.Scan(&c.Number, timeColumn{&c.From}, timeColumn{&c.Entered}, &c.By, timeColumn{&c.End.At}, &c.End.Version, &c.End.By)
}

// Coming implements cloud.PriceChanges.
func (p priceChanges) Coming() ([]cloud.PriceChange, error) {
	return p.filled(all(p.session, readPriceChange, priceChangeColumns+`WHERE e.change IS NULL ORDER BY c.from_ms, c.number`))
}

// Latest implements cloud.PriceChanges.
func (p priceChanges) Latest(limit int) ([]cloud.PriceChange, error) {
	return p.filled(all(p.session, readPriceChange, priceChangeColumns+`WHERE e.change IS NOT NULL ORDER BY c.number DESC LIMIT ?`, limit))
}

// filled adds the prices to the changes.
func (p priceChanges) filled(list []cloud.PriceChange, err error) ([]cloud.PriceChange, error) {
	if err != nil {
		return nil, fmt.Errorf("price changes: %w", err)
	}
	for _, c := range list {
		if _, err := all(p.session, func(row scanner) (struct{}, error) {
			var sku protocol.SKU
			var fen protocol.Fen
			err := row.Scan(&sku, &fen)
			c.Prices[sku] = fen
			return struct{}{}, err
		}, `SELECT sku, fen FROM price_change_lines WHERE change = ?`, c.Number); err != nil {
			return nil, fmt.Errorf("price change %d: %w", c.Number, err)
		}
	}
	return list, nil
}

// End implements cloud.PriceChanges.
func (p priceChanges) End(number uint32, e cloud.PriceEnd) error {
	added, err := p.exec(`INSERT INTO price_change_ends (change, at_ms, version, by_name)
		SELECT number, CAST(? AS BIGINT), CAST(? AS BIGINT), ? FROM price_changes WHERE number = ? ON CONFLICT (change) DO NOTHING`,
		ms(e.At), int64(e.Version), e.By, number)
	return exactlyOne(added, err, fmt.Sprintf("end price change %d", number))
}

type costs struct{ *session }

// Add implements cloud.Costs.
func (t costs) Add(c cloud.CostChange) error {
	var number int64
	if _, err := t.one(`SELECT COALESCE(MAX(number), 0) + 1 FROM article_costs WHERE sku = ?`, []any{string(c.SKU)}, &number); err != nil {
		return fmt.Errorf("cost of %s: %w", c.SKU, err)
	}
	if _, err := t.exec(`INSERT INTO article_costs (sku, number, from_ms, fen, by_name) VALUES (?, ?, ?, ?, ?)`,
		string(c.SKU), number, ms(c.From), int64(c.Cost), c.By); err != nil {
		return fmt.Errorf("add cost of %s: %w", c.SKU, err)
	}
	return nil
}

func readCost(row scanner) (cloud.CostChange, error) {
	var c cloud.CostChange
	return c, row.Scan(&c.SKU, timeColumn{&c.From}, &c.Cost, &c.By)
}

// At implements cloud.Costs.
func (t costs) At(at time.Time) (map[protocol.SKU]protocol.Fen, error) {
	list, err := all(t.session, readCost, `SELECT sku, from_ms, fen, by_name FROM article_costs ORDER BY sku, number`)
	if err != nil {
		return nil, fmt.Errorf("costs: %w", err)
	}
	held := make(map[protocol.SKU]protocol.Fen)
	for _, c := range list {
		if _, later := held[c.SKU]; later && c.From.After(at) {
			continue
		}
		held[c.SKU] = c.Cost
	}
	return held, nil
}

// Of implements cloud.Costs.
func (t costs) Of(sku protocol.SKU) ([]cloud.CostChange, error) {
	list, err := all(t.session, readCost, `SELECT sku, from_ms, fen, by_name FROM article_costs WHERE sku = ? ORDER BY number`, string(sku))
	if err != nil {
		return nil, fmt.Errorf("costs of %s: %w", sku, err)
	}
	return list, nil
}
