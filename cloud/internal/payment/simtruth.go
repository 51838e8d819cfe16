package payment

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// Taken is what a person paid in the end, in fen: captures, payments of debts and top-ups, less refunds.
func (s *Simulator) Taken(person protocol.UUID) protocol.Fen {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum protocol.Fen
	for _, c := range s.calls {
		switch {
		case c.Person != person || s.state(c) != StateDone:
		case takesMoney(c.Kind):
			sum += c.Amount
		case c.Kind == cloud.OpRefund:
			sum -= c.Amount
		}
	}
	return sum
}

// Held is what is still reserved of a person's money.
func (s *Simulator) Held(person protocol.UUID) protocol.Fen {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum protocol.Fen
	for _, c := range s.calls {
		if c.Kind == cloud.OpHold && c.Person == person && s.state(c) == StateDone && !s.ended(c.Op) {
			sum += c.Amount
		}
	}
	return sum
}

// Since implements Provider.
func (s *Simulator) Since(_ context.Context, from time.Time) ([]Done, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Done
	for _, c := range s.calls {
		at := time.UnixMilli(max(c.At, c.Due))
		if at.Before(from) || s.state(c) == StateRefused || !takesMoney(c.Kind) && c.Kind != cloud.OpRefund {
			continue
		}
		all = append(all, Done{Word: s.word(c), On: Number(c.On), Person: c.Person, At: at})
	}
	return all, nil
}

// Statement is what the simulator booked from a moment until before another, in the order of time. Its times are in the zone
// of from.
func (s *Simulator) Statement(from, to time.Time) []StatementLine {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines := []StatementLine{}
	for _, c := range s.calls {
		at := time.UnixMilli(max(c.At, c.Due)).In(from.Location())
		if at.Before(from) || !at.Before(to) || s.state(c) != StateDone {
			continue
		}
		l := StatementLine{At: at, Order: Number(s.order(c)), Amount: c.Amount, Merchant: SimulatorMerchant, Currency: Currency}
		fee := (c.Amount*protocol.Fen(s.o.Fee) + 5000) / 10000
		switch {
		case takesMoney(c.Kind):
			l.Kind, l.Fee = LineCapture, fee
		case c.Kind == cloud.OpRefund:
			l.Kind, l.Refund, l.Fee = LineRefund, Number(c.Op), -fee
		default:
			continue
		}
		lines = append(lines, l)
	}
	slices.SortFunc(lines, func(a, b StatementLine) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Order, b.Order), cmp.Compare(a.Refund, b.Refund))
	})
	return lines
}

// SimulatedStatement reads the file of a simulator, beside one that writes it; see Simulator.Statement.
func SimulatedStatement(path string, from, to time.Time) ([]StatementLine, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("statement of the simulated provider: %w", err)
	}
	s, err := NewSimulator("", nil)
	if err != nil {
		return nil, err
	}
	if err := s.load(path); err != nil {
		return nil, fmt.Errorf("statement of the simulated provider: %w", err)
	}
	return s.Statement(from, to), nil
}
