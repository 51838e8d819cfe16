package httpx

import (
	"slices"

	"allhours/protocol"
)

// Capability is what a role may do or may not.
type Capability string

// What may be done here.
const (
	CanShop    Capability = "shop"    // open doors, pay, object
	CanFollow  Capability = "follow"  // look at a visit: residents at their own
	CanRead    Capability = "read"    // the fleet, the reviews, the incidents and how the neighbourhood was served
	CanRespond Capability = "respond" // to incidents
	CanAttest  Capability = "attest"  // that food is good
	CanService Capability = "service" // open doors without paying, calibrate, hand over
	CanAsk     Capability = "ask"     // a cabinet how it is
	CanHalt    Capability = "halt"    // take cabinets off sale, lock them out, have them started again
	CanRelease Capability = "release" // end a lock-out
	CanMove    Capability = "move"    // goods, in the books and in the lanes
	CanPlan    Capability = "plan"    // articles, prices, stores, planograms, rounds
	CanSeePlan Capability = "seeplan" // look at those
	CanDecide  Capability = "decide"  // what nobody was sure of; refunds
	CanSeeCase Capability = "seecase" // what residents object to, and their visits
	CanTill    Capability = "till"    // take cash
	CanAccount Capability = "account" // look at the books
	CanClose   Capability = "close"   // sign for a day
	CanStaff   Capability = "staff"   // say who works here, and as what
	CanSeeCrew Capability = "seecrew" // look at who works here, and what they did
	CanTeam    Capability = "team"    // look after restockers: a manager after those of their stores
	CanSeeTeam Capability = "seeteam" // look at who works with them
	CanSelf    Capability = "self"    // their own password, second step and sessions
)

// Permission is one line of the matrix of who may do what.
type Permission struct {
	Of    Capability
	Roles []protocol.Role
	Reads bool // and changes nothing
}

// Permissions is that matrix: each route needs one of its lines, or is open to anyone.
func Permissions() []Permission {
	const (
		resident, restocker, manager, technician = protocol.RoleResident, protocol.RoleRestocker, protocol.RoleManager, protocol.RoleTechnician
		support, owner, auditor                  = protocol.RoleSupport, protocol.RoleOwner, protocol.RoleAuditor
	)
	return []Permission{
		{Of: CanShop, Roles: []protocol.Role{resident}},
		{Of: CanFollow, Roles: []protocol.Role{resident, restocker, manager, technician, support, owner, auditor}, Reads: true},
		{Of: CanRead, Roles: []protocol.Role{restocker, manager, technician, support, owner, auditor}, Reads: true},
		{Of: CanRespond, Roles: []protocol.Role{restocker, manager, technician, support, owner}},
		{Of: CanAttest, Roles: []protocol.Role{manager, technician, owner}},
		{Of: CanService, Roles: []protocol.Role{manager, technician, owner}},
		{Of: CanAsk, Roles: []protocol.Role{manager, technician, support, owner}},
		{Of: CanHalt, Roles: []protocol.Role{manager, technician, owner}},
		{Of: CanRelease, Roles: []protocol.Role{technician, owner}},
		{Of: CanMove, Roles: []protocol.Role{restocker, manager, owner}},
		{Of: CanPlan, Roles: []protocol.Role{manager, owner}},
		{Of: CanSeePlan, Roles: []protocol.Role{manager, technician, support, owner, auditor}, Reads: true},
		{Of: CanDecide, Roles: []protocol.Role{manager, support, owner}},
		{Of: CanSeeCase, Roles: []protocol.Role{manager, support, owner, auditor}, Reads: true},
		{Of: CanTill, Roles: []protocol.Role{manager, owner}},
		{Of: CanAccount, Roles: []protocol.Role{manager, owner, auditor}, Reads: true},
		{Of: CanClose, Roles: []protocol.Role{manager, owner}},
		{Of: CanStaff, Roles: []protocol.Role{owner}},
		{Of: CanSeeCrew, Roles: []protocol.Role{owner, auditor}, Reads: true},
		{Of: CanTeam, Roles: []protocol.Role{manager, owner}},
		{Of: CanSeeTeam, Roles: []protocol.Role{manager, owner, auditor}, Reads: true},
		{Of: CanSelf, Roles: []protocol.Role{restocker, manager, technician, support, owner, auditor}},
	}
}

// to lets those use a route who have a capability; nobody where the matrix does not know it.
func to(c Capability) Access {
	all := Permissions()
	i := slices.IndexFunc(all, func(p Permission) bool { return p.Of == c })
	if i < 0 {
		return Access{Can: c}
	}
	return Access{Can: c, Roles: all[i].Roles}
}

// Anyone may use the route, signed in or not.
func Anyone() Access { return Access{Anyone: true} }

// SignedIn may use the route: residents and staff.
func SignedIn() Access { return to(CanFollow) }

// Residents alone may use the route.
func Residents() Access { return to(CanShop) }

// Staff may use the route, all of them.
func Staff() Access { return to(CanRead) }

// Themselves is for what everybody of the staff does about their own sign-in.
func Themselves() Access { return to(CanSelf) }

// Attesters answer for food that a cabinet sells no more.
func Attesters() Access { return to(CanAttest) }

// Deciders settle what nobody was sure of.
func Deciders() Access { return to(CanDecide) }

// Responders do something about incidents: all who work here but those who only read.
func Responders() Access { return to(CanRespond) }

// Tills take cash for the chain.
func Tills() Access { return to(CanTill) }

// Movers move goods in the books, as they did with their hands.
func Movers() Access { return to(CanMove) }

// Accountants read what the books come to.
func Accountants() Access { return to(CanAccount) }

// Closers sign for a day, and take in what the payment provider states.
func Closers() Access { return to(CanClose) }

// CaseReaders see what residents objected to and what is known of their visits: who decides it, and who looks after them.
func CaseReaders() Access { return to(CanSeeCase) }

// Servicers open doors and calibrate what is behind them, without paying: technicians, and those who answer for a cabinet where a
// chain has none.
func Servicers() Access { return to(CanService) }

// Askers may ask a cabinet how it is: those who keep it running, or answer for it.
func Askers() Access { return to(CanAsk) }

// Halters take cabinets off sale, put them on again, lock them out, and have them started again.
func Halters() Access { return to(CanHalt) }

// Releasers end a lock-out: it was for somebody's safety, and who knows the machine says that it is over.
func Releasers() Access { return to(CanRelease) }

// Planners change what the chain plans: its articles, prices, stores and planograms.
func Planners() Access { return to(CanPlan) }

// PlanReaders may read it: those who change it, and who are asked about it.
func PlanReaders() Access { return to(CanSeePlan) }

// Owners say who works here.
func Owners() Access { return to(CanStaff) }

// CrewReaders see who works here, and what they did.
func CrewReaders() Access { return to(CanSeeCrew) }

// TeamLeaders look after the restockers that they work with.
func TeamLeaders() Access { return to(CanTeam) }

// TeamReaders see who works with them.
func TeamReaders() Access { return to(CanSeeTeam) }

// LoopbackOrStaff is for what operators read: from the machine itself without a session.
func LoopbackOrStaff() Access {
	a := Staff()
	a.Loopback = true
	return a
}
