package privacy

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/cloud/internal/tracefile"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

const number = "+8613900007777"

// rig is the service over real people and a real database, on a clock that the test moves.
type rig struct {
	*Service
	t      *testing.T
	db     *sqlstore.DB
	people *people.Service
	traces *tracefile.Folder
	at     time.Time
	told   int
}

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
	r := &rig{t: t, db: db, at: time.Date(2026, 11, 1, 20, 0, 0, 0, time.UTC), traces: tracefile.Open(filepath.Join(t.TempDir(), "traces"), 1<<20)}
	now := func() time.Time { return r.at }
	if r.people, err = people.New(people.Options{Store: db.People(), Key: bytes.Repeat([]byte{1}, people.KeySize), Demo: true, Now: now}); err != nil {
		t.Fatal(err)
	}
	r.Service = New(Options{DB: db, Recordings: r.traces, Now: now, Erased: func(context.Context) error { r.told++; return nil }})
	return r
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) signIn(phone string) (token string, resident protocol.UUID) {
	r.t.Helper()
	code, err := r.people.RequestCode(r.t.Context(), phone)
	r.must(err)
	token, who, err := r.people.SignIn(r.t.Context(), phone, code)
	r.must(err)
	return token, who.ID
}

// visit is one that has ended, and of which there is a recording.
func (r *rig) visit(n byte, resident protocol.UUID) protocol.VisitID {
	r.t.Helper()
	id, err := protocol.NewUUID(r.at, bytes.NewReader(bytes.Repeat([]byte{n}, 16)))
	r.must(err)
	r.must(r.db.Update(r.t.Context(), func(tx cloud.Tx) error {
		return errors.Join(tx.Visits.Add(cloud.VisitRecord{Visit: cloud.Visit{
			ID: id, Cabinet: "xs-01", Compartment: 1, Purpose: protocol.PurposePurchase, Person: resident, Payment: cloud.PaymentNone, Created: r.at,
		}}), tx.Steps.End(id, cloud.OutcomeNothingTaken, "", r.at))
	}))
	r.must(r.traces.Keep(id, []byte("weights")))
	return id
}

func TestWhoIsErasedIsNobodyAndComesBackAsSomebodyElse(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	token, resident := r.signIn(number)
	visit := r.visit(1, resident)
	notice, err := r.Notice(ctx)
	r.must(err)
	r.must(r.Agree(ctx, resident, notice.Version))
	d, err := r.Export(ctx, resident)
	r.must(err)
	if len(d.Visits) != 1 || len(d.Traces) != 1 || d.Traces[0] != visit || len(d.Consents) != 1 || len(d.Sessions) != 1 || d.Subject == "" || !d.Receipts {
		t.Errorf("export: %+v", d)
	}
	if _, err := r.people.RequestCode(ctx, number); err != nil {
		t.Fatal(err)
	}
	r.must(r.Erase(ctx, resident))
	if _, err := r.people.Session(ctx, token); protocol.CodeOf(err) != cloud.CodeNoSession {
		t.Errorf("the session: %v", err)
	}
	if err := r.Erase(ctx, resident); protocol.CodeOf(err) != cloud.CodeNotFound {
		t.Errorf("once more: %v", err)
	}
	if _, err := r.Export(ctx, resident); protocol.CodeOf(err) != cloud.CodeNotFound {
		t.Errorf("an export of nobody: %v", err)
	}
	_, again := r.signIn(number)
	if again == resident {
		t.Error("the same phone is the same person")
	}
	if err := r.Agreed(ctx, again); protocol.CodeOf(err) != cloud.CodeConsentNeeded {
		t.Errorf("somebody new has agreed already: %v", err)
	}
	if stats := r.Stats(); stats.Erased != 1 || r.told != 1 {
		t.Errorf("%+v, told %d times", stats, r.told)
	}
}

func TestWhoeverOwesOrIsOwedIsNotErased(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	_, resident := r.signIn(number)
	for i, c := range []struct {
		name string
		post []ledger.Posting
		want cloud.Unsettled
	}{
		{"money that was paid ahead", ledger.TopUp(resident, 2000, ledger.Cash), cloud.Unsettled{Purse: 2000}},
		{"a debt beside it", ledger.Owe(protocol.VisitID{1}, resident, 950), cloud.Unsettled{Purse: 2000, Owed: 950}},
	} {
		entry := protocol.UUID{6: 0x70, 8: 0x80, 15: byte(i + 1)}
		r.must(r.db.Update(ctx, func(tx cloud.Tx) error {
			return tx.Ledger.Post(ledger.Entry{ID: entry, At: r.at, Ref: ledger.Ref("test:" + c.name), Day: "2026-11-01", Postings: c.post})
		}))
		if got, err := r.Unsettled(ctx, resident); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", c.name, got, err, c.want)
		}
		if err := r.Erase(ctx, resident); protocol.CodeOf(err) != cloud.CodeStillOpen {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	r.at = r.at.AddDate(20, 0, 0)
	r.must(r.Remove(ctx))
	if _, err := r.people.Masked(ctx, resident); err != nil || r.told != 0 {
		t.Errorf("age erased whom money keeps: %v", err)
	}
}

func TestAConsentIsToOneVersion(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	_, resident := r.signIn(number)
	if err := r.Agree(ctx, resident, "0-000000"); protocol.CodeOf(err) != cloud.CodeConsentNeeded {
		t.Errorf("another version: %v", err)
	}
	notice, err := r.Notice(ctx)
	r.must(err)
	r.must(r.Agree(ctx, resident, notice.Version))
	r.must(r.Agreed(ctx, resident))
	r.must(r.db.Update(ctx, func(tx cloud.Tx) error {
		return tx.Plans.Save(cloud.MasterData{Chain: cloud.Chain{Hold: 5000, TimeZone: "Asia/Shanghai", Retention: cloud.Retention{Message: 200}}})
	}))
	if err := r.Agreed(ctx, resident); protocol.CodeOf(err) != cloud.CodeConsentNeeded {
		t.Errorf("after the chain kept messages longer: %v", err)
	}
	if c, err := r.Consent(ctx, resident); err != nil || c.Version != notice.Version || !c.At.Equal(r.at) {
		t.Errorf("consent %+v, %v", c, err)
	}
}

func TestACodeOfOneActIsOfNoOther(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	_, resident := r.signIn(number)
	code, err := r.people.SendOwn(ctx, resident, cloud.OwnExport)
	r.must(err)
	if err := r.people.ConfirmOwn(ctx, resident, cloud.OwnErase, code); protocol.CodeOf(err) != cloud.CodeBadCode {
		t.Errorf("a code for the export erases: %v", err)
	}
	if _, _, err := r.people.SignIn(ctx, number, code); protocol.CodeOf(err) != cloud.CodeBadCode {
		t.Errorf("it signs in: %v", err)
	}
	r.must(r.people.ConfirmOwn(ctx, resident, cloud.OwnExport, code))
	if err := r.people.ConfirmOwn(ctx, resident, cloud.OwnExport, code); protocol.CodeOf(err) != cloud.CodeBadCode {
		t.Errorf("twice: %v", err)
	}
}

func TestWhatIsOverItsTimeGoesAndNothingElse(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	_, faithful := r.signIn(number)
	gone := make(map[protocol.UUID]bool)
	for _, phone := range []string{"+8613900008881", "+8613900008882"} {
		_, resident := r.signIn(phone)
		r.visit(byte(len(gone)+1), resident)
		gone[resident] = true
	}
	r.at = r.at.AddDate(2, 11, 0)
	r.visit(9, faithful)
	if _, err := r.people.RequestCode(ctx, "+8613900009999"); err != nil {
		t.Fatal(err)
	}
	r.at = r.at.AddDate(0, 2, 0) // three years and a month after the first
	due, err := r.Look(ctx)
	r.must(err)
	want := map[cloud.KeptKind]int{cloud.KeptResident: 2, cloud.KeptCode: 1, cloud.KeptSession: 3, cloud.KeptTrace: 2}
	r.must(r.Remove(ctx))
	stats := r.Stats()
	for _, d := range due {
		// Whose session is over is idle only when it is gone: the dry run sees it go with the next run.
		if d.Kind != cloud.KeptResident && d.Count != want[d.Kind] {
			t.Errorf("would remove %d of %s, want %d", d.Count, d.Kind, want[d.Kind])
		}
	}
	r.must(r.Remove(ctx))
	stats = r.Stats()
	for kind, n := range want {
		if stats.Removed[kind] != int64(n) {
			t.Errorf("removed %d of %s, want %d", stats.Removed[kind], kind, n)
		}
	}
	if _, err := r.people.Masked(ctx, faithful); err != nil || stats.Erased != 2 || !stats.Last.Equal(r.at) {
		t.Errorf("%v, %+v", err, stats)
	}
	for resident := range gone {
		if _, err := r.people.Masked(ctx, resident); protocol.CodeOf(err) != cloud.CodeNotFound {
			t.Errorf("%s is still known: %v", resident, err)
		}
	}
}

func TestWhatWasErasedIsNotLeftInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fleet.db")
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	r := people.Resident{ID: protocol.UUID{6: 0x70, 15: 1}, PhoneMAC: bytes.Repeat([]byte{0xc1}, 32), Phone: bytes.Repeat([]byte{0xd2}, 40), Masked: "139****7777"}
	if err := db.People().AddResident(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := New(Options{DB: db}).Erase(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil { // What waits beside the file goes into it.
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range map[string]string{"phone's MAC": strings.Repeat("c1", 32), "sealed phone": strings.Repeat("d2", 40), "masked phone": "139****7777"} {
		if bytes.Contains(raw, []byte(text)) {
			t.Errorf("the %s is left", what)
		}
	}
	if !bytes.Contains(raw, []byte(r.ID.String())) {
		t.Error("the list of the forgotten is not in the file: the test does not look where it should")
	}
}

func TestManyOldRowsGoInSmallUnits(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	r.must(r.db.Update(ctx, func(tx cloud.Tx) error {
		for i := range 2*batch + 1 {
			id := protocol.UUID{6: 0x70, 8: 0x80, 14: byte(i >> 8), 15: byte(i)}
			if err := tx.Messages.Add(cloud.OutMessage{State: cloud.MessageWaiting, Message: cloud.Message{ID: id, Ref: id.String(), Kind: cloud.MessageReceipt, Created: r.at}}); err != nil {
				return err
			}
			if err := tx.Messages.End(id, cloud.MessageEnd{State: cloud.MessageSent, At: r.at}); err != nil {
				return err
			}
		}
		return nil
	}))
	r.at = r.at.AddDate(1, 0, 0)
	r.must(r.Remove(ctx))
	if n := r.Stats().Removed[cloud.KeptMessage]; n != 2*batch+1 {
		t.Errorf("removed %d", n)
	}
}
