package sim

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/cloud/server"
	"allhours/protocol"
)

// mood is how the payment provider treats what it is asked: shares of all calls.
type mood struct {
	refuse   float64 // holds and captures are refused
	deaf     float64 // the call never arrives, and nobody says so
	mute     float64 // the call arrives, and nobody says so
	slowest  time.Duration
	shutDown bool // nothing arrives, and nothing is answered
}

var errNoAnswer = errors.New("the payment provider does not answer")

// deed is what an operation did.
type deed struct {
	kind   string
	asked  cloud.OpKind // of a charge
	on     protocol.UUID
	person protocol.UUID
	amount protocol.Fen
	done   bool // otherwise refused
}

// bank is a payment provider with a book of its own, which outlives the service.
type bank struct {
	mu     sync.Mutex
	chance *rand.Rand
	mood   mood
	deeds  map[protocol.UUID]deed
	times  map[protocol.UUID]time.Time
	holds  map[protocol.UUID]protocol.Fen // reserved and not yet captured or released
	ended  map[protocol.UUID]string       // by what the others were ended
	wrongs []string                       // what nobody should ever ask a bank for
	calls  int
	heard  func(signature string, body []byte) // who is called back
	over   <-chan struct{}                     // nobody is, after the test
}

func newBank(chance *rand.Rand, over <-chan struct{}) *bank {
	return &bank{chance: chance, over: over, deeds: map[protocol.UUID]deed{}, times: map[protocol.UUID]time.Time{}, holds: map[protocol.UUID]protocol.Fen{}, ended: map[protocol.UUID]string{}}
}

func (b *bank) turn(m mood) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mood = m
}

// ask carries an operation out, or not, and answers, or not. The same operation again does nothing more.
func (b *bank) ask(ctx context.Context, op protocol.UUID, d deed) error {
	b.mu.Lock()
	b.calls++
	m, fate, share := b.mood, b.chance.Float64(), b.chance.Float64()
	b.mu.Unlock()
	if m.shutDown || fate < m.deaf {
		return b.pause(ctx, m, share, errNoAnswer)
	}
	var answer error
	if fate < m.deaf+(1-m.deaf)/2 { // Half of the calls have their effect before they take their time, half after.
		answer = b.act(op, d, m)
		share = b.wait(ctx, m, share)
	} else {
		share = b.wait(ctx, m, share)
		answer = b.act(op, d, m)
	}
	if share < m.mute || ctx.Err() != nil {
		return errNoAnswer
	}
	return answer
}

func (b *bank) pause(ctx context.Context, m mood, share float64, err error) error {
	b.wait(ctx, m, share)
	return err
}

// wait takes the time of a call and draws the next share.
func (b *bank) wait(ctx context.Context, m mood, share float64) float64 {
	timer := time.NewTimer(time.Millisecond + time.Duration(share*float64(m.slowest)))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.chance.Float64()
}

func (b *bank) act(op protocol.UUID, d deed, m mood) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	before, known := b.deeds[op]
	if known {
		d.done = before.done
		if d != before {
			b.wrongs = append(b.wrongs, fmt.Sprintf("operation %s was %+v and is now %+v", op, before, d))
		}
		return outcome(before)
	}
	d.done = b.allows(d) && (d.kind == "release" || b.chance.Float64() >= m.refuse)
	if d.done {
		b.book(op, d)
	}
	b.deeds[op], b.times[op] = d, time.Now()
	return outcome(d)
}

// errRefused is the bank's no.
var errRefused = errors.New("refused")

func outcome(d deed) error {
	if d.done {
		return nil
	}
	return errRefused
}

// allows tells whether the book lets the deed happen; what no honest service asks for is noted. To capture a hold whose
// release is on its way is honest: only the answer tells which was first.
func (b *bank) allows(d deed) bool {
	held, open := b.holds[d.on]
	switch {
	case d.kind == "hold", d.kind == "charge":
		return d.amount > 0
	case d.kind == "refund":
		if left := b.takenOf(d.on) - b.refunds(d.on); d.amount <= 0 || d.amount > left {
			b.wrongs = append(b.wrongs, fmt.Sprintf("refund of %s on %s, of which %s are left", d.amount, d.on, left))
			return false
		}
		return true
	case !open && b.ended[d.on] == "", b.ended[d.on] == "capture", d.amount > held && open:
		b.wrongs = append(b.wrongs, fmt.Sprintf("%s of %s on %s, which holds %s and was ended by %q", d.kind, d.amount, d.on, held, b.ended[d.on]))
		return false
	}
	return open && (d.kind == "release" || d.amount > 0)
}

func (b *bank) book(op protocol.UUID, d deed) {
	if d.kind == "hold" {
		b.holds[op] = d.amount
		return
	}
	if d.kind == "charge" || d.kind == "refund" {
		return
	}
	delete(b.holds, d.on)
	b.ended[d.on] = d.kind
}

// Account is a provider's.
func (b *bank) Account() server.ProviderAccount {
	return server.ProviderAccount{Name: "bank", Merchant: "chain"}
}

// word is an answer as a provider gives it; an error is none.
func (b *bank) word(r server.ProviderRequest, answer error) (server.ProviderWord, error) {
	w := server.ProviderWord{
		Merchant: b.Account().Merchant, Order: r.Order, Number: r.Number, Kind: r.Kind, State: server.ProviderDone, Amount: r.Amount,
	}
	if errors.Is(answer, errRefused) {
		w.State, answer = server.ProviderRefused, nil
	}
	return w, answer
}

func (b *bank) do(ctx context.Context, r server.ProviderRequest, d deed) (server.ProviderWord, error) {
	d.on, d.amount = numbered(r.On), r.Amount
	answer := b.ask(ctx, numbered(r.Number), d)
	b.callBack(r)
	return b.word(r, answer)
}

// numbered reads an order number back.
func numbered(number string) (id protocol.UUID) {
	_, _ = hex.Decode(id[:], []byte(number)) // A number that is none is nobody's.
	return id
}

// Authorise is a provider's.
func (b *bank) Authorise(ctx context.Context, r server.ProviderRequest) (server.ProviderWord, error) {
	return b.do(ctx, r, deed{kind: "hold", person: r.Person})
}

// Complete is a provider's.
func (b *bank) Complete(ctx context.Context, r server.ProviderRequest) (server.ProviderWord, error) {
	return b.do(ctx, r, deed{kind: "capture"})
}

// Cancel is a provider's.
func (b *bank) Cancel(ctx context.Context, r server.ProviderRequest) (server.ProviderWord, error) {
	return b.do(ctx, r, deed{kind: "release"})
}

// Charge is a provider's.
func (b *bank) Charge(ctx context.Context, r server.ProviderRequest) (server.ProviderWord, error) {
	return b.do(ctx, r, deed{kind: "charge", asked: r.Kind, person: r.Person})
}

// Refund is a provider's.
func (b *bank) Refund(ctx context.Context, r server.ProviderRequest) (server.ProviderWord, error) {
	return b.do(ctx, r, deed{kind: "refund"})
}

// Query is a provider's.
func (b *bank) Query(ctx context.Context, r server.ProviderRequest) (server.ProviderWord, error) {
	b.mu.Lock()
	m, share := b.mood, b.chance.Float64()
	b.mu.Unlock()
	if share = b.wait(ctx, m, share); m.shutDown || share < m.deaf+m.mute || ctx.Err() != nil {
		return server.ProviderWord{}, errNoAnswer
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	d, known := b.deeds[numbered(r.Number)]
	if !known {
		return server.ProviderWord{Merchant: b.Account().Merchant, Order: r.Order, Number: r.Number, Kind: r.Kind, State: server.ProviderNever}, nil
	}
	return b.word(r, outcome(d))
}

// Since is a provider's.
func (b *bank) Since(ctx context.Context, from time.Time) (all []server.ProviderDeed, err error) {
	b.mu.Lock()
	m, share := b.mood, b.chance.Float64()
	b.mu.Unlock()
	if share = b.wait(ctx, m, share); m.shutDown || share < m.deaf+m.mute || ctx.Err() != nil {
		return nil, errNoAnswer
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for op, d := range b.deeds {
		if d.kind != "charge" && d.kind != "capture" || !d.done || b.times[op].Before(from) {
			continue
		}
		order, kind, on := op, d.asked, ""
		if d.kind == "capture" {
			order, kind, on = d.on, cloud.OpCapture, hex.EncodeToString(d.on[:])
		}
		all = append(all, server.ProviderDeed{Person: d.person, On: on, At: b.times[op], Word: server.ProviderWord{
			Merchant: b.Account().Merchant, Order: hex.EncodeToString(order[:]), Number: hex.EncodeToString(op[:]), Kind: kind, State: server.ProviderDone, Amount: d.amount,
		}})
	}
	slices.SortFunc(all, func(a, b server.ProviderDeed) int { return cmp.Compare(a.Number, b.Number) }) // A seed repeats.
	return all, nil
}

// takenOf is what a capture or a charge took; b.mu is held.
func (b *bank) takenOf(op protocol.UUID) protocol.Fen {
	if d := b.deeds[op]; d.done && (d.kind == "capture" || d.kind == "charge") {
		return d.amount
	}
	return 0
}

// refunds is what was given back of it; b.mu is held.
func (b *bank) refunds(op protocol.UUID) (sum protocol.Fen) {
	for _, d := range b.deeds {
		if d.kind == "refund" && d.done && d.on == op {
			sum += d.amount
		}
	}
	return sum
}

// refunded is what was given back of what operations took.
func (b *bank) refunded(ops ...protocol.UUID) (sum protocol.Fen) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, op := range ops {
		sum += b.refunds(op)
	}
	return sum
}

// captured is what was taken on a hold, and how often.
func (b *bank) captured(hold protocol.UUID) (sum protocol.Fen, times int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.deeds {
		if d.kind == "capture" && d.done && d.on == hold {
			sum += d.amount
			times++
		}
	}
	return sum, times
}

// charged is what an operation took without a hold.
func (b *bank) charged(op protocol.UUID) protocol.Fen {
	b.mu.Lock()
	defer b.mu.Unlock()
	if d := b.deeds[op]; d.kind == "charge" && d.done {
		return d.amount
	}
	return 0
}

// standing lists the holds that still bind somebody's money, and what must never have been asked.
func (b *bank) standing() (open map[protocol.UUID]protocol.Fen, wrongs []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	open = map[protocol.UUID]protocol.Fen{}
	for hold, amount := range b.holds {
		open[hold] = amount
	}
	return open, append([]string(nil), b.wrongs...)
}
