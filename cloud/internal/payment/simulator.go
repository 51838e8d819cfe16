package payment

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// What the simulated provider is called, and what it calls us.
const (
	SimulatorName     = "simulated"
	SimulatorMerchant = "simulated-merchant"
	otherMerchant     = "another-merchant" // that it knows as well
)

// simulatedFee is what it keeps of what it takes, in hundredths of a per cent.
const simulatedFee = 60

// lateBy is how long what is late takes.
const lateBy = 30 * time.Second

// errNoAnswer is what a caller sees of a lost call or answer.
var errNoAnswer = errors.New("payment simulator: no answer")

// SimulatorOptions are what a simulated provider can be told beside its faults; each may be left out.
type SimulatorOptions struct {
	Fee  int              // of what it takes, in hundredths of a per cent; 0: 60
	Now  func() time.Time // nil: time.Now
	Late time.Duration    // how long what is late takes; 0: 30 s
	// Call is called back, outside of any lock, and gives the status of the answer; what is not 200 is tried again. Nil: it
	// never calls back. What is in another order, forged or wrong is called before the call itself is answered.
	Call func(header map[string][]string, body []byte) (status int)
}

// Simulator is a provider with a truth of its own, kept in its own file: it survives a restart of the service, as a real
// provider does. It moves no real money. It wants what a real one wants: numbers of at most 32 characters, and lines that
// come to the amount. It calls back where Configure gives it somebody to call.
type Simulator struct {
	mu     sync.Mutex
	o      SimulatorOptions
	faults func(cloud.OpKind, protocol.UUID) Fault
	file   *os.File // nil: memory only
	calls  map[protocol.UUID]call
	done   map[protocol.UUID][]protocol.UUID // what was done to an operation
	key    []byte                            // that it signs its calls with
	timers timers
}

// call is one operation as the simulator took it.
type call struct {
	Op      protocol.UUID `json:"op"`
	Kind    cloud.OpKind  `json:"kind"`
	Person  protocol.UUID `json:"person,omitzero"`
	On      protocol.UUID `json:"on,omitzero"`
	Amount  protocol.Fen  `json:"amount"`
	Refused bool          `json:"refused,omitempty"`
	At      int64         `json:"at,omitempty"`     // milliseconds
	Due     int64         `json:"due,omitempty"`    // milliseconds; it is under way until then
	Unpaid  bool          `json:"unpaid,omitempty"` // and refused after it
}

// NewSimulator reads the truth of earlier runs from path; an empty path keeps it in memory. Faults says what to do wrong
// with each call, by the kind and the id of our operation, and may be nil; it is asked once for each call that the simulator
// did not take before. Configure adds what else can be chosen.
func NewSimulator(path string, faults func(cloud.OpKind, protocol.UUID) Fault) (*Simulator, error) {
	s := &Simulator{faults: faults, calls: make(map[protocol.UUID]call), done: make(map[protocol.UUID][]protocol.UUID), key: make([]byte, 32)}
	_, _ = rand.Read(s.key) // It never fails: the runtime ends the program first.
	s.Configure(SimulatorOptions{})
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

// Configure tells the simulator what can be chosen; before it is used.
func (s *Simulator) Configure(o SimulatorOptions) {
	if o.Fee == 0 {
		o.Fee = simulatedFee
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Late == 0 {
		o.Late = lateBy
	}
	s.o = o
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
	if _, known := s.calls[c.Op]; !known && !c.On.IsZero() {
		s.done[c.On] = append(s.done[c.On], c.Op)
	}
	s.calls[c.Op] = c
}

// Account implements Provider.
func (s *Simulator) Account() Account {
	return Account{Name: SimulatorName, Merchant: SimulatorMerchant}
}

// Authorise implements Provider.
func (s *Simulator) Authorise(_ context.Context, r Request) (Word, error) { return s.take(r) }

// Complete implements Provider.
func (s *Simulator) Complete(_ context.Context, r Request) (Word, error) { return s.take(r) }

// Cancel implements Provider.
func (s *Simulator) Cancel(_ context.Context, r Request) (Word, error) { return s.take(r) }

// Charge implements Provider.
func (s *Simulator) Charge(_ context.Context, r Request) (Word, error) { return s.take(r) }

// Refund implements Provider.
func (s *Simulator) Refund(_ context.Context, r Request) (Word, error) { return s.take(r) }

// Query implements Provider.
func (s *Simulator) Query(_ context.Context, r Request) (Word, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	op, _ := ParseNumber(r.Number)
	c, known := s.calls[op]
	if !known {
		return Word{Merchant: SimulatorMerchant, Order: r.Order, Number: r.Number, Kind: r.Kind, State: StateNever}, nil
	}
	return s.word(c), nil
}

// take does what it is asked for, once, and calls back.
func (s *Simulator) take(r Request) (Word, error) {
	c, fault, again, err := s.enter(r)
	if again || err != nil {
		return s.wordNow(c), err
	}
	if fault == FaultLost {
		return Word{}, errNoAnswer
	}
	if fault == FaultForged {
		s.forge(c)
		return Word{}, errNoAnswer
	}
	word := s.wordNow(c)
	s.callBack(c, fault)
	if fault == FaultTimeout || fault == FaultWrongAmount {
		return Word{}, errNoAnswer
	}
	return word, nil
}

// enter takes a call in, where it arrives; again is true for one that was taken before.
func (s *Simulator) enter(r Request) (c call, fault Fault, again bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	op, _ := ParseNumber(r.Number)
	on, _ := ParseNumber(r.On)
	if known, is := s.calls[op]; is {
		return known, FaultNone, true, nil
	}
	now := s.o.Now()
	c = call{Op: op, Kind: r.Kind, Person: r.Person, On: on, Amount: r.Amount, At: now.UnixMilli()}
	if fault = s.faults(c.Kind, c.Op); fault == FaultLost || fault == FaultForged {
		return c, fault, false, nil
	}
	c.Refused = fault == FaultRefuse || !s.possible(&c) || !wellFormed(r)
	if !c.Refused && (fault == FaultLate || fault == FaultUnpaid) {
		c.Due, c.Unpaid = now.Add(s.o.Late).UnixMilli(), fault == FaultUnpaid
	}
	if err := s.write(c); err != nil {
		return c, fault, false, err
	}
	s.remember(c)
	return c, fault, false, nil
}

// wellFormed reports a request that a real provider would read.
func wellFormed(r Request) bool {
	_, ours := ParseNumber(r.Number)
	_, order := ParseNumber(r.Order)
	if !ours || !order || len(r.Lines) > maxLines {
		return false
	}
	if r.Kind != cloud.OpCapture && r.Kind != cloud.OpPay && r.Kind != cloud.OpTopUp {
		return true
	}
	var sum protocol.Fen
	for _, l := range r.Lines {
		if l.Name == "" || l.Qty < 1 || len([]rune(l.Name)) > maxLineName {
			return false
		}
		sum += l.Fen
	}
	return sum == r.Amount
}

// possible reports whether a real provider could do it: a hold ends once, and nothing more is taken or given back than
// was there.
func (s *Simulator) possible(c *call) bool {
	switch c.Kind {
	case cloud.OpHold, cloud.OpPay, cloud.OpTopUp:
		return c.Amount > 0 && !c.Person.IsZero()
	case cloud.OpCapture, cloud.OpRelease:
		hold, known := s.calls[c.On]
		c.Person = hold.Person
		return known && hold.Kind == cloud.OpHold && s.state(hold) == StateDone && c.Amount <= hold.Amount && !s.ended(c.On)
	case cloud.OpRefund:
		taken, known := s.calls[c.On]
		c.Person = taken.Person
		return known && takesMoney(taken.Kind) && s.state(taken) == StateDone && c.Amount > 0 && s.back(c.On)+c.Amount <= taken.Amount
	}
	return false
}

func takesMoney(k cloud.OpKind) bool {
	return k == cloud.OpCapture || k == cloud.OpPay || k == cloud.OpTopUp
}

// state is how far a call is now.
func (s *Simulator) state(c call) State {
	switch {
	case c.Refused:
		return StateRefused
	case s.o.Now().UnixMilli() < c.Due:
		return StatePending
	case c.Unpaid:
		return StateRefused
	}
	return StateDone
}

// ended reports whether something was done on a hold already, or is on its way.
func (s *Simulator) ended(hold protocol.UUID) bool {
	for _, op := range s.done[hold] {
		if s.state(s.calls[op]) != StateRefused {
			return true
		}
	}
	return false
}

// back is what was given back of what was taken, or is on its way.
func (s *Simulator) back(taken protocol.UUID) (sum protocol.Fen) {
	for _, op := range s.done[taken] {
		if c := s.calls[op]; c.Kind == cloud.OpRefund && s.state(c) != StateRefused {
			sum += c.Amount
		}
	}
	return sum
}

// word is what the simulator says of a call now.
func (s *Simulator) word(c call) Word {
	return Word{Merchant: SimulatorMerchant, Order: Number(s.order(c)), Number: Number(c.Op), Kind: c.Kind, State: s.state(c), Amount: c.Amount}
}

func (s *Simulator) wordNow(c call) Word {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.word(c)
}

// order is the hold or the charge that a call belongs to.
func (s *Simulator) order(c call) protocol.UUID {
	switch c.Kind {
	case cloud.OpCapture, cloud.OpRelease:
		return c.On
	case cloud.OpRefund:
		if taken := s.calls[c.On]; taken.Kind == cloud.OpCapture {
			return taken.On
		}
		return c.On
	}
	return c.Op
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

// Close closes the simulator's file; nobody is called back any more.
func (s *Simulator) Close() error {
	s.timers.stop()
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
