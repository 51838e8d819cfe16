package spreadsheet_test

import (
	"bytes"
	"encoding/csv"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"allhours/cloud/internal/spreadsheet"
)

func TestACellIsNeverCalculatedAndComesBackAsItWas(t *testing.T) {
	for _, c := range []struct{ cell, written string }{
		{"", ""},
		{"water", "water"},
		{"-5", "-5"},
		{"-0.50", "-0.50"},
		{"=1+1", "'=1+1"},
		{"+86571", "'+86571"},
		{"-cmd", "'-cmd"},
		{"@SUM(A1)", "'@SUM(A1)"},
		{"\t=1", "'\t=1"},
		{"\r=1", "'\r=1"},
		{"\n=1", "'\n=1"},
		{"＝1+1", "'＝1+1"},
		{"＋86571", "'＋86571"},
		{"－cmd", "'－cmd"},
		{"＠SUM(A1)", "'＠SUM(A1)"},
		{"'＝1", "''＝1"},
		{"\xff=1", "\xff=1"},
		{"'=1", "''=1"},
		{"''=1", "'''=1"},
		{"'n Beetje", "'n Beetje"},
		{"'", "'"},
		{"1=1", "1=1"},
	} {
		got := spreadsheet.Defuse(c.cell)
		if got != c.written || spreadsheet.Plain(got) != c.cell {
			t.Errorf("%q is written %q and read %q: want %q", c.cell, got, spreadsheet.Plain(got), c.written)
		}
	}
}

func FuzzACellComesBackAsItWas(f *testing.F) {
	f.Add("=1")
	f.Add("'-x")
	f.Fuzz(func(t *testing.T, cell string) {
		written := spreadsheet.Defuse(cell)
		if spreadsheet.Plain(written) != cell {
			t.Errorf("%q is written %q and read %q", cell, written, spreadsheet.Plain(written))
		}
	})
}

func TestATableIsReadAsItWasWritten(t *testing.T) {
	raw := spreadsheet.Write([]string{"名", "note"}, [][]string{{"水", "=1\n2"}})
	text, converted, bad := spreadsheet.Decode(raw)
	if converted || bad != 0 || bytes.HasPrefix(text, []byte("\uFEFF")) || !bytes.HasPrefix(raw, []byte("\uFEFF")) {
		t.Fatalf("%q: converted %v, line %d", text, converted, bad)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != "水" || rows[1][1] != "'=1\n2" {
		t.Errorf("%q: %v", rows, err)
	}
}

func TestTextIsKnownByItsBytes(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().String("编号\r\n水€\r\n")
	if err != nil {
		t.Fatal(err)
	}
	for say, c := range map[string]struct {
		raw, text string
		converted bool
		bad       int
	}{
		"in UTF-8":                           {"编号\n水", "编号\n水", false, 0},
		"with a mark":                        {"\uFEFF编号", "编号", false, 0},
		"in GB18030":                         {gb, "编号\r\n水€\r\n", true, 0},
		"a picture":                          {"\x89PNG\r\n\x1a\n\x00\x00", "", false, 3},
		"in UTF-16":                          {"\xff\xfes\x00k\x00", "", false, 1},
		"broken in its third line":           {"a\nb\n\xff\xff\n", "", false, 3},
		"with UTF-8's mark and other bytes":  {"\uFEFFa\n\xcb\xff\n", "", false, 2},
		"in UTF-8 that was cut in its end":   {"水\n水"[:6], "", false, 2},
		"nothing at all":                     {"", "", false, 0},
		"cut in the middle of a GB18030 one": {"a\n\xcb", "", false, 2},
	} {
		text, converted, bad := spreadsheet.Decode([]byte(c.raw))
		if string(text) != c.text || converted != c.converted || bad != c.bad {
			t.Errorf("%s: %q, converted %v, line %d", say, text, converted, bad)
		}
	}
}
