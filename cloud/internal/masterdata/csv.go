package masterdata

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"allhours/cloud"
	"allhours/cloud/internal/spreadsheet"
)

// column is one of a table: what it is called, and as which field of an entry it is read.
type column struct {
	name     string
	field    string // empty: the name; "-": it is there for people, and nothing is read from it
	decimals int    // of a number: a field holds its smallest units
	optional bool
	instead  string // another column that may be there in its place; neither is needed by itself
}

// tables are the columns of each kind. Those of articles are the ones in which a chain's catalogue comes.
var tables = map[cloud.MasterKind][]column{
	cloud.MasterArticles: {
		{name: "sku"},
		{name: "name_zh"},
		{name: "name_en"},
		{name: "category"},
		{name: "zone"},
		{name: "gross_g", field: "unit_mg", decimals: 3},
		{name: "sd_g", field: "sd_mg", decimals: 3},
		{name: "price_fen", instead: "price_yuan"},
		{name: "price_yuan", field: "price_fen", decimals: 2, instead: "price_fen"},
		{name: "shelf_life_days"},
		{name: "essential"},
		{name: "cost_fen", instead: "cost_yuan"},
		{name: "cost_yuan", field: "cost_fen", decimals: 2, instead: "cost_fen"},
		{name: "vat_percent"},
		{name: "min_age"},
		{name: "case_size"},
		{name: "retired", optional: true},
		{name: "barcodes", optional: true},
	},
	cloud.MasterPrices: {
		{name: "sku"},
		{name: "name_zh", field: "-", optional: true},
		{name: "name_en", field: "-", optional: true},
		{name: "price_yuan", field: "price_fen", decimals: 2, instead: "price_fen"},
		{name: "price_fen", instead: "price_yuan"},
	},
	cloud.MasterStores: {
		{name: "id"},
		{name: "name_zh"},
		{name: "name_en"},
		{name: "hours"},
		{name: "latitude", optional: true},
		{name: "longitude", optional: true},
	},
	cloud.MasterAisles: {
		{name: "store"},
		{name: "sku"},
		{name: "name_zh", field: "-", optional: true},
		{name: "name_en", field: "-", optional: true},
		{name: "aisle"},
		{name: "turn", optional: true},
	},
	cloud.MasterCabinets: {
		{name: "cabinet"},
		{name: "store", optional: true},
		{name: "number", optional: true},
		{name: "place_zh", optional: true},
		{name: "place_en", optional: true},
		{name: "latitude", optional: true},
		{name: "longitude", optional: true},
		{name: "hours", optional: true},
		{name: "like", optional: true},
	},
	cloud.MasterPlanograms: {
		{name: "cabinet"},
		{name: "platform"},
		{name: "sku"},
		{name: "par", optional: true},
		{name: "room", optional: true},
		{name: "name_zh", field: "-", optional: true},
		{name: "name_en", field: "-", optional: true},
	},
	cloud.MasterMarkdowns: {{name: "category"}, {name: "days_left"}, {name: "percent"}, {name: "at_cost"}, {name: "alert_days"}},
}

// line is one line of a CSV below its head.
type line struct {
	number int
	cells  row
}

// sheet reads a CSV: a list of lines, which are read like the objects of a document.
type sheet struct {
	faults *faults
	known  []column
	heads  []column // of the file, in its order
}

// readSheet reads the lines of a table. What is wrong with a line does not keep the others from being read.
func readSheet(kind cloud.MasterKind, raw []byte) (list node, converted bool, f *faults) {
	s := sheet{faults: &faults{}, known: tables[kind]}
	list = node{value: []any{}, there: true, faults: s.faults}
	if len(raw) > cloud.MaxIntake {
		s.faults.add(place{}, "want %d bytes at most, got %d", cloud.MaxIntake, len(raw))
		return list, false, s.faults
	}
	text, converted, bad := spreadsheet.Decode(raw)
	if bad > 0 {
		s.faults.add(place{line: bad}, spreadsheet.Want)
		return list, false, s.faults
	}
	list.value = s.lines(text)
	return list, converted, s.faults
}

func (s *sheet) lines(text []byte) []any {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	lines := []any{}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if wrong, is := errors.AsType[*csv.ParseError](err); is {
			s.faults.add(place{line: wrong.StartLine}, "a quotation mark stands where none can: want \"...\" around a field")
			if s.heads == nil {
				return lines
			}
			continue
		}
		if !slices.ContainsFunc(record, func(field string) bool { return strings.TrimSpace(field) != "" }) {
			continue
		}
		number, _ := r.FieldPos(0)
		if s.heads == nil {
			if !s.head(number, record) {
				return lines
			}
			continue
		}
		lines = append(lines, line{number, s.cells(number, record, r.FieldPos)})
	}
	switch {
	case s.heads == nil:
		s.faults.add(place{line: 1}, "want a first line with the names of the columns: %s", s.names())
	case len(lines) == 0 && len(s.faults.list) == 0:
		s.faults.add(place{line: 1}, "want one line or more below the names of the columns")
	}
	return lines
}

// head reads the names of the columns; false where the lines below cannot be read by them.
func (s *sheet) head(number int, record []string) bool {
	before := len(s.faults.list)
	for _, field := range record {
		name := strings.ToLower(strings.TrimSpace(field))
		i := slices.IndexFunc(s.known, func(c column) bool { return c.name == name })
		at := place{line: number, column: name, found: field}
		switch {
		case name == "": // A table program left an empty column behind.
			s.heads = append(s.heads, column{field: "-"})
			continue
		case i < 0:
			s.faults.add(at, "column %q is not known here: want %s", field, s.names())
			continue
		case s.has(name):
			s.faults.add(at, "column %q is there twice", name)
		case s.known[i].instead != "" && s.has(s.known[i].instead):
			s.faults.add(at, "want only one of the columns %s and %s", s.known[i].instead, name)
		}
		s.heads = append(s.heads, s.known[i])
	}
	for i, c := range s.known {
		told := slices.ContainsFunc(s.known[:i], func(b column) bool { return b.name == c.instead })
		if !c.optional && !told && !s.has(c.name) && (c.instead == "" || !s.has(c.instead)) {
			s.faults.add(place{line: number, column: c.name}, "column %s is missing", c.name)
		}
	}
	return len(s.faults.list) == before
}

func (s *sheet) has(name string) bool {
	return slices.ContainsFunc(s.heads, func(c column) bool { return c.name == name })
}

func (s *sheet) names() string {
	names := make([]string, len(s.known))
	for i, c := range s.known {
		names[i] = c.name
	}
	return strings.Join(names, ", ")
}

func (s *sheet) cells(number int, record []string, at func(field int) (line, column int)) row {
	for len(record) > len(s.heads) && strings.TrimSpace(record[len(record)-1]) == "" {
		record = record[:len(record)-1]
	}
	if len(record) != len(s.heads) {
		s.faults.add(place{line: number}, "want %d fields as there are columns, got %d", len(s.heads), len(record))
	}
	cells := row{}
	for i, c := range s.heads {
		if c.field == "-" {
			continue
		}
		field := c.field
		if field == "" {
			field = c.name
		}
		made := cell{line: number, column: c.name, decimals: c.decimals}
		if i < len(record) {
			made.text = spreadsheet.Plain(strings.TrimSpace(record[i]))
			made.line, _ = at(i) // A field before it may have line breaks in it.
		}
		cells[field] = made
	}
	return cells
}
