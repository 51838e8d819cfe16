package web_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

var (
	mei     = cloud.Principal{ID: id(203), Role: protocol.RoleSupport, Name: "mei"}
	auditor = cloud.Principal{ID: id(204), Role: protocol.RoleAuditor, Name: "auditor"}
)

// desk is what residents said against bills, and what the staff makes of it.
type desk struct {
	mu       sync.Mutex
	w        *world
	disputes []cloud.Dispute
	story    func(*cloud.VisitStory)
	objected []cloud.Objection
	ruled    []cloud.RuleDispute
	refunded []cloud.SupportRefund
	noted    []string
	retried  []string
	sought   []cloud.FindVisits
	more     bool // there are earlier ones than are found
	refusal  error
}

// objection is anna's word against her visit.
func objection(ruling *cloud.Ruling, refunds ...cloud.PaymentOp) cloud.Dispute {
	return cloud.Dispute{
		ID: id(60), Visit: id(1), Person: anna.ID, At: noon.Add(40 * time.Minute), Words: "我只拿了咖啡", Ruling: ruling, Refunds: refunds,
		Lines: []cloud.DisputeLine{{SKU: "2001", Qty: 1, Why: cloud.ComplaintNotTaken}},
	}
}

func someRuling() *cloud.Ruling {
	return &cloud.Ruling{
		Dispute: id(60), Visit: id(1), Person: anna.ID, By: "li", Role: protocol.RoleManager, At: noon.Add(80 * time.Minute), Refund: 350, Reason: "秤上没少牛奶",
		Lines: []cloud.RulingLine{{SKU: "2001", Qty: 1, Amount: 350, Goods: cloud.FateMisplaced, Platform: "S2"}},
	}
}

func refundOp(state cloud.OpState) cloud.PaymentOp {
	return cloud.PaymentOp{ID: id(70), Visit: id(1), Person: anna.ID, Kind: cloud.OpRefund, Amount: 350, On: id(72), State: state, Created: noon.Add(80 * time.Minute)}
}

// Object implements cloud.Disputes.
func (d *desk) Object(_ context.Context, o cloud.Objection) (cloud.Dispute, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.objected = append(d.objected, o)
	return objection(nil), d.refusal
}

// Objecting implements cloud.Disputes.
func (d *desk) Objecting(ctx context.Context, visit protocol.VisitID) (cloud.Objecting, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	v, err := d.w.Visit(ctx, visit)
	o := cloud.Objecting{Disputes: d.disputes, May: v.Paid(), Until: noon.Add(14 * 24 * time.Hour)}
	for _, said := range d.disputes {
		o.May = o.May && said.Ruling != nil
	}
	return o, err
}

func (d *desk) caseOf(ctx context.Context, said cloud.Dispute) (cloud.DisputeCase, error) {
	v, err := d.w.Visit(ctx, said.Visit)
	return cloud.DisputeCase{Dispute: said, Visit: cloud.VisitRecord{Visit: v}, Left: v.Total, Again: said.ID == id(61)}, err
}

// Case implements cloud.Disputes.
func (d *desk) Case(ctx context.Context, dispute protocol.UUID) (cloud.DisputeCase, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, said := range d.disputes {
		if said.ID == dispute {
			return d.caseOf(ctx, said)
		}
	}
	return cloud.DisputeCase{}, protocol.Errorf(cloud.CodeNotFound, "none")
}

// Cases implements cloud.Disputes.
func (d *desk) Cases(ctx context.Context, of cloud.Bound, open bool, _ int) (cases []cloud.DisputeCase, _ error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, said := range d.disputes {
		if (said.Ruling == nil) == open {
			c, err := d.caseOf(ctx, said)
			if err != nil {
				return nil, err
			}
			if of.Holds(d.w.cabinet(c.Visit.Cabinet).Store) {
				cases = append(cases, c)
			}
		}
	}
	return cases, nil
}

// Rule implements cloud.Disputes.
func (d *desk) Rule(_ context.Context, r cloud.RuleDispute) (cloud.Dispute, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ruled = append(d.ruled, r)
	return objection(someRuling()), d.refusal
}

// Find implements cloud.Support.
func (d *desk) Find(ctx context.Context, f cloud.FindVisits) (found []cloud.FoundVisit, more bool, _ error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sought = append(d.sought, f)
	visits, err := d.w.Latest(ctx, f.Cabinet, f.Person, 50)
	for _, v := range visits {
		found = append(found, cloud.FoundVisit{Visit: v, Masked: "138****1234"})
	}
	return found, d.more, err
}

// Debts implements cloud.Debtors.
func (d *desk) Debts(_ context.Context, after protocol.VisitID) (cloud.DebtList, error) {
	list := cloud.DebtList{Count: 2, Sum: 1250, Debts: []cloud.OpenDebt{
		{Debt: cloud.Debt{Visit: id(1), Person: anna.ID, Amount: 950, Since: noon, Tries: 7}, Cabinet: "qj-1", Masked: "138****1234"},
	}}
	if list.More = after.IsZero(); !list.More {
		list.Debts = []cloud.OpenDebt{{Debt: cloud.Debt{Visit: id(2), Person: anna.ID, Amount: 300, Since: noon, Tries: 1, Next: noon.Add(24 * time.Hour)}, Cabinet: "qj-1"}}
	}
	return list, nil
}

// Story implements cloud.Support.
func (d *desk) Story(ctx context.Context, visit protocol.VisitID) (cloud.VisitStory, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	v, err := d.w.Visit(ctx, visit)
	if err != nil {
		return cloud.VisitStory{}, err
	}
	began := v.Created
	lines := []settle.Line{{SKU: "2001", Qty: 1}, {SKU: "1301", Qty: 1}}
	story := cloud.VisitStory{
		Visit: cloud.VisitRecord{Visit: v, Sent: began.Add(200 * time.Millisecond), Begun: began.Add(time.Second)}, Masked: "138****1234", Disputes: d.disputes, Left: v.Total,
		Events: []cloud.VisitEvent{
			{At: began.Add(time.Second), Type: wire.VisitBegun},
			{At: began.Add(2 * time.Second), Type: wire.VisitOpened},
			{Type: wire.DoorOpened},
			{At: began.Add(40 * time.Second), Type: wire.DoorShut},
		},
		Order: &cloud.Order{Visit: v.ID, Lines: v.Lines, Total: v.Total, At: began.Add(43 * time.Second), Zero: began.Add(2 * time.Second), Answer: settle.Answer{
			Decision: settle.Bill, Lines: lines, Why: []settle.Explanation{{Lines: lines, Probability: 0.997, Steps: []settle.Step{
				{At: 8000, Platform: "S1", Delta: -262_000, SKU: "2001", Qty: -1, What: settle.Taken}, {At: 21000, Platform: "S1", Delta: -291_000, SKU: "1301", Qty: -1, What: settle.Taken},
			}}},
		}},
		Ops: []cloud.PaymentOp{
			{ID: id(71), Kind: cloud.OpHold, Amount: 5000, State: cloud.OpDone, Created: began},
			{ID: id(72), Kind: cloud.OpCapture, Amount: v.Total, State: cloud.OpDone, Created: began.Add(43 * time.Second)},
		},
		Actions: []cloud.Action{{ID: id(80), At: noon.Add(30 * time.Minute), By: "mei", Role: protocol.RoleSupport, Kind: cloud.ActionNote, Visit: v.ID, Why: "打过两次电话"}},
		Incidents: []cloud.Incident{
			{Cabinet: v.Cabinet, Kind: cloud.IncidentScale, Subject: "S3", Detail: "wild", Count: 2, First: began.Add(-4 * time.Minute), Last: began},
		},
	}
	for _, said := range d.disputes {
		story.Ops = append(story.Ops, said.Refunds...)
	}
	if d.story != nil {
		d.story(&story)
	}
	return story, nil
}

// Refund implements cloud.Support.
func (d *desk) Refund(_ context.Context, r cloud.SupportRefund) (cloud.Dispute, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refunded = append(d.refunded, r)
	return objection(someRuling()), d.refusal
}

// Retry implements cloud.Support.
func (d *desk) Retry(_ context.Context, _ protocol.UUID, by cloud.Principal, why string) (cloud.Dispute, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.retried = append(d.retried, by.Name+": "+why)
	return objection(someRuling()), d.refusal
}

// Note implements cloud.Support.
func (d *desk) Note(_ context.Context, _ protocol.VisitID, by cloud.Principal, text string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.noted = append(d.noted, by.Name+": "+text)
	return d.refusal
}

// ByPhone implements cloud.Callers.
func (d *desk) ByPhone(_ context.Context, _, phone string) (cloud.Principal, error) {
	switch {
	case d.refusal != nil:
		return cloud.Principal{}, fmt.Errorf("read %s: disk error", phone)
	case len(phone) < 8 || phone[0] != '+':
		return cloud.Principal{}, protocol.Errorf(cloud.CodeBadPhone, "not a number")
	case phone != testPhone:
		return cloud.Principal{}, protocol.Errorf(cloud.CodeNotFound, "none")
	}
	return cloud.Principal{ID: anna.ID, Role: protocol.RoleResident, Name: "138****1234"}, nil
}
