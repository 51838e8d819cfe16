package payment

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// signatureHeader carries the signature of a call of the simulator.
const signatureHeader = "Simulator-Signature"

// callAgain is when a call that was not taken is made again.
func callAgain() []time.Duration {
	return []time.Duration{15 * time.Second, time.Minute, 5 * time.Minute}
}

// callBody is the body of such a call.
type callBody struct {
	Merchant string       `json:"merchant"`
	Order    string       `json:"order"`
	Number   string       `json:"number"`
	Kind     cloud.OpKind `json:"kind"`
	State    string       `json:"state"`
	Amount   protocol.Fen `json:"amount"`
}

func stateNames() map[State]string {
	return map[State]string{StatePending: "pending", StateDone: "done", StateRefused: "refused"}
}

// Parse implements Listener.
func (s *Simulator) Parse(header map[string][]string, body []byte) (Word, error) {
	if !hmac.Equal([]byte(http.Header(header).Get(signatureHeader)), []byte(s.sign(body))) {
		return Word{}, ErrForged
	}
	var b callBody
	if err := json.Unmarshal(body, &b); err != nil {
		return Word{}, fmt.Errorf("%w: %w", ErrForged, err)
	}
	for state, name := range stateNames() {
		if name == b.State {
			return Word{Merchant: b.Merchant, Order: b.Order, Number: b.Number, Kind: b.Kind, State: state, Amount: b.Amount}, nil
		}
	}
	return Word{}, fmt.Errorf("%w: a state %q", ErrForged, b.State)
}

// Reply implements Listener.
func (s *Simulator) Reply(err error) cloud.CallbackReply {
	return plainReply(err)
}

func (s *Simulator) sign(body []byte) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// callBack tells what became of a call, as its fault has it.
func (s *Simulator) callBack(c call, fault Fault) {
	if s.o.Call == nil {
		return
	}
	switch fault {
	case FaultTimeout:
	case FaultLate, FaultUnpaid:
		s.later(s.o.Late, func() { s.tell(c, 0) })
	case FaultTwice:
		s.later(0, func() { s.tell(c, 0); s.tell(c, 0) })
	case FaultDisorder:
		s.tell(c, 0)
		s.mu.Lock()
		before, known := s.calls[c.On]
		s.mu.Unlock()
		if known {
			s.later(0, func() { s.tell(before, 0) })
		}
	case FaultWrongAmount:
		word := s.wordNow(c)
		word.Amount++
		s.deliver(word)
	default:
		s.later(0, func() { s.tell(c, 0) })
	}
}

// forge calls back of what was never done: with a signature that is not ours, and as another merchant, whose is.
func (s *Simulator) forge(c call) {
	if s.o.Call == nil {
		return
	}
	word := s.wordNow(c)
	word.State = StateDone
	body := encode(word)
	s.o.Call(map[string][]string{signatureHeader: {hex.EncodeToString(make([]byte, sha256.Size))}}, body)
	word.Merchant = otherMerchant
	s.deliver(word)
}

// tell calls with what is true now, and again where that was not taken.
func (s *Simulator) tell(c call, tries int) {
	if s.deliver(s.wordNow(c)) == http.StatusOK || tries >= len(callAgain()) {
		return
	}
	s.later(callAgain()[tries], func() { s.tell(c, tries+1) })
}

func (s *Simulator) deliver(w Word) int {
	body := encode(w)
	return s.o.Call(map[string][]string{signatureHeader: {s.sign(body)}}, body)
}

func encode(w Word) []byte {
	body, _ := json.Marshal(callBody{w.Merchant, w.Order, w.Number, w.Kind, stateNames()[w.State], w.Amount}) // Nothing in it can fail.
	return body
}

func (s *Simulator) later(after time.Duration, do func()) { s.timers.after(after, do) }

// timers are calls that are still to be made.
type timers struct {
	mu      sync.Mutex
	stopped bool
	waiting map[*time.Timer]bool
	running sync.WaitGroup
}

func (t *timers) after(wait time.Duration, do func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.stopped {
		return
	}
	if t.waiting == nil {
		t.waiting = make(map[*time.Timer]bool)
	}
	t.running.Add(1)
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		defer t.running.Done()
		t.mu.Lock()
		delete(t.waiting, timer)
		stopped := t.stopped
		t.mu.Unlock()
		if !stopped {
			do()
		}
	})
	t.waiting[timer] = true
}

// stop ends what waits, and waits for what runs.
func (t *timers) stop() {
	t.mu.Lock()
	t.stopped = true
	for timer := range t.waiting {
		if timer.Stop() {
			t.running.Done()
		}
	}
	clear(t.waiting)
	t.mu.Unlock()
	t.running.Wait()
}
