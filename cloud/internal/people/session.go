package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// Session finds the holder of a token.
func (s *Service) Session(ctx context.Context, token string) (cloud.Principal, error) {
	hash, ok := hashToken(token)
	if !ok {
		return cloud.Principal{}, protocol.Errorf(cloud.CodeNoSession, "no token")
	}
	holder, err := s.holder(ctx, hash)
	if err == nil && holder.Step != "" {
		return cloud.Principal{}, protocol.Errorf(cloud.CodeSecondStep, "the step %s is still to do", holder.Step)
	}
	return holder, err
}

// holder is whoever has a session, or has begun one.
func (s *Service) holder(ctx context.Context, hash []byte) (cloud.Principal, error) {
	holder, err := s.store.Holder(ctx, hash, s.now())
	if protocol.CodeOf(err) == cloud.CodeNotFound {
		return cloud.Principal{}, protocol.Errorf(cloud.CodeNoSession, "unknown or expired")
	}
	return holder, wrapped("find session", err)
}

// SignOut ends a session; one that is not there is ended already.
func (s *Service) SignOut(ctx context.Context, token string) error {
	hash, ok := hashToken(token)
	if !ok {
		return nil
	}
	return wrapped("end session", s.store.DropSession(ctx, hash))
}

func (s *Service) open(ctx context.Context, p cloud.Principal, life time.Duration) (string, error) {
	token, row, err := s.newSession(p, life)
	if err != nil {
		return "", err
	}
	if err := s.store.AddSession(ctx, row, row.Opened); err != nil {
		return "", fmt.Errorf("open session: %w", err)
	}
	return token, nil
}

func (s *Service) newSession(p cloud.Principal, life time.Duration) (token string, row Session, err error) {
	raw := make([]byte, tokenSize)
	if _, err := rand.Read(raw); err != nil {
		return "", row, fmt.Errorf("open session: %w", err)
	}
	sum := sha256.Sum256(raw)
	now := s.now()
	return base64.RawURLEncoding.EncodeToString(raw), Session{Hash: sum[:], Person: p.ID, Opened: now, Expires: now.Add(life), Step: p.Step}, nil
}

func hashToken(token string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != tokenSize {
		return nil, false
	}
	sum := sha256.Sum256(raw)
	return sum[:], true
}
