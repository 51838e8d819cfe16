package people

import (
	"bytes"
	"context"
	"encoding/hex"

	"allhours/cloud"
	"allhours/protocol"
)

// sessionName is how much of a hash names a session: enough to tell one's own apart.
const sessionName = 16

// signedIn is a member whose sign-in is complete.
func (s *Service) signedIn(ctx context.Context, token string) (begun, error) {
	b, err := s.of(ctx, token)
	if err == nil && b.Step != "" {
		err = protocol.Errorf(cloud.CodeSecondStep, "the step %s is still to do", b.Step)
	}
	return b, err
}

// Sessions implements cloud.StaffSessions.
func (s *Service) Sessions(ctx context.Context, token string) ([]cloud.StaffSession, error) {
	b, err := s.signedIn(ctx, token)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.SessionsOf(ctx, b.ID, s.now())
	if err != nil {
		return nil, wrapped("sessions", err)
	}
	list := make([]cloud.StaffSession, len(rows))
	for i, r := range rows {
		list[i] = cloud.StaffSession{ID: hex.EncodeToString(r.Hash)[:sessionName], Opened: r.Opened, Expires: r.Expires, Device: r.Device, This: bytes.Equal(r.Hash, b.hash)}
	}
	return list, nil
}

// EndSession implements cloud.StaffSessions.
func (s *Service) EndSession(ctx context.Context, token, id string) error {
	b, err := s.signedIn(ctx, token)
	if err != nil {
		return err
	}
	if id == "" {
		return wrapped("end sessions", s.store.EndSessions(ctx, b.ID, b.hash))
	}
	return wrapped("end session", s.store.EndSession(ctx, b.ID, id))
}

// EndAll implements cloud.StaffSessions.
func (s *Service) EndAll(ctx context.Context, member protocol.UUID) error {
	return wrapped("end sessions", s.store.EndSessions(ctx, member, nil))
}
