package people

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"math/big"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/grant"
)

// RequestCode sends a new code to the phone; an older one is void.
func (s *Service) RequestCode(ctx context.Context, phone string) (string, error) {
	phone, err := normal(phone)
	if err != nil {
		return "", err
	}
	return s.sendCode(ctx, phone, signInUse)
}

// signInUse is what a code of a sign-in is good for; its MAC is of nothing else.
const signInUse = "code"

// sendCode sends a new code that is good for one use.
func (s *Service) sendCode(ctx context.Context, phone, use string) (string, error) {
	now := s.now()
	mac := s.vault.tag("phone", phone)
	if !s.codes.Allow(string(mac), now) {
		return "", protocol.Errorf(cloud.CodeTooMany, "too many codes for this phone, or for all")
	}
	n, err := rand.Int(rand.Reader, big.NewInt(codeSpan))
	if err != nil {
		return "", fmt.Errorf("sign-in code: %w", err)
	}
	code := fmt.Sprintf("%06d", n)
	row := CodeRow{PhoneMAC: mac, CodeMAC: s.vault.tag(use, phone, code), Expires: now.Add(CodeLife)}
	letter, err := s.letter(phone, code, row)
	if err != nil {
		return "", err
	}
	if err := s.store.PutCode(ctx, row, letter); err != nil {
		return "", fmt.Errorf("keep sign-in code: %w", err)
	}
	s.wake()
	if !s.demo {
		return "", nil
	}
	return code, nil
}

// SignIn trades a code for a session, and makes a resident of whoever is new.
func (s *Service) SignIn(ctx context.Context, phone, code string) (string, cloud.Principal, error) {
	phone, err := normal(phone)
	if err != nil {
		return "", cloud.Principal{}, err
	}
	if err := s.checkCode(ctx, phone, signInUse, code); err != nil {
		return "", cloud.Principal{}, err
	}
	r, err := s.resident(ctx, phone)
	if err != nil {
		return "", cloud.Principal{}, err
	}
	p := cloud.Principal{ID: r.ID, Role: protocol.RoleResident, Name: r.Masked}
	token, err := s.open(ctx, p, ResidentLife)
	return token, p, err
}

func (s *Service) checkCode(ctx context.Context, phone, use, code string) error {
	mac, now := s.vault.tag("phone", phone), s.now()
	wrong := protocol.Errorf(cloud.CodeBadCode, "wrong, used, tried too often or too old")
	return guess(s.guesses, string(mac), now, wrong, func() (bool, error) {
		row, err := s.store.TryCode(ctx, mac, codeTries, now)
		if err != nil {
			return false, wrapped("try sign-in code", unlessNotFound(err))
		}
		if !bytes.Equal(row.CodeMAC, s.vault.tag(use, phone, code)) { // Equal MACs: their timing tells nothing.
			return false, nil
		}
		err = s.store.UseCode(ctx, row)
		return err == nil, wrapped("use sign-in code", unlessNotFound(err))
	})
}

func (s *Service) resident(ctx context.Context, phone string) (Resident, error) {
	mac := s.vault.tag("phone", phone)
	r, err := s.store.ResidentByPhone(ctx, mac)
	if protocol.CodeOf(err) != cloud.CodeNotFound {
		return r, wrapped("find resident", err)
	}
	r = Resident{PhoneMAC: mac, Masked: cloud.MaskPhone(phone), Created: s.now()}
	if r.ID, err = protocol.NewUUID(r.Created, rand.Reader); err != nil {
		return Resident{}, fmt.Errorf("new resident: %w", err)
	}
	if _, err = rand.Read(r.Pseudonym[:]); err != nil {
		return Resident{}, fmt.Errorf("new resident: %w", err)
	}
	if r.Phone, err = s.vault.seal(phone, r.ID); err != nil {
		return Resident{}, fmt.Errorf("new resident: %w", err)
	}
	err = s.store.AddResident(ctx, r)
	if protocol.CodeOf(err) == cloud.CodeConflict { // Signed in for the first time twice at once.
		r, err = s.store.ResidentByPhone(ctx, mac)
	}
	return r, wrapped("add resident", err)
}

// Pseudonym is the subject that a resident's grants carry; it says nothing about who that is.
func (s *Service) Pseudonym(ctx context.Context, resident protocol.UUID) (grant.Token, error) {
	r, err := s.store.Resident(ctx, resident)
	return r.Pseudonym, wrapped("find resident", err)
}
