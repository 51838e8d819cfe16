package payment

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"allhours/protocol"
)

// A provider's statement is a CSV file in UTF-8 without a mark at its beginning: the header below, then one line for each
// movement of money in the order of time. Amounts and fees are whole fen, and amounts are never negative: the kind says
// which way the money went. What the provider pays out for a statement is captures less refunds less fees.
//
//	time          when it was booked by the provider: RFC 3339 with seconds and offset, 2026-11-28T23:59:01+08:00
//	kind          capture, refund or fee
//	order_number  ours, of the hold or of the charge that the money was taken by: the op's id without hyphens; empty for a
//	              fee that belongs to no order
//	refund_number ours, of a refund; else empty
//	amount_fen    taken or given back; 0 for a fee
//	fee_fen       what the provider keeps of this line; negative where it gives a fee back with a refund
//	merchant      the account that the money was booked to
//	currency      CNY
const (
	StatementTime     = "time"
	StatementKind     = "kind"
	StatementOrder    = "order_number"
	StatementRefund   = "refund_number"
	StatementAmount   = "amount_fen"
	StatementFee      = "fee_fen"
	StatementMerchant = "merchant"
	StatementCurrency = "currency"
)

// The kinds of a statement's lines.
const (
	LineCapture = "capture"
	LineRefund  = "refund"
	LineFee     = "fee"
)

// Currency is that of every amount here.
const Currency = "CNY"

// StatementHeader lists the columns in their order.
func StatementHeader() []string {
	return []string{
		StatementTime, StatementKind, StatementOrder, StatementRefund, StatementAmount, StatementFee, StatementMerchant, StatementCurrency,
	}
}

// StatementLine is one movement of money as the provider booked it.
type StatementLine struct {
	At       time.Time
	Kind     string
	Order    string
	Refund   string
	Amount   protocol.Fen
	Fee      protocol.Fen
	Merchant string
	Currency string
	Row      int // of the file that it was read from; 0: it was not
}

// WriteStatement writes the lines as a statement; times are written as they are told, so the caller chooses their zone.
func WriteStatement(w io.Writer, lines []StatementLine) error {
	out := csv.NewWriter(w)
	if err := out.Write(StatementHeader()); err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	for _, l := range lines {
		if err := out.Write([]string{
			l.At.Format(time.RFC3339), l.Kind, l.Order, l.Refund,
			strconv.FormatInt(int64(l.Amount), 10), strconv.FormatInt(int64(l.Fee), 10), l.Merchant, l.Currency,
		}); err != nil {
			return fmt.Errorf("statement: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("statement: %w", err)
	}
	return nil
}
