package core_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/masterdata"
	"allhours/cloud/internal/store/storetest"
	"allhours/protocol"
	"allhours/protocol/claim"
	"allhours/protocol/wire"
)

func keyOf(device byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{device}, ed25519.SeedSize))
}

// enrols prints a code.
func (r *rig) enrols() claim.Code {
	r.t.Helper()
	c, err := r.core.Claims.Enrol(r.t.Context(), "xs-01", time.Hour)
	r.must(err)
	return c.Code
}

// enrolsAnother plans a second cabinet and prints its code.
func (r *rig) enrolsAnother() claim.Code {
	r.t.Helper()
	plan := storetest.Plan()
	second := plan.Cabinets[0]
	second.ID, second.Number = "xs-02", 2
	plan.Cabinets = append(plan.Cabinets, second)
	r.must(r.core.Apply(r.t.Context(), plan))
	c, err := r.core.Claims.Enrol(r.t.Context(), second.ID, time.Hour)
	r.must(err)
	return c.Code
}

// claims asks as a device does.
func (r *rig) claims(code claim.Code, device byte, journal protocol.UUID) error {
	r.t.Helper()
	_, err := r.core.Claims.Claim(r.t.Context(), claim.NewRequest(code, keyOf(device), journal), "192.0.2.1")
	return err
}

// signsIn reports whether the device's password is good.
func (r *rig) signsIn(code claim.Code, device byte) bool {
	password := claim.NewRequest(code, keyOf(device), protocol.UUID{}).Password
	_, err := masterdata.Logins{Store: r.core}.CheckLogin(r.t.Context(), "xs-01", []byte(password))
	return err == nil
}

func TestACodeIsGoodOnceAndForOneDevice(t *testing.T) {
	own, other := protocol.UUID{6: 0x70, 8: 0x80, 15: 50}, protocol.UUID{6: 0x70, 8: 0x80, 15: 60}
	for name, c := range map[string]struct {
		want protocol.Code // of the last claim; empty: it is answered
		last func(r *rig, code claim.Code) error
	}{
		"the first device": {"", func(r *rig, code claim.Code) error { return r.claims(code, 1, other) }},
		"the same device once more, for the answer was lost": {"", func(r *rig, code claim.Code) error {
			r.must(r.claims(code, 1, other))
			later(time.Minute)
			return r.claims(code, 1, other)
		}},
		"the same box, which keeps its journal": {"", func(r *rig, code claim.Code) error { return r.claims(code, 1, own) }},
		"another device": {cloud.CodeClaimUsed, func(r *rig, code claim.Code) error {
			r.must(r.claims(code, 1, other))
			return r.claims(code, 2, other)
		}},
		"the same device with another journal": {cloud.CodeClaimUsed, func(r *rig, code claim.Code) error {
			r.must(r.claims(code, 1, other))
			return r.claims(code, 1, protocol.UUID{6: 0x70, 8: 0x80, 15: 61})
		}},
		"too late": {cloud.CodeBadClaim, func(r *rig, code claim.Code) error {
			later(time.Hour)
			return r.claims(code, 1, other)
		}},
		"a newer code was printed": {cloud.CodeBadClaim, func(r *rig, code claim.Code) error {
			r.enrols()
			return r.claims(code, 1, other)
		}},
		"the answer to an older claim is asked for after a newer one": {cloud.CodeBadClaim, func(r *rig, code claim.Code) error {
			r.must(r.claims(code, 1, other))
			r.must(r.claims(r.enrols(), 2, protocol.UUID{6: 0x70, 8: 0x80, 15: 61}))
			return r.claims(code, 1, other)
		}},
		"a journal that was replaced": {cloud.CodeCardRetired, func(r *rig, code claim.Code) error {
			r.must(r.claims(code, 1, other))
			return r.claims(r.enrols(), 1, own)
		}},
		"a journal that is set apart": {cloud.CodeCardRetired, func(r *rig, code claim.Code) error {
			twin := r.cabinet.copied()
			twin.start[3]++
			twin.birth()
			return r.claims(code, 1, own)
		}},
		"a box of another cabinet, with that one's journal": {cloud.CodeCardRetired, func(r *rig, _ claim.Code) error {
			return r.claims(r.enrolsAnother(), 1, own)
		}},
		"a box that was of another cabinet, with that one's journal": {cloud.CodeCardRetired, func(r *rig, code claim.Code) error {
			r.must(r.claims(code, 1, other))
			return r.claims(r.enrolsAnother(), 2, own)
		}},
		"a request that somebody changed": {cloud.CodeBadClaim, func(r *rig, code claim.Code) error {
			q := claim.NewRequest(code, keyOf(1), other)
			q.Journal[15]++
			_, err := r.core.Claims.Claim(r.t.Context(), q, "192.0.2.1")
			return err
		}},
		"a code that nobody printed": {cloud.CodeBadClaim, func(r *rig, _ claim.Code) error {
			code, err := claim.NewCode(bytes.NewReader(make([]byte, 15)))
			r.must(err)
			return r.claims(code, 1, other)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			inRig(t, func(t *testing.T, r *rig) {
				code := r.enrols()
				err := c.last(r, code)
				if got := protocol.CodeOf(err); got != c.want && (c.want != "" || err != nil) {
					t.Fatalf("got %v, want %q", err, c.want)
				}
				if c.want == "" && !r.signsIn(code, 1) {
					t.Error("the device that claimed cannot sign in")
				}
			})
		})
	}
}

// A warehouse that switches on its cabinets has one address, and no code is wrong.
func TestManyClaimsFromOnePlaceAtOnceAreNoGuesses(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		code := r.enrols()
		answers := make(chan error)
		const many = 50
		for range many {
			go func() { answers <- r.claims(code, 1, protocol.UUID{1}) }()
		}
		for range many {
			if err := <-answers; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestWhoGuessesCodesMustWait(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		code := r.enrols()
		none, err := claim.NewCode(bytes.NewReader(make([]byte, 15)))
		r.must(err)
		guesses := 0
		for protocol.CodeOf(r.claims(none, 1, protocol.UUID{1})) == cloud.CodeBadClaim {
			guesses++
		}
		if err := r.claims(code, 1, protocol.UUID{1}); protocol.CodeOf(err) != cloud.CodeTooMany || guesses > 20 {
			t.Errorf("after %d wrong codes: %v", guesses, err)
		}
		later(time.Minute)
		r.must(r.claims(code, 1, protocol.UUID{1}))
	})
}

func TestTheOldBoxIsOutFromTheClaimOfTheNewOneOn(t *testing.T) {
	inRig(t, func(t *testing.T, r *rig) {
		first, own := r.enrols(), protocol.UUID{6: 0x70, 8: 0x80, 15: 50}
		r.must(r.claims(first, 1, own))
		r.cabinet.does(wire.AliveBody{Selling: true})
		second := r.enrols()
		if !r.signsIn(first, 1) || !r.believed() {
			t.Error("a code that is only printed keeps the old box from selling")
		}
		next := r.cabinet.replaced(60)
		r.must(r.claims(second, 2, next.journal))
		if r.signsIn(first, 1) || !r.signsIn(second, 2) {
			t.Error("the old password is good, or the new one is not")
		}
		r.cabinet.birth() // Its connection may last a little longer.
		r.cabinet.telemetry()
		r.cabinet.does(wire.AliveBody{Selling: true})
		if found := r.incidents(); found[cloud.IncidentOtherJournal] != 2 || len(found) != 1 {
			t.Errorf("incidents %v: want two of the old journal", found)
		}
		if _, err := r.begin(""); protocol.CodeOf(err) != cloud.CodeCabinetAway {
			t.Errorf("a door that no box answers for: %v", err)
		}
		next.birth()
		next.telemetry()
		r.view(func(tx cloud.Tx) error {
			cfg, _, err := tx.Desired.Latest("xs-01")
			position, err2 := tx.Inbox.Position("xs-01")
			if cfg.Stock.Version != 2 || position.Journal != next.journal || position.Applied != 0 {
				t.Errorf("stock version %d, position %+v", cfg.Stock.Version, position)
			}
			return errors.Join(err, err2)
		})
		if !r.believed() {
			t.Error("the new box does not sell")
		}
	})
}
