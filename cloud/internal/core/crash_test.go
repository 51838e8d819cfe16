package core_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/topic"
)

// errDead is what a process that was killed would have seen, had it lived.
var errDead = errors.New("killed")

// mortal is a database whose process is killed at one of its commits: before it, or after it and before anybody heard.
type mortal struct {
	cloud.DB
	mu    sync.Mutex
	left  int // commits until the end
	after bool
	died  bool
}

func (m *mortal) Update(ctx context.Context, work func(cloud.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.died {
		return errDead
	}
	if m.left--; m.left >= 0 {
		return m.DB.Update(ctx, work)
	}
	m.died = true
	if m.after {
		_ = m.DB.Update(ctx, work)
	}
	return errDead
}

func (m *mortal) View(ctx context.Context, work func(cloud.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.died {
		return errDead
	}
	return m.DB.View(ctx, work)
}

// purchase is a visit as far as the cloud lives; the cabinet journals what it was told to do, and sends what it can.
func purchase(r *rig) {
	before := r.mail.count(topic.Command)
	_, _ = r.begin("once")
	if r.mail.count(topic.Command) == before {
		return
	}
	_, g := r.cabinet.command()
	_ = r.cabinet.send(r.cabinet.journalled(begun(g.Visit)))
	_ = r.cabinet.send(r.cabinet.journalled(r.cabinet.settled(g.Visit, settle.Line{SKU: "1002", Qty: 2})))
	later(3 * time.Second)
}

// resume lets the cabinet send its whole journal again and time pass, as after a restart.
func resume(r *rig) {
	r.restart()
	if len(r.cabinet.events) > 0 {
		r.must(r.cabinet.send(r.cabinet.events...))
	}
	for range 4 {
		later(25 * time.Second)
		r.cabinet.telemetry()
	}
	later(time.Second)
}

func TestFleetdKilledAtAnyCommitBillsOnceAndLosesNothing(t *testing.T) {
	crashes := 0
	for _, after := range []bool{false, true} {
		for left := range 12 {
			t.Run(fmt.Sprintf("commit %d, after it: %v", left, after), func(t *testing.T) {
				inRig(t, func(t *testing.T, r *rig) {
					m := &mortal{left: 1000, after: after}
					r.stop()
					r.wrap = func(db cloud.DB) cloud.DB { m.DB = db; return m }
					r.start()
					r.cabinet.birth()
					r.cabinet.telemetry()
					m.mu.Lock()
					m.left = left
					m.mu.Unlock()
					purchase(r)
					if m.died {
						crashes++
					}
					resume(r)
					taken := r.provider.Taken(resident)
					if len(r.cabinet.events) == 0 && taken != 0 || len(r.cabinet.events) == 2 && taken != 700 {
						t.Errorf("%s taken after %d events", taken, len(r.cabinet.events))
					}
					r.check()
				})
			})
		}
	}
	if crashes < 10 {
		t.Errorf("only %d crashes happened: the test looks at too little", crashes)
	}
}

func TestTheProviderFailsAtEachCallAndNobodyIsChargedTwice(t *testing.T) {
	kinds := []cloud.OpKind{cloud.OpHold, cloud.OpCapture, cloud.OpRelease}
	for _, kind := range kinds {
		for name, fault := range map[string]payment.Fault{"refuses": payment.FaultRefuse, "loses the call": payment.FaultLost, "loses the answer": payment.FaultTimeout} {
			for _, lines := range [][]settle.Line{{{SKU: "1002", Qty: 2}}, nil} {
				t.Run(fmt.Sprintf("%s, provider %s, %d lines", kind, name, len(lines)), func(t *testing.T) {
					inRig(t, func(t *testing.T, r *rig) {
						failed := make(map[protocol.UUID]int)
						r.faults = func(k cloud.OpKind, op protocol.UUID) payment.Fault {
							if failed[op]++; k == kind && failed[op] == 1 {
								return fault
							}
							return payment.FaultNone
						}
						v, err := r.begin("")
						if kind == cloud.OpHold {
							want := cloud.CodePaymentUnknown
							if fault == payment.FaultRefuse {
								want = cloud.CodePaymentRefused
							}
							if protocol.CodeOf(err) != want || r.mail.count(topic.Command) != 0 {
								t.Errorf("begin: %v and %d commands, want %s and none", err, r.mail.count(topic.Command), want)
							}
							latest, err := r.core.Visits.Latest(t.Context(), "xs-01", resident, 1)
							r.must(err)
							if len(latest) != 1 || latest[0].Outcome != cloud.OutcomeAborted || latest[0].Code != want {
								t.Errorf("the door is still claimed: %+v", latest)
							}
						} else {
							r.must(err)
							r.cabinet.buys(v.ID, lines...)
						}
						later(10 * time.Minute)
						want := protocol.Fen(0)
						if kind != cloud.OpHold && len(lines) > 0 && (kind != cloud.OpCapture || fault != payment.FaultRefuse) {
							want = 700
						}
						if taken := r.provider.Taken(resident); taken != want {
							t.Errorf("%s taken, want %s", taken, want)
						}
						if kind == cloud.OpRelease && fault == payment.FaultRefuse && lines == nil {
							return // A provider that keeps a hold is an incident, and its hold is not ours to end.
						}
						r.check()
					})
				})
			}
		}
	}
}

func TestAnUnknownCaptureIsShownAsBeingConfirmedUntilItIsKnown(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		var away atomic.Bool
		away.Store(true)
		r.faults = func(k cloud.OpKind, _ protocol.UUID) payment.Fault {
			if k == cloud.OpCapture && away.Load() {
				return payment.FaultLost
			}
			return payment.FaultNone
		}
		v, err := r.begin("")
		r.must(err)
		r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 1})
		later(2 * time.Minute)
		r.is(v.ID, cloud.StateUnknown)
		away.Store(false)
		later(10 * time.Minute)
		r.is(v.ID, cloud.StateCharged)
		r.check()
	})
}

// teller counts what a provider is asked.
type teller struct {
	payment.Provider
	captures, queries atomic.Int32
}

func (p *teller) Complete(ctx context.Context, r payment.Request) (payment.Word, error) {
	p.captures.Add(1)
	return p.Provider.Complete(ctx, r)
}

func (p *teller) Query(ctx context.Context, r payment.Request) (payment.Word, error) {
	p.queries.Add(1)
	return p.Provider.Query(ctx, r)
}

func TestPaymentOutcomeUnknownIsQueriedAndNeverTriedAsANewCharge(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		r.faults = func(k cloud.OpKind, _ protocol.UUID) payment.Fault {
			if k == cloud.OpCapture {
				return payment.FaultTimeout
			}
			return payment.FaultNone
		}
		asked := &teller{Provider: r.provider}
		r.through = asked
		r.restart()
		v, err := r.begin("")
		r.must(err)
		r.cabinet.buys(v.ID, settle.Line{SKU: "1001", Qty: 1})
		later(5 * time.Minute)
		r.is(v.ID, cloud.StateCharged)
		if captures, queries := asked.captures.Load(), asked.queries.Load(); captures != 1 || queries != 1 {
			t.Errorf("%d captures and %d queries, want one of each", captures, queries)
		}
		r.check()
	})
}
