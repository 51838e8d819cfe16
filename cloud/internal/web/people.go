package web

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

const peoplePath = "/people"

// staffRoutes are who works here, what they may do, and what they did.
func (p *Pages) staffRoutes() []httpx.Route {
	get, post := http.MethodGet, http.MethodPost
	return []httpx.Route{
		{Method: get, Path: peoplePath, Access: httpx.TeamReaders(), Handler: p.people},
		{Method: post, Path: peoplePath, Access: httpx.TeamLeaders(), Handler: p.hire},
		{Method: get, Path: peoplePath + "/permissions", Access: httpx.Staff(), Handler: p.permissions},
		{Method: get, Path: peoplePath + "/:person", Access: httpx.TeamReaders(), Handler: p.person},
		{Method: post, Path: peoplePath + "/:person", Access: httpx.TeamLeaders(), Handler: p.carePerson},
		{Method: get, Path: trailPath, Access: httpx.CrewReaders(), Handler: p.trail},
		{Method: get, Path: trailPath + "/deeds.csv", Access: httpx.CrewReaders(), Handler: p.trailTable},
	}
}

// staffRoles are the roles of the staff, as they are listed.
func staffRoles() []protocol.Role {
	return []protocol.Role{
		protocol.RoleOwner, protocol.RoleManager, protocol.RoleRestocker, protocol.RoleTechnician, protocol.RoleSupport, protocol.RoleAuditor,
	}
}

// peopleView lists who works here.
type peopleView struct {
	Head   string
	Rows   []personLine
	May    bool // the reader says who works here
	All    bool // and sees everybody, and the audit log
	Roles  []incidentChoice
	Stores []incidentChoice // that a new member may be limited to
}

// personLine is one who works here.
type personLine struct {
	ID       string
	Name     string
	Role     string
	Stores   string // that they are limited to; empty: all
	SignedIn moment
	Second   string
	Sessions int
	State    string
	Blocked  bool
	This     bool // the reader
	Waits    bool // for the first sign-in
	Late     bool // the password to start with is too old
}

func (v *view) roleChoices(chosen protocol.Role) (all []incidentChoice) {
	for _, r := range staffRoles() {
		all = append(all, incidentChoice{string(r), v.say("people.role." + string(r)), r == chosen})
	}
	return all
}

// dayMoment is a time with its day; none stays none.
func (v *view) dayMoment(at time.Time, loc *time.Location) moment {
	if at.IsZero() {
		return moment{}
	}
	return moment{At: at.In(loc), Day: true}
}

func (v *view) personLine(m cloud.StaffMember, reader cloud.Principal, stores []cloud.Store, now time.Time, loc *time.Location) personLine {
	line := personLine{
		ID: m.ID.String(), Name: m.Name, Role: v.say("people.role." + string(m.Role)), Stores: v.sayBound(m.Bound, stores), SignedIn: v.dayMoment(m.SignedIn, loc), Second: v.saySecond(m), Sessions: m.Sessions,
		State: v.say("people.state.in"), Blocked: !m.Blocked.IsZero(), This: m.ID == reader.ID,
	}
	switch {
	case line.Blocked:
		line.State = v.say("people.state.blocked", v.clock(v.dayMoment(m.Blocked, loc)))
	case m.Starting.IsZero():
	case now.Before(m.Starting):
		line.State, line.Waits = v.say("people.state.starting", v.clock(v.dayMoment(m.Starting, loc))), true
	default:
		line.State, line.Late = v.say("people.state.late"), true
	}
	return line
}

func (v *view) saySecond(m cloud.StaffMember) string {
	switch {
	case m.App && m.Passkeys > 0:
		return v.say("people.second.both")
	case m.App:
		return v.say("people.second.app")
	case m.Passkeys > 0:
		return v.count("people.second.keys", m.Passkeys)
	}
	return v.say("people.second.none")
}

func (p *Pages) people(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	members, err := p.Staff.Members(ctx)
	if err != nil {
		return fmt.Errorf("people: %w", err)
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("people: %w", err)
	}
	stores, err := p.Fleet.Stores(ctx)
	if err != nil {
		return fmt.Errorf("people: %w", err)
	}
	members = slices.DeleteFunc(members, func(m cloud.StaffMember) bool { return !sees(who, m) })
	view := peopleView{
		Head: v.count("people.head", len(members)), May: httpx.TeamLeaders().Allows(who), All: httpx.CrewReaders().Allows(who),
		Roles: v.roleChoices(protocol.RoleRestocker), Stores: v.boundChoices(stores, who.Bound, who.Bound),
	}
	if !httpx.Owners().Allows(who) {
		view.Roles = slices.DeleteFunc(view.Roles, func(r incidentChoice) bool { return r.Value != string(protocol.RoleRestocker) })
	}
	slices.SortStableFunc(members, func(a, b cloud.StaffMember) int {
		return slices.Index(staffRoles(), a.Role) - slices.Index(staffRoles(), b.Role)
	})
	for _, m := range members {
		view.Rows = append(view.Rows, v.personLine(m, who, stores, p.Now(), zone(chain)))
	}
	return p.show(c, screen{Template: "people", Styles: []string{"people.css"}, Face: "staff", Title: view.Head, Path: peoplePath, Nav: "people", Data: view})
}

// letterView is what a new member is given: it is shown once.
type letterView struct {
	Name, Role, Password string
	At                   string // where to sign in
	Until                moment
	Back                 string
}

func (p *Pages) showLetter(c echo.Context, id protocol.UUID, password string) error {
	ctx, v := c.Request().Context(), p.view(c)
	m, err := p.Staff.Member(ctx, id)
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("letter: %w", err)
	}
	path := peoplePath + "/" + id.String()
	return p.show(c, screen{
		Template: "letter", Face: "staff", Title: v.say("letter.head", m.Name), Path: path, Nav: "people", Styles: []string{"people.css", "print.css"},
		Data: letterView{
			Name: m.Name, Role: v.say("people.role." + string(m.Role)), Password: password, At: c.Scheme() + "://" + c.Request().Host + "/staff/signin",
			Until: v.dayMoment(m.Starting, zone(chain)), Back: path,
		},
	})
}

func (p *Pages) hire(c echo.Context) error {
	httpx.Did(c, cloud.DidHire, "")
	role := protocol.Role(c.FormValue("role"))
	bound, err := p.boundAsked(c)
	if err != nil {
		return err
	}
	if err := mayCare(c, cloud.StaffMember{Role: role, Bound: bound}); err != nil {
		return err
	}
	id, starting, err := p.StaffCare.Hire(c.Request().Context(), c.FormValue("name"), role, bound)
	if err != nil {
		return err
	}
	return p.showLetter(c, id, starting)
}

// personView is one who works here, with what may be done about it.
type personView struct {
	personLine
	Since    moment
	Recovery int
	HasTwo   bool
	May      bool
	Owner    bool // the reader gives roles
	All      bool // and sees the audit log
	Roles    []incidentChoice
	Choices  []incidentChoice // stores that they may be limited to; none where the role cannot be
	Done     string
	Latest   []deedLine
}

// careDone are what was just done about a member.
func careDone() []string { return []string{"role", "stores", "block", "unblock", "second", "sessions"} }

func (p *Pages) person(c echo.Context) error {
	ctx, v := c.Request().Context(), p.view(c)
	id, err := protocol.ParseUUID(c.Param("person"))
	if err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no such person")
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	m, err := p.Staff.Member(ctx, id)
	if err == nil && !sees(who, m) {
		err = protocol.Errorf(cloud.CodeForbidden, "%s is none of those that %s looks after", id, who.ID)
	}
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("person: %w", err)
	}
	stores, err := p.Fleet.Stores(ctx)
	if err != nil {
		return fmt.Errorf("person: %w", err)
	}
	deeds, err := p.Trail.Deeds(ctx, cloud.DeedQuery{Name: m.Name, Limit: latestDeeds})
	if err != nil {
		return fmt.Errorf("person: %w", err)
	}
	view := personView{
		personLine: v.personLine(m, who, stores, p.Now(), zone(chain)), Since: v.dayMoment(m.Created, zone(chain)), Recovery: m.Recovery, HasTwo: m.Second(),
		May: looksAfter(who, m), Owner: httpx.Owners().Allows(who), All: httpx.CrewReaders().Allows(who), Roles: v.roleChoices(m.Role), Latest: v.deedLines(deeds, zone(chain)),
	}
	if cloud.CanBeBound(m.Role) {
		view.Choices = v.boundChoices(stores, who.Bound, m.Bound)
	}
	if done := c.QueryParam("done"); slices.Contains(careDone(), done) {
		view.Done = v.say("people.done." + done)
	}
	return p.show(c, screen{Template: "person", Styles: []string{"people.css"}, Face: "staff", Title: m.Name, Path: peoplePath + "/" + id.String(), Nav: "people", Data: view})
}

// carePerson does one thing about a member.
func (p *Pages) carePerson(c echo.Context) error {
	ctx, what := c.Request().Context(), c.FormValue("do")
	id, err := protocol.ParseUUID(c.Param("person"))
	if err != nil {
		return protocol.Errorf(cloud.CodeNotFound, "no such person")
	}
	target := "person " + id.String()
	word, known := careWords()[what]
	if !known {
		return protocol.Errorf(protocol.CodeMalformed, "do: want role, stores, block, unblock, second, sessions or renew")
	}
	httpx.Did(c, word, target)
	m, err := p.Staff.Member(ctx, id)
	if err != nil {
		return err
	}
	if err := mayCare(c, m); err != nil {
		return err
	}
	switch what {
	case "role":
		role := protocol.Role(c.FormValue("role"))
		httpx.Did(c, word, target+", "+string(role))
		err = p.changeRole(c, id, role)
	case "stores":
		err = p.limit(c, m)
	case "block", "unblock":
		err = p.StaffCare.Block(ctx, id, what == "block")
	case "second":
		err = p.StaffCare.DropSecond(ctx, id)
	case "sessions":
		err = p.Sessions.EndAll(ctx, id)
	case "renew":
		starting, err := p.StaffCare.Renew(ctx, id)
		if err != nil {
			return err
		}
		return p.showLetter(c, id, starting)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, peoplePath+"/"+id.String()+"?done="+what)
}

// careWords are what may be done about a member, as the audit log has it.
func careWords() map[string]string {
	return map[string]string{
		"role": cloud.DidRole, "stores": cloud.DidLimit, "block": cloud.DidBlock, "unblock": cloud.DidUnblock, "second": cloud.DidSecondLess,
		"sessions": cloud.DidEndSessions, "renew": cloud.DidRenew,
	}
}

// permissionsView is the matrix of who may do what.
type permissionsView struct {
	Crew  bool // the reader sees who works here
	Roles []string
	Rows  []permissionLine
}

type permissionLine struct {
	What, More string
	Cells      []permissionCell
}

type permissionCell struct {
	Role string
	May  bool
	Only bool // reading
}

func (p *Pages) permissions(c echo.Context) error {
	v := p.view(c)
	roles := append(staffRoles(), protocol.RoleResident)
	var view permissionsView
	if who, err := httpx.PrincipalOf(c); err == nil {
		view.Crew = httpx.CrewReaders().Allows(who)
	}
	for _, r := range roles {
		view.Roles = append(view.Roles, v.say("people.role."+string(r)))
	}
	for _, line := range httpx.Permissions() {
		row := permissionLine{What: v.say("can." + string(line.Of)), More: v.say("can." + string(line.Of) + ".more")}
		for i, r := range roles {
			row.Cells = append(row.Cells, permissionCell{Role: view.Roles[i], May: slices.Contains(line.Roles, r), Only: line.Reads})
		}
		view.Rows = append(view.Rows, row)
	}
	return p.show(c, screen{Template: "permissions", Styles: []string{"people.css"}, Face: "staff", Title: v.say("permissions.head"), Path: peoplePath + "/permissions", Nav: "people", Data: view})
}
