package people_test

import (
	"bytes"
	"context"
	"encoding/base32"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/protocol"
)

// owned is a rig with an owner and a manager.
func owned(t *testing.T, change func(*people.Options)) (r rig, owner, manager protocol.UUID) {
	t.Helper()
	r = newRig(t, change)
	owner, manager = protocol.UUID{9}, protocol.UUID{8}
	addManager(t, r)
	if err := r.db.People().AddStaff(t.Context(), people.Staff{ID: owner, Name: "owner", Role: protocol.RoleOwner, Password: cheapPassword}); err != nil {
		t.Fatal(err)
	}
	return r, owner, manager
}

func (r rig) in(t *testing.T, name string) (string, cloud.Principal) {
	t.Helper()
	token, p, err := r.SignInStaff(t.Context(), name, "correct horse", cloud.SignInFrom{})
	if err != nil {
		t.Fatal(err)
	}
	return token, p
}

// app is an authenticator app that was set up.
type app struct {
	r   rig
	key []byte
}

func (a app) code() string { return people.TOTPCode(a.key, a.r.clock()) }

// withApp sets an app up for whoever a token is of.
func (r rig) withApp(t *testing.T, token string) (app, []string, cloud.Admitted) {
	t.Helper()
	offer, err := r.OfferApp(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(offer.Text)
	if err != nil || !strings.Contains(offer.URI, offer.Text) || !strings.HasPrefix(offer.URI, "otpauth://totp/") {
		t.Fatalf("an offer of %+v, %v", offer, err)
	}
	a := app{r, key}
	recovery, in, err := r.EnrolApp(t.Context(), token, "correct horse", offer.Sealed, a.code())
	if err != nil || len(recovery) != 10 {
		t.Fatalf("set up: %v, with %d recovery codes", err, len(recovery))
	}
	return a, recovery, in
}

func TestCodesAreThoseOfTheStandard(t *testing.T) {
	key := []byte("12345678901234567890") // RFC 6238, appendix B, of which six digits are shown here
	for at, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := people.TOTPCode(key, time.Unix(at, 0)); got != want {
			t.Errorf("at %d: got %s, want %s", at, got, want)
		}
	}
}

func TestACodeOfTheAppSignsInOnceAndNearItsTime(t *testing.T) {
	cases := []struct {
		name  string
		typed func(t *testing.T, r rig, a app) string
		want  protocol.Code
	}{
		{"the code of now", func(_ *testing.T, _ rig, a app) string { return a.code() }, protocol.CodeOK},
		{"with a space in it", func(_ *testing.T, _ rig, a app) string { return a.code()[:3] + " " + a.code()[3:] }, protocol.CodeOK},
		{"the one before", func(_ *testing.T, r rig, a app) string { c := a.code(); r.pass(30 * time.Second); return c }, protocol.CodeOK},
		{"the next one", func(_ *testing.T, r rig, a app) string {
			r.pass(30 * time.Second)
			c := a.code()
			r.pass(-30 * time.Second)
			return c
		}, protocol.CodeOK},
		{"an older one", func(_ *testing.T, r rig, a app) string { c := a.code(); r.pass(time.Minute); return c }, cloud.CodeBadCode},
		{"another one", func(_ *testing.T, _ rig, a app) string { return wrong(a.code()) }, cloud.CodeBadCode},
		{"none", func(*testing.T, rig, app) string { return "" }, cloud.CodeBadCode},
		{"one that was used", func(t *testing.T, r rig, a app) string {
			token, _ := r.in(t, "manager")
			if _, err := r.ProveCode(t.Context(), token, a.code()); err != nil {
				t.Fatal(err)
			}
			return a.code()
		}, cloud.CodeBadCode},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, _, _ := owned(t, nil)
			first, p := r.in(t, "manager")
			if p.Step != "" {
				t.Fatalf("without a second step there is the step %s", p.Step)
			}
			a, _, _ := r.withApp(t, first)
			r.pass(time.Minute) // past the code that set it up
			token, p := r.in(t, "manager")
			if p.Step != cloud.StepSecond {
				t.Fatalf("the next step is %q", p.Step)
			}
			_, err := r.Session(t.Context(), token)
			wantCode(t, err, cloud.CodeSecondStep)
			got, err := r.ProveCode(t.Context(), token, c.typed(t, r, a))
			wantCode(t, err, c.want)
			if err != nil {
				return
			}
			if who, err := r.Session(t.Context(), got.Token); err != nil || who.Name != "manager" || who.Step != "" {
				t.Errorf("signed in as %+v, %v", who, err)
			}
			_, err = r.Session(t.Context(), token)
			wantCode(t, err, cloud.CodeNoSession)
		})
	}
}

func TestOneCodeTypedTwiceAtOnceSignsInOnce(t *testing.T) {
	r, _, _ := owned(t, nil)
	first, _ := r.in(t, "manager")
	a, recovery, _ := r.withApp(t, first)
	r.pass(time.Minute)
	for _, code := range []string{a.code(), recovery[0]} {
		var tokens []string
		for range 3 {
			token, _ := r.in(t, "manager")
			tokens = append(tokens, token)
		}
		var in atomic.Int32
		var all sync.WaitGroup
		for _, token := range tokens {
			all.Go(func() {
				if _, err := r.ProveCode(context.Background(), token, code); err == nil {
					in.Add(1)
				}
			})
		}
		all.Wait()
		if in.Load() != 1 {
			t.Errorf("%d signed in with one code", in.Load())
		}
		r.pass(5 * time.Minute) // past the throttle
	}
}

func TestRecoveryCodesStandInOnceEachAndAreReplaced(t *testing.T) {
	r, _, id := owned(t, nil)
	first, _ := r.in(t, "manager")
	_, recovery, _ := r.withApp(t, first)
	prove := func(code string) error {
		token, _ := r.in(t, "manager")
		_, err := r.ProveCode(t.Context(), token, code)
		return err
	}
	wantCode(t, prove(strings.ToUpper(strings.ReplaceAll(recovery[3], "-", " "))), protocol.CodeOK)
	wantCode(t, prove(recovery[3]), cloud.CodeBadCode)
	if m, err := r.Member(t.Context(), id); err != nil || m.Recovery != 9 || !m.App {
		t.Errorf("the member is %+v, %v", m, err)
	}
	fresh, err := r.NewRecovery(t.Context(), first, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, prove(recovery[4]), cloud.CodeBadCode)
	wantCode(t, prove(fresh[0]), protocol.CodeOK)
	owner, _ := r.in(t, "owner")
	_, err = r.NewRecovery(t.Context(), owner, "correct horse")
	wantCode(t, err, cloud.CodeConflict)
}

func TestGuessingTheSecondStepIsThrottled(t *testing.T) {
	r, _, _ := owned(t, nil)
	first, _ := r.in(t, "manager")
	a, _, _ := r.withApp(t, first)
	r.pass(time.Minute)
	token, _ := r.in(t, "manager")
	for range 5 {
		_, err := r.ProveCode(t.Context(), token, wrong(a.code()))
		wantCode(t, err, cloud.CodeBadCode)
	}
	_, err := r.ProveCode(t.Context(), token, a.code())
	wantCode(t, err, cloud.CodeTooMany)
	r.pass(time.Minute)
	_, err = r.ProveCode(t.Context(), token, a.code())
	wantCode(t, err, protocol.CodeOK)
}

func TestManyGuessesAtOnceAreNoMoreThanOneAfterTheOther(t *testing.T) {
	r, _, _ := owned(t, nil)
	var wrong, throttled atomic.Int32
	var all sync.WaitGroup
	for range 60 {
		all.Go(func() {
			switch _, _, err := r.SignInStaff(t.Context(), "manager", "wrong horse", cloud.SignInFrom{}); protocol.CodeOf(err) {
			case cloud.CodeBadPassword:
				wrong.Add(1)
			case cloud.CodeTooMany:
				throttled.Add(1)
			}
		})
	}
	all.Wait()
	if wrong.Load() != 5 || throttled.Load() != 55 {
		t.Errorf("%d passwords were tried and %d were not, want 5 and 55", wrong.Load(), throttled.Load())
	}
}

func TestASignInThatBeganBeforeThereWasASecondStepSetsNone(t *testing.T) {
	r, _, _ := owned(t, func(o *people.Options) { o.Second = []protocol.Role{protocol.RoleOwner} })
	stranger, _ := r.in(t, "owner") // who knows the password
	own, _ := r.in(t, "owner")
	a, _, _ := r.withApp(t, own)
	_, err := r.OfferApp(t.Context(), stranger)
	wantCode(t, err, cloud.CodeNoSession)
	r.pass(time.Minute)
	token, p := r.in(t, "owner")
	if p.Step != cloud.StepSecond {
		t.Fatalf("the next step is %q", p.Step)
	}
	_, err = r.ProveCode(t.Context(), token, a.code())
	wantCode(t, err, protocol.CodeOK)
}

// renewing gives a member another password while the one before is checked.
type renewing struct {
	people.Store
	meanwhile func()
}

func (s *renewing) Forget(ctx context.Context, now time.Time) error {
	if s.meanwhile != nil {
		s.meanwhile()
	}
	return s.Store.Forget(ctx, now)
}

func TestAPasswordThatIsReplacedWhileItIsCheckedOpensNothing(t *testing.T) {
	var store *renewing
	r, _, manager := owned(t, func(o *people.Options) {
		store = &renewing{Store: o.Store}
		o.Store = store
	})
	store.meanwhile = func() {
		if _, err := r.Renew(t.Context(), manager); err != nil {
			t.Error(err)
		}
	}
	token, _, err := r.SignInStaff(t.Context(), "manager", "correct horse", cloud.SignInFrom{})
	wantCode(t, err, cloud.CodeBadPassword)
	_, err = r.Session(t.Context(), token)
	wantCode(t, err, cloud.CodeNoSession)
}

func TestAPasskeyThatIsDroppedTakesItsSessionsAlong(t *testing.T) {
	r, _, manager := owned(t, nil)
	here, _ := r.in(t, "manager")
	there, _ := r.in(t, "manager")
	if err := r.db.People().AddPasskey(t.Context(), people.Passkey{Person: manager, Credential: []byte("{}"), Passkey: cloud.Passkey{ID: "lost", Name: "phone"}}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, r.DropPasskey(t.Context(), here, "correct horse", "lost"), protocol.CodeOK)
	_, err := r.Session(t.Context(), there)
	wantCode(t, err, cloud.CodeNoSession)
	_, err = r.Session(t.Context(), here)
	wantCode(t, err, protocol.CodeOK)
}

func TestAnOfferIsOfOneMemberAndSoonOver(t *testing.T) {
	r, _, _ := owned(t, nil)
	token, _ := r.in(t, "manager")
	offer, err := r.OfferApp(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	key, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(offer.Text)
	a := app{r, key}
	other, _ := r.in(t, "owner")
	_, _, err = r.EnrolApp(t.Context(), other, "correct horse", offer.Sealed, a.code())
	wantCode(t, err, cloud.CodeBadCode)
	_, _, err = r.EnrolApp(t.Context(), token, "correct horse", offer.Sealed, wrong(a.code()))
	wantCode(t, err, cloud.CodeBadCode)
	r.pass(10 * time.Minute)
	_, _, err = r.EnrolApp(t.Context(), token, "correct horse", offer.Sealed, a.code())
	wantCode(t, err, cloud.CodeBadCode)
	if m, err := r.ByName(t.Context(), "manager"); err != nil || m.Second() {
		t.Errorf("the member has %+v, %v", m, err)
	}
}

func TestWhereASecondStepIsDemandedAPasswordAloneDoesNotSignIn(t *testing.T) {
	r, _, _ := owned(t, func(o *people.Options) { o.Second = []protocol.Role{protocol.RoleOwner} })
	token, p := r.in(t, "owner")
	if p.Step != cloud.StepEnrol {
		t.Fatalf("the next step is %q", p.Step)
	}
	_, err := r.Session(t.Context(), token)
	wantCode(t, err, cloud.CodeSecondStep)
	_, err = r.ProveCode(t.Context(), token, "000000")
	wantCode(t, err, cloud.CodeNoSession)
	_, err = r.NewRecovery(t.Context(), token, "correct horse")
	wantCode(t, err, cloud.CodeConflict)
	_, err = r.Sessions(t.Context(), token)
	wantCode(t, err, cloud.CodeSecondStep)
	_, _, in := r.withApp(t, token)
	if who, err := r.Session(t.Context(), in.Token); err != nil || who.Name != "owner" {
		t.Fatalf("signed in as %+v, %v", who, err)
	}
	if _, p := r.in(t, "manager"); p.Step != "" {
		t.Errorf("of a manager is asked %s", p.Step)
	}
}

func TestAStartingPasswordIsGoodForOneSignInAndAWeek(t *testing.T) {
	r, _, _ := owned(t, nil)
	id, starting, err := r.Hire(t.Context(), " anna ", protocol.RoleSupport, "")
	if err != nil {
		t.Fatal(err)
	}
	token, p, err := r.SignInStaff(t.Context(), "anna", starting, cloud.SignInFrom{})
	if err != nil || p.Step != cloud.StepPassword || p.ID != id {
		t.Fatalf("got %+v, %v", p, err)
	}
	_, err = r.OfferApp(t.Context(), token)
	wantCode(t, err, cloud.CodeSecondStep)
	for _, c := range []struct {
		old, fresh string
		want       protocol.Code
	}{{"wrong", "lit window at night", cloud.CodeBadPassword}, {starting, "short", protocol.CodeMalformed}, {starting, starting, protocol.CodeMalformed}} {
		_, err := r.ChoosePassword(t.Context(), token, c.old, c.fresh)
		wantCode(t, err, c.want)
	}
	a, err := r.ChoosePassword(t.Context(), token, starting, "lit window at night")
	if err != nil || a.Who.Step != "" {
		t.Fatalf("got %+v, %v", a, err)
	}
	if who, err := r.Session(t.Context(), a.Token); err != nil || who.Name != "anna" {
		t.Fatalf("signed in as %+v, %v", who, err)
	}
	_, _, err = r.SignInStaff(t.Context(), "anna", starting, cloud.SignInFrom{})
	wantCode(t, err, cloud.CodeBadPassword)

	starting, err = r.Renew(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Session(t.Context(), a.Token)
	wantCode(t, err, cloud.CodeNoSession)
	r.pass(people.StartingLife)
	_, _, err = r.SignInStaff(t.Context(), "anna", starting, cloud.SignInFrom{})
	wantCode(t, err, cloud.CodeBadPassword)
}

func TestWhatTakesRightsAwayEndsTheSessionsAtOnce(t *testing.T) {
	cases := []struct {
		name string
		do   func(r rig, id protocol.UUID) error
		in   protocol.Code // of the next sign-in with the same password
	}{
		{"another role", func(r rig, id protocol.UUID) error {
			return r.ChangeRole(context.Background(), id, protocol.RoleRestocker)
		}, protocol.CodeOK},
		{"a block", func(r rig, id protocol.UUID) error { return r.Block(context.Background(), id, true) }, cloud.CodeBlocked},
		{"another password", func(r rig, id protocol.UUID) error { _, err := r.Renew(context.Background(), id); return err }, cloud.CodeBadPassword},
		{"a lost second step", func(r rig, id protocol.UUID) error { return r.DropSecond(context.Background(), id) }, protocol.CodeOK},
		{"an owner's word", func(r rig, id protocol.UUID) error { return r.EndAll(context.Background(), id) }, protocol.CodeOK},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r, _, id := owned(t, nil)
			one, _ := r.in(t, "manager")
			two, _ := r.in(t, "manager")
			owner, _ := r.in(t, "owner")
			if err := c.do(r, id); err != nil {
				t.Fatal(err)
			}
			for _, token := range []string{one, two} {
				_, err := r.Session(t.Context(), token)
				wantCode(t, err, cloud.CodeNoSession)
			}
			if _, err := r.Session(t.Context(), owner); err != nil {
				t.Errorf("somebody else is signed out: %v", err)
			}
			_, _, err := r.SignInStaff(t.Context(), "manager", "correct horse", cloud.SignInFrom{})
			wantCode(t, err, c.in)
		})
	}
}

func TestTheLastOwnerStays(t *testing.T) {
	r, owner, manager := owned(t, nil)
	wantCode(t, r.Block(t.Context(), owner, true), cloud.CodeLastOwner)
	wantCode(t, r.ChangeRole(t.Context(), owner, protocol.RoleAuditor), cloud.CodeLastOwner)
	if err := r.ChangeRole(t.Context(), manager, protocol.RoleOwner); err != nil {
		t.Fatal(err)
	}
	if err := r.Block(t.Context(), owner, true); err != nil {
		t.Fatal(err)
	}
	wantCode(t, r.ChangeRole(t.Context(), manager, protocol.RoleManager), cloud.CodeLastOwner)
	if err := r.Block(t.Context(), owner, false); err != nil {
		t.Fatal(err)
	}
	if err := r.ChangeRole(t.Context(), manager, protocol.RoleManager); err != nil {
		t.Fatal(err)
	}
	wantCode(t, r.ChangeRole(t.Context(), manager, protocol.RoleResident), protocol.CodeMalformed)
	wantCode(t, r.Block(t.Context(), protocol.UUID{77}, true), cloud.CodeNotFound)
}

func TestSessionsAreListedAndEndedOneByOne(t *testing.T) {
	r, _, _ := owned(t, nil)
	mine, _ := r.in(t, "manager")
	r.pass(time.Minute)
	phone, _ := r.in(t, "manager")
	r.pass(time.Minute)
	old, _ := r.in(t, "manager")
	list, err := r.Sessions(t.Context(), mine)
	if err != nil || len(list) != 3 || !list[2].This || list[0].This || list[0].ID == list[1].ID || strings.Contains(old, list[0].ID) {
		t.Fatalf("sessions: %+v, %v", list, err)
	}
	if err := r.EndSession(t.Context(), mine, list[1].ID); err != nil {
		t.Fatal(err)
	}
	_, err = r.Session(t.Context(), phone)
	wantCode(t, err, cloud.CodeNoSession)
	owner, _ := r.in(t, "owner")
	wantCode(t, r.EndSession(t.Context(), owner, list[0].ID), cloud.CodeNotFound) // not the owner's own
	if err := r.EndSession(t.Context(), mine, ""); err != nil {
		t.Fatal(err)
	}
	_, err = r.Session(t.Context(), old)
	wantCode(t, err, cloud.CodeNoSession)
	if _, err := r.Session(t.Context(), mine); err != nil {
		t.Errorf("one's own is ended: %v", err)
	}
}

func TestASignInUnderWayIsSoonOver(t *testing.T) {
	r, _, _ := owned(t, func(o *people.Options) { o.Second = []protocol.Role{protocol.RoleOwner} })
	token, _ := r.in(t, "owner")
	r.pass(people.StepLife)
	_, err := r.Pending(t.Context(), token)
	wantCode(t, err, cloud.CodeNoSession)
	resident, _ := r.signIn(t, phone)
	_, err = r.Pending(t.Context(), resident)
	wantCode(t, err, cloud.CodeForbidden)
}

func TestSecretsOfSecondStepsLieNowhereOpen(t *testing.T) {
	r, _, _ := owned(t, nil)
	token, _ := r.in(t, "manager")
	a, recovery, _ := r.withApp(t, token)
	_, starting, err := r.Hire(t.Context(), "anna", protocol.RoleSupport, "")
	if err != nil {
		t.Fatal(err)
	}
	all := r.content(t)
	if !bytes.Contains(all, []byte("argon2id")) {
		t.Fatal("the test does not look at the data")
	}
	for what, secret := range map[string]string{
		"app's secret": base32.StdEncoding.EncodeToString(a.key), "recovery code": recovery[0], "plain recovery code": strings.ReplaceAll(recovery[0], "-", ""),
		"starting password": starting, "token": token,
	} {
		if bytes.Contains(all, []byte(secret)) {
			t.Errorf("the %s lies open in the database", what)
		}
	}
}
