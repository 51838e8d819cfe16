package masterdata

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"allhours/cloud"
	"allhours/cloud/internal/spreadsheet"
	"allhours/protocol"
)

// record is one entry of a table as text, by column.
type record map[string]string

func articleRecord(a cloud.Article) record {
	return record{
		"sku": string(a.SKU), "name_zh": a.Name.Zh, "name_en": a.Name.En, "category": a.Category, "zone": a.Zone,
		"gross_g": grams(a.Unit), "sd_g": grams(a.SD), "price_fen": whole(a.Price), "shelf_life_days": whole(a.ShelfLifeDays),
		"essential": oneOrZero(a.Essential), "cost_fen": whole(a.Cost), "vat_percent": whole(a.VATPercent), "min_age": whole(a.MinAge),
		"case_size": whole(a.CaseSize), "retired": oneOrZero(a.Retired), "barcodes": codesText(a.Barcodes),
	}
}

func priceRecord(a cloud.Article) record {
	return record{"sku": string(a.SKU), "name_zh": a.Name.Zh, "name_en": a.Name.En, "price_yuan": spell(int64(a.Price), 2)}
}

func storeRecord(s cloud.Store) record {
	r := record{"id": string(s.ID), "name_zh": s.Name.Zh, "name_en": s.Name.En, "hours": hoursText(s.Hours)}
	r["latitude"], r["longitude"] = degrees(s.At)
	return r
}

func hoursText(all []cloud.Hours) string {
	spans := make([]string, len(all))
	for i, h := range all {
		spans[i] = timeOfDay(h.Open) + "-" + timeOfDay(h.Close)
	}
	return strings.Join(spans, " ")
}

func timeOfDay(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

func whole[T ~int | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

func grams(m protocol.Milligrams) string {
	return strings.TrimSuffix(strings.TrimRight(spell(int64(m), 3), "0"), ".")
}

func oneOrZero(yes bool) string {
	if yes {
		return "1"
	}
	return "0"
}

// placementRecords are a cabinet's places, in their order; an empty platform has one without an article.
func placementRecords(c cloud.Cabinet, names map[protocol.SKU]cloud.Text) (all []record) {
	for _, p := range c.Platforms {
		if len(p.SKUs) == 0 {
			all = append(all, record{"cabinet": string(c.ID), "platform": string(p.ID)})
		}
		for _, sku := range p.SKUs {
			r := record{"cabinet": string(c.ID), "platform": string(p.ID), "sku": string(sku), "name_zh": names[sku].Zh, "name_en": names[sku].En}
			if p.Par[sku] > 0 {
				r["par"] = whole(p.Par[sku])
			}
			if p.Room[sku] > 0 {
				r["room"] = whole(p.Room[sku])
			}
			all = append(all, r)
		}
	}
	return all
}

// Export writes a table of what the fleet has, as it is read again.
func Export(kind cloud.MasterKind, known Known) ([]byte, error) {
	var all []record
	switch kind {
	case cloud.MasterArticles:
		for _, a := range known.Articles {
			all = append(all, articleRecord(a))
		}
	case cloud.MasterPrices:
		for _, a := range known.Articles {
			all = append(all, priceRecord(a))
		}
	case cloud.MasterStores:
		for _, s := range known.Stores {
			all = append(all, storeRecord(s))
		}
	case cloud.MasterPlanograms:
		for _, c := range known.Cabinets {
			all = append(all, placementRecords(c, namesOf(known.Articles))...)
		}
	case cloud.MasterMarkdowns:
		for _, m := range known.rules() {
			all = append(all, markdownRecords(m)...)
		}
	case cloud.MasterAisles:
		all = aisleRecords(known)
	case cloud.MasterCabinets:
		for _, c := range known.Cabinets {
			all = append(all, cabinetRecord(c))
		}
	default:
		return nil, protocol.Errorf(cloud.CodeNotFound, "no table of master data is called %q", kind)
	}
	return write(kind, all), nil
}

func namesOf(articles []cloud.Article) map[protocol.SKU]cloud.Text {
	names := make(map[protocol.SKU]cloud.Text, len(articles))
	for _, a := range articles {
		names[a.SKU] = a.Name
	}
	return names
}

func write(kind cloud.MasterKind, all []record) []byte {
	heads := written(kind)
	rows := make([][]string, len(all))
	for i, r := range all {
		for _, head := range heads {
			rows[i] = append(rows[i], r[head])
		}
	}
	return spreadsheet.Write(heads, rows)
}

// written are the columns that are given out: of two that may stand for each other, the first.
func written(kind cloud.MasterKind) (heads []string) {
	for _, c := range tables[kind] {
		if c.instead == "" || !slices.Contains(heads, c.instead) {
			heads = append(heads, c.name)
		}
	}
	return heads
}
