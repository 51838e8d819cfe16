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
	holder, err := s.store.Holder(ctx, hash, s.now())
	if protocol.CodeOf(err) == cloud.CodeNotFound {
		return cloud.Principal{}, protocol.Errorf(cloud.CodeNoSession, "unknown or expired")
	}
	if err != nil {
		return cloud.Principal{}, fmt.Errorf("find session: %w", err)
	}
	return holder, nil
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
	raw := make([]byte, tokenSize)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("open session: %w", err)
	}
	sum := sha256.Sum256(raw)
	now := s.now()
	row := Session{Hash: sum[:], Person: p.ID, Expires: now.Add(life)}
	if err := s.store.AddSession(ctx, row, now); err != nil {
		return "", fmt.Errorf("open session: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

func hashToken(token string) ([]byte, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) != tokenSize {
		return nil, false
	}
	sum := sha256.Sum256(raw)
	return sum[:], true
}
