package people_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlite/blank"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/protocol"
)

const phone = "+8613900007777"

// rig is the service over a real database and a clock that the test sets.
type rig struct {
	*people.Service
	db   *sqlstore.DB
	path string
	now  *atomic.Int64
}

func (r rig) clock() time.Time { return time.Unix(0, r.now.Load()).UTC() }

func (r rig) pass(d time.Duration) { r.now.Add(int64(d)) }

func newRig(t *testing.T, change func(*people.Options)) rig {
	t.Helper()
	r := rig{path: blank.At(t, filepath.Join(t.TempDir(), "people.db")), now: &atomic.Int64{}}
	r.now.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixNano())
	var err error
	if r.db, err = sqlite.Open(t.Context(), sqlite.Options{Path: r.path}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.db.Close(); err != nil {
			t.Error(err)
		}
	})
	o := people.Options{
		Store: r.db.People(), Key: bytes.Repeat([]byte{7}, people.KeySize), Demo: true,
		Now: func() time.Time { return time.Unix(0, r.now.Load()) },
	}
	if change != nil {
		change(&o)
	}
	if r.Service, err = people.New(o); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r rig) code(t *testing.T, phone string) string {
	t.Helper()
	code, err := r.RequestCode(t.Context(), phone)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func (r rig) signIn(t *testing.T, phone string) (string, cloud.Principal) {
	t.Helper()
	token, p, err := r.SignIn(t.Context(), phone, r.code(t, phone))
	if err != nil {
		t.Fatal(err)
	}
	return token, p
}

func wantCode(t *testing.T, err error, want protocol.Code) {
	t.Helper()
	if got := protocol.CodeOf(err); got != want {
		t.Fatalf("got %q (%v), want %q", got, err, want)
	}
}

// wrong gives a code that is not the one that was sent.
func wrong(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

func TestAResidentSignsInWithTheCodeAndStaysThatPerson(t *testing.T) {
	r := newRig(t, nil)
	token, first := r.signIn(t, phone)
	if first.Role != protocol.RoleResident || first.Name != "139****7777" || first.ID.IsZero() {
		t.Fatalf("got %+v", first)
	}
	again, second := r.signIn(t, "+86 139-0000-7777")
	if second.ID != first.ID || again == token {
		t.Fatal("the same phone is another person, or has the same token again")
	}
	got, err := r.Session(t.Context(), token)
	if err != nil || got != first {
		t.Fatalf("session: %+v, %v", got, err)
	}
	_, other := r.signIn(t, "+8613900008888")
	if other.ID == first.ID {
		t.Fatal("two phones are one person")
	}
	one, err1 := r.Pseudonym(t.Context(), first.ID)
	two, err2 := r.Pseudonym(t.Context(), other.ID)
	if err1 != nil || err2 != nil || one.IsZero() || one == two || protocol.UUID(one) == first.ID {
		t.Fatalf("pseudonyms %x and %x (%v, %v)", one, two, err1, err2)
	}
}

func TestACodeIsGoodOnceForFiveMinutesAndFiveTries(t *testing.T) {
	cases := []struct {
		name string
		do   func(t *testing.T, r rig, code string)
		want protocol.Code
	}{
		{"at once", func(*testing.T, rig, string) {}, protocol.CodeOK},
		{"just before five minutes", func(_ *testing.T, r rig, _ string) { r.pass(people.CodeLife - time.Second) }, protocol.CodeOK},
		{"after five minutes", func(_ *testing.T, r rig, _ string) { r.pass(people.CodeLife) }, cloud.CodeBadCode},
		{"after four wrong tries", func(t *testing.T, r rig, code string) { r.guess(t, code, 4) }, protocol.CodeOK},
		{"after five wrong tries", func(t *testing.T, r rig, code string) { r.guess(t, code, 5) }, cloud.CodeBadCode},
		{"a second time", func(t *testing.T, r rig, code string) {
			if _, _, err := r.SignIn(t.Context(), phone, code); err != nil {
				t.Fatal(err)
			}
		}, cloud.CodeBadCode},
		{"when a newer one was sent", func(t *testing.T, r rig, code string) {
			for r.code(t, phone) == code { // One in a million is the same again.
				continue
			}
		}, cloud.CodeBadCode},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, nil)
			code := r.code(t, phone)
			c.do(t, r, code)
			_, _, err := r.SignIn(t.Context(), phone, code)
			wantCode(t, err, c.want)
		})
	}
}

func (r rig) guess(t *testing.T, code string, times int) {
	t.Helper()
	for range times {
		_, _, err := r.SignIn(t.Context(), phone, wrong(code))
		wantCode(t, err, cloud.CodeBadCode)
	}
}

func TestACodeOfAnotherPhoneIsWrong(t *testing.T) {
	r := newRig(t, nil)
	code := r.code(t, phone)
	for r.code(t, "+8613900008888") == code {
		continue
	}
	_, _, err := r.SignIn(t.Context(), "+8613900008888", code)
	wantCode(t, err, cloud.CodeBadCode)
	_, _, err = r.SignIn(t.Context(), "+8613900009999", code)
	wantCode(t, err, cloud.CodeBadCode)
}

func TestOneCodeUsedTwiceAtOnceSignsInOnce(t *testing.T) {
	r := newRig(t, nil)
	code := r.code(t, phone)
	var in atomic.Int32
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if _, _, err := r.SignIn(context.Background(), phone, code); err == nil {
				in.Add(1)
			}
		})
	}
	wg.Wait()
	if in.Load() != 1 {
		t.Fatalf("%d signed in with one code", in.Load())
	}
}

func TestCodesAreThrottledPerPhone(t *testing.T) {
	r := newRig(t, nil)
	for range 6 {
		r.code(t, phone)
	}
	_, err := r.RequestCode(t.Context(), phone)
	wantCode(t, err, cloud.CodeTooMany)
	r.code(t, "+8613900008888") // others are not held up
	r.pass(time.Minute)
	r.code(t, phone)
}

func TestCodesAreThrottledInTotal(t *testing.T) {
	r := newRig(t, nil)
	refused := false
	for i := range 700 {
		_, err := r.RequestCode(t.Context(), fmt.Sprintf("+861390000%04d", i))
		if protocol.CodeOf(err) == cloud.CodeTooMany {
			refused = true
			break
		}
	}
	if !refused {
		t.Fatal("700 phones got a code within one moment")
	}
	r.pass(time.Second)
	r.code(t, phone)
}

func TestGuessingIsThrottledOverManyCodes(t *testing.T) {
	r := newRig(t, nil)
	wrongs := 0
	for range 6 {
		code := r.code(t, phone)
		for range 5 {
			_, _, err := r.SignIn(t.Context(), phone, wrong(code))
			if protocol.CodeOf(err) == cloud.CodeTooMany {
				if wrongs < 20 {
					t.Fatalf("stopped after %d wrong codes", wrongs)
				}
				return
			}
			wrongs++
		}
	}
	t.Fatalf("%d wrong codes, and no end", wrongs)
}

func TestPhonesThatAreNone(t *testing.T) {
	r := newRig(t, nil)
	for _, bad := range []string{"", "13900007777", "+", "+0123456789", "+1234567", "+1234567890123456", "+86139000077x7", "+86١٣٩٠٠٠٠٧٧٧٧", "tel:+8613900007777"} {
		_, err := r.RequestCode(t.Context(), bad)
		wantCode(t, err, cloud.CodeBadPhone)
		_, _, err = r.SignIn(t.Context(), bad, "000000")
		wantCode(t, err, cloud.CodeBadPhone)
		if bad != "" && bad != "+" && strings.Contains(err.Error(), bad) {
			t.Fatalf("the error quotes what was typed: %v", err)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	r := newRig(t, nil)
	addManager(t, r)
	resident, _ := r.signIn(t, phone)
	staff, _, err := r.SignInStaff(t.Context(), "manager", "correct horse", cloud.SignInFrom{})
	if err != nil {
		t.Fatal(err)
	}
	alive := func(token string) error { _, err := r.Session(t.Context(), token); return err }
	r.pass(people.StaffLife - time.Second)
	wantCode(t, alive(staff), protocol.CodeOK)
	r.pass(time.Second)
	wantCode(t, alive(staff), cloud.CodeNoSession)
	r.pass(people.ResidentLife - people.StaffLife - time.Second)
	wantCode(t, alive(resident), protocol.CodeOK)
	r.pass(time.Second)
	wantCode(t, alive(resident), cloud.CodeNoSession)

	token, _ := r.signIn(t, phone)
	if err := r.SignOut(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	wantCode(t, alive(token), cloud.CodeNoSession)
	for _, bad := range []string{"", "x", strings.Repeat("A", 43), token + "A"} {
		wantCode(t, alive(bad), cloud.CodeNoSession)
		if err := r.SignOut(t.Context(), bad); err != nil {
			t.Fatalf("signing out with %q: %v", bad, err)
		}
	}
}

func addManager(t *testing.T, r rig) {
	t.Helper()
	member := people.Staff{ID: protocol.UUID{8}, Name: "manager", Role: protocol.RoleManager, Password: cheapPassword}
	if err := r.db.People().AddStaff(t.Context(), member); err != nil {
		t.Fatal(err)
	}
}

// cheapPassword is "correct horse", hashed at next to no cost.
const cheapPassword = "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$rAjuexKlLdAHLvqk7TeeiWZjW4OPoRGwldJXdHbTuKI"

func TestAnAddedMemberSignsIn(t *testing.T) {
	r := newRig(t, nil)
	err := people.AddStaff(t.Context(), r.db.People(), "anna", protocol.RoleOwner, "", "lit window at night", time.Unix(0, r.now.Load()))
	if err != nil {
		t.Fatal(err)
	}
	_, p, err := r.SignInStaff(t.Context(), "anna", "lit window at night", cloud.SignInFrom{})
	if err != nil || p.Role != protocol.RoleOwner {
		t.Fatalf("got %+v, %v", p, err)
	}
}

func TestStaffSignInWithTheRightPasswordOnly(t *testing.T) {
	r := newRig(t, nil)
	addManager(t, r)
	token, p, err := r.SignInStaff(t.Context(), "manager", "correct horse", cloud.SignInFrom{})
	if err != nil || p.Role != protocol.RoleManager || p.Name != "manager" || token == "" {
		t.Fatalf("got %+v, %v", p, err)
	}
	for name, password := range map[string]string{"manager": "correct hors", "Manager": "correct horse", "": ""} {
		_, _, err := r.SignInStaff(t.Context(), name, password, cloud.SignInFrom{})
		wantCode(t, err, cloud.CodeBadPassword)
	}
	for {
		_, _, err := r.SignInStaff(t.Context(), "manager", "guess", cloud.SignInFrom{})
		if protocol.CodeOf(err) == cloud.CodeTooMany {
			break
		}
		wantCode(t, err, cloud.CodeBadPassword)
	}
	_, _, err = r.SignInStaff(t.Context(), "manager", "correct horse", cloud.SignInFrom{})
	wantCode(t, err, cloud.CodeTooMany)
	r.pass(time.Minute)
	if _, _, err = r.SignInStaff(t.Context(), "manager", "correct horse", cloud.SignInFrom{}); err != nil {
		t.Fatal(err)
	}
}

func TestStaffThatCannotBeAdded(t *testing.T) {
	r := newRig(t, nil)
	addManager(t, r)
	cases := []struct {
		name, member, password string
		role                   protocol.Role
		want                   protocol.Code
	}{
		{"a name that is taken", "manager", "correct horse", protocol.RoleManager, cloud.CodeConflict},
		{"no name", "", "correct horse", protocol.RoleManager, protocol.CodeMalformed},
		{"a short password", "new", "short", protocol.RoleManager, protocol.CodeMalformed},
		{"a resident's role", "new", "correct horse", protocol.RoleResident, protocol.CodeMalformed},
		{"a role that is none", "new", "correct horse", "king", protocol.CodeMalformed},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := people.AddStaff(t.Context(), r.db.People(), c.member, c.role, "", c.password, time.Unix(0, r.now.Load()))
			wantCode(t, err, c.want)
		})
	}
}

// content is what lies on the disk.
func (r rig) content(t *testing.T) (all []byte) {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(r.path + suffix)
		if err != nil && suffix == "" {
			t.Fatal(err)
		}
		all = append(all, raw...)
	}
	return all
}

func TestNothingOfAPersonLiesOpenInTheDatabase(t *testing.T) {
	r := newRig(t, nil)
	addManager(t, r)
	code := r.code(t, phone)
	token, _, err := r.SignIn(t.Context(), phone, code)
	if err != nil {
		t.Fatal(err)
	}
	pending := r.code(t, phone)
	all := r.content(t)
	if !bytes.Contains(all, []byte("argon2id")) {
		t.Fatal("the test does not look at the data")
	}
	for what, secret := range map[string]string{
		"phone": phone, "phone without country": phone[3:], "token": token, "password": "correct horse", "code": "'" + pending + "'",
	} {
		if bytes.Contains(all, []byte(secret)) {
			t.Errorf("the %s lies open in the database", what)
		}
	}
}

func TestOutsideOfTheDemoACodeGoesToThePhoneOnly(t *testing.T) {
	r := newRig(t, func(o *people.Options) { o.Demo = false })
	if code := r.code(t, phone); code != "" {
		t.Fatalf("the code came back: %q", code)
	}
	var letters []cloud.OutMessage
	if err := r.db.View(t.Context(), func(tx cloud.Tx) (err error) {
		letters, err = tx.Messages.Due(r.clock(), 10)
		return err
	}); err != nil || len(letters) != 1 {
		t.Fatalf("messages %v, %v: want one", letters, err)
	}
	if l := letters[0]; !l.Expires.Equal(r.clock().Add(people.CodeLife)) {
		t.Errorf("the message is good until %s, and the code is not", l.Expires)
	}
	to, code, err := r.Reach(t.Context(), letters[0].Message)
	if err != nil || to != phone {
		t.Fatalf("the message goes to %q, %v", to, err)
	}
	if _, _, err := r.SignIn(t.Context(), phone, code); err != nil {
		t.Fatal(err)
	}
	swapped := letters[0].Message
	swapped.ID[15]++
	if _, _, err := r.Reach(t.Context(), swapped); err == nil || strings.Contains(err.Error(), code) || strings.Contains(err.Error(), phone) {
		t.Errorf("what is sealed in one message was opened for another: %v", err)
	}
}

func TestAMessageReachesTheResidentsOwnPhone(t *testing.T) {
	r := newRig(t, nil)
	_, p := r.signIn(t, phone)
	to, code, err := r.Reach(t.Context(), cloud.Message{Kind: cloud.MessageReceipt, Person: p.ID})
	if err != nil || to != phone || code != "" {
		t.Fatalf("it goes to %q with %q, %v", to, code, err)
	}
	_, _, err = r.Reach(t.Context(), cloud.Message{Kind: cloud.MessageReceipt, Person: protocol.UUID{1}})
	wantCode(t, err, cloud.CodeNotFound)
}
