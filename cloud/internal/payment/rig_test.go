package payment_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/book"
	"allhours/cloud/internal/payment"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/cloud/internal/store/storetest"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

// rig is the payment service over real books and a simulated provider that calls it back. A test plays the visits.
type rig struct {
	t       *testing.T
	db      *sqlstore.DB
	book    *book.Book
	service *payment.Service
	money   *payment.Simulator
	mu      sync.Mutex
	faults  func(cloud.OpKind, protocol.UUID) payment.Fault // called while the rig is locked
	told    []cloud.MessageKind
	ids     uint32
	cabinet cloud.Cabinet
}

// inRig runs a test within synctest.
func inRig(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			r.service.Run(ctx)
		}()
		defer func() {
			cancel()
			<-ended
			if err := errors.Join(r.money.Close(), r.db.Close()); err != nil {
				t.Error(err)
			}
		}()
		test(t, r)
	})
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t}
	var err error
	r.db, err = sqlite.Open(t.Context(), sqlite.Options{Path: blank.At(t, filepath.Join(t.TempDir(), "fleet.db")), OneConnection: true})
	r.must(err)
	plan := storetest.Plan()
	r.cabinet = plan.Cabinets[0].Cabinet
	r.must(r.db.Update(t.Context(), func(tx cloud.Tx) error {
		if err := tx.Plans.Save(plan); err != nil {
			return err
		}
		_, err := tx.Cabinets.Save(r.cabinet, time.Time{})
		return err
	}))
	r.must(r.db.People().AddResident(t.Context(), people.Resident{ID: id(100), PhoneMAC: []byte{1}, Phone: []byte{2}, Masked: "138****1234", Created: time.Now()}))
	r.money, err = payment.NewSimulator("", func(k cloud.OpKind, op protocol.UUID) payment.Fault {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.faults == nil {
			return payment.FaultNone
		}
		return r.faults(k, op)
	})
	r.must(err)
	r.money.Configure(payment.SimulatorOptions{Call: func(header map[string][]string, body []byte) int {
		reply, err := r.service.Callback(context.Background(), payment.SimulatorName, header, body)
		if err != nil {
			return 404
		}
		return reply.Status
	}})
	r.serve()
	return r
}

// serve starts a service over the books.
func (r *rig) serve() {
	r.book = book.New(time.Now, r.newID)
	r.service = payment.New(payment.Options{
		DB: r.db, Book: r.book, Provider: r.money, Now: time.Now, NewID: r.newID, Changed: func(protocol.VisitID) {},
		Logger: slog.New(slog.DiscardHandler), Idle: 15 * time.Minute, Teller: r,
	})
}

// Tell implements cloud.Teller.
func (r *rig) Tell(_ cloud.Tx, m cloud.Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told = append(r.told, m.Kind)
	return nil
}

// does says what the provider does wrong from now on.
func (r *rig) does(faults func(cloud.OpKind, protocol.UUID) payment.Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults = faults
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) newID() protocol.UUID {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids++
	return protocol.UUID{0: 1, 6: 0x70, 8: 0x80, 12: byte(r.ids >> 24), 13: byte(r.ids >> 16), 14: byte(r.ids >> 8), 15: byte(r.ids)}
}

func (r *rig) update(work func(tx cloud.Tx) error) {
	r.t.Helper()
	r.must(r.db.Update(r.t.Context(), work))
}

func (r *rig) view(work func(tx cloud.Tx) error) {
	r.t.Helper()
	r.must(r.db.View(r.t.Context(), work))
}

// begin asks for a door: the money is held, or the visit is aborted.
func (r *rig) begin(person protocol.UUID) cloud.VisitRecord {
	r.t.Helper()
	v := cloud.VisitRecord{Visit: cloud.Visit{
		ID: r.newID(), Cabinet: r.cabinet.ID, Compartment: protocol.Compartment(1 + r.ids%100), Purpose: protocol.PurposePurchase, Person: person, Hold: 5000,
		PriceVersion: 1, Payment: cloud.PaymentNone, Created: time.Now(),
	}}
	op := r.service.Sent(cloud.OpHold, v.Visit)
	v.HoldOp = op.ID
	r.update(func(tx cloud.Tx) error { return errors.Join(tx.Visits.Add(v), r.service.Hold(tx, &op)) })
	_, err := r.service.Perform(r.t.Context(), op, func(tx cloud.Tx, result payment.Result) error {
		if result == payment.ResultDone {
			return nil
		}
		return errors.Join(tx.Steps.End(v.ID, cloud.OutcomeAborted, cloud.CodePaymentUnknown, time.Now()), r.service.Free(tx, v))
	})
	r.must(err)
	r.service.Wake()
	return r.visit(v.ID)
}

// settle bills a visit; nothing frees its hold.
func (r *rig) settle(v cloud.VisitRecord, total protocol.Fen) {
	r.t.Helper()
	ref := ledger.Ref("event:" + v.ID.String())
	r.update(func(tx cloud.Tx) error {
		order := cloud.Order{Visit: v.ID, Total: total, At: time.Now(), Hash: v.ID[:]}
		if total > 0 {
			order.Lines = []cloud.OrderLine{{SKU: "1001", Name: cloud.Text{Zh: "水", En: "Water"}, Qty: 1, Price: total}}
		}
		if err := tx.Orders.Add(order); err != nil {
			return err
		}
		if v.Ended.IsZero() {
			outcome := cloud.OutcomeSold
			if total == 0 {
				outcome = cloud.OutcomeNothingTaken
			}
			if err := tx.Steps.End(v.ID, outcome, "", time.Now()); err != nil {
				return err
			}
		}
		if total == 0 {
			return r.service.Free(tx, v)
		}
		fact := book.Fact{Ref: ref, Cabinet: r.cabinet}
		if err := r.book.Post(tx, fact, ledger.Bill(v.ID, string(r.cabinet.Store), total)); err != nil {
			return err
		}
		return r.service.Charge(tx, v, total, ref)
	})
	r.service.Wake()
}

// buys goes through a whole visit.
func (r *rig) buys(person protocol.UUID, total protocol.Fen) cloud.VisitRecord {
	r.t.Helper()
	v := r.begin(person)
	r.settle(v, total)
	later(time.Second)
	return r.visit(v.ID)
}

// refund asks for a part of what was taken of a visit, by the first operation that took some. The database takes no request
// for more than is left.
func (r *rig) refund(v cloud.VisitRecord, amount protocol.Fen) {
	r.t.Helper()
	r.update(func(tx cloud.Tx) error {
		all, err := tx.Ops.Of(v.ID)
		for _, op := range all {
			if (op.Kind == cloud.OpCapture || op.Kind == cloud.OpPay) && op.State == cloud.OpDone {
				err := tx.Try(func() error {
					return tx.Ops.Add(cloud.PaymentOp{
						ID: r.newID(), Visit: v.ID, Person: v.Person, Kind: cloud.OpRefund, Amount: amount, On: op.ID,
						State: cloud.OpPending, Next: time.Now(), Created: time.Now(),
					})
				})
				if protocol.CodeOf(err) != cloud.CodeConflict {
					return err
				}
				return nil
			}
		}
		return err
	})
	r.service.Wake()
}

func (r *rig) visit(id protocol.VisitID) (v cloud.VisitRecord) {
	r.t.Helper()
	r.view(func(tx cloud.Tx) (err error) { v, err = tx.Visits.Find(id); return err })
	return v
}

func (r *rig) ops(visit protocol.VisitID, kind cloud.OpKind) (found []cloud.PaymentOp) {
	r.t.Helper()
	r.view(func(tx cloud.Tx) error {
		all, err := tx.Ops.Of(visit)
		for _, op := range all {
			if op.Kind == kind {
				found = append(found, op)
			}
		}
		return err
	})
	return found
}

func (r *rig) purse(person protocol.UUID) cloud.Purse {
	r.t.Helper()
	p, err := r.service.Purse(r.t.Context(), person)
	r.must(err)
	return p
}

func (r *rig) balance(a ledger.Account) (amount protocol.Fen) {
	r.t.Helper()
	r.view(func(tx cloud.Tx) error {
		n, err := tx.Ledger.Balance(a, ledger.Fen)
		amount = protocol.Fen(n)
		return err
	})
	return amount
}

func (r *rig) mismatches() (n int) {
	r.t.Helper()
	r.view(func(tx cloud.Tx) error {
		all, err := tx.Incidents.Unclosed("")
		for _, i := range all {
			if i.Kind == cloud.IncidentPaymentMismatch {
				n += i.Count
			}
		}
		return err
	})
	return n
}

// is holds a visit to a payment, and the ledger to what the provider says.
func (r *rig) is(v protocol.VisitID, want cloud.Payment) {
	r.t.Helper()
	if got := r.visit(v).Payment; got != want {
		r.t.Errorf("the payment is %s, want %s", got, want)
	}
}

func later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
