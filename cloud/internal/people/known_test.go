package people_test

import (
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

const (
	strangers = "198.51.100.7"
	home      = "203.0.113.9"
)

// exhausted tries wrong passwords until no more are taken, and gives how many were.
func (r rig) exhausted(t *testing.T, name string, from cloud.SignInFrom) (tries int) {
	t.Helper()
	for tries = 0; tries < 100; tries++ {
		_, _, err := r.SignInStaff(t.Context(), name, "guess", from)
		if protocol.CodeOf(err) == cloud.CodeTooMany {
			return tries
		}
		wantCode(t, err, cloud.CodeBadPassword)
	}
	t.Fatalf("%d wrong passwords of %s are taken", tries, name)
	return tries
}

func (r rig) signsIn(t *testing.T, name string, from cloud.SignInFrom) protocol.Code {
	t.Helper()
	_, _, err := r.SignInStaff(t.Context(), name, "correct horse", from)
	return protocol.CodeOf(err)
}

func TestAStrangerWhoGuessesShutsNobodyOut(t *testing.T) {
	r, owner, manager := owned(t, nil)
	mark, err := r.Remember(manager, "")
	if err != nil {
		t.Fatal(err)
	}
	others, err := r.Remember(owner, "")
	if err != nil {
		t.Fatal(err)
	}
	if n := r.exhausted(t, "manager", cloud.SignInFrom{Address: strangers}); n > 5 {
		t.Errorf("%d wrong passwords are taken from one address", n)
	}
	for say, c := range map[string]struct {
		from cloud.SignInFrom
		want protocol.Code
	}{
		"from elsewhere": {cloud.SignInFrom{Address: home}, protocol.CodeOK},
		"behind the same address, in a known browser":   {cloud.SignInFrom{Address: strangers, Known: mark}, protocol.CodeOK},
		"in one that knows others as well":              {cloud.SignInFrom{Address: strangers, Known: others + "~" + mark}, protocol.CodeOK},
		"behind the same address, in a browser unknown": {cloud.SignInFrom{Address: strangers}, cloud.CodeTooMany},
		"with the mark of somebody else":                {cloud.SignInFrom{Address: strangers, Known: others}, cloud.CodeTooMany},
		"with a mark that nobody has sealed":            {cloud.SignInFrom{Address: strangers, Known: mark[:len(mark)-2] + "AA"}, cloud.CodeTooMany},
		"with what is none":                             {cloud.SignInFrom{Address: strangers, Known: strings.Repeat("~.", 500)}, cloud.CodeTooMany},
	} {
		if got := r.signsIn(t, "manager", c.from); got != c.want {
			t.Errorf("%s: %q, want %q", say, got, c.want)
		}
	}
}

func TestAKnownBrowserThatIsInOtherHandsGuessesNoLongerThanOthers(t *testing.T) {
	r, _, manager := owned(t, nil)
	mark, err := r.Remember(manager, "")
	if err != nil {
		t.Fatal(err)
	}
	if n := r.exhausted(t, "manager", cloud.SignInFrom{Address: strangers, Known: mark}); n > 5 {
		t.Errorf("%d wrong passwords are taken from a known browser", n)
	}
	if got := r.signsIn(t, "manager", cloud.SignInFrom{Address: home, Known: mark}); got != cloud.CodeTooMany {
		t.Errorf("and then %q", got)
	}
	if got := r.signsIn(t, "manager", cloud.SignInFrom{Address: home}); got != protocol.CodeOK {
		t.Errorf("its owner, elsewhere: %q", got)
	}
	r.pass(time.Minute)
	if got := r.signsIn(t, "manager", cloud.SignInFrom{Address: home, Known: mark}); got != protocol.CodeOK {
		t.Errorf("a minute later %q", got)
	}
}

func TestOneAddressGuessesAtFewNamesAndManyAddressesAtNoneForLong(t *testing.T) {
	r, _, _ := owned(t, nil)
	tried := 0
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "manager"} {
		tried += r.exhausted(t, name, cloud.SignInFrom{Address: strangers})
	}
	if tried > 20 {
		t.Errorf("%d wrong passwords are taken from one address", tried)
	}
	if got := r.signsIn(t, "owner", cloud.SignInFrom{Address: home}); got != protocol.CodeOK {
		t.Fatalf("somebody else, elsewhere: %q", got)
	}
	r.pass(time.Hour)
	tried = 0
	for _, last := range strings.Split("0123456789abcdef", "") {
		tried += r.exhausted(t, "manager", cloud.SignInFrom{Address: "192.0.2." + last})
	}
	if tried > 30 {
		t.Errorf("%d wrong passwords of one name are taken from many addresses", tried)
	}
}

func TestABrowserKnowsTheNewestOfThoseWhoUseIt(t *testing.T) {
	r, owner, manager := owned(t, nil)
	known, err := r.Remember(owner, "")
	for range 20 {
		if err == nil {
			known, err = r.Remember(manager, known)
		}
	}
	if err != nil || strings.Count(known, "~") != 1 {
		t.Fatalf("it keeps %q, %v", known, err)
	}
	for n := range byte(20) {
		if known, err = r.Remember(protocol.UUID{100 + n}, known); err != nil {
			t.Fatal(err)
		}
	}
	if len(known) > 500 {
		t.Errorf("it keeps %d bytes", len(known))
	}
}

func TestAnOpenSessionDoesNotChangeTheSecondStepWithoutThePassword(t *testing.T) {
	r, _, manager := owned(t, nil)
	token, _ := r.in(t, "manager")
	offer, err := r.OfferApp(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = r.EnrolApp(t.Context(), token, "", offer.Sealed, "000000")
	wantCode(t, err, cloud.CodeBadPassword)
	r.withApp(t, token)
	_, err = r.NewRecovery(t.Context(), token, "guess")
	wantCode(t, err, cloud.CodeBadPassword)
	wantCode(t, r.DropPasskey(t.Context(), token, "guess", "any"), cloud.CodeBadPassword)
	before, err := r.Member(t.Context(), manager)
	if err != nil || !before.App || before.Recovery != 10 {
		t.Errorf("the member has %+v, %v", before, err)
	}
	for range 3 { // Who has the session guesses no longer than anybody, and shuts nobody out.
		_, err = r.NewRecovery(t.Context(), token, "guess")
	}
	wantCode(t, err, cloud.CodeTooMany)
	if got := r.signsIn(t, "manager", cloud.SignInFrom{Address: home}); got != protocol.CodeOK {
		t.Errorf("the member signs in elsewhere: %q", got)
	}
}
