package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/web"
	"allhours/protocol"
)

var boss = cloud.Principal{ID: id(220), Role: protocol.RoleOwner, Name: "周敏"}

const (
	startingWord = "k7mqa-2xwpc-hh4ne-p3rst"
	appSecret    = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
)

// staffRoom is who works here, with sign-ins at every step.
type staffRoom struct {
	mu      sync.Mutex
	members []cloud.StaffMember
	keys    []cloud.Passkey
	deeds   []cloud.Deed
	cared   []string
	refusal error
}

func newStaffRoom() *staffRoom {
	return &staffRoom{
		members: []cloud.StaffMember{
			{ID: boss.ID, Name: boss.Name, Role: boss.Role, Created: noon.AddDate(0, -8, 0), SignedIn: noon.Add(-12 * time.Minute), App: true, Passkeys: 1, Recovery: 9, Sessions: 3},
			{ID: manager.ID, Name: "manager", Role: manager.Role, Created: noon.AddDate(0, -6, 0), SignedIn: noon.Add(-26 * time.Hour), App: true, Recovery: 2, Sessions: 1},
			{ID: wang.ID, Name: wang.Name, Role: wang.Role, Created: noon.AddDate(0, -2, 0), SignedIn: noon.Add(-3 * time.Hour), Sessions: 1},
			{ID: id(221), Name: "刘洋", Role: protocol.RoleTechnician, Created: noon.AddDate(0, 0, -1), Starting: noon.AddDate(0, 0, 6)},
			{ID: mei.ID, Name: mei.Name, Role: mei.Role, Created: noon.AddDate(0, -5, 0), SignedIn: noon.AddDate(0, 0, -9), Blocked: noon.AddDate(0, 0, -4)},
			{ID: id(222), Name: "陈静", Role: protocol.RoleSupport, Created: noon.AddDate(0, 0, -20), Starting: noon.AddDate(0, 0, -13)},
		},
		keys: []cloud.Passkey{{ID: "k1", Name: "Passkey", Created: noon.AddDate(0, -1, 0), Used: noon.Add(-time.Hour)}},
		deeds: []cloud.Deed{
			{Number: 7, At: noon.Add(-2 * time.Minute), Who: boss.ID, Name: boss.Name, Role: boss.Role, Did: cloud.DidBlock, Method: "POST", Route: "/people/:person", Target: "person " + mei.ID.String(), Outcome: cloud.DeedDone, Request: "8f2ac01d9be47710"},
			{Number: 6, At: noon.Add(-9 * time.Minute), Who: manager.ID, Name: "manager", Role: manager.Role, Did: "decide", Method: "POST", Route: "/reviews/:visit", Target: "visit " + id(78).String(), Outcome: string(cloud.CodeConflict), Request: "03b1f7aa52c8e964"},
			{Number: 5, At: noon.Add(-12 * time.Minute), Who: boss.ID, Name: boss.Name, Role: boss.Role, Did: cloud.DidSignIn, Method: "POST", Route: "/staff/second/code", Outcome: cloud.DeedDone, Request: "5d90ee2410bbca37"},
			{Number: 4, At: noon.Add(-13 * time.Minute), Did: cloud.DidSignInFail, Method: "POST", Route: "/staff/signin", Outcome: string(cloud.CodeBadPassword), Request: "aa17c0de93f04b2e"},
			{Number: 3, At: noon.Add(-time.Hour), Name: "root@fleet-1", Role: cloud.DeedOperator, Did: "user add", Method: cloud.DeedTool, Target: "--name 刘洋 --role technician --password-stdin", Outcome: cloud.DeedDone},
		},
	}
}

// Members implements cloud.StaffList.
func (r *staffRoom) Members(context.Context) ([]cloud.StaffMember, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]cloud.StaffMember{}, r.members...), nil
}

// Member implements cloud.StaffList.
func (r *staffRoom) Member(_ context.Context, who protocol.UUID) (cloud.StaffMember, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.members {
		if m.ID == who {
			return m, nil
		}
	}
	return cloud.StaffMember{}, protocol.Errorf(cloud.CodeNotFound, "no such member")
}

func (r *staffRoom) care(what string, who protocol.UUID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refusal == nil {
		r.cared = append(r.cared, what+" "+who.String())
	}
	return r.refusal
}

// Hire implements cloud.StaffCare.
func (r *staffRoom) Hire(_ context.Context, name string, role protocol.Role, bound cloud.Bound) (protocol.UUID, string, error) {
	return id(221), startingWord, r.care(strings.TrimSpace("hire "+name+" "+string(role)+" "+string(bound)), id(221))
}

// Limit implements cloud.StaffCare.
func (r *staffRoom) Limit(_ context.Context, who protocol.UUID, bound cloud.Bound) error {
	return r.care("limit to "+string(bound), who)
}

// ChangeRole implements cloud.StaffCare.
func (r *staffRoom) ChangeRole(_ context.Context, who protocol.UUID, role protocol.Role) error {
	return r.care("role "+string(role), who)
}

// Block implements cloud.StaffCare.
func (r *staffRoom) Block(_ context.Context, who protocol.UUID, blocked bool) error {
	return r.care(fmt.Sprint("block ", blocked), who)
}

// Renew implements cloud.StaffCare.
func (r *staffRoom) Renew(_ context.Context, who protocol.UUID) (string, error) {
	return startingWord, r.care("renew", who)
}

// DropSecond implements cloud.StaffCare.
func (r *staffRoom) DropSecond(_ context.Context, who protocol.UUID) error {
	return r.care("second", who)
}

// Sessions implements cloud.StaffSessions.
func (r *staffRoom) Sessions(context.Context, string) ([]cloud.StaffSession, error) {
	return []cloud.StaffSession{
		{ID: "aa", Opened: noon.Add(-12 * time.Minute), Expires: noon.Add(11 * time.Hour), Device: "Edge, Windows", This: true},
		{ID: "bb", Opened: noon.Add(-5 * time.Hour), Expires: noon.Add(7 * time.Hour), Device: "WeChat, Android"},
		{ID: "cc", Opened: noon.Add(-9 * time.Hour), Expires: noon.Add(3 * time.Hour)},
	}, nil
}

// EndSession implements cloud.StaffSessions.
func (r *staffRoom) EndSession(_ context.Context, _, session string) error {
	return r.care("end "+session, protocol.UUID{})
}

// EndAll implements cloud.StaffSessions.
func (r *staffRoom) EndAll(_ context.Context, who protocol.UUID) error { return r.care("end all", who) }

// Pending implements cloud.OwnSignIn: the token names the step.
func (r *staffRoom) Pending(_ context.Context, token string) (cloud.Principal, error) {
	who := boss
	step, under := strings.CutPrefix(token, "at-")
	if !under {
		return cloud.Principal{}, protocol.Errorf(cloud.CodeNoSession, "nobody signs in")
	}
	who.Step = cloud.SignInStep(step)
	return who, nil
}

func (r *staffRoom) admit(token string, err error) (cloud.Admitted, error) {
	who, _ := r.Pending(context.Background(), token)
	if err == nil {
		who.Step = ""
		return cloud.Admitted{Token: "boss", Who: who}, nil
	}
	return cloud.Admitted{Who: who}, err
}

// ChoosePassword implements cloud.OwnSignIn.
func (r *staffRoom) ChoosePassword(_ context.Context, token, old, _ string) (cloud.Admitted, error) {
	if old != goodPassword {
		return r.admit(token, protocol.Errorf(cloud.CodeBadPassword, "not that one"))
	}
	return r.admit(token, nil)
}

// OfferApp implements cloud.AppCodes.
func (r *staffRoom) OfferApp(context.Context, string) (cloud.AppSecret, error) {
	return cloud.AppSecret{Text: appSecret, URI: "otpauth://totp/allhours:x?secret=" + appSecret, Sealed: "sealed"}, nil
}

func tenCodes() []string {
	return strings.Fields("ab3d-ef5h-jk7m npqr-stuv-wxyz 2345-67ab-cdef ghij-klmn-opqr stuv-wxyz-2345 67ab-cdef-ghij klmn-opqr-stuv wxyz-2345-67ab cdef-ghij-klmn opqr-stuv-wxyz")
}

// EnrolApp implements cloud.AppCodes.
func (r *staffRoom) EnrolApp(_ context.Context, token, _, sealed, code string) ([]string, cloud.Admitted, error) {
	if sealed != "sealed" || code != demoCode {
		a, err := r.admit(token, protocol.Errorf(cloud.CodeBadCode, "not that code"))
		return nil, a, err
	}
	a, err := r.admit(token, nil)
	return tenCodes(), a, err
}

// ProveCode implements cloud.AppCodes.
func (r *staffRoom) ProveCode(_ context.Context, token, code string) (cloud.Admitted, error) {
	if code != demoCode {
		return r.admit(token, protocol.Errorf(cloud.CodeBadCode, "not that code"))
	}
	return r.admit(token, nil)
}

// NewRecovery implements cloud.AppCodes.
func (r *staffRoom) NewRecovery(context.Context, string, string) ([]string, error) {
	return tenCodes(), nil
}

// PasskeysAt implements cloud.PasskeySteps.
func (r *staffRoom) PasskeysAt(string) bool { return true }

// Passkeys implements cloud.PasskeySteps.
func (r *staffRoom) Passkeys(context.Context, string) ([]cloud.Passkey, error) { return r.keys, nil }

// AskPasskey implements cloud.PasskeySteps.
func (r *staffRoom) AskPasskey(context.Context, string, string, bool) ([]byte, error) {
	return []byte(`{"publicKey":{}}`), nil
}

// TakePasskey implements cloud.PasskeySteps.
func (r *staffRoom) TakePasskey(_ context.Context, token, _ string, _ []byte) (cloud.Admitted, error) {
	return r.admit(token, protocol.Errorf(cloud.CodeBadCode, "not that key"))
}

// DropPasskey implements cloud.PasskeySteps.
func (r *staffRoom) DropPasskey(_ context.Context, _, _, key string) error {
	return r.care("drop "+key, protocol.UUID{})
}

// Begin implements cloud.Trail.
func (r *staffRoom) Begin(ctx context.Context, _ *cloud.DeedUnderWay) context.Context { return ctx }

// Keep implements cloud.Trail.
func (r *staffRoom) Keep(_ context.Context, d cloud.Deed) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.deeds = append([]cloud.Deed{d}, r.deeds...)
	return nil
}

// Deeds implements cloud.Trail.
func (r *staffRoom) Deeds(_ context.Context, q cloud.DeedQuery) (found []cloud.Deed, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range r.deeds {
		if (q.Name == "" || q.Name == d.Name) && (q.Did == "" || q.Did == d.Did) {
			found = append(found, d)
		}
	}
	return found, nil
}

// staffed lets pages look at a staff room.
func staffed(o *web.Options, r *staffRoom) {
	o.Staff, o.StaffCare, o.Sessions, o.OwnSignIn, o.AppCodes, o.Passkeys, o.Trail = r, r, r, r, r, r, r
}

func TestTheOwnerSeesWhoWorksHereAndTheAuditorChangesNothing(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "zh-CN", session: "boss"}
	mustSee(t, v.get("/people"), http.StatusOK, "6 个人在这里上班", "周敏", "验证器和通行密钥", "起始密码已过期", "起停用", `action="/people"`)
	mustSee(t, v.get("/people/"+manager.ID.String()), http.StatusOK, "店长", "正登录的设备", `value="renew"`, `value="block"`, `value="second"`, "还有 2 个备用码")
	mustNotSee(t, v.get("/people/"+boss.ID.String()), `value="block"`, `value="role"`)
	v.session, v.lang = "auditor", "en"
	mustNotSee(t, v.get("/people"), `action="/people"`)
	mustNotSee(t, v.get("/people/"+manager.ID.String()), "<form class=\"decide")
	mustSee(t, v.get("/audit"), http.StatusOK, "Blocked a person", "Decide bills and refunds", "This conflicts with what is there", "An unknown name", "Server operator", `href="/audit/deeds.csv?`)
	mustSee(t, v.get("/audit/deeds.csv?who=manager"), http.StatusOK, "6,2026-11-21T18:05:00Z,manager,manager,decide")
	v.session = "manager"
	mustSee(t, v.get("/audit"), http.StatusForbidden)
	mustSee(t, v.get("/people/permissions"), http.StatusOK, "Decide bills and refunds", "Auditor")
	if len(w.staff.cared) != 0 {
		t.Errorf("somebody changed %v", w.staff.cared)
	}
}

func TestTheOwnerCaresForOneMemberAtATime(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en", session: "boss"}
	mustSee(t, v.post("/people", "name", "刘洋", "role", "technician"), http.StatusOK, startingWord, "It is shown here once", "/staff/signin")
	path := "/people/" + manager.ID.String()
	for do, want := range map[string]string{"block": "block true", "unblock": "block false", "second": "second", "sessions": "end all", "role": "role auditor"} {
		rec := v.post(path, "do", do, "role", "auditor")
		if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != path+"?done="+do || w.staff.cared[len(w.staff.cared)-1] != want+" "+manager.ID.String() {
			t.Errorf("%s: %d %q, did %v", do, rec.Code, rec.Header().Get("Location"), w.staff.cared)
		}
		mustSee(t, v.get(path+"?done="+do), http.StatusOK, `role="status"`)
	}
	mustSee(t, v.post(path, "do", "renew"), http.StatusOK, startingWord)
	mustSee(t, v.post(path, "do", "dance"), http.StatusBadRequest)
	w.staff.refusal = protocol.Errorf(cloud.CodeLastOwner, "the last one")
	mustSee(t, v.post(path, "do", "block"), http.StatusConflict, "One owner must remain")
	newest := w.staff.deeds[0]
	if newest.Did != cloud.DidBlock || newest.Outcome != string(cloud.CodeLastOwner) || newest.Name != boss.Name || newest.Target != "person "+manager.ID.String() {
		t.Errorf("told as %+v", newest)
	}
	for _, d := range w.staff.deeds {
		if strings.Contains(fmt.Sprint(d), startingWord) || strings.Contains(fmt.Sprint(d), "刘洋 technician") {
			t.Errorf("what was sent is told: %+v", d)
		}
	}
}

func TestASignInGoesOnStepByStep(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en"}
	if rec := v.get("/staff/second"); rec.Code != http.StatusSeeOther || !strings.HasPrefix(rec.Header().Get("Location"), "/staff/signin") {
		t.Errorf("nobody's step: %d %q", rec.Code, rec.Header().Get("Location"))
	}
	for step, want := range map[string]string{"password": "Choose a password of your own", "second": "The six digits in your app", "enrol": appSecret} {
		v.session = "at-" + step
		mustSee(t, v.get("/staff/second"), http.StatusOK, want)
		if rec := v.get("/tonight"); rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/staff/second?next=%2Ftonight" {
			t.Errorf("a sign-in under way is let in: %d %q", rec.Code, rec.Header().Get("Location"))
		}
	}
	v.session = "at-second"
	mustSee(t, v.post("/staff/second/code", "code", "000000", "next", "/reviews"), http.StatusUnauthorized, "The code is wrong, or was used", `value="/reviews"`)
	rec := v.post("/staff/second/code", "code", demoCode, "next", "/reviews")
	if rec.Code != http.StatusSeeOther || rec.Header().Get("Location") != "/reviews" || !strings.HasPrefix(rec.Header().Get("Set-Cookie"), "session=boss;") {
		t.Errorf("the right code: %d %v", rec.Code, rec.Header())
	}
	if rec := v.post("/staff/second/code", "code", demoCode, "next", "//evil.example"); rec.Header().Get("Location") != "/tonight" {
		t.Errorf("it leads to %q", rec.Header().Get("Location"))
	}
	v.session = "at-enrol"
	mustSee(t, v.post("/staff/second/app", "sealed", "sealed", "code", "1"), http.StatusUnauthorized, "The code is wrong, or was used")
	mustSee(t, v.post("/staff/second/app", "sealed", "sealed", "code", demoCode), http.StatusOK, "Keep these ten recovery codes", "ab3d-ef5h-jk7m", `href="/tonight"`)
	v.session = "at-password"
	mustSee(t, v.post("/staff/second/password", "old", "x", "password", "yyyyyyyy"), http.StatusUnauthorized, "That is not your password")
	var did []string
	for _, d := range w.staff.deeds[:len(w.staff.deeds)-5] {
		did = append(did, d.Did+" "+d.Outcome+" "+d.Name)
	}
	want := "password_changed bad_password 周敏|second_step_set ok 周敏|second_step_set bad_code 周敏|signed_in ok 周敏|signed_in ok 周敏|sign_in_failed bad_code 周敏"
	if got := strings.Join(did, "|"); got != want {
		t.Errorf("told as %s, want %s", got, want)
	}
}

func TestSignInsOfTheStaffAreToldWithoutWhatWasTyped(t *testing.T) {
	w := newWorld()
	v := visitor{t: t, handler: handlerOf(w, false), lang: "en"}
	v.post("/staff/signin", "name", "hunter-canary", "password", "hunter-canary")
	v.post("/staff/signin", "name", "manager", "password", goodPassword)
	v.session = "manager"
	v.post("/signout")
	v.session = "anna"
	v.post("/signout")
	var did []string
	for _, d := range w.staff.deeds[:len(w.staff.deeds)-5] {
		did = append(did, d.Did+" "+d.Outcome+" "+d.Name)
		if strings.Contains(fmt.Sprint(d), "canary") || strings.Contains(fmt.Sprint(d), goodPassword) {
			t.Errorf("what was typed is told: %+v", d)
		}
	}
	if got := strings.Join(did, "|"); got != "signed_out ok manager|signed_in ok manager|sign_in_failed bad_password " {
		t.Errorf("told as %s", got)
	}
}
