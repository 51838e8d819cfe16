package people

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

// SignInStaff checks a name and a password.
func (s *Service) SignInStaff(ctx context.Context, name, password string, from cloud.SignInFrom) (string, cloud.Principal, error) {
	now := s.now()
	member, err := s.store.StaffByName(ctx, name)
	unknown := protocol.CodeOf(err) == cloud.CodeNotFound
	if err != nil && !unknown {
		return "", cloud.Principal{}, fmt.Errorf("find staff: %w", err)
	}
	p := member.principal()
	if unknown {
		if member.Password, err = s.decoy(); err != nil {
			return "", p, err
		}
	}
	if err := s.guessStaff(member, name, from, func() (bool, error) {
		right, err := s.checked(ctx, member, password)
		return right && !unknown && !member.late(now), err
	}); err != nil {
		return "", p, err
	}
	if !member.Blocked.IsZero() {
		return "", p, protocol.Errorf(cloud.CodeBlocked, "%s is blocked", member.ID)
	}
	a, err := s.admit(ctx, entry{device: from.Device}, member, cloud.StepPassword)
	return a.Token, a.Who, err
}

// checked compares a password with the one that is kept.
func (s *Service) checked(ctx context.Context, member Staff, password string) (bool, error) {
	if err := s.hashing.enter(ctx); err != nil {
		return false, fmt.Errorf("check password: %w", err)
	}
	defer s.hashing.leave()
	ok, err := checkPassword(member.Password, password)
	return ok, wrapped("check password of "+member.ID.String(), err)
}

// late reports a password to start with whose time is over.
func (m Staff) late(now time.Time) bool { return !m.Starting.IsZero() && !now.Before(m.Starting) }

// stepFrom is the first step of a sign-in, from one on, that a member has to take; empty where there is none.
func (s *Service) stepFrom(member Staff, from cloud.SignInStep) cloud.SignInStep {
	second := len(member.App) > 0 || member.Passkeys > 0
	switch {
	case from == cloud.StepPassword && !member.Starting.IsZero():
		return cloud.StepPassword
	case from != cloud.StepEnrol && second:
		return cloud.StepSecond
	case !second && slices.Contains(s.must, member.Role):
		return cloud.StepEnrol
	}
	return ""
}

// entry is where a session comes from: from the one before, or from a device.
type entry struct {
	before []byte // its hash; nil: it is the first
	device string
}

// admit opens a session that is as far as the member is.
func (s *Service) admit(ctx context.Context, from entry, member Staff, next cloud.SignInStep) (cloud.Admitted, error) {
	p := member.principal()
	p.Step = s.stepFrom(member, next)
	life := StaffLife
	if p.Step != "" {
		life = StepLife
	}
	token, row, err := s.newSession(p, life)
	if err != nil {
		return cloud.Admitted{Who: p}, err
	}
	row.Device = from.device
	if from.before == nil { // What has expired is forgotten with each sign-in.
		if err := s.store.Forget(ctx, row.Opened); err != nil {
			return cloud.Admitted{Who: p}, fmt.Errorf("open session: %w", err)
		}
	}
	cloud.TellDeed(ctx, func(d *cloud.Deed) {
		p.Does(d)
		d.Did = cmp.Or(d.Did, signedInAs(p))
	})
	if err := s.enter(ctx, from.before, member, row); err != nil {
		return cloud.Admitted{Who: p}, fmt.Errorf("open session: %w", err)
	}
	return cloud.Admitted{Token: token, Who: p}, nil
}

// enter keeps a session of a member, in place of the one before.
func (s *Service) enter(ctx context.Context, before []byte, member Staff, row Session) error {
	if before == nil {
		err := s.store.Admit(ctx, row, member.Password)
		if protocol.CodeOf(err) == cloud.CodeNotFound { // It was replaced while it was checked.
			err = protocol.Errorf(cloud.CodeBadPassword, "wrong name or password")
		}
		return err
	}
	err := s.store.Advance(ctx, before, row)
	if protocol.CodeOf(err) == cloud.CodeNotFound { // Somebody was quicker, or it was ended.
		err = protocol.Errorf(cloud.CodeNoSession, "the session is over")
	}
	return err
}

// doing tells the audit log whose deed is under way, and its word.
func doing(ctx context.Context, who cloud.Principal, word string) {
	cloud.TellDeed(ctx, func(d *cloud.Deed) {
		who.Does(d)
		d.Did = word
	})
}

func signedInAs(p cloud.Principal) string {
	if p.Step != "" {
		return cloud.DidSignInStep
	}
	return cloud.DidSignIn
}

// begun is a member with a session, which may be under way.
type begun struct {
	cloud.Principal
	hash   []byte
	member Staff
}

// of finds the member of the staff whose session a token is.
func (s *Service) of(ctx context.Context, token string) (b begun, err error) {
	hash, ok := hashToken(token)
	if !ok {
		return b, protocol.Errorf(cloud.CodeNoSession, "no token")
	}
	b.hash = hash
	if b.Principal, err = s.holder(ctx, hash); err != nil {
		return b, err
	}
	if b.Role == protocol.RoleResident {
		return b, protocol.Errorf(cloud.CodeForbidden, "this is for the staff")
	}
	b.member, err = s.store.Member(ctx, b.ID, s.now())
	return b, wrapped("find staff", err)
}

// Pending implements cloud.OwnSignIn.
func (s *Service) Pending(ctx context.Context, token string) (cloud.Principal, error) {
	b, err := s.of(ctx, token)
	if err == nil && b.Step == "" {
		err = protocol.Errorf(cloud.CodeNoSession, "no sign-in is under way")
	}
	return b.Principal, err
}

// ChoosePassword implements cloud.OwnSignIn.
func (s *Service) ChoosePassword(ctx context.Context, token, old, password string) (cloud.Admitted, error) {
	b, err := s.of(ctx, token)
	if err != nil {
		return cloud.Admitted{}, err
	}
	switch b.Step {
	case "", cloud.StepPassword:
	default:
		return cloud.Admitted{Who: b.Principal}, protocol.Errorf(cloud.CodeSecondStep, "the step %s comes first", b.Step)
	}
	if err := s.guessOwn(ctx, b, old); err != nil {
		return cloud.Admitted{Who: b.Principal}, err
	}
	if old == password {
		return cloud.Admitted{Who: b.Principal}, protocol.Errorf(protocol.CodeMalformed, "password: want another one than before")
	}
	hash, err := hashNew(password)
	if err != nil {
		return cloud.Admitted{Who: b.Principal}, err
	}
	doing(ctx, b.Principal, cloud.DidPassword)
	if err := s.store.SetPassword(ctx, b.ID, hash, time.Time{}, b.hash); err != nil {
		return cloud.Admitted{Who: b.Principal}, fmt.Errorf("change password: %w", err)
	}
	if b.Step == "" {
		return cloud.Admitted{Who: b.Principal}, nil
	}
	b.member.Starting = time.Time{}
	return s.admit(ctx, entry{before: b.hash}, b.member, cloud.StepSecond)
}

// hashNew is HashPassword for a password that somebody chose.
func hashNew(password string) (string, error) {
	hash, err := HashPassword(password)
	if err != nil {
		return "", protocol.Errorf(protocol.CodeMalformed, "%v", err)
	}
	return hash, nil
}

// AddStaff adds a member of the staff with a password of their own; cloud.CodeConflict where the name is taken.
func AddStaff(ctx context.Context, store Crew, name string, role protocol.Role, bound cloud.Bound, password string, now time.Time) error {
	_, err := addStaff(ctx, store, Staff{Name: name, Role: role, Bound: bound, Created: now}, password)
	return err
}

func addStaff(ctx context.Context, store Crew, m Staff, password string) (id protocol.UUID, err error) {
	if strings.TrimSpace(m.Name) == "" || len(m.Name) > 64 {
		return id, protocol.Errorf(protocol.CodeMalformed, "name of staff: want 1 to 64 characters")
	}
	if err := checkStaffRole(m.Role); err != nil {
		return id, err
	}
	if err := checkBound(m.Role, m.Bound); err != nil {
		return id, err
	}
	if m.Password, err = hashNew(password); err != nil {
		return id, err
	}
	if m.ID, err = protocol.NewUUID(m.Created, rand.Reader); err != nil {
		return id, fmt.Errorf("add staff: %w", err)
	}
	cloud.TellDeed(ctx, func(d *cloud.Deed) { d.Target = cmp.Or(d.Target, "person "+m.ID.String()) })
	return m.ID, wrapped("add staff", store.AddStaff(ctx, m))
}

func checkStaffRole(r protocol.Role) error {
	switch r {
	case protocol.RoleRestocker, protocol.RoleManager, protocol.RoleTechnician, protocol.RoleSupport, protocol.RoleOwner, protocol.RoleAuditor:
		return nil
	}
	return protocol.Errorf(protocol.CodeMalformed, "role %q: want restocker, manager, technician, support, owner or auditor", r)
}

// startingPassword is easy to type from a sheet of paper: 20 letters and digits in groups, 100 bits.
func startingPassword() string {
	text := strings.ToLower(rand.Text())[:20]
	return strings.Join([]string{text[:5], text[5:10], text[10:15], text[15:]}, "-")
}

// Hire implements cloud.StaffCare.
func (s *Service) Hire(ctx context.Context, name string, role protocol.Role, bound cloud.Bound) (protocol.UUID, string, error) {
	starting, now := startingPassword(), s.now()
	id, err := addStaff(ctx, s.store, Staff{Name: strings.TrimSpace(name), Role: role, Bound: bound, Created: now, Starting: now.Add(StartingLife)}, starting)
	if err != nil {
		return protocol.UUID{}, "", err
	}
	return id, starting, nil
}

// ChangeRole implements cloud.StaffCare.
func (s *Service) ChangeRole(ctx context.Context, id protocol.UUID, role protocol.Role) error {
	if err := checkStaffRole(role); err != nil {
		return err
	}
	return wrapped("change role", s.store.SetRole(ctx, id, role))
}

// Limit implements cloud.StaffCare.
func (s *Service) Limit(ctx context.Context, id protocol.UUID, bound cloud.Bound) error {
	m, err := s.store.Member(ctx, id, s.now())
	if err == nil {
		err = checkBound(m.Role, bound)
	}
	if err != nil {
		return wrapped("limit to stores", err)
	}
	return wrapped("limit to stores", s.store.SetBound(ctx, id, bound))
}

func checkBound(r protocol.Role, bound cloud.Bound) error {
	if bound != "" && !cloud.CanBeBound(r) {
		return protocol.Errorf(protocol.CodeMalformed, "a %s sees to the whole chain, and is limited to no store", r)
	}
	return nil
}

// Block implements cloud.StaffCare.
func (s *Service) Block(ctx context.Context, id protocol.UUID, blocked bool) error {
	since := time.Time{}
	if blocked {
		since = s.now()
	}
	return wrapped("block staff", s.store.SetBlocked(ctx, id, since))
}

// Renew implements cloud.StaffCare.
func (s *Service) Renew(ctx context.Context, id protocol.UUID) (string, error) {
	starting := startingPassword()
	hash, err := HashPassword(starting)
	if err != nil {
		return "", err
	}
	if err := s.store.SetPassword(ctx, id, hash, s.now().Add(StartingLife), nil); err != nil {
		return "", fmt.Errorf("renew password: %w", err)
	}
	return starting, nil
}

// DropSecond implements cloud.StaffCare.
func (s *Service) DropSecond(ctx context.Context, id protocol.UUID) error {
	return wrapped("drop second step", s.store.DropSecond(ctx, id))
}

// Members implements cloud.StaffList.
func (s *Service) Members(ctx context.Context) ([]cloud.StaffMember, error) {
	list, err := s.store.Members(ctx, s.now())
	if err != nil {
		return nil, fmt.Errorf("members of the staff: %w", err)
	}
	members := make([]cloud.StaffMember, len(list))
	for i, m := range list {
		members[i] = m.shown()
	}
	return members, nil
}

// Member implements cloud.StaffList.
func (s *Service) Member(ctx context.Context, id protocol.UUID) (cloud.StaffMember, error) {
	m, err := s.store.Member(ctx, id, s.now())
	return m.shown(), wrapped("member of the staff", err)
}

func (m Staff) shown() cloud.StaffMember {
	return cloud.StaffMember{
		ID: m.ID, Name: m.Name, Role: m.Role, Bound: m.Bound, Created: m.Created, SignedIn: m.SignedIn, Blocked: m.Blocked, Starting: m.Starting,
		App: len(m.App) > 0, Passkeys: m.Passkeys, Recovery: m.Recovery, Sessions: m.Sessions,
	}
}

// ByName finds a member of the staff by name; cloud.CodeNotFound where there is none.
func (s *Service) ByName(ctx context.Context, name string) (cloud.StaffMember, error) {
	m, err := s.store.StaffByName(ctx, name)
	return m.shown(), wrapped("member of the staff", err)
}
