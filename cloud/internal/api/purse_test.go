package api

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// purses are balances and debts that the test looks at.
type purses struct {
	mu     sync.Mutex
	filled []cloud.TopUp
	paid   []cloud.PayDebts
	waived []cloud.WaiveDebt
	out    []cloud.PayOut
	called []string
	fails  error
}

var somePurse = cloud.Purse{
	Balance: 2000, Back: 1500, Reserved: 5000, Owed: 700,
	Debts:    []cloud.Debt{{Visit: protocol.UUID{9}, Amount: 700, Since: time.UnixMilli(1_700_000_000_000)}},
	UnderWay: []cloud.PaymentOp{{Visit: protocol.UUID{9}, Kind: cloud.OpPay, State: cloud.OpUnknown}},
	Latest: []cloud.PaymentOp{
		{Visit: protocol.UUID{9}, Kind: cloud.OpPay, Amount: 700, Provider: "simulated", State: cloud.OpUnknown, Created: time.UnixMilli(1_700_000_000_000)},
		{Kind: cloud.OpTopUp, Amount: 7000, Provider: cloud.ProviderCash, State: cloud.OpDone, By: "manager", Note: "at the till", Created: time.UnixMilli(1)},
	},
}

func (p *purses) Purse(context.Context, protocol.UUID) (cloud.Purse, error) {
	return somePurse, p.fails
}

func (p *purses) TopUp(_ context.Context, t cloud.TopUp) (cloud.Purse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.filled = append(p.filled, t)
	return somePurse, p.fails
}

func (p *purses) PayDebts(_ context.Context, d cloud.PayDebts) (cloud.Purse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paid = append(p.paid, d)
	return somePurse, p.fails
}

func (p *purses) PayOut(_ context.Context, o cloud.PayOut) (cloud.Purse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out = append(p.out, o)
	return somePurse, p.fails
}

func (p *purses) Waive(_ context.Context, w cloud.WaiveDebt) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waived = append(p.waived, w)
	return p.fails
}

func (p *purses) Callback(_ context.Context, provider string, header map[string][]string, body []byte) (cloud.CallbackReply, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if provider != "simulated" {
		return cloud.CallbackReply{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	p.called = append(p.called, header["Signature"][0]+" "+string(body))
	return cloud.CallbackReply{Status: 200, Type: "application/json", Body: []byte(`{"code":"SUCCESS"}`)}, nil
}

func TestMoneyIsAskedForWithAKeyAndByTheOneWhosePurseItIs(t *testing.T) {
	r := newRig(t)
	resident, manager := r.resident(anna), r.manager()
	resident.refused(400, protocol.CodeMalformed, "POST", "/api/v1/topups", `{"fen":2000}`)
	resident.refused(400, protocol.CodeMalformed, "POST", "/api/v1/debts/pay", ``)
	manager.refused(403, cloud.CodeForbidden, "POST", "/api/v1/debts/pay", ``, "Idempotency-Key", "1")
	resident.refused(403, cloud.CodeForbidden, "POST", "/api/v1/residents/"+(protocol.UUID{9}).String()+"/topups", `{}`, "Idempotency-Key", "1")
	resident.refused(403, cloud.CodeForbidden, "POST", "/api/v1/visits/"+(protocol.UUID{9}).String()+"/waive", `{"note":"x"}`)
	var purse purseAnswer
	resident.want(200, "POST", "/api/v1/topups", `{"fen":2000,"note":"of a resident counts for nothing"}`, &purse, "Idempotency-Key", "1")
	if len(purse.Debts) != 1 || !purse.Debts[0].Paying || purse.Latest[0].State != "under_way" || purse.Latest[1].By != "" {
		t.Errorf("%+v", purse)
	}
	resident.want(200, "POST", "/api/v1/debts/pay", ``, &purse, "Idempotency-Key", "2")
	manager.want(200, "POST", "/api/v1/residents/"+(protocol.UUID{9}).String()+"/topups", `{"fen":2000,"note":"cash"}`, &purse, "Idempotency-Key", "3")
	if purse.Latest[1].Note == "" {
		t.Errorf("staff is told no note: %+v", purse)
	}
	if f := r.purses.filled; len(f) != 2 || f[0].By != "" || f[0].Note != "" || f[0].Key != "1" || f[1].By != "manager" || f[1].Note != "cash" || f[1].Person != (protocol.UUID{9}) {
		t.Errorf("filled %+v", f)
	}
	if p := r.purses.paid; len(p) != 1 || p[0].Key != "2" || p[0].Person.IsZero() {
		t.Errorf("paid %+v", p)
	}
	var begun begunAnswer
	resident.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, &begun)
	manager.want(200, "POST", "/api/v1/visits/"+begun.ID.String()+"/waive", `{"note":"a broken door"}`, nil)
	if w := r.purses.waived; len(w) != 1 || w[0] != (cloud.WaiveDebt{Visit: begun.ID, By: "manager", Role: protocol.RoleManager, Note: "a broken door"}) {
		t.Errorf("waived %+v", w)
	}
	r.purses.fails = protocol.Errorf(cloud.CodePaymentUnknown, "no word")
	resident.refused(503, cloud.CodePaymentUnknown, "POST", "/api/v1/debts/pay", ``, "Idempotency-Key", "4")
}

func TestMoneyIsPaidOutWithAKeyToTheOneWhosePurseItIs(t *testing.T) {
	r := newRig(t)
	resident, manager := r.resident(anna), r.manager()
	of := "/api/v1/residents/" + (protocol.UUID{9}).String() + "/payouts"
	resident.refused(400, protocol.CodeMalformed, "POST", "/api/v1/payouts", `{"fen":2000}`)
	resident.refused(403, cloud.CodeForbidden, "POST", of, `{"fen":2000,"note":"x"}`, "Idempotency-Key", "1")
	manager.refused(403, cloud.CodeForbidden, "POST", "/api/v1/payouts", `{"fen":2000}`, "Idempotency-Key", "1")
	var purse purseAnswer
	resident.want(200, "POST", "/api/v1/payouts", `{"fen":1500,"note":"of a resident counts for nothing"}`, &purse, "Idempotency-Key", "1")
	if purse.Back != 1500 {
		t.Errorf("%+v", purse)
	}
	manager.want(200, "POST", of, `{"fen":100,"note":"asked by phone"}`, &purse, "Idempotency-Key", "2")
	manager.want(200, "POST", of+"/cash", `{"fen":500,"note":"slip 17"}`, &purse, "Idempotency-Key", "3")
	want := []cloud.PayOut{
		{Person: r.purses.out[0].Person, Amount: 1500, Key: "1"},
		{Person: protocol.UUID{9}, Amount: 100, Key: "2", By: "manager", Note: "asked by phone"},
		{Person: protocol.UUID{9}, Amount: 500, Key: "3", By: "manager", Note: "slip 17", Till: true},
	}
	if !slices.Equal(r.purses.out, want) || want[0].Person.IsZero() {
		t.Errorf("paid out %+v", r.purses.out)
	}
	r.purses.fails = protocol.Errorf(cloud.CodeDebt, "owed")
	resident.refused(402, cloud.CodeDebt, "POST", "/api/v1/payouts", `{"fen":1}`, "Idempotency-Key", "4")
}

func TestAProviderCallsBackWithoutASessionAndOnlyByItsName(t *testing.T) {
	r := newRig(t)
	caller := r.stranger()
	caller.want(200, "POST", "/api/v1/payments/simulated/callback", `{"number":"1"}`, nil, "Signature", "s")
	caller.refused(404, cloud.CodeNotFound, "POST", "/api/v1/payments/other/callback", `{}`, "Signature", "s")
	if len(r.purses.called) != 1 || r.purses.called[0] != `s {"number":"1"}` {
		t.Errorf("called %q", r.purses.called)
	}
	large := make([]byte, 65<<10)
	caller.refused(413, "too_large", "POST", "/api/v1/payments/simulated/callback", string(large), "Signature", "s")
}
