package message

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/storetest"
	"allhours/protocol"
)

var (
	resident = protocol.UUID{6: 0x70, 8: 0x80, 15: 9}
	bought   = protocol.UUID{6: 0x70, 8: 0x80, 15: 1}
)

// provider answers as it is told to, and remembers what it was handed.
type provider struct {
	answers []error
	taken   []Outgoing
}

func (p *provider) Send(_ context.Context, o Outgoing) (string, error) {
	p.taken = append(p.taken, o)
	var err error
	if len(p.answers) > 0 {
		err, p.answers = p.answers[0], p.answers[1:]
	}
	return fmt.Sprintf("sms-%d", len(p.taken)), err
}

type phones struct{}

func (phones) Reach(_ context.Context, m cloud.Message) (string, string, error) {
	switch {
	case m.Kind == cloud.MessageCode:
		return "+8613951477268", "246810", nil
	case m.Person != resident:
		return "", "", protocol.Errorf(cloud.CodeNotFound, "no such resident")
	}
	return "+8613951477268", "", nil
}

// rig is the service over a real database and a clock that the test sets.
type rig struct {
	*Service
	t    *testing.T
	now  time.Time
	to   *provider
	log  bytes.Buffer
	last byte
}

// noon is a time of day in the chain's zone when people are awake.
var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

func newRig(t *testing.T) *rig {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: blank.At(t, filepath.Join(t.TempDir(), "fleet.db"))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	plan := storetest.Plan()
	plan.Chain.Quiet = cloud.Quiet{From: 22 * 60, To: 8 * 60}
	r := &rig{t: t, now: noon, to: &provider{}, last: 100}
	r.Service = New(Options{
		DB: db, Sender: r.to, Phones: phones{}, BaseURL: "https://near.example", Now: func() time.Time { return r.now },
		NewID:  func() protocol.UUID { r.last++; return protocol.UUID{6: 0x70, 8: 0x80, 15: r.last} },
		Logger: slog.New(slog.NewTextHandler(&r.log, nil)),
	})
	r.update(func(tx cloud.Tx) error {
		if err := tx.Plans.Save(plan); err != nil {
			return err
		}
		_, err := tx.Cabinets.Save(plan.Cabinets[0].Cabinet, time.Time{})
		return errors.Join(err, tx.Visits.Add(cloud.VisitRecord{Visit: cloud.Visit{ID: bought, Cabinet: "xs-01", Compartment: 1, Person: resident, Payment: cloud.PaymentNone, Created: noon}}),
			tx.Debts.Add(cloud.Debt{Visit: bought, Person: resident, Amount: 950, Since: noon}))
	})
	return r
}

func (r *rig) update(work func(cloud.Tx) error) {
	r.t.Helper()
	if err := r.DB.Update(r.t.Context(), work); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) tell(kind cloud.MessageKind) {
	r.t.Helper()
	r.update(func(tx cloud.Tx) error {
		return r.Tell(tx, cloud.Message{Ref: cloud.MessageRef(kind, bought.String()), Kind: kind, Person: resident, Visit: bought, Amount: 950})
	})
}

// after lets time pass as the worker sees it: looked at each minute.
func (r *rig) after(d time.Duration) {
	r.t.Helper()
	for end := r.now.Add(d); r.now.Before(end); {
		r.now = r.now.Add(min(time.Minute, end.Sub(r.now)))
		if _, err := r.sendDue(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
	}
}

func (r *rig) state(kind cloud.MessageKind) (m cloud.OutMessage) {
	r.t.Helper()
	r.update(func(tx cloud.Tx) (err error) {
		m, _, err = tx.Messages.Find(cloud.MessageRef(kind, bought.String()))
		return err
	})
	return m
}

func TestAFactIsToldOnce(t *testing.T) {
	r := newRig(t)
	r.tell(cloud.MessageRefund)
	r.tell(cloud.MessageRefund)
	r.after(time.Minute)
	r.tell(cloud.MessageRefund)
	r.after(time.Hour)
	if len(r.to.taken) != 1 {
		t.Fatalf("told %d times", len(r.to.taken))
	}
	o := r.to.taken[0]
	if o.Phone != "+8613951477268" || o.Text != "【邻里】「门口」那次的 ¥9.50 已原路退回。https://near.example/v/"+bought.String() {
		t.Errorf("told %+v", o)
	}
	want := []Param{{"chain", "邻里"}, {"place", "门口"}, {"amount", "¥9.50"}, {"link", "https://near.example/v/" + bought.String()}}
	if !slices.Equal(o.Params, want) {
		t.Errorf("parameters %v, want %v", o.Params, want)
	}
	if m := r.state(cloud.MessageRefund); m.State != cloud.MessageSent || m.Provider != "sms-1" {
		t.Errorf("it is %s, %q", m.State, m.Provider)
	}
}

func TestWhatFailsIsToldAgain(t *testing.T) {
	lost := errors.New("no answer for +8613951477268")
	for _, c := range []struct {
		name    string
		answers []error
		calls   int
		state   cloud.MessageState
		why     cloud.MessageWhy
	}{
		{"an answer that was lost is asked for again under the same id", []error{lost, lost}, 3, cloud.MessageSent, ""},
		{"what the provider refuses is not tried again", []error{fmt.Errorf("%w: blacklisted 13951477268", ErrRefused)}, 1, cloud.MessageRefused, cloud.MessageRefusal},
		{"what never works is given up", slices.Repeat([]error{lost}, 20), triesMost, cloud.MessageRefused, cloud.MessageUnanswered},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.to.answers = c.answers
			r.tell(cloud.MessageDebt)
			r.after(2 * time.Hour)
			if m := r.state(cloud.MessageDebt); len(r.to.taken) != c.calls || m.State != c.state || m.Why != c.why {
				t.Errorf("%d calls, then %s (%s): want %d and %s (%s)", len(r.to.taken), m.State, m.Why, c.calls, c.state, c.why)
			}
			for _, o := range r.to.taken {
				if o.ID != r.to.taken[0].ID {
					t.Error("another try has another id")
				}
			}
			if strings.Contains(r.log.String(), "77268") || !strings.Contains(r.log.String(), "##") {
				t.Errorf("the log has a phone, or nothing at all: %s", r.log.String())
			}
		})
	}
}

func TestNobodyIsWoken(t *testing.T) {
	r := newRig(t)
	r.now = time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC) // two at night in the chain's zone
	r.tell(cloud.MessageRefund)
	r.update(func(tx cloud.Tx) error {
		return tx.Messages.Add(cloud.OutMessage{State: cloud.MessageWaiting, Next: r.now, Message: cloud.Message{
			ID: protocol.UUID{15: 5}, Ref: "code:5", Kind: cloud.MessageCode, Lang: "zh", Sealed: []byte{1}, Created: r.now, Expires: r.now.Add(5 * time.Minute),
		}})
	})
	r.after(5*time.Hour + 58*time.Minute)
	if len(r.to.taken) != 1 || r.to.taken[0].Kind != cloud.MessageCode || !strings.Contains(r.to.taken[0].Text, "246810") {
		t.Fatalf("told before eight: %+v", r.to.taken)
	}
	r.after(4 * time.Minute)
	if len(r.to.taken) != 2 || r.to.taken[1].Kind != cloud.MessageRefund {
		t.Fatalf("told after eight: %+v", r.to.taken)
	}
}

func TestACodeThatIsTooOldIsNotSent(t *testing.T) {
	r := newRig(t)
	r.update(func(tx cloud.Tx) error {
		return tx.Messages.Add(cloud.OutMessage{State: cloud.MessageWaiting, Next: r.now, Message: cloud.Message{
			ID: protocol.UUID{15: 5}, Ref: cloud.MessageRef(cloud.MessageCode, bought.String()), Kind: cloud.MessageCode, Lang: "zh", Sealed: []byte{1}, Created: r.now,
			Expires: r.now.Add(5 * time.Minute),
		}})
	})
	r.now = r.now.Add(5*time.Minute + time.Second)
	r.after(time.Minute)
	m := r.state(cloud.MessageCode)
	if len(r.to.taken) != 0 || m.State != cloud.MessageLate || len(m.Sealed) != 0 {
		t.Errorf("%d sent, it is %s, and %d bytes are still sealed in it", len(r.to.taken), m.State, len(m.Sealed))
	}
}

func TestAReceiptIsForWhoClosedThePage(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(r *rig) error
		want int
	}{
		{"who closed the page is told", func(*rig) error { return nil }, 1},
		{"who reads the page is not", func(r *rig) error { return r.Seen(r.t.Context(), bought) }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			r.tell(cloud.MessageReceipt)
			r.after(time.Minute)
			if err := c.do(r); err != nil {
				t.Fatal(err)
			}
			r.after(time.Hour)
			if len(r.to.taken) != c.want {
				t.Errorf("told %d times, want %d", len(r.to.taken), c.want)
			}
		})
	}
}

func TestAResidentsWishes(t *testing.T) {
	r := newRig(t)
	if err := r.Wish(t.Context(), resident, cloud.Wishes{Lang: "en"}); err != nil {
		t.Fatal(err)
	}
	r.tell(cloud.MessageReceipt)
	r.tell(cloud.MessageDebt)
	r.after(time.Hour)
	if len(r.to.taken) != 1 || r.to.taken[0].Kind != cloud.MessageDebt || !strings.HasPrefix(r.to.taken[0].Text, "Near: ¥9.50 of your visit to “At the gate”") {
		t.Errorf("without receipts, and in English: %+v", r.to.taken)
	}
}

// Every kind has a text in both languages with each of its blanks.
func TestEveryKindHasItsWords(t *testing.T) {
	texts := mustTexts()
	kinds := []cloud.MessageKind{
		cloud.MessageCode, cloud.MessageReceipt, cloud.MessageReviewBilled, cloud.MessageReviewNothing, cloud.MessageReviewWaived, cloud.MessageDebt,
		cloud.MessageDebtLast, cloud.MessageDebtPaid, cloud.MessageDebtRest, cloud.MessageDebtWaived, cloud.MessageRefund, cloud.MessageRefundRefused,
		cloud.MessagePayout, cloud.MessagePayoutRefused, cloud.MessageDisputeDecided, cloud.MessageDisputeRefused,
	}
	if len(texts) != len(kinds) {
		t.Errorf("%d texts for %d kinds", len(texts), len(kinds))
	}
	for _, k := range kinds {
		for lang, text := range map[string]string{"zh": texts[k].Zh, "en": texts[k].En} {
			for i, name := range texts[k].Params {
				if !strings.Contains(text, fmt.Sprintf("{%d}", i+1)) {
					t.Errorf("%s in %s has no place for %s", k, lang, name)
				}
			}
			if strings.Contains(text, fmt.Sprintf("{%d}", len(texts[k].Params)+1)) || text == "" {
				t.Errorf("%s in %s: %q", k, lang, text)
			}
		}
	}
}

func TestTheHoursWhenNobodyIsWoken(t *testing.T) {
	at := func(hour, minute int) time.Time { return time.Date(2026, 3, 2, hour, minute, 0, 0, time.UTC) }
	night := cloud.Quiet{From: 22 * 60, To: 8 * 60}
	for _, c := range []struct {
		name     string
		quiet    cloud.Quiet
		at, want time.Time
	}{
		{"by day", night, at(12, 0), at(12, 0)},
		{"late at night it waits for the next morning", night, at(22, 0), at(32, 0)},
		{"early in the morning it waits for the same one", night, at(3, 30), at(8, 0)},
		{"at the end of the quiet it goes out", night, at(8, 0), at(8, 0)},
		{"an hour at noon", cloud.Quiet{From: 12 * 60, To: 13 * 60}, at(12, 30), at(13, 0)},
		{"never quiet", cloud.Quiet{}, at(0, 0), at(0, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.quiet.Until(c.at); !got.Equal(c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
