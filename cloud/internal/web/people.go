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
		{Method: get, Path: peoplePath, Access: httpx.CrewReaders(), Handler: p.people},
		{Method: post, Path: peoplePath, Access: httpx.Owners(), Handler: p.hire},
		{Method: get, Path: peoplePath + "/permissions", Access: httpx.Staff(), Handler: p.permissions},
		{Method: get, Path: peoplePath + "/:person", Access: httpx.CrewReaders(), Handler: p.person},
		{Method: post, Path: peoplePath + "/:person", Access: httpx.Owners(), Handler: p.carePerson},
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
	Head  string
	Rows  []personLine
	May   bool // the reader says who works here
	Roles []incidentChoice
}

// personLine is one who works here.
type personLine struct {
	ID       string
	Name     string
	Role     string
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

func (v *view) personLine(m cloud.StaffMember, reader cloud.Principal, now time.Time, loc *time.Location) personLine {
	line := personLine{
		ID: m.ID.String(), Name: m.Name, Role: v.say("people.role." + string(m.Role)), SignedIn: v.dayMoment(m.SignedIn, loc), Second: v.saySecond(m), Sessions: m.Sessions,
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
	view := peopleView{Head: v.count("people.head", len(members)), May: httpx.Owners().Allows(who), Roles: v.roleChoices(protocol.RoleRestocker)}
	slices.SortStableFunc(members, func(a, b cloud.StaffMember) int {
		return slices.Index(staffRoles(), a.Role) - slices.Index(staffRoles(), b.Role)
	})
	for _, m := range members {
		view.Rows = append(view.Rows, v.personLine(m, who, p.Now(), zone(chain)))
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
	id, starting, err := p.StaffCare.Hire(c.Request().Context(), c.FormValue("name"), protocol.Role(c.FormValue("role")))
	if err != nil {
		return err
	}
	httpx.Did(c, cloud.DidHire, "person "+id.String())
	return p.showLetter(c, id, starting)
}

// personView is one who works here, with what may be done about it.
type personView struct {
	personLine
	Since    moment
	Recovery int
	HasTwo   bool
	May      bool
	Roles    []incidentChoice
	Done     string
	Latest   []deedLine
}

// careDone are what was just done about a member.
func careDone() []string { return []string{"role", "block", "unblock", "second", "sessions"} }

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
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("person: %w", err)
	}
	deeds, err := p.Trail.Deeds(ctx, cloud.DeedQuery{Name: m.Name, Limit: latestDeeds})
	if err != nil {
		return fmt.Errorf("person: %w", err)
	}
	view := personView{
		personLine: v.personLine(m, who, p.Now(), zone(chain)), Since: v.dayMoment(m.Created, zone(chain)), Recovery: m.Recovery, HasTwo: m.Second(),
		May: httpx.Owners().Allows(who) && m.ID != who.ID, Roles: v.roleChoices(m.Role), Latest: v.deedLines(deeds, zone(chain)),
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
	switch what {
	case "role":
		role := protocol.Role(c.FormValue("role"))
		httpx.Did(c, cloud.DidRole, target+", "+string(role))
		err = p.StaffCare.ChangeRole(ctx, id, role)
	case "block":
		httpx.Did(c, cloud.DidBlock, target)
		err = p.StaffCare.Block(ctx, id, true)
	case "unblock":
		httpx.Did(c, cloud.DidUnblock, target)
		err = p.StaffCare.Block(ctx, id, false)
	case "second":
		httpx.Did(c, cloud.DidSecondLess, target)
		err = p.StaffCare.DropSecond(ctx, id)
	case "sessions":
		httpx.Did(c, cloud.DidEndSessions, target)
		err = p.Sessions.EndAll(ctx, id)
	case "renew":
		httpx.Did(c, cloud.DidRenew, target)
		starting, err := p.StaffCare.Renew(ctx, id)
		if err != nil {
			return err
		}
		return p.showLetter(c, id, starting)
	default:
		return protocol.Errorf(protocol.CodeMalformed, "do: want role, block, unblock, second, sessions or renew")
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, peoplePath+"/"+id.String()+"?done="+what)
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
