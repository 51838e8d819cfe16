package web_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/internal/web"
	"allhours/protocol"
)

// zhao manages one store only.
var zhao = cloud.Principal{ID: id(230), Role: protocol.RoleManager, Name: "zhao", Bound: "qj"}

// StoreOf implements cloud.Places.
func (w *world) StoreOf(_ context.Context, kind cloud.PlaceKind, of string) (cloud.StoreID, error) {
	if kind == cloud.PlaceStore {
		return cloud.StoreID(of), nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if kind == cloud.PlaceRound {
		switch of {
		case w.wagon.round.ID.String():
			return w.wagon.round.Store, nil
		case id(90).String():
			return w.trolley.round().Store, nil
		}
	}
	if cab := w.cabinet(w.cabinetOf(kind, of)); cab != nil {
		return cab.Store, nil
	}
	return "", protocol.Errorf(cloud.CodeNotFound, "no %s %s", kind, of)
}

// cabinetOf is the cabinet that something lies in; empty: there is no such thing.
func (w *world) cabinetOf(kind cloud.PlaceKind, of string) protocol.CabinetID {
	switch kind {
	case cloud.PlaceCabinet:
		return protocol.CabinetID(of)
	case cloud.PlaceIncident:
		for _, i := range w.troubles.all {
			if strconv.Itoa(i.Number) == of {
				return i.Cabinet
			}
		}
	case cloud.PlaceDraft:
		for _, d := range w.rolling.drafts {
			if strconv.Itoa(int(d.Number)) == of {
				return d.Cabinet
			}
		}
	case cloud.PlaceDispute:
		for _, d := range w.desk.disputes {
			if d.ID.String() == of {
				return w.cabinetOf(cloud.PlaceVisit, d.Visit.String())
			}
		}
	case cloud.PlaceVisit:
		for _, v := range w.visits {
			if v.ID.String() == of {
				return v.Cabinet
			}
		}
		for _, r := range w.reviews {
			if r.Visit.ID.String() == of {
				return r.Visit.Cabinet
			}
		}
	}
	return ""
}

// qi fills the cabinets of the same store only.
var qi = cloud.Principal{ID: id(231), Role: protocol.RoleRestocker, Name: "qi", Bound: "qj"}

// neighbourhood is a world with restockers of one store, of the other and of both, whose pages know what lies where.
func neighbourhood() (*world, http.Handler) {
	w := newWorld()
	w.sessions["zhao"] = zhao
	w.staff.members = append(w.staff.members,
		cloud.StaffMember{ID: zhao.ID, Name: zhao.Name, Role: zhao.Role, Bound: zhao.Bound},
		cloud.StaffMember{ID: qi.ID, Name: qi.Name, Role: qi.Role, Bound: qi.Bound, Sessions: 1},
		cloud.StaffMember{ID: id(232), Name: "xu", Role: protocol.RoleRestocker, Bound: "xh"},
		cloud.StaffMember{ID: id(233), Name: "bo", Role: protocol.RoleRestocker, Bound: "qj xh"},
	)
	e := httpx.New(httpx.Options{People: w, Trail: w.staff, Places: w, Logger: quiet(), Now: w.now})
	web.New(optionsOf(w)).Register(e)
	return w, e
}

func TestAManagerOfOneStoreIsAtHomeThereAndNowhereElse(t *testing.T) {
	_, handler := neighbourhood()
	v := visitor{t: t, handler: handler, lang: "zh-CN", session: "zhao"}
	for path, want := range map[string]string{"/tonight": "/stores/qj", "/incidents": "/incidents?store=qj", "/cabinets?state=away": "/cabinets?state=away&store=qj", "/rounds": "/rounds?store=qj", "/needs": "/needs?store=qj", "/chain?span=four": "/chain?span=four&store=qj"} {
		if rec := v.get(path); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != want {
			t.Errorf("%s leads with %d to %q, want %q", path, rec.Code, rec.Header().Get("Location"), want)
		}
	}
	home := v.get("/stores/qj")
	mustSee(t, home, http.StatusOK, `href="/stores/qj" aria-current="page"`, `href="/people"`, `href="/rounds"`, `href="/master"`, `href="/reviews"`, `href="/chain"`, `href="/disputes"`)
	mustNotSee(t, home, `href="/coverage"`, `href="/stores/xh"`)
	for _, path := range []string{"/stores/qj", "/rounds?store=qj", "/master", "/reconcile", "/disputes", "/chain?store=qj"} {
		mustNotSee(t, v.get(path), `"/statements"`, `"/owed"`, `"/debts"`, `"/transfers"`, `"/support"`)
	}
	for path, want := range map[string]int{
		"/cabinets/qj-1": http.StatusOK, "/incidents?store=qj": http.StatusOK, "/rounds?store=qj": http.StatusOK, "/rounds/new": http.StatusOK, "/account": http.StatusOK,
		"/stores/xh": http.StatusForbidden, "/cabinets/xh-1": http.StatusForbidden, "/incidents?store=xh": http.StatusForbidden, "/rounds/new?store=xh": http.StatusForbidden,
		"/master": http.StatusOK, "/master/articles": http.StatusOK, "/master/prices": http.StatusOK, "/master/stores/qj": http.StatusOK, "/master/aisles": http.StatusOK, "/master/planograms/qj-1": http.StatusOK,
		"/master/stores/xh": http.StatusForbidden, "/master/stores/new": http.StatusForbidden, "/master/articles/new": http.StatusForbidden, "/master/aisles?store=xh": http.StatusForbidden, "/master/planograms/xh-1": http.StatusForbidden,
		"/reviews": http.StatusOK, "/reviews?store=qj": http.StatusOK, "/reviews?store=xh": http.StatusForbidden, "/needs?store=qj": http.StatusOK, "/needs?store=xh": http.StatusForbidden,
		"/chain?store=qj": http.StatusOK, "/chain?store=xh": http.StatusForbidden, "/waste?store=qj": http.StatusOK, "/waste?store=*": http.StatusForbidden, "/forecast?store=xh": http.StatusForbidden,
		"/reconcile": http.StatusOK, "/expiry": http.StatusOK, "/stickers": http.StatusOK, "/rollouts": http.StatusOK, "/statements": http.StatusForbidden, "/owed": http.StatusForbidden, "/debts": http.StatusForbidden, "/transfers": http.StatusForbidden, "/support": http.StatusForbidden, "/audit": http.StatusForbidden, "/cabinets/zz-9": http.StatusNotFound,
	} {
		mustSee(t, v.get(path), want)
	}
}

func TestAManagerLooksAfterTheRestockersOfTheirStores(t *testing.T) {
	w, handler := neighbourhood()
	v := visitor{t: t, handler: handler, lang: "en", session: "zhao"}
	mustSee(t, v.get("/people"), http.StatusOK, ">qi<", ">zhao<", "2 people work here", `value="restocker"`, `value="qj" checked`)
	mustNotSee(t, v.get("/people"), ">xu<", ">bo<", "Wang Jianfen", `value="owner"`, `value="xh"`, `href="/audit"`)
	mustSee(t, v.get("/people/"+id(231).String()), http.StatusOK, `value="renew"`, `value="block"`, `value="stores"`)
	mustNotSee(t, v.get("/people/"+id(231).String()), `value="role"`, `href="/audit`)
	for _, n := range []byte{232, 233, 210, 220, 221} {
		mustSee(t, v.get("/people/"+id(n).String()), http.StatusForbidden)
		mustSee(t, v.post("/people/"+id(n).String(), "do", "renew"), http.StatusForbidden)
	}
	hers := "/people/" + qi.ID.String()
	for _, c := range []struct {
		path  string
		form  []string
		want  int
		cared string
	}{
		{"/people", []string{"name", "lu", "role", "restocker"}, http.StatusOK, "hire lu restocker qj " + id(221).String()},
		{"/people", []string{"name", "lu", "role", "restocker", "store", "xh"}, http.StatusForbidden, ""},
		{"/people", []string{"name", "lu", "role", "restocker", "store", "qj", "store", "xh"}, http.StatusForbidden, ""},
		{"/people", []string{"name", "lu", "role", "technician"}, http.StatusForbidden, ""},
		{"/people", []string{"name", "lu", "role", "owner"}, http.StatusForbidden, ""},
		{hers, []string{"do", "renew"}, http.StatusOK, "renew " + id(231).String()},
		{hers, []string{"do", "block"}, http.StatusSeeOther, "block true " + id(231).String()},
		{hers, []string{"do", "role", "role", "owner"}, http.StatusForbidden, ""},
		{hers, []string{"do", "stores", "store", "xh"}, http.StatusForbidden, ""},
		{hers, []string{"do", "stores", "store", "moon"}, http.StatusBadRequest, ""},
		{hers, []string{"do", "stores"}, http.StatusSeeOther, "limit to qj " + id(231).String()},
		{"/people/" + zhao.ID.String(), []string{"do", "stores", "store", "xh"}, http.StatusForbidden, ""},
	} {
		w.staff.cared = nil
		mustSee(t, v.post(c.path, c.form...), c.want)
		if got := strings.Join(w.staff.cared, ", "); got != c.cared {
			t.Errorf("%s %v did %q, want %q", c.path, c.form, got, c.cared)
		}
	}
	v.session = "manager" // of the whole chain
	mustSee(t, v.get("/people"), http.StatusOK, ">qi<", ">xu<", ">bo<", "Wang Jianfen")
	mustNotSee(t, v.get("/people"), "刘洋", `href="/audit"`)
	v.session = "boss"
	w.staff.cared = nil
	mustSee(t, v.post("/people/"+manager.ID.String(), "do", "stores", "store", "xh", "store", "qj"), http.StatusSeeOther)
	mustSee(t, v.post("/people/"+manager.ID.String(), "do", "stores"), http.StatusSeeOther)
	if got, want := strings.Join(w.staff.cared, ", "), "limit to qj xh "+manager.ID.String()+", limit to  "+manager.ID.String(); got != want {
		t.Errorf("the owner did %q, want %q", got, want)
	}
}
