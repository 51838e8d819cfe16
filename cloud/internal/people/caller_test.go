package people_test

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

func TestACallerIsFoundByThePhoneAndShownMasked(t *testing.T) {
	r := newRig(t, nil)
	_, who, err := r.SignIn(t.Context(), phone, r.code(t, phone))
	if err != nil {
		t.Fatal(err)
	}
	found, err := r.ByPhone(t.Context(), "mei", "+86 139 0000-7777")
	if err != nil || found.ID != who.ID || found.Name != "139****7777" || found.Role != protocol.RoleResident {
		t.Errorf("found %+v, %v", found, err)
	}
	if masked, err := r.Masked(t.Context(), who.ID); err != nil || masked != "139****7777" {
		t.Errorf("masked %q, %v", masked, err)
	}
	for wrong, want := range map[string]protocol.Code{"+8613900007778": cloud.CodeNotFound, "13900007777": cloud.CodeBadPhone, "": cloud.CodeBadPhone} {
		if _, err := r.ByPhone(t.Context(), "mei", wrong); protocol.CodeOf(err) != want {
			t.Errorf("%q: %v, want %s", wrong, err, want)
		}
	}
}

func TestLookingForPhonesIsThrottledForEachOfTheStaff(t *testing.T) {
	r := newRig(t, nil)
	look := func(staff string) protocol.Code {
		_, err := r.ByPhone(t.Context(), staff, phone)
		return protocol.CodeOf(err)
	}
	for n := range 60 {
		if code := look("mei"); code != cloud.CodeNotFound {
			t.Fatalf("look %d: %s", n, code)
		}
	}
	if code := look("mei"); code != cloud.CodeTooMany {
		t.Errorf("one too many: %s", code)
	}
	if code := look("li"); code != cloud.CodeNotFound {
		t.Errorf("somebody else: %s", code)
	}
	r.pass(time.Minute)
	if code := look("mei"); code != cloud.CodeNotFound {
		t.Errorf("a minute later: %s", code)
	}
}
