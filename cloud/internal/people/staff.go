package people

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// SignInStaff checks a name and a password.
func (s *Service) SignInStaff(ctx context.Context, name, password string) (string, cloud.Principal, error) {
	now := s.now()
	key := string(s.vault.tag("staff", name))
	if s.staff.Spent(key, now) {
		return "", cloud.Principal{}, protocol.Errorf(cloud.CodeTooMany, "too many wrong passwords for this name, or for all")
	}
	member, err := s.store.StaffByName(ctx, name)
	unknown := protocol.CodeOf(err) == cloud.CodeNotFound
	if err != nil && !unknown {
		return "", cloud.Principal{}, fmt.Errorf("find staff: %w", err)
	}
	if unknown {
		if member.Password, err = s.decoy(); err != nil {
			return "", cloud.Principal{}, err
		}
	}
	if err := s.hashing.enter(ctx); err != nil {
		return "", cloud.Principal{}, fmt.Errorf("check password: %w", err)
	}
	ok, err := checkPassword(member.Password, password)
	s.hashing.leave()
	if err != nil {
		return "", cloud.Principal{}, fmt.Errorf("check password of %s: %w", member.ID, err)
	}
	if !ok || unknown {
		s.staff.Allow(key, now)
		return "", cloud.Principal{}, protocol.Errorf(cloud.CodeBadPassword, "wrong name or password")
	}
	p := cloud.Principal{ID: member.ID, Role: member.Role, Name: member.Name}
	token, err := s.open(ctx, p, StaffLife)
	return token, p, err
}

// AddStaff adds a member of the staff; cloud.CodeConflict where the name is taken.
func AddStaff(ctx context.Context, store Crew, name string, role protocol.Role, password string, now time.Time) error {
	if name == "" || len(name) > 64 {
		return protocol.Errorf(protocol.CodeMalformed, "name of staff: want 1 to 64 characters")
	}
	if !validStaffRole(role) {
		return protocol.Errorf(protocol.CodeMalformed, "role %q: want restocker, manager, technician, support, owner or auditor", role)
	}
	hash, err := HashPassword(password)
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "%v", err)
	}
	id, err := protocol.NewUUID(now, rand.Reader)
	if err != nil {
		return fmt.Errorf("add staff: %w", err)
	}
	return wrapped("add staff", store.AddStaff(ctx, Staff{ID: id, Name: name, Role: role, Password: hash, Created: now}))
}

func validStaffRole(r protocol.Role) bool {
	switch r {
	case protocol.RoleRestocker, protocol.RoleManager, protocol.RoleTechnician, protocol.RoleSupport, protocol.RoleOwner, protocol.RoleAuditor:
		return true
	}
	return false
}
