package api

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
	"allhours/protocol/settle"
)

const (
	anna = "+8613900007777"
	ben  = "+8613900008888"
)

func TestAResidentSignsInOpensAndReadsTheReceipt(t *testing.T) {
	r := newRig(t)
	c := r.resident(anna)
	var begun struct {
		ID    protocol.VisitID `json:"id"`
		State cloud.VisitState `json:"state"`
	}
	header := c.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, &begun, "Idempotency-Key", "k1")
	if begun.State != cloud.StateAuthorising || header.Get("Location") != "/api/v1/visits/"+begun.ID.String() {
		t.Fatalf("got %+v at %s", begun, header.Get("Location"))
	}
	if got := r.fleet.began[0]; got.Key != "k1" || got.Person.IsZero() {
		t.Fatalf("asked for %+v", got)
	}
	path := "/api/v1/visits/" + begun.ID.String()
	var before map[string]json.RawMessage
	c.want(200, "GET", path, "", &before)
	if string(before["lines"]) != "[]" || string(before["total_fen"]) != "0" {
		t.Fatalf("got %s", before)
	}
	r.fleet.change(begun.ID, sold)
	for lang, name := range map[string]string{"": "水", "en": "Water"} {
		var v visitAnswer
		c.want(200, "GET", path, "", &v, "Accept-Language", lang)
		if v.State != cloud.StateCharged || v.Total != 400 || len(v.Lines) != 1 || v.Lines[0].Name != name || v.Lines[0].Price != 200 || v.Cabinet != "xs-01" {
			t.Fatalf("in %q: %+v", lang, v)
		}
	}
}

func TestAVisitIsReadByItsResidentAndStaffOnly(t *testing.T) {
	r := newRig(t)
	var begun begunAnswer
	r.resident(anna).want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, &begun)
	path := "/api/v1/visits/" + begun.ID.String()
	other := r.resident(ben)
	for _, p := range []string{path, path + "/live"} {
		other.refused(404, cloud.CodeUnknownVisit, "GET", p, "")
		r.stranger().refused(401, cloud.CodeNoSession, "GET", p, "")
	}
	r.manager().want(200, "GET", path, "", nil)
	// What is not there and what is not theirs look the same.
	other.refused(404, cloud.CodeUnknownVisit, "GET", "/api/v1/visits/01931d3c-8a4e-7c11-9d2f-0a1b2c3d4e5f", "")
	other.refused(404, cloud.CodeUnknownVisit, "GET", "/api/v1/visits/1", "")
}

func TestRefusalsOfADoorAreProblemsOfTheirOwn(t *testing.T) {
	r := newRig(t)
	c := r.resident(anna)
	c.refused(404, cloud.CodeUnknownCabinet, "POST", "/api/v1/visits", `{"cabinet":"xs-99"}`)
	c.refused(404, cloud.CodeUnknownCabinet, "POST", "/api/v1/visits", `{"cabinet":"../etc"}`)
	r.stranger().refused(401, cloud.CodeNoSession, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`)
	r.manager().refused(403, cloud.CodeForbidden, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`)
	for code, status := range map[protocol.Code]int{
		cloud.CodeCabinetBusy: 409, cloud.CodeCabinetAway: 503, cloud.CodeDebt: 402, cloud.CodeDoorNotShut: 409,
		protocol.CodeNotSelling: 409, cloud.CodePaymentRefused: 402, cloud.CodePaymentUnknown: 503, cloud.CodeKeyReused: 422,
	} {
		r.fleet.refusal = fmt.Errorf("begin: %w", protocol.Errorf(code, "x"))
		c.refused(status, code, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`)
	}
}

func TestBodiesThatCannotBeRead(t *testing.T) {
	r := newRig(t)
	c := r.resident(anna)
	for _, body := range []string{"", "{", "[]", `{"cabinet":5}`, `{"cabinet":"xs-01"} x`, `{"cabinet":"xs-01","compartment":300}`} {
		c.refused(400, protocol.CodeMalformed, "POST", "/api/v1/visits", body)
	}
	c.refused(400, protocol.CodeMalformed, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, "Idempotency-Key", strings.Repeat("k", 256))
	c.refused(413, httpx.CodeTooLarge, "POST", "/api/v1/visits", `{"cabinet":"`+strings.Repeat("x", 70<<10)+`"}`)
}

func TestSigningInAndOut(t *testing.T) {
	r := newRig(t)
	c := r.stranger()
	c.refused(400, cloud.CodeBadPhone, "POST", "/api/v1/auth/code", `{"phone":"12"}`)
	c.refused(401, cloud.CodeBadCode, "POST", "/api/v1/auth/session", `{"phone":"`+anna+`","code":"123456"}`)
	c.refused(401, cloud.CodeBadPassword, "POST", "/api/v1/auth/staff", `{"name":"manager","password":"wrong"}`)
	for range 20 {
		if answer := c.send("POST", "/api/v1/auth/code", `{"phone":"`+anna+`"}`); answer.StatusCode == 429 {
			break
		}
	}
	header := c.send("POST", "/api/v1/auth/code", `{"phone":"`+anna+`"}`)
	if header.StatusCode != 429 || header.Header.Get("Retry-After") == "" {
		t.Fatalf("got %d, Retry-After %q", header.StatusCode, header.Header.Get("Retry-After"))
	}
	m := r.manager()
	m.want(200, "GET", "/api/v1/reviews", "", nil)
	m.want(204, "DELETE", "/api/v1/auth/session", "", nil)
	m.refused(401, cloud.CodeNoSession, "GET", "/api/v1/reviews", "")
	m.want(204, "DELETE", "/api/v1/auth/session", "", nil)
}

func TestAnotherSiteCannotOpenADoor(t *testing.T) {
	r := newRig(t)
	c := r.resident(anna)
	c.refused(403, httpx.CodeCrossOrigin, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, "Sec-Fetch-Site", "cross-site")
	c.refused(403, httpx.CodeCrossOrigin, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, "Origin", "http://evil.example")
	if len(r.fleet.began) != 0 {
		t.Fatal("a door was asked for")
	}
}

// TestPermissions walks the whole table: each route answers each kind of caller as its line says.
func TestPermissions(t *testing.T) {
	r := newRig(t)
	callers := map[protocol.Role]caller{"": r.stranger(), protocol.RoleResident: r.resident(anna), protocol.RoleManager: r.manager()}
	for _, route := range r.api.Routes() {
		path := strings.ReplaceAll(route.Path, ":id", "01931d3c-8a4e-7c11-9d2f-0a1b2c3d4e5f")
		for role, c := range callers {
			if route.Path == Base+"/auth/session" && route.Method == http.MethodDelete {
				continue // It would sign the caller out; TestSigningInAndOut has it.
			}
			answer := c.send(route.Method, path, `{}`)
			refused := answer.StatusCode == 401 && strings.Contains(answer.Header.Get("Content-Type"), "problem") && role == ""
			forbidden := answer.StatusCode == 403 && problemOf(t, answer) == httpx.ProblemBase+string(cloud.CodeForbidden)
			named := route.Access.Anyone || route.Access.Loopback
			for _, allowed := range route.Access.Roles {
				named = named || allowed == role
			}
			signIn := strings.HasPrefix(route.Path, Base+"/auth/")
			if !named && !refused && !forbidden || named && forbidden || named && refused && !signIn {
				t.Errorf("%s %s as %q: got %d, the table says %s", route.Method, route.Path, role, answer.StatusCode, route.Access)
			}
		}
	}
	if found := httpx.Unguarded(r.echo); len(found) != 0 {
		t.Errorf("routes without roles: %v", found)
	}
}

// problemOf is the type of the problem that an answer tells.
func problemOf(t *testing.T, answer *http.Response) string {
	t.Helper()
	var p httpx.Problem
	if err := json.NewDecoder(answer.Body).Decode(&p); err != nil {
		t.Fatal(err)
	}
	return p.Type
}

func TestCabinetsAreListedWithTheirLastWord(t *testing.T) {
	r := newRig(t)
	var list struct{ Cabinets []map[string]any }
	r.stranger().want(200, "GET", "/api/v1/cabinets", "", &list)
	if len(list.Cabinets) != 2 {
		t.Fatalf("got %v", list)
	}
	first, second := list.Cabinets[0], list.Cabinets[1]
	if first["id"] != "xs-01" || first["store"] != "s1" || first["state"] != "away" || first["layout"] != "shelves" || first["last_seen"] != "2023-11-14T22:13:20Z" {
		t.Errorf("got %v", first)
	}
	if seen, there := second["last_seen"]; seen != nil || !there {
		t.Errorf("a cabinet never heard of: %v", second)
	}
	var detail cabinetDetail
	r.stranger().want(200, "GET", "/api/v1/cabinets/xs-01", "", &detail, "Accept-Language", "en")
	if detail.Place != "Gate" || len(detail.Goods) != 1 || detail.Goods[0].Name != "Water" || detail.Goods[0].Units != 7 {
		t.Errorf("got %+v", detail)
	}
	r.stranger().refused(404, cloud.CodeUnknownCabinet, "GET", "/api/v1/cabinets/xs-99", "")
}

func TestReviewsAreForStaff(t *testing.T) {
	r := newRig(t)
	var list reviewsAnswer
	r.manager().want(200, "GET", "/api/v1/reviews", "", &list)
	if len(list.Reviews) == 1 {
		review := list.Reviews[0]
		if review.Zero == nil || review.Bills[0].Total != 400 || !review.Bills[0].Known || review.Answer.Why[0].Steps[0].What != settle.Taken {
			t.Errorf("review %+v: want its moment, its bills and what its steps are", review)
		}
	}
	if len(list.Reviews) != 1 || list.Reviews[0].Guess[0].Qty != 2 || list.Reviews[0].Waiting != 60 {
		t.Fatalf("got %+v", list)
	}
	r.resident(anna).refused(403, cloud.CodeForbidden, "GET", "/api/v1/reviews", "")
}

func TestHealthAndMetrics(t *testing.T) {
	r := newRig(t)
	c := r.stranger()
	c.want(200, "GET", "/healthz", "", nil)
	c.want(200, "GET", "/metrics", "", nil)
	r.health = errors.New("no connection to the broker")
	c.want(503, "GET", "/healthz", "", nil)
	c.refused(404, cloud.CodeNotFound, "GET", "/api/v1/nothing", "")
	c.refused(405, httpx.CodeBadMethod, "PUT", "/api/v1/visits", "")
}

// event is one of a stream.
type event struct{ id, name, data string }

func nextEvent(t *testing.T, lines *bufio.Scanner) event {
	t.Helper()
	var e event
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data = value
		case "":
			if e.data != "" {
				return e
			}
		}
	}
	t.Fatalf("the stream ended: %v", lines.Err())
	return e
}

func TestTheLiveViewTellsEachChangeAndThenStops(t *testing.T) {
	r := newRig(t)
	c := r.resident(anna)
	var begun begunAnswer
	c.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, &begun)
	path := "/api/v1/visits/" + begun.ID.String() + "/live"
	answer := c.send("GET", path, "")
	lines := bufio.NewScanner(answer.Body)
	states := []cloud.VisitState{cloud.StateAuthorising, cloud.StateOpen, cloud.StateCharged}
	var last event
	for i, move := range []func(*cloud.Visit){nil, opened, sold} {
		if move != nil {
			r.fleet.change(begun.ID, move)
		}
		e := nextEvent(t, lines)
		var v visitAnswer
		if err := json.Unmarshal([]byte(e.data), &v); err != nil {
			t.Fatal(err)
		}
		if e.name != "visit" || v.State != states[i] || e.id == "" || e.id == last.id {
			t.Fatalf("event %d: %+v", i, e)
		}
		last = e
	}
	if lines.Scan() {
		t.Fatalf("after the end: %q", lines.Text())
	}
	if again := c.send("GET", path, "", "Last-Event-ID", last.id); again.StatusCode != http.StatusNoContent {
		t.Fatalf("a reader that has seen the end: %d", again.StatusCode)
	}
	late := c.send("GET", path, "", "Last-Event-ID", "older")
	if e := nextEvent(t, bufio.NewScanner(late.Body)); e.id != last.id {
		t.Fatalf("a reader that missed the end got %+v", e)
	}
}
