package payment

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"allhours/cloud"
	"allhours/protocol"
)

// Fault is what a simulated provider does wrong to one call.
type Fault int

// The simulator can refuse, lose a call before it arrives, or do what it was told and lose the answer.
const (
	FaultNone Fault = iota
	FaultRefuse
	FaultLost
	FaultTimeout
)

// errNoAnswer is what a caller sees of a lost call or answer.
var errNoAnswer = errors.New("payment simulator: no answer")

// Simulator is a provider with a truth of its own, kept in its own file: it survives a restart of the service, as a real
// provider does. It moves no real money.
type Simulator struct {
	mu     sync.Mutex
	faults func(cloud.OpKind, protocol.UUID) Fault
	file   *os.File // nil: memory only
	calls  map[protocol.UUID]call
}

// call is one operation as the simulator took it.
type call struct {
	Op      protocol.UUID `json:"op"`
	Kind    cloud.OpKind  `json:"kind"`
	Person  protocol.UUID `json:"person,omitzero"`
	On      protocol.UUID `json:"on,omitzero"`
	Amount  protocol.Fen  `json:"amount"`
	Refused bool          `json:"refused,omitempty"`
}

// NewSimulator reads the truth of earlier runs from path; an empty path keeps it in memory. Faults says what to do wrong
// with each call and may be nil.
func NewSimulator(path string, faults func(cloud.OpKind, protocol.UUID) Fault) (*Simulator, error) {
	s := &Simulator{faults: faults, calls: make(map[protocol.UUID]call)}
	if faults == nil {
		s.faults = func(cloud.OpKind, protocol.UUID) Fault { return FaultNone }
	}
	if path == "" {
		return s, nil
	}
	if err := s.load(path); err != nil {
		return nil, fmt.Errorf("payment simulator: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("payment simulator: %w", err)
	}
	if _, err := file.WriteString("\n"); err != nil { // The next call must not be written behind a torn line.
		return nil, errors.Join(fmt.Errorf("payment simulator: %w", err), file.Close())
	}
	s.file = file
	return s, nil
}

func (s *Simulator) load(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var c call
		if json.Unmarshal(lines.Bytes(), &c) != nil {
			continue // Between two runs is an empty line, or a torn one: a call that was never answered.
		}
		s.remember(c)
	}
	return lines.Err()
}

func (s *Simulator) remember(c call) {
	s.calls[c.Op] = c
}

// Hold implements Provider.
func (s *Simulator) Hold(_ context.Context, op, person protocol.UUID, amount protocol.Fen) error {
	return s.take(call{Op: op, Kind: cloud.OpHold, Person: person, Amount: amount})
}

// Capture implements Provider.
func (s *Simulator) Capture(_ context.Context, op, hold protocol.UUID, amount protocol.Fen) error {
	return s.take(call{Op: op, Kind: cloud.OpCapture, On: hold, Amount: amount})
}

// Release implements Provider.
func (s *Simulator) Release(_ context.Context, op, hold protocol.UUID) error {
	return s.take(call{Op: op, Kind: cloud.OpRelease, On: hold})
}

// Refund implements Provider.
func (s *Simulator) Refund(_ context.Context, op, capture protocol.UUID, amount protocol.Fen) error {
	return s.take(call{Op: op, Kind: cloud.OpRefund, On: capture, Amount: amount})
}

// Query implements Provider.
func (s *Simulator) Query(_ context.Context, op protocol.UUID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, known := s.calls[op]
	if !known {
		return ErrNever
	}
	return c.outcome()
}

func (c call) outcome() error {
	if c.Refused {
		return ErrRefused
	}
	return nil
}

func (s *Simulator) take(c call) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, again := s.calls[c.Op]; again {
		return known.outcome()
	}
	fault := s.faults(c.Kind, c.Op)
	if fault == FaultLost {
		return errNoAnswer
	}
	c.Refused = fault == FaultRefuse || !s.possible(&c)
	if err := s.write(c); err != nil {
		return err
	}
	s.remember(c)
	if fault == FaultTimeout {
		return errNoAnswer
	}
	return c.outcome()
}

// possible reports whether a real provider could do it: a hold ends once, and nothing more is taken or given back than
// was there.
func (s *Simulator) possible(c *call) bool {
	switch c.Kind {
	case cloud.OpHold:
		return c.Amount > 0
	case cloud.OpCapture, cloud.OpRelease:
		hold, known := s.calls[c.On]
		c.Person = hold.Person
		return known && hold.Kind == cloud.OpHold && !hold.Refused && c.Amount <= hold.Amount && !s.ended(c.On)
	case cloud.OpRefund:
		capture, known := s.calls[c.On]
		c.Person = capture.Person
		return known && capture.Kind == cloud.OpCapture && !capture.Refused && c.Amount > 0 && c.Amount+s.givenBack(c.On) <= capture.Amount
	}
	return false
}

// givenBack is what was given back of a capture.
func (s *Simulator) givenBack(capture protocol.UUID) (sum protocol.Fen) {
	for _, c := range s.calls {
		if c.On == capture && c.Kind == cloud.OpRefund && !c.Refused {
			sum += c.Amount
		}
	}
	return sum
}

// ended reports whether something was done on the operation already.
func (s *Simulator) ended(on protocol.UUID) bool {
	for _, c := range s.calls {
		if c.On == on && !c.Refused {
			return true
		}
	}
	return false
}

func (s *Simulator) write(c call) error {
	if s.file == nil {
		return nil
	}
	line, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("payment simulator: %w", err)
	}
	if _, err := s.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("payment simulator: %w", err)
	}
	return nil
}

// Taken is what a person paid in the end, in fen: captures less refunds. It is the provider's statement.
func (s *Simulator) Taken(person protocol.UUID) protocol.Fen {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum protocol.Fen
	for _, c := range s.calls {
		switch {
		case c.Refused || c.Person != person:
		case c.Kind == cloud.OpCapture:
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
		if c.Kind == cloud.OpHold && !c.Refused && c.Person == person && !s.ended(c.Op) {
			sum += c.Amount
		}
	}
	return sum
}

// Close closes the simulator's file.
func (s *Simulator) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
