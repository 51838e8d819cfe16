package sqlstore

import (
	"fmt"
	"strings"

	"allhours/cloud"
	"allhours/cloud/ledger"
	"allhours/cloud/picking"
	"allhours/protocol"
)

type demand struct{ *session }

// First implements cloud.DemandTable. Each is the least of an index, which is read at once.
func (t demand) First() (first ledger.Day, err error) {
	for _, query := range []string{`SELECT COALESCE(MIN(day), '') FROM ledger_days WHERE day <> ''`, `SELECT COALESCE(MIN(day), '') FROM past_sales`} {
		var day ledger.Day
		if _, err := t.one(query, nil, &day); err != nil {
			return "", fmt.Errorf("first day of sales: %w", err)
		}
		if day != "" && (first == "" || day < first) {
			first = day
		}
	}
	return first, nil
}

// Flows implements cloud.DemandTable. What left with a resident is posted from the platform and to what was sold, or is undecided, in
// the same entry.
func (t demand) Flows(store cloud.StoreID, day ledger.Day) ([]cloud.GoodsFlow, error) {
	flows, err := all(t.session, func(row scanner) (cloud.GoodsFlow, error) {
		var f cloud.GoodsFlow
		var pile, unit string
		if err := row.Scan(timeColumn{&f.At}, &pile, &unit, &f.Units, &f.Sold); err != nil {
			return f, err
		}
		cabinet, platform, _ := strings.Cut(strings.TrimPrefix(pile, "stock:"), ":")
		f.Place = picking.Place{Cabinet: protocol.CabinetID(cabinet), Platform: protocol.PlatformID(platform), SKU: ledger.Unit(unit).SKU()}
		return f, nil
	}, `SELECT e.at_ms, p.pile, p.unit, p.amount, p.amount < 0 AND substr(e.ref, 1, 6) = 'event:' AND EXISTS (
			SELECT 1 FROM ledger_postings s WHERE s.entry = e.id AND s.unit = p.unit AND s.amount > 0
			AND (s.pile >= 'sold:' AND s.pile < 'sold;' OR s.pile >= 'undecided:' AND s.pile < 'undecided;'))
		FROM ledger_entries e JOIN ledger_postings p ON p.entry = e.id
		WHERE e.store = ? AND e.day = ? AND p.pile >= 'stock:' AND p.pile < 'stock;' ORDER BY e.at_ms, e.id, p.line`, string(store), string(day))
	if err != nil {
		return nil, fmt.Errorf("goods of %s on %s: %w", store, day, err)
	}
	return flows, nil
}

// AddPast implements cloud.DemandTable.
func (t demand) AddPast(sales []cloud.PastSale) error {
	rows := make([][]any, 0, len(sales))
	for _, s := range sales {
		rows = append(rows, []any{string(s.Cabinet), string(s.Day), s.Hour, string(s.SKU), s.Units})
	}
	if err := t.insert("past_sales", []string{"cabinet", "day", "hour", "sku", "units"},
		" ON CONFLICT (cabinet, day, hour, sku) DO UPDATE SET units = excluded.units", rows); err != nil {
		return fmt.Errorf("past sales: %w", err)
	}
	return nil
}

// Past implements cloud.DemandTable.
func (t demand) Past(day ledger.Day) ([]cloud.PastSale, error) {
	return all(t.session, func(row scanner) (cloud.PastSale, error) {
		s := cloud.PastSale{Day: day}
		return s, row.Scan(&s.Cabinet, &s.Hour, &s.SKU, &s.Units)
	}, `SELECT cabinet, hour, sku, units FROM past_sales WHERE day = ? ORDER BY cabinet, sku, hour`, string(day))
}

// PastSpans implements cloud.DemandTable.
func (t demand) PastSpans() ([]cloud.PastSpan, error) {
	return all(t.session, func(row scanner) (cloud.PastSpan, error) {
		var s cloud.PastSpan
		return s, row.Scan(&s.Cabinet, &s.SKU, &s.From, &s.To)
	}, `SELECT cabinet, sku, MIN(day), MAX(day) FROM past_sales GROUP BY cabinet, sku ORDER BY cabinet, sku`)
}

type demandParts struct{ *session }

// Save implements cloud.DemandParts.
func (t demandParts) Save(parts []cloud.DemandPart) error {
	rows := make([][]any, 0, len(parts))
	for _, p := range parts {
		rows = append(rows, []any{string(p.Part), string(p.Through), string(p.Body)})
	}
	if err := t.insert("demand_parts", []string{"part", "through", "body"},
		" ON CONFLICT (part) DO UPDATE SET through = excluded.through, body = excluded.body", rows); err != nil {
		return fmt.Errorf("save what was learned: %w", err)
	}
	return nil
}

func readDemandPart(row scanner) (cloud.DemandPart, error) {
	var p cloud.DemandPart
	var body string
	err := row.Scan(&p.Part, &p.Through, &body)
	p.Body = []byte(body)
	return p, err
}

// After implements cloud.DemandParts.
func (t demandParts) After(part protocol.CabinetID, limit int) ([]cloud.DemandPart, error) {
	return all(t.session, readDemandPart, `SELECT part, through, body FROM demand_parts WHERE part > ? ORDER BY part LIMIT ?`, string(part), limit)
}

// Find implements cloud.DemandParts.
func (t demandParts) Find(part protocol.CabinetID) (cloud.DemandPart, bool, error) {
	found, err := all(t.session, readDemandPart, `SELECT part, through, body FROM demand_parts WHERE part = ?`, string(part))
	return first(found), len(found) > 0, err
}

var (
	_ cloud.DemandTable = demand{}
	_ cloud.DemandParts = demandParts{}
)
