package rtu_test

import (
	"errors"
	"flag"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/bus"
	"allhours/edge/internal/bus/bustest"
	"allhours/edge/internal/driver/rtu"
	"allhours/protocol/fieldbus/modbus"
)

var seed = flag.Uint64("seed", 0, "repeat one run of the noisy line; 0 runs 50 others")

// noisy is a board on a bad line. Register n of it holds n. Its faults end when quiet is set.
type noisy struct {
	random *rand.Rand
	quiet  bool
}

// answer plays the right reply, now and then late, lost, damaged, in pieces or beside foreign bytes.
func (n *noisy) answer(frame string) []bustest.Part {
	req, _, err := modbus.ParseRequest([]byte(frame))
	if err != nil {
		return nil
	}
	values := make([]uint16, req.Quantity)
	for i := range values {
		values[i] = req.Address + uint16(i)
	}
	reply := string(req.AppendRegistersReply(nil, values))
	after := time.Duration(1+n.random.IntN(10)) * time.Millisecond
	if n.quiet {
		return []bustest.Part{{After: after, Bytes: reply}}
	}
	switch n.random.IntN(8) {
	case 0:
		return nil
	case 1: // later than any reply may be, so that it comes in the middle of another exchange
		return []bustest.Part{{After: after + time.Duration(100+n.random.IntN(150))*time.Millisecond, Bytes: reply}}
	case 2:
		return []bustest.Part{{After: after, Bytes: n.damage(reply)}}
	case 3:
		cut := 1 + n.random.IntN(len(reply)-1)
		gap := time.Duration(1+n.random.IntN(15)) * time.Millisecond
		return []bustest.Part{{After: after, Bytes: reply[:cut]}, {After: after + gap, Bytes: reply[cut:]}}
	case 4: // another board's, as after an address conflict
		other := req
		other.Unit++
		foreign := other.AppendRegistersReply(nil, make([]uint16, req.Quantity))
		return []bustest.Part{{After: after, Bytes: string(foreign) + reply}}
	case 5:
		return []bustest.Part{{After: after, Bytes: n.noise() + reply + n.noise()}}
	case 6:
		return []bustest.Part{{After: after, Bytes: string(req.AppendException(nil, modbus.DeviceBusy))}}
	default:
		return []bustest.Part{{After: after, Bytes: reply}}
	}
}

// damage flips one bit, which no checksum of this kind overlooks.
func (n *noisy) damage(reply string) string {
	b := []byte(reply)
	b[n.random.IntN(len(b))] ^= 1 << n.random.IntN(8)
	return string(b)
}

func (n *noisy) noise() string {
	b := make([]byte, n.random.IntN(6))
	for i := range b {
		b[i] = byte(n.random.Uint32())
	}
	return string(b)
}

func TestABadLineGivesErrorsButNeverAnotherRegistersValue(t *testing.T) {
	if *seed != 0 {
		synctest.Test(t, func(t *testing.T) { askOnABadLine(t, *seed) })
		return
	}
	for s := range uint64(50) {
		synctest.Test(t, func(t *testing.T) { askOnABadLine(t, s+1) })
	}
}

func askOnABadLine(t *testing.T, seed uint64) {
	n := &noisy{random: rand.New(rand.NewPCG(seed, 0))}
	line := bustest.Start(t, bus.Config{Name: "noisy", Baud: 19200}, bustest.NewBoard(n.answer).Open)
	synctest.Wait()
	right := 0
	const polls = 100
	for i := range polls {
		// Neighbouring requests differ in length: replies of one length cannot be told apart by any master.
		if ask(t, line, seed, uint16(1000*(i%9+1)), uint16(i%9+1)) {
			right++
		}
	}
	if right < polls/3 {
		t.Errorf("-seed %d: only %d of %d polls were answered", seed, right, polls)
	}
	n.quiet = true
	<-time.After(time.Second)
	if !ask(t, line, seed, 7, 7) {
		t.Errorf("-seed %d: no answer although the line is good again", seed)
	}
}

// ask reports whether the registers were read. Read wrongly they fail the test.
func ask(t *testing.T, line *bus.Line, seed uint64, address, quantity uint16) bool {
	t.Helper()
	reply, err := rtu.Poll(t.Context(), line, modbus.Read(1, modbus.ReadHolding, address, quantity), 1)
	if err != nil {
		if errors.Is(err, bus.ErrNotSent) {
			t.Errorf("-seed %d: %v", seed, err)
		}
		return false
	}
	for i := range int(quantity) {
		if got := modbus.Register(reply.Data, i); got != address+uint16(i) {
			t.Errorf("-seed %d: register %d read as %d", seed, int(address)+i, got)
		}
	}
	return true
}

func TestARequestBeyondTheStandardIsNotSent(t *testing.T) {
	_, err := rtu.Urge(t.Context(), nil, modbus.Read(1, modbus.ReadHolding, 0, 0))
	if !errors.Is(err, bus.ErrNotSent) || !errors.Is(err, modbus.ErrInvalid) {
		t.Errorf("a request for nothing: %v", err)
	}
}
