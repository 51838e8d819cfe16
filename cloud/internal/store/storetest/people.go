package storetest

import (
	"strconv"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/protocol"
)

// peopleTests are of who works here.
func peopleTests() map[string]func(*testing.T, cloud.DB) {
	return map[string]func(*testing.T, cloud.DB){
		"members are changed, and an owner is left":      membersChanged,
		"a session is admitted, asked once and ended":    staffSessions,
		"members are limited to stores":                  membersLimited,
		"a second step is used once":                     secondSteps,
		"passkeys are kept, used and forgotten":          passkeys,
		"what the staff did is numbered, found and kept": deedsKept,
		"a deed and its record are there or are not":     deedUnderWay,
	}
}

func peopleOf(t *testing.T, db cloud.DB) people.Store {
	t.Helper()
	d, is := db.(interface{ People() sqlstore.People })
	if !is {
		t.Fatalf("%T keeps no people", db)
	}
	return d.People()
}

func coded(t *testing.T, err error, want protocol.Code) {
	t.Helper()
	if got := protocol.CodeOf(err); got != want || err != nil && want == protocol.CodeOK {
		t.Fatalf("got %v, want code %q", err, want)
	}
}

var owner, clerk = id(1), id(2)

func hired(t *testing.T, db cloud.DB) people.Store {
	t.Helper()
	p := peopleOf(t, db)
	for _, m := range []people.Staff{
		{ID: owner, Name: "owner", Role: protocol.RoleOwner, Password: "x", Created: now},
		{ID: clerk, Name: "clerk", Role: protocol.RoleSupport, Password: "y", Created: now, Starting: now.Add(time.Hour)},
	} {
		coded(t, p.AddStaff(t.Context(), m), protocol.CodeOK)
	}
	return p
}

func opened(t *testing.T, p people.Store, n byte, person protocol.UUID) []byte {
	t.Helper()
	hash := []byte{n, n, n, n, n, n, n, n, n}
	coded(t, p.AddSession(t.Context(), people.Session{Hash: hash, Person: person, Opened: now, Expires: now.Add(time.Hour)}, now), protocol.CodeOK)
	return hash
}

func membersChanged(t *testing.T, db cloud.DB) {
	p, ctx := hired(t, db), t.Context()
	coded(t, p.AddStaff(ctx, people.Staff{ID: id(3), Name: "clerk", Role: protocol.RoleOwner}), cloud.CodeConflict)
	mine, his := opened(t, p, 1, clerk), opened(t, p, 2, clerk)
	m, err := p.Member(ctx, clerk, now)
	coded(t, err, protocol.CodeOK)
	same(t, m, people.Staff{ID: clerk, Name: "clerk", Role: protocol.RoleSupport, Password: "y", Created: now, Starting: now.Add(time.Hour), App: []byte{}, Sessions: 2})
	coded(t, p.SetPassword(ctx, clerk, "z", time.Time{}, mine), protocol.CodeOK)
	_, err = p.Holder(ctx, his, now)
	coded(t, err, cloud.CodeNotFound)
	holder, err := p.Holder(ctx, mine, now)
	coded(t, err, protocol.CodeOK)
	same(t, holder, cloud.Principal{ID: clerk, Role: protocol.RoleSupport, Name: "clerk"})
	coded(t, p.SetRole(ctx, clerk, protocol.RoleManager), protocol.CodeOK)
	_, err = p.Holder(ctx, mine, now)
	coded(t, err, cloud.CodeNotFound)
	coded(t, p.SetBlocked(ctx, clerk, now), protocol.CodeOK)
	late := opened(t, p, 3, clerk) // as by a sign-in that was under way
	_, err = p.Holder(ctx, late, now)
	coded(t, err, cloud.CodeNotFound)
	coded(t, p.SetRole(ctx, clerk, protocol.RoleOwner), protocol.CodeOK)
	coded(t, p.SetBlocked(ctx, owner, now), cloud.CodeLastOwner)
	coded(t, p.SetRole(ctx, owner, protocol.RoleAuditor), cloud.CodeLastOwner)
	coded(t, p.SetBlocked(ctx, clerk, time.Time{}), protocol.CodeOK)
	coded(t, p.SetBlocked(ctx, owner, now), protocol.CodeOK)
	coded(t, p.SetRole(ctx, id(9), protocol.RoleOwner), cloud.CodeNotFound)
	all, err := p.Members(ctx, now)
	if err != nil || len(all) != 2 || all[0].Name != "clerk" || all[0].Password != "z" || !all[1].Blocked.Equal(now) {
		t.Errorf("members: %+v, %v", all, err)
	}
	view(t, db, func(tx cloud.Tx) error {
		crew, err := tx.Crew.Staff()
		if len(crew) != 1 || crew[0].Name != "clerk" {
			t.Errorf("work is given to %+v", crew)
		}
		return err
	})
}

func staffSessions(t *testing.T, db cloud.DB) {
	p, ctx := hired(t, db), t.Context()
	first := opened(t, p, 1, owner)
	coded(t, p.Challenge(ctx, first, "sing"), protocol.CodeOK)
	asked, err := p.Answered(ctx, first)
	if err != nil || asked != "sing" {
		t.Errorf("asked %q, %v", asked, err)
	}
	_, err = p.Answered(ctx, first)
	coded(t, err, cloud.CodeNotFound)
	coded(t, p.Challenge(ctx, []byte{9}, "sing"), cloud.CodeNotFound)

	next := people.Session{Hash: []byte{7, 7, 7, 7, 7, 7, 7, 7, 7}, Person: owner, Opened: now, Expires: now.Add(time.Minute), Step: cloud.StepSecond}
	coded(t, p.Advance(ctx, first, next), protocol.CodeOK)
	coded(t, p.Advance(ctx, first, people.Session{Hash: []byte{6}, Person: owner, Expires: now.Add(time.Hour)}), cloud.CodeNotFound)
	holder, err := p.Holder(ctx, next.Hash, now)
	if err != nil || holder.Step != cloud.StepSecond {
		t.Errorf("the holder is %+v, %v", holder, err)
	}
	list, err := p.SessionsOf(ctx, owner, now)
	if err != nil || len(list) != 0 {
		t.Errorf("what is under way is listed: %+v, %v", list, err)
	}
	if m, err := p.Member(ctx, owner, now); err != nil || !m.SignedIn.IsZero() || m.Sessions != 0 {
		t.Errorf("the member is %+v, %v", m, err)
	}
	whole := people.Session{Hash: []byte{8, 8, 8, 8, 8, 8, 8, 8, 8}, Person: owner, Opened: now, Expires: now.Add(time.Hour)}
	coded(t, p.Advance(ctx, next.Hash, whole), protocol.CodeOK)
	late := people.Session{Hash: []byte{5}, Person: owner, Opened: now, Expires: now.Add(time.Hour)}
	coded(t, p.Admit(ctx, late, "the one before"), cloud.CodeNotFound)
	_, err = p.Holder(ctx, late.Hash, now)
	coded(t, err, cloud.CodeNotFound)
	admitted := people.Session{Hash: []byte{4, 4, 4, 4, 4, 4, 4, 4, 4}, Person: clerk, Opened: now, Expires: now.Add(time.Hour), Device: "Firefox, Linux"}
	coded(t, p.Admit(ctx, admitted, "y"), protocol.CodeOK)
	further := admitted
	further.Hash, further.Device = []byte{10, 10, 10, 10, 10, 10, 10, 10, 10}, ""
	coded(t, p.Advance(ctx, admitted.Hash, further), protocol.CodeOK)
	if of, err := p.SessionsOf(ctx, clerk, now); err != nil || len(of) != 1 || of[0].Device != "Firefox, Linux" {
		t.Errorf("the clerk is signed in as %+v, %v", of, err)
	}
	admitted = further
	if holder, err = p.Holder(ctx, admitted.Hash, now); err != nil || holder.Name != "clerk" {
		t.Errorf("the holder is %+v, %v", holder, err)
	}
	other := opened(t, p, 3, owner)
	if m, err := p.Member(ctx, owner, now); err != nil || !m.SignedIn.Equal(now) || m.Sessions != 2 {
		t.Errorf("the member is %+v, %v", m, err)
	}
	coded(t, p.EndSession(ctx, clerk, "0808080808080808"), cloud.CodeNotFound)
	coded(t, p.EndSession(ctx, owner, "0808080808080808"), protocol.CodeOK)
	if list, err = p.SessionsOf(ctx, owner, now); err != nil || len(list) != 1 {
		t.Errorf("sessions: %+v, %v", list, err)
	}
	coded(t, p.EndSessions(ctx, owner, other), protocol.CodeOK)
	if _, err := p.Holder(ctx, other, now); err != nil {
		t.Errorf("the one that is kept: %v", err)
	}
	coded(t, p.Forget(ctx, now.Add(time.Hour)), protocol.CodeOK)
	_, err = p.Holder(ctx, other, now)
	coded(t, err, cloud.CodeNotFound)
}

func membersLimited(t *testing.T, db cloud.DB) {
	p, ctx := hired(t, db), t.Context()
	session := opened(t, p, 1, clerk)
	coded(t, p.SetRole(ctx, clerk, protocol.RoleManager), protocol.CodeOK)
	limit := cloud.BoundTo("south", "north", "south")
	coded(t, p.SetBound(ctx, clerk, limit), protocol.CodeOK)
	coded(t, p.SetBound(ctx, id(9), limit), cloud.CodeNotFound)
	_, err := p.Holder(ctx, session, now)
	coded(t, err, cloud.CodeNotFound)
	if m, err := p.Member(ctx, clerk, now); err != nil || m.Bound != "north south" {
		t.Errorf("the member is %+v, %v", m, err)
	}
	session = opened(t, p, 2, clerk)
	if who, err := p.Holder(ctx, session, now); err != nil || who.Bound != limit {
		t.Errorf("the holder is %+v, %v", who, err)
	}
	coded(t, p.SetRole(ctx, clerk, protocol.RoleRestocker), protocol.CodeOK)
	if m, err := p.StaffByName(ctx, "clerk"); err != nil || m.Bound != limit {
		t.Errorf("another role that can be limited: %+v, %v", m, err)
	}
	coded(t, p.SetRole(ctx, clerk, protocol.RoleTechnician), protocol.CodeOK)
	if m, err := p.StaffByName(ctx, "clerk"); err != nil || m.Bound != "" {
		t.Errorf("a role that cannot be: %+v, %v", m, err)
	}
}

func secondSteps(t *testing.T, db cloud.DB) {
	p, ctx := hired(t, db), t.Context()
	coded(t, p.SetApp(ctx, owner, []byte{1, 2}, 100), protocol.CodeOK)
	coded(t, p.SetApp(ctx, id(9), []byte{1}, 100), cloud.CodeNotFound)
	coded(t, p.UseApp(ctx, owner, 100), cloud.CodeNotFound)
	coded(t, p.UseApp(ctx, owner, 101), protocol.CodeOK)
	coded(t, p.UseApp(ctx, owner, 101), cloud.CodeNotFound)
	coded(t, p.SetRecovery(ctx, owner, [][]byte{{1}, {2}}), protocol.CodeOK)
	coded(t, p.UseRecovery(ctx, owner, []byte{1}, now), protocol.CodeOK)
	coded(t, p.UseRecovery(ctx, owner, []byte{1}, now), cloud.CodeNotFound)
	coded(t, p.UseRecovery(ctx, clerk, []byte{2}, now), cloud.CodeNotFound)
	m, err := p.StaffByName(ctx, "owner")
	if err != nil || string(m.App) != "\x01\x02" || m.Recovery != 1 {
		t.Errorf("the member is %+v, %v", m, err)
	}
	coded(t, p.SetRecovery(ctx, owner, [][]byte{{3}}), protocol.CodeOK)
	coded(t, p.UseRecovery(ctx, owner, []byte{2}, now), cloud.CodeNotFound)
	coded(t, p.DropSecond(ctx, owner), protocol.CodeOK)
	if m, err = p.StaffByName(ctx, "owner"); err != nil || len(m.App) != 0 || m.Recovery != 0 {
		t.Errorf("the member is %+v, %v", m, err)
	}
}

func passkeys(t *testing.T, db cloud.DB) {
	p, ctx := hired(t, db), t.Context()
	k := people.Passkey{Person: owner, Credential: []byte(`{"a":1}`), Passkey: cloud.Passkey{ID: "k1", Name: "phone", Created: now}}
	coded(t, p.AddPasskey(ctx, k), protocol.CodeOK)
	coded(t, p.AddPasskey(ctx, k), cloud.CodeConflict)
	k.Credential, k.Used = []byte(`{"a":2}`), now.Add(time.Hour)
	coded(t, p.UsePasskey(ctx, k), protocol.CodeOK)
	list, err := p.PasskeysOf(ctx, owner)
	coded(t, err, protocol.CodeOK)
	same(t, list, []people.Passkey{k})
	here, there := opened(t, p, 1, owner), opened(t, p, 2, owner)
	coded(t, p.DropPasskey(ctx, clerk, "k1", nil), cloud.CodeNotFound)
	if m, err := p.Member(ctx, owner, now); err != nil || m.Passkeys != 1 {
		t.Errorf("the member is %+v, %v", m, err)
	}
	coded(t, p.DropPasskey(ctx, owner, "k1", here), protocol.CodeOK)
	_, err = p.Holder(ctx, here, now)
	coded(t, err, protocol.CodeOK)
	_, err = p.Holder(ctx, there, now)
	coded(t, err, cloud.CodeNotFound)
	coded(t, p.UsePasskey(ctx, k), cloud.CodeNotFound)
}

func deedsKept(t *testing.T, db cloud.DB) {
	p, ctx := peopleOf(t, db), t.Context()
	var seals []string
	seal := func(before string, d cloud.Deed) string {
		seals = append(seals, before)
		return "s" + strconv.FormatInt(d.Number, 10)
	}
	for i, name := range []string{"li", "chen", "li", "chen", "li"} {
		d := cloud.Deed{At: now.Add(time.Duration(i) * time.Hour), Who: owner, Name: name, Role: protocol.RoleOwner, Did: "hired", Method: "POST", Route: "/people", Target: "x", Outcome: cloud.DeedDone, Request: "r"}
		if i == 3 {
			d.Did = "blocked"
		}
		coded(t, p.AddDeed(ctx, d, seal), protocol.CodeOK)
	}
	same(t, seals, []string{"", "s1", "s2", "s3", "s4"})
	for _, c := range []struct {
		name string
		q    cloud.DeedQuery
		want []int64
	}{
		{"all, the newest first", cloud.DeedQuery{Limit: 9}, []int64{5, 4, 3, 2, 1}},
		{"no more than were asked for", cloud.DeedQuery{Limit: 2}, []int64{5, 4}},
		{"those before one", cloud.DeedQuery{Before: 4, Limit: 2}, []int64{3, 2}},
		{"of somebody", cloud.DeedQuery{Name: "li", Limit: 9}, []int64{5, 3, 1}},
		{"of a kind", cloud.DeedQuery{Did: "blocked", Limit: 9}, []int64{4}},
		{"of a kind by somebody else", cloud.DeedQuery{Did: "blocked", Name: "li", Limit: 9}, []int64{}},
		{"of a time", cloud.DeedQuery{From: now.Add(time.Hour), To: now.Add(3 * time.Hour), Limit: 9}, []int64{3, 2}},
		{"of a time that is to come", cloud.DeedQuery{From: now.Add(9 * time.Hour), Limit: 9}, []int64{}},
		{"of a time long ago", cloud.DeedQuery{To: now, Limit: 9}, []int64{}},
	} {
		found, err := p.FindDeeds(ctx, c.q)
		numbers := []int64{}
		for _, d := range found {
			numbers = append(numbers, d.Number)
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		same(t, numbers, c.want)
	}
	found, err := p.FindDeeds(ctx, cloud.DeedQuery{Limit: 1})
	coded(t, err, protocol.CodeOK)
	same(t, found[0], cloud.Deed{
		Number: 5, At: now.Add(4 * time.Hour), Who: owner, Name: "li", Role: protocol.RoleOwner, Did: "hired", Method: "POST", Route: "/people", Target: "x", Outcome: cloud.DeedDone, Request: "r", Seal: "s5",
	})
}

// pen writes deeds as they are, with seals that count them.
type pen struct{}

func (pen) Tidy(d cloud.Deed) cloud.Deed            { return d }
func (pen) Seal(before string, _ cloud.Deed) string { return before + "s" }

func deedUnderWay(t *testing.T, db cloud.DB) {
	p := hired(t, db)
	recorded := func() []cloud.Deed {
		t.Helper()
		list, err := p.FindDeeds(t.Context(), cloud.DeedQuery{Limit: 9})
		coded(t, err, protocol.CodeOK)
		return list
	}
	u := &cloud.DeedUnderWay{}
	ctx := cloud.WithDeed(t.Context(), u, pen{})
	coded(t, p.SetBlocked(ctx, clerk, now), protocol.CodeOK) // Nobody is known to do this.
	u.Tell(func(d *cloud.Deed) {
		d.At, d.Who, d.Name, d.Role, d.Did = now, owner, "owner", protocol.RoleOwner, "role_changed"
	})
	view(t, db, func(tx cloud.Tx) error { _, err := tx.Crew.Staff(); return err })
	coded(t, p.SetRole(ctx, owner, protocol.RoleSupport), cloud.CodeLastOwner)
	if list := recorded(); len(list) != 0 {
		t.Errorf("what changed nothing, or is nobody's, is recorded: %+v", list)
	}
	coded(t, p.SetRole(ctx, clerk, protocol.RoleManager), protocol.CodeOK)
	coded(t, db.Update(ctx, func(cloud.Tx) error { return nil }), protocol.CodeOK)
	list := recorded()
	if len(list) != 1 || list[0].Name != "owner" || list[0].Did != "role_changed" || list[0].Outcome != cloud.DeedDone || list[0].Seal != "s" {
		t.Errorf("recorded: %+v", list)
	}
	if d, kept, written := u.End(); !written || d.Did != "role_changed" || kept.Did != "role_changed" {
		t.Errorf("at its end the deed is %+v, and its record %+v, %v", d, kept, written)
	}
}
