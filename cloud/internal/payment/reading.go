package payment

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/spreadsheet"
	"allhours/protocol"
)

// mostBadRows is how many are told at once: whoever mixed up two files need not read all of them.
const mostBadRows = 1000

// ReadStatement reads what WriteStatement writes, also as a table program saved it again and with columns in another order. It tells
// every row that cannot be read; then there are no lines. A day without money has a header alone.
func ReadStatement(raw []byte) (lines []StatementLine, bad []cloud.BadRow) {
	text, _, wrong := spreadsheet.Decode(raw)
	if wrong > 0 {
		return nil, []cloud.BadRow{{Line: wrong, Why: spreadsheet.Want}}
	}
	in := csv.NewReader(bytes.NewReader(text))
	in.FieldsPerRecord = -1
	head, err := in.Read()
	if err != nil {
		return nil, []cloud.BadRow{{Line: 1, Why: "want a first line with the names of the columns"}}
	}
	columns, bad := columnsOf(head)
	for len(bad) < mostBadRows {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := in.FieldPos(0)
		if broken, is := errors.AsType[*csv.ParseError](err); is {
			return nil, append(bad, cloud.BadRow{Line: broken.StartLine, Why: broken.Err.Error()})
		}
		if err != nil {
			return nil, append(bad, cloud.BadRow{Line: line, Why: err.Error()})
		}
		row := row{line: line, record: record, columns: columns}
		if l := row.read(); len(row.bad) == 0 {
			lines = append(lines, l)
		}
		bad = append(bad, row.bad...)
	}
	if len(bad) > 0 {
		return nil, bad
	}
	return lines, nil
}

// columnsOf finds where each column stands.
func columnsOf(head []string) (columns map[string]int, bad []cloud.BadRow) {
	columns = make(map[string]int, len(head))
	for i, name := range head {
		name = strings.TrimSpace(name)
		switch _, twice := columns[name]; {
		case !slices.Contains(StatementHeader(), name):
			bad = append(bad, cloud.BadRow{Line: 1, Column: name, Why: "no such column: want " + strings.Join(StatementHeader(), ", ")})
		case twice:
			bad = append(bad, cloud.BadRow{Line: 1, Column: name, Why: "stands twice"})
		}
		columns[name] = i
	}
	for _, name := range StatementHeader() {
		if _, there := columns[name]; !there {
			bad = append(bad, cloud.BadRow{Line: 1, Column: name, Why: "is missing"})
		}
	}
	return columns, bad
}

// row is one line of a file while it is read.
type row struct {
	line    int
	record  []string
	columns map[string]int
	bad     []cloud.BadRow
}

func (r *row) fault(column, why string) {
	r.bad = append(r.bad, cloud.BadRow{Line: r.line, Column: column, Why: why})
}

func (r *row) text(column string) string {
	i, there := r.columns[column]
	if !there || i >= len(r.record) {
		return ""
	}
	return spreadsheet.Plain(strings.TrimSpace(r.record[i]))
}

func (r *row) read() StatementLine {
	l := StatementLine{
		Row: r.line, Kind: r.text(StatementKind), Order: r.text(StatementOrder), Refund: r.text(StatementRefund),
		Amount: r.fen(StatementAmount), Fee: r.fen(StatementFee), Merchant: r.text(StatementMerchant), Currency: r.text(StatementCurrency),
	}
	if len(r.record) != len(r.columns) {
		r.fault("", strconv.Itoa(len(r.record))+" fields: want "+strconv.Itoa(len(r.columns)))
		return l
	}
	at, err := time.Parse(time.RFC3339, r.text(StatementTime))
	if err != nil {
		r.fault(StatementTime, quoted(r.text(StatementTime))+": want a time as 2026-11-28T23:59:01+08:00")
	}
	l.At = at
	r.check(l)
	return l
}

func (r *row) check(l StatementLine) {
	switch l.Kind {
	case LineCapture, LineRefund:
		if l.Order == "" {
			r.fault(StatementOrder, "want an order number")
		}
		if l.Amount <= 0 {
			r.fault(StatementAmount, "want more than 0")
		}
	case LineFee:
		if l.Amount != 0 {
			r.fault(StatementAmount, "want 0 in the line of a fee")
		}
	default:
		r.fault(StatementKind, quoted(l.Kind)+": want capture, refund or fee")
	}
	if (l.Kind == LineRefund) != (l.Refund != "") {
		r.fault(StatementRefund, "want a refund's number in the line of a refund, and nowhere else")
	}
	if l.Currency != Currency {
		r.fault(StatementCurrency, quoted(l.Currency)+": want "+Currency)
	}
	if l.Merchant == "" {
		r.fault(StatementMerchant, "want a merchant")
	}
}

// mostFen bounds one amount, so that the sum of a file cannot overflow.
const mostFen = int64(1e12)

// fen reads whole fen.
func (r *row) fen(column string) protocol.Fen {
	n, err := strconv.ParseInt(r.text(column), 10, 64)
	if err != nil || n > mostFen || n < -mostFen {
		r.fault(column, quoted(r.text(column))+": want whole fen")
		return 0
	}
	if column == StatementAmount && n < 0 {
		r.fault(column, "want an amount that is not negative: the kind says which way it went")
	}
	return protocol.Fen(n)
}

// quoted shortens what stands in a cell.
func quoted(cell string) string {
	const most = 40
	if runes := []rune(cell); len(runes) > most {
		cell = string(runes[:most]) + "…"
	}
	return strconv.Quote(cell)
}
