package server

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/signing"
	"allhours/protocol"
)

// openPeople reads the key of people's secrets, and makes it where there is none.
func openPeople(data string, o people.Options) (*people.Service, error) {
	key, err := signing.Secret(filepath.Join(data, keysName, phoneKeyName), people.NewKey)
	if err != nil {
		return nil, fmt.Errorf("phone key: %w", err)
	}
	o.Key = key
	return people.New(o)
}

// mustHaveSecond are the roles that a password alone does not sign in where the chain demands a second step: those that see all
// of the chain, or decide about money.
func mustHaveSecond() []protocol.Role {
	return []protocol.Role{protocol.RoleOwner, protocol.RoleManager, protocol.RoleSupport, protocol.RoleAuditor}
}

// staffOrigin is where browsers reach the pages. On this machine that is by its name: passkeys are good at none but names.
func (o *Options) staffOrigin() string {
	u, err := url.Parse(o.residentsReach())
	if err != nil {
		return ""
	}
	if u.Port() != "" && httpx.IsLoopback(u.Host) {
		u.Host = net.JoinHostPort("localhost", u.Port())
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
}

// AddStaff adds a member of the staff, who is limited to the stores where some are named; cloud.CodeConflict where the name is taken.
func (a *Admin) AddStaff(ctx context.Context, name string, role protocol.Role, password string, stores ...cloud.StoreID) error {
	bound, err := a.boundTo(ctx, stores)
	if err != nil {
		return err
	}
	return people.AddStaff(ctx, a.db.People(), name, role, bound, password, a.now())
}

// LimitStaff limits a member to stores; none is no limit.
func (a *Admin) LimitStaff(ctx context.Context, id protocol.UUID, stores ...cloud.StoreID) error {
	bound, err := a.boundTo(ctx, stores)
	if err != nil {
		return err
	}
	return a.people.Limit(ctx, id, bound)
}

// boundTo names stores that there are: a limit to others would shut somebody out of everything.
func (a *Admin) boundTo(ctx context.Context, stores []cloud.StoreID) (cloud.Bound, error) {
	if len(stores) == 0 {
		return "", nil
	}
	known, err := a.core.Fleet.Stores(ctx)
	if err != nil {
		return "", err
	}
	for _, id := range stores {
		if !slices.ContainsFunc(known, func(s cloud.Store) bool { return s.ID == id }) {
			return "", protocol.Errorf(protocol.CodeMalformed, "stores: there is no store %q", id)
		}
	}
	return cloud.BoundTo(stores...), nil
}

// Staff is what is known of who works here.
func (a *Admin) Staff() cloud.StaffList { return a.people }

// StaffCare is what is done about who works here.
func (a *Admin) StaffCare() cloud.StaffCare { return a.people }

// Trail is the audit log of what the staff did.
func (a *Admin) Trail() cloud.Trail { return a.people }

// StaffNamed finds a member by name; cloud.CodeNotFound where there is none.
func (a *Admin) StaffNamed(ctx context.Context, name string) (cloud.StaffMember, error) {
	return a.people.ByName(ctx, name)
}

// Doing tells the audit log what the operator of the administrator's tool does, and to what: with the first thing that is changed
// in the context that it gives, or at the end, of which it is told how it came out.
func (a *Admin) Doing(ctx context.Context, operator, did, target string) (deed context.Context, end func(outcome string) error) {
	u := &cloud.DeedUnderWay{}
	u.Tell(func(d *cloud.Deed) {
		d.At, d.Name, d.Role, d.Did, d.Method, d.Target = a.now(), operator, cloud.DeedOperator, did, cloud.DeedTool, target
	})
	return a.people.Begin(ctx, u), func(outcome string) error {
		d, _, written := u.End()
		if d.Outcome = outcome; written && outcome == cloud.DeedDone {
			return nil
		}
		return a.people.Keep(ctx, d)
	}
}

// Permission is one line of who may do what.
type Permission struct {
	What  string
	Roles []protocol.Role
}

// Permissions is the matrix that every route is held to.
func Permissions() []Permission {
	all := httpx.Permissions()
	list := make([]Permission, len(all))
	for i, p := range all {
		list[i] = Permission{What: string(p.Of), Roles: p.Roles}
	}
	return list
}
