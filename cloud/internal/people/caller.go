package people

import (
	"context"

	"allhours/cloud"
	"allhours/protocol"
)

// ByPhone implements cloud.Callers. The phone is known by its MAC: what is looked for is written nowhere.
func (s *Service) ByPhone(ctx context.Context, staff, phone string) (cloud.Principal, error) {
	phone, err := normal(phone)
	if err != nil {
		return cloud.Principal{}, err
	}
	if !s.lookups.Allow(staff, s.now()) {
		return cloud.Principal{}, protocol.Errorf(cloud.CodeTooMany, "too many phones looked for")
	}
	r, err := s.store.ResidentByPhone(ctx, s.vault.tag("phone", phone))
	if err != nil {
		return cloud.Principal{}, wrapped("find resident", err)
	}
	return cloud.Principal{ID: r.ID, Role: protocol.RoleResident, Name: r.Masked}, nil
}

// Masked is the end of a resident's phone; cloud.CodeNotFound where there is no such resident.
func (s *Service) Masked(ctx context.Context, resident protocol.UUID) (string, error) {
	r, err := s.store.Resident(ctx, resident)
	return r.Masked, wrapped("find resident", err)
}
