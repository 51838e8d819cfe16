package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// purses are balances and debts that the test looks at.
type purses struct {
	mu     sync.Mutex
	purse  cloud.Purse
	filled []cloud.TopUp
	paid   []cloud.PayDebts
	waived []cloud.WaiveDebt
	out    []cloud.PayOut
	fails  error

	rests   cloud.Resting
	resumed []protocol.VisitID // zero: all of them
}

func (p *purses) Resting(_ context.Context, limit int) (cloud.Resting, error) {
	r := p.rests
	r.Debts = r.Debts[:min(limit, len(r.Debts))]
	return r, nil
}

func (p *purses) Resume(_ context.Context, visit protocol.VisitID) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.resumed = append(p.resumed, visit)
	return p.fails
}

func (p *purses) ResumeAll(ctx context.Context) (int, error) {
	return p.rests.All, p.Resume(ctx, protocol.VisitID{})
}

func (p *purses) Purse(context.Context, protocol.UUID) (cloud.Purse, error) { return p.purse, nil }

func (p *purses) TopUp(_ context.Context, t cloud.TopUp) (cloud.Purse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.filled = append(p.filled, t)
	return p.purse, p.fails
}

func (p *purses) PayDebts(_ context.Context, d cloud.PayDebts) (cloud.Purse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paid = append(p.paid, d)
	return p.purse, p.fails
}

func (p *purses) PayOut(_ context.Context, o cloud.PayOut) (cloud.Purse, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out = append(p.out, o)
	return p.purse, p.fails
}

func (p *purses) Waive(_ context.Context, w cloud.WaiveDebt) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waived = append(p.waived, w)
	return p.fails
}

// somePurse is one with everything in it.
func somePurse() cloud.Purse {
	return cloud.Purse{
		Balance: 4350, Reserved: 5000, Owed: 1240,
		Debts: []cloud.Debt{
			{Visit: id(1), Amount: 700, Since: noon.Add(-26 * time.Hour)}, {Visit: id(2), Amount: 540, Since: noon.Add(-2 * time.Hour)},
		},
		UnderWay: []cloud.PaymentOp{{Visit: id(2), Kind: cloud.OpPay, State: cloud.OpUnknown}},
		Latest: []cloud.PaymentOp{
			{Visit: id(2), Kind: cloud.OpPay, Amount: 540, Provider: "simulated", State: cloud.OpUnknown, Created: noon},
			{Visit: id(1), Kind: cloud.OpPay, Amount: 700, Provider: "simulated", State: cloud.OpRefused, Created: noon.Add(-25 * time.Hour)},
			{Visit: id(3), Kind: cloud.OpWaive, Amount: 120, Provider: cloud.ProviderNone, State: cloud.OpDone, By: "manager", Note: "a broken door", Created: noon.Add(-48 * time.Hour)},
			{Kind: cloud.OpTopUp, Amount: 5000, Provider: "simulated", State: cloud.OpDone, Created: noon.Add(-72 * time.Hour)},
			{Kind: cloud.OpTopUp, Amount: 5000, Provider: cloud.ProviderCash, State: cloud.OpDone, By: "manager", Note: "at the till", Created: noon.Add(-73 * time.Hour)},
		},
	}
}

// someResting are debts that rest for each reason that there is.
func someResting() cloud.Resting {
	debt := func(n byte, amount protocol.Fen, why cloud.DebtRest) cloud.RestingDebt {
		return cloud.RestingDebt{Cabinet: "qj-1", Debt: cloud.Debt{Visit: id(n), Person: anna.ID, Amount: amount, Since: noon.Add(-time.Duration(n) * 5 * time.Hour), Rests: why}}
	}
	return cloud.Resting{All: 3, Asked: true, Debts: []cloud.RestingDebt{debt(3, 1150, cloud.RestContradicted), debt(2, 540, cloud.RestRestored), debt(1, 700, cloud.RestRestored)}}
}

// ask asks for a page as somebody, in Chinese.
func ask(t *testing.T, handler http.Handler, method, path, who string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	return visitor{t: t, handler: handler, lang: "zh-CN", session: who}.do(method, path, form)
}

func TestAResidentPaysAndTopsUpOnTheirPage(t *testing.T) {
	w := newWorld()
	w.purses.purse = somePurse()
	s := handlerOf(w, true)
	page := ask(t, s, http.MethodGet, "/purse", "anna", nil)
	for _, want := range []string{"¥43.50", "¥50.00", "¥12.40", "付清 ¥7.00", "/v/" + id(1).String(), `action="/purse/pay"`, `name="yuan" value="20"`} {
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if body := ask(t, s, http.MethodGet, "/purse", "", nil); body.Code != http.StatusUnauthorized || !strings.Contains(body.Body.String(), "/purse/code") {
		t.Errorf("a stranger: %d", body.Code)
	}
	if back := ask(t, s, http.MethodPost, "/purse/pay", "anna", url.Values{"key": {"k1"}}); back.Code != http.StatusSeeOther {
		t.Errorf("paid: %d", back.Code)
	}
	if back := ask(t, s, http.MethodPost, "/purse/topup", "anna", url.Values{"key": {"k2"}, "yuan": {"50"}}); back.Code != http.StatusSeeOther {
		t.Errorf("filled: %d", back.Code)
	}
	if bad := ask(t, s, http.MethodPost, "/purse/topup", "anna", url.Values{"yuan": {"-5"}}); bad.Code != http.StatusBadRequest {
		t.Errorf("a negative amount: %d", bad.Code)
	}
	w.purses.fails = protocol.Errorf(cloud.CodePaymentUnknown, "no word")
	if unknown := ask(t, s, http.MethodPost, "/purse/pay", "anna", url.Values{"key": {"k3"}}); unknown.Code != http.StatusServiceUnavailable || !strings.Contains(unknown.Body.String(), "只会收一次") {
		t.Errorf("unknown: %d", unknown.Code)
	}
	if p := w.purses.paid; len(p) != 2 || p[0] != (cloud.PayDebts{Person: anna.ID, Key: "k1"}) {
		t.Errorf("paid %+v", p)
	}
	if f := w.purses.filled; len(f) != 1 || f[0] != (cloud.TopUp{Person: anna.ID, Amount: 5000, Key: "k2"}) {
		t.Errorf("filled %+v", f)
	}
}

func TestStaffWaivesAndTakesCashOnAResidentsPage(t *testing.T) {
	w := newWorld()
	w.purses.purse = somePurse()
	s := handlerOf(w, true)
	path := "/purses/" + anna.ID.String()
	page := ask(t, s, http.MethodGet, path, "manager", nil).Body.String()
	for _, want := range []string{`action="` + path + `/waive"`, `action="` + path + `/topup"`, "a broken door"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Count(page, path+"/waive") != 1 {
		t.Error("a debt that is being charged can be waived")
	}
	for _, who := range []string{"anna", "technician"} {
		if got := ask(t, s, http.MethodGet, path, who, nil); got.Code != http.StatusForbidden {
			t.Errorf("%s: %d", who, got.Code)
		}
	}
	ask(t, s, http.MethodPost, path+"/waive", "manager", url.Values{"visit": {id(1).String()}, "note": {"kind"}})
	ask(t, s, http.MethodPost, path+"/topup", "manager", url.Values{"key": {"k"}, "yuan": {"20"}, "note": {"cash"}})
	if got := w.purses.waived; len(got) != 1 || got[0] != (cloud.WaiveDebt{Visit: id(1), By: "manager", Role: protocol.RoleManager, Note: "kind"}) {
		t.Errorf("waived %+v", got)
	}
	if got := w.purses.filled; len(got) != 1 || got[0] != (cloud.TopUp{Person: anna.ID, Amount: 2000, Key: "k", By: "manager", Note: "cash"}) {
		t.Errorf("filled %+v", got)
	}
}

func TestWhatIsLeftIsPaidOutOnThePage(t *testing.T) {
	w := newWorld()
	w.purses.purse = cloud.Purse{Balance: 4350, Back: 3000, Latest: []cloud.PaymentOp{
		{Kind: cloud.OpPayout, Amount: 700, Provider: "simulated", State: cloud.OpRefused, Created: noon},
		{Kind: cloud.OpPayout, Amount: 300, Provider: cloud.ProviderCash, State: cloud.OpDone, By: "manager", Note: "slip 17", Created: noon},
	}}
	s := handlerOf(w, true)
	page := ask(t, s, http.MethodGet, "/purse", "anna", nil).Body.String()
	for _, want := range []string{"退回 ¥30.00", `name="amount" value="30.00"`, "另有 ¥13.50 是现金充的", "没有退成", "收银台退现金"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "slip 17") {
		t.Error("a resident reads what the staff noted")
	}
	if back := ask(t, s, http.MethodPost, "/purse/payout", "anna", url.Values{"key": {"k1"}, "amount": {"30.00"}}); back.Code != http.StatusSeeOther {
		t.Errorf("paid out: %d", back.Code)
	}
	for _, bad := range []string{"", "-1", "1.234", "1e3", "¥3", "99999999"} {
		if got := ask(t, s, http.MethodPost, "/purse/payout", "anna", url.Values{"key": {"k"}, "amount": {bad}}); got.Code != http.StatusBadRequest {
			t.Errorf("an amount of %q: %d", bad, got.Code)
		}
	}
	path := "/purses/" + anna.ID.String()
	for _, c := range []struct {
		who, path string
		want      int
	}{
		{"mei", "/payout", http.StatusSeeOther}, {"mei", "/handout", http.StatusForbidden}, {"manager", "/handout", http.StatusSeeOther}, {"anna", "/payout", http.StatusForbidden},
	} {
		if got := ask(t, s, http.MethodPost, path+c.path, c.who, url.Values{"key": {"k2"}, "amount": {"13.5"}, "note": {"slip 18"}}); got.Code != c.want {
			t.Errorf("%s at %s: %d, want %d", c.who, c.path, got.Code, c.want)
		}
	}
	want := []cloud.PayOut{
		{Person: anna.ID, Amount: 3000, Key: "k1"},
		{Person: anna.ID, Amount: 1350, Key: "k2", By: "mei", Note: "slip 18"},
		{Person: anna.ID, Amount: 1350, Key: "k2", By: "manager", Note: "slip 18", Till: true},
	}
	if !slices.Equal(w.purses.out, want) {
		t.Errorf("paid out %+v", w.purses.out)
	}
	w.purses.purse.Owed = 100
	if page := ask(t, s, http.MethodGet, "/purse", "anna", nil).Body.String(); strings.Contains(page, "/purse/payout") || !strings.Contains(page, "付清后再退") {
		t.Error("a resident who owes something is offered to be paid out")
	}
	w.purses.fails = protocol.Errorf(cloud.CodePaymentUnknown, "no word")
	if unknown := ask(t, s, http.MethodPost, "/purse/payout", "anna", url.Values{"key": {"k3"}, "amount": {"1"}}); unknown.Code != http.StatusServiceUnavailable || !strings.Contains(unknown.Body.String(), "只会退一次") {
		t.Errorf("unknown: %d", unknown.Code)
	}
}

func TestDebtsThatRestAreLookedAtAndChargedAgain(t *testing.T) {
	w := newWorld()
	s := handlerOf(w, true)
	if page := ask(t, s, http.MethodGet, "/debts", "manager", nil).Body.String(); !strings.Contains(page, "没有停着的欠款") || strings.Contains(page, "<table") {
		t.Error("where none rests something is listed")
	}
	w.purses.rests = someResting()
	one := "/debts/" + id(2).String() + "/resume"
	for who, want := range map[string][2]bool{"manager": {true, true}, "mei": {true, false}, "auditor": {false, false}} {
		page := ask(t, s, http.MethodGet, "/debts", who, nil).Body.String()
		single, all := strings.Contains(page, `action="`+one+`"`), strings.Contains(page, `action="/debts/resume"`)
		if single != want[0] || all != want[1] || !strings.Contains(page, "¥11.50") || !strings.Contains(page, "/support/"+id(3).String()) {
			t.Errorf("%s charges one: %v, all: %v", who, single, all)
		}
	}
	if page := ask(t, s, http.MethodGet, "/disputes", "manager", nil).Body.String(); !strings.Contains(page, `href="/debts"`) || !strings.Contains(page, "3 笔欠款停着") {
		t.Error("the page of objections does not lead there")
	}
	for path, who := range map[string]string{one: "mei", "/debts/resume": "manager"} {
		if back := ask(t, s, http.MethodPost, path, who, url.Values{}); back.Code != http.StatusSeeOther {
			t.Errorf("%s: %d", path, back.Code)
		}
	}
	if refused := ask(t, s, http.MethodPost, "/debts/resume", "mei", url.Values{}); refused.Code != http.StatusForbidden {
		t.Errorf("support charges all: %d", refused.Code)
	}
	if got := w.purses.resumed; len(got) != 2 || !slices.Contains(got, id(2)) || !slices.Contains(got, protocol.VisitID{}) {
		t.Errorf("charged again: %v", got)
	}
	w.purses.rests.Asked = false
	if page := ask(t, s, http.MethodGet, "/debts", "manager", nil).Body.String(); strings.Contains(page, "<form class=\"bar") || !strings.Contains(page, "还没告诉") {
		t.Error("before the payment service has told, something may be charged")
	}
}
