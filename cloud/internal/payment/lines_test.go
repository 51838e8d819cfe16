package payment_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/payment"
	"allhours/protocol"
)

func TestLinesComeToTheAmountAndAreNotTooMany(t *testing.T) {
	bill := func(n int) (lines []cloud.OrderLine) {
		for i := range n {
			lines = append(lines, cloud.OrderLine{Name: cloud.Text{Zh: fmt.Sprintf("很长很长很长很长很长很长很长很长很长的名字 %d", i)}, Qty: 2, Price: protocol.Fen(i + 1)})
		}
		return lines
	}
	for _, c := range []struct {
		goods, lines int
		less         protocol.Fen
	}{{1, 1, 0}, {99, 99, 0}, {100, 100, 0}, {101, 100, 0}, {250, 100, 0}, {1, 2, 1}, {99, 100, 7}, {100, 100, 7}, {250, 100, 7}} {
		total := protocol.Fen(c.goods * (c.goods + 1))
		lines := payment.LinesOf(bill(c.goods), total-c.less)
		sum, units := protocol.Fen(0), 0
		for _, l := range lines {
			sum, units = sum+l.Fen, units+l.Qty
			if l.Name == "" || len([]rune(l.Name)) > 20 {
				t.Errorf("%d goods: a line named %q", c.goods, l.Name)
			}
		}
		if c.less > 0 {
			units--
		}
		if len(lines) != c.lines || sum != total-c.less || units != 2*c.goods {
			t.Errorf("%d goods, %s less: %d lines of %d units that come to %s", c.goods, c.less, len(lines), units, sum)
		}
	}
}

func TestTheStatementIsWhatWasTakenLessWhatCameBackAndTheFees(t *testing.T) {
	now := time.Date(2026, 11, 28, 15, 59, 58, 0, time.UTC)
	s := simulator(t, "", payment.FaultNone)
	s.Configure(payment.SimulatorOptions{Now: func() time.Time { return now }})
	for _, r := range []payment.Request{
		hold(1, 5000), request(cloud.OpCapture, 2, 1, 1250), request(cloud.OpRefund, 3, 2, 250), hold(4, 5000), request(cloud.OpRelease, 5, 4, 0),
	} {
		ask(t, s, r)
	}
	now = now.Add(3 * time.Second) // the next day in Shanghai
	ask(t, s, request(cloud.OpPay, 6, 0, 700))
	zone := time.FixedZone("CST", 8*3600)
	day := time.Date(2026, 11, 28, 0, 0, 0, 0, zone)
	var csv bytes.Buffer
	if err := payment.WriteStatement(&csv, s.Statement(day, day.AddDate(0, 0, 1))); err != nil {
		t.Fatal(err)
	}
	want := `time,kind,order_number,refund_number,amount_fen,fee_fen,merchant,currency
2026-11-28T23:59:58+08:00,capture,00000000000000000000000000000001,,1250,8,simulated-merchant,CNY
2026-11-28T23:59:58+08:00,refund,00000000000000000000000000000001,00000000000000000000000000000003,250,-2,simulated-merchant,CNY
`
	if csv.String() != want {
		t.Errorf("got\n%swant\n%s", csv.String(), want)
	}
	if next := s.Statement(day.AddDate(0, 0, 1), day.AddDate(0, 0, 2)); len(next) != 1 || next[0].Amount != 700 || next[0].Fee != 4 {
		t.Errorf("the next day: %+v", next)
	}
}

func TestBooksThatForgotACaptureAskForItUnderTheSameNumber(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		v := r.begin(id(100))
		var forgotten []cloud.PaymentOp
		undone := errors.New("undone")
		charge := func(tx cloud.Tx) error { return r.service.Charge(tx, v, 700, "event:1") }
		if err := r.db.Update(t.Context(), func(tx cloud.Tx) (err error) {
			if err := charge(tx); err != nil {
				return err
			}
			if forgotten, err = tx.Ops.Of(v.ID); err != nil {
				return err
			}
			return undone
		}); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		capture := forgotten[1]
		if w := ask(t, r.money, payment.Request{
			Kind: capture.Kind, Number: payment.Number(capture.ID), Order: payment.Number(capture.On), On: payment.Number(capture.On), Amount: 700,
			Lines: []payment.Line{{Name: "水", Qty: 1, Fen: 700}},
		}); w.State != payment.StateDone {
			t.Fatalf("%+v", w)
		}
		r.settle(v, 700)
		later(time.Second)
		r.is(v.ID, cloud.PaymentCaptured)
		if got := r.ops(v.ID, cloud.OpCapture); len(got) != 1 || got[0].ID != capture.ID || r.money.Taken(id(100)) != 700 {
			t.Errorf("captured as %+v, taken %s", got, r.money.Taken(id(100)))
		}
	})
}
