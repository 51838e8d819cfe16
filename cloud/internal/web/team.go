package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

// looksAfter reports whether a reader does something about a member: an owner about everybody else, a manager about the
// restockers of no other stores than their own.
func looksAfter(who cloud.Principal, m cloud.StaffMember) bool {
	if m.ID == who.ID {
		return false
	}
	return httpx.Owners().Allows(who) || httpx.TeamLeaders().Allows(who) && m.Role == protocol.RoleRestocker && m.Bound.Within(who.Bound)
}

// sees reports whether a reader sees a member at all.
func sees(who cloud.Principal, m cloud.StaffMember) bool {
	return httpx.CrewReaders().Allows(who) || m.ID == who.ID || looksAfter(who, m)
}

// mayCare refuses those who do not look after a member.
func mayCare(c echo.Context, m cloud.StaffMember) error {
	who, err := httpx.PrincipalOf(c)
	if err == nil && !looksAfter(who, m) {
		err = protocol.Errorf(cloud.CodeForbidden, "%s is none of those that %s looks after", m.ID, who.ID)
	}
	return err
}

// changeRole gives another role, which only an owner does.
func (p *Pages) changeRole(c echo.Context, id protocol.UUID, role protocol.Role) error {
	who, err := httpx.PrincipalOf(c)
	if err == nil && !httpx.Owners().Allows(who) {
		err = protocol.Errorf(cloud.CodeForbidden, "only an owner gives roles")
	}
	if err != nil {
		return err
	}
	return p.StaffCare.ChangeRole(c.Request().Context(), id, role)
}

// limit lets a member see to other stores than before: none that the reader does not see to.
func (p *Pages) limit(c echo.Context, m cloud.StaffMember) error {
	bound, err := p.boundAsked(c)
	if err != nil {
		return err
	}
	m.Bound = bound
	if err := mayCare(c, m); err != nil {
		return err
	}
	return p.StaffCare.Limit(c.Request().Context(), m.ID, bound)
}

// boundAsked reads the stores that a form names. A manager who is limited and names none means their own.
func (p *Pages) boundAsked(c echo.Context) (cloud.Bound, error) {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return "", err
	}
	form, err := c.FormParams()
	if err != nil {
		return "", protocol.Errorf(protocol.CodeMalformed, "form: %v", err)
	}
	stores, err := p.Fleet.Stores(c.Request().Context())
	if err != nil {
		return "", fmt.Errorf("stores: %w", err)
	}
	var named []cloud.StoreID
	for _, id := range form["store"] {
		if !slices.ContainsFunc(stores, func(s cloud.Store) bool { return string(s.ID) == id }) {
			return "", protocol.Errorf(protocol.CodeMalformed, "store: there is no such one")
		}
		named = append(named, cloud.StoreID(id))
	}
	if len(named) == 0 {
		return who.Bound, nil
	}
	return cloud.BoundTo(named...), nil
}

// boundChoices are the stores of a reader, of which a member is limited to some.
func (v *view) boundChoices(stores []cloud.Store, of, chosen cloud.Bound) (all []incidentChoice) {
	for _, s := range stores {
		if of.Holds(s.ID) {
			all = append(all, incidentChoice{string(s.ID), v.lang.Pick(s.Name), chosen != "" && chosen.Holds(s.ID)})
		}
	}
	return all
}

// sayBound names the stores that somebody is limited to.
func (v *view) sayBound(bound cloud.Bound, stores []cloud.Store) string {
	if bound == "" {
		return ""
	}
	var names []string
	for _, s := range stores {
		if bound.Holds(s.ID) {
			names = append(names, v.lang.Pick(s.Name))
		}
	}
	return strings.Join(names, v.say("people.stores.and"))
}
