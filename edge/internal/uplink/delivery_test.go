package uplink

import (
	"testing"
	"time"

	"allhours/protocol/wire"
)

func TestDeliverySendsWhatTheCloudLacksAndNothingTwiceAtOnce(t *testing.T) {
	ack := func(upTo, epoch uint64, missing ...wire.Range) wire.Ack {
		return wire.Ack{HaveUpTo: upTo, FleetEpoch: epoch, Missing: missing}
	}
	cases := []struct {
		name  string
		acks  []wire.Ack
		sent  wire.Range // before the last ack
		first uint64
		last  uint64
		want  wire.Range // To 0: nothing
	}{
		{name: "nothing before the cloud has spoken", first: 1, last: 9},
		{name: "everything to a cloud that has nothing", acks: []wire.Ack{ack(0, 1)}, first: 1, last: 9, want: wire.Range{From: 1, To: 9}},
		{name: "what is new", acks: []wire.Ack{ack(5, 1)}, first: 1, last: 9, want: wire.Range{From: 6, To: 9}},
		{name: "nothing to a cloud that has all", acks: []wire.Ack{ack(9, 1)}, first: 1, last: 9},
		{name: "nothing of an empty journal", acks: []wire.Ack{ack(0, 1)}},
		{name: "nothing while a batch is on its way", acks: []wire.Ack{ack(5, 1)}, sent: wire.Range{From: 6, To: 9}, first: 1, last: 20},
		{name: "the rest once it is acknowledged", acks: []wire.Ack{ack(5, 1), ack(9, 1)}, sent: wire.Range{From: 6, To: 9}, first: 1, last: 20, want: wire.Range{From: 10, To: 20}},
		{name: "still nothing when a part is acknowledged", acks: []wire.Ack{ack(5, 1), ack(7, 1)}, sent: wire.Range{From: 6, To: 9}, first: 1, last: 20},
		{name: "the hole that the cloud asks for", acks: []wire.Ack{ack(5, 1), ack(5, 1, wire.Range{From: 6, To: 7})}, sent: wire.Range{From: 6, To: 9}, first: 1, last: 20, want: wire.Range{From: 6, To: 7}},
		{name: "a hole that reaches below what is known is cut", acks: []wire.Ack{ack(5, 1, wire.Range{From: 1, To: 8})}, first: 1, last: 20, want: wire.Range{From: 6, To: 8}},
		{name: "an ack that a later one has overtaken changes nothing", acks: []wire.Ack{ack(9, 1), ack(3, 1)}, first: 1, last: 9},
		{name: "an ack of an older epoch changes nothing", acks: []wire.Ack{ack(9, 2), ack(12, 1)}, first: 1, last: 12, want: wire.Range{From: 10, To: 12}},
		{name: "a restored cloud gets again what it lost", acks: []wire.Ack{ack(9, 1), ack(3, 2)}, first: 1, last: 9, want: wire.Range{From: 4, To: 9}},
		{name: "what is no longer kept cannot be sent", acks: []wire.Ack{ack(0, 1)}, first: 5, last: 9, want: wire.Range{From: 5, To: 9}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var d delivery
			for i, a := range c.acks {
				if c.sent.To != 0 && i == len(c.acks)-1 && i > 0 {
					d.sent(c.sent, 0, 0)
				}
				d.acked(a)
			}
			if c.sent.To != 0 && len(c.acks) == 1 {
				d.sent(c.sent, 0, 0)
			}
			got, due := d.next(c.first, c.last, time.Second)
			if due != (c.want.To != 0) || due && got != c.want {
				t.Errorf("next %v %v: want %v", got, due, c.want)
			}
		})
	}
}

func TestDeliveryWaitsTwiceAsLongEachTimeThatABatchIsNotAnswered(t *testing.T) {
	var d delivery
	d.acked(wire.Ack{})
	now, waits := time.Duration(0), []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 4 * time.Minute}
	for _, want := range waits {
		r, due := d.next(1, 3, now)
		if _, early := d.next(1, 3, now-1); !due || now > 0 && early {
			t.Fatalf("at %s: due %v, just before %v", now, due, early)
		}
		d.sent(r, now, 0)
		now += want
	}
	d.acked(wire.Ack{HaveUpTo: 3})
	r, due := d.next(1, 5, now)
	d.sent(r, now, 0)
	if _, again := d.next(1, 5, now+15*time.Second); !due || !again {
		t.Errorf("what follows an answer waits no longer than the first: due %v, again %v", due, again)
	}
}

func TestDeliveryRepeatsAnUnansweredBatchAfter15SecondsAndAHalfMoreAtMost(t *testing.T) {
	for _, jitter := range []float64{0, 0.999} {
		var d delivery
		d.acked(wire.Ack{})
		d.sent(wire.Range{From: 1, To: 3}, 0, jitter)
		if _, due := d.next(1, 3, resendAfter-time.Millisecond); due {
			t.Error("too early")
		}
		if r, due := d.next(1, 3, resendAfter*3/2); !due || r.From != 1 {
			t.Errorf("after 22.5 s %v %v: want it again", r, due)
		}
	}
}
