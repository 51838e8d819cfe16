package web_test

import (
	"bytes"
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/web"
	"allhours/protocol"
)

// office is the owner's pages over real people and their audit log.
type office struct {
	visitor
	people *people.Service
	path   string // of the database
}

func newOffice(t *testing.T) office {
	t.Helper()
	o := office{path: filepath.Join(t.TempDir(), "people.db")}
	db, err := sqlite.Open(t.Context(), sqlite.Options{Path: o.path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if o.people, err = people.New(people.Options{Store: db.People(), Key: bytes.Repeat([]byte{7}, people.KeySize)}); err != nil {
		t.Fatal(err)
	}
	if err := db.People().AddStaff(t.Context(), people.Staff{ID: boss.ID, Name: "owner", Role: protocol.RoleOwner, Password: cheapPassword}); err != nil {
		t.Fatal(err)
	}
	e := httpx.New(httpx.Options{People: o.people, Trail: o.people, Logger: quiet()})
	options := optionsOf(newWorld())
	options.People, options.Staff, options.StaffCare, options.Sessions, options.OwnSignIn, options.AppCodes, options.Trail = o.people, o.people, o.people, o.people, o.people, o.people, o.people
	web.New(options).Register(e)
	o.visitor = visitor{t: t, handler: e, lang: "zh-CN"}
	in := o.post("/staff/signin", "name", "owner", "password", "correct horse")
	mustSee(t, in, http.StatusSeeOther)
	o.session = in.Result().Cookies()[0].Value
	return o
}

// deeds are what the audit log has of a word, the newest first.
func (o office) deeds(did string) []cloud.Deed {
	o.t.Helper()
	found, err := o.people.Deeds(o.t.Context(), cloud.DeedQuery{Did: did})
	if err != nil {
		o.t.Fatal(err)
	}
	return found
}

// full lets the audit log take nothing more.
func (o office) full() {
	o.t.Helper()
	raw, err := sql.Open("sqlite3", "file:"+o.path+"?_busy_timeout=30000")
	if err != nil {
		o.t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec(`CREATE TRIGGER trail_full BEFORE INSERT ON trail BEGIN SELECT RAISE(ABORT, 'there is no room'); END`); err != nil {
		o.t.Fatal(err)
	}
}

func TestWhatTheAuditLogCannotTakeIsNotDone(t *testing.T) {
	o := newOffice(t)
	o.full()
	mustSee(t, o.post("/people", "name", "li", "role", "support"), http.StatusInternalServerError)
	_, err := o.people.ByName(t.Context(), "li")
	if protocol.CodeOf(err) != cloud.CodeNotFound {
		t.Errorf("somebody was hired of whom the log says nothing: %v", err)
	}
	o.session = ""
	mustSee(t, o.post("/staff/signin", "name", "owner", "password", "correct horse"), http.StatusInternalServerError)
}

func TestADeedIsInTheAuditLogOnceWithWhatItWasAbout(t *testing.T) {
	o := newOffice(t)
	if in := o.deeds(cloud.DidSignIn); len(in) != 1 || in[0].Who != boss.ID || in[0].Route != "/staff/signin" || in[0].Request == "" {
		t.Errorf("the sign-in is told as %+v", in)
	}
	mustSee(t, o.post("/people", "name", "li", "role", "support"), http.StatusOK)
	li, err := o.people.ByName(t.Context(), "li")
	if err != nil {
		t.Fatal(err)
	}
	if hired := o.deeds(cloud.DidHire); len(hired) != 1 || hired[0].Target != "person "+li.ID.String() || hired[0].Outcome != cloud.DeedDone || hired[0].Name != "owner" {
		t.Errorf("hiring is told as %+v", hired)
	}
	mustSee(t, o.post("/people/"+boss.ID.String(), "do", "role", "role", "auditor"), http.StatusForbidden)
	if role := o.deeds(cloud.DidRole); len(role) != 1 || role[0].Outcome != string(cloud.CodeForbidden) {
		t.Errorf("what was refused is told as %+v", role)
	}
	mustSee(t, o.post("/account/password", "old", "correct horse", "password", "lit window at night"), http.StatusSeeOther)
	if own := o.deeds(cloud.DidPassword); len(own) != 1 || own[0].Outcome != cloud.DeedDone {
		t.Errorf("another password is told as %+v", own)
	}
	mustSee(t, o.post("/signout"), http.StatusSeeOther)
	if out := o.deeds(cloud.DidSignOut); len(out) != 1 || len(o.deeds("")) != 5 {
		t.Errorf("in all the log has %+v", o.deeds(""))
	}
}
