package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
	"allhours/protocol/settle"
)

type object = map[string]any

func readDescription(t *testing.T) object {
	t.Helper()
	var d object
	if err := json.Unmarshal(description, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheDescriptionAndTheRoutesAreTheSame(t *testing.T) {
	d := readDescription(t)
	if version, _ := d["openapi"].(string); !strings.HasPrefix(version, "3.1.") {
		t.Errorf("openapi %q: want 3.1", version)
	}
	described := map[string]string{}
	for path, methods := range d["paths"].(object) {
		for method, op := range methods.(object) {
			roles, _ := op.(object)["x-roles"].(string)
			described[strings.ToUpper(method)+" "+path] = roles
		}
	}
	mounted := map[string]string{}
	for _, r := range newRig(t).api.Routes() {
		mounted[r.Method+" "+regexp.MustCompile(`:(\w+)`).ReplaceAllString(r.Path, "{$1}")] = r.Access.String()
	}
	for _, route := range slices.Sorted(maps.Keys(mounted)) {
		if roles, ok := described[route]; !ok || roles != mounted[route] {
			t.Errorf("%s: for %q by the routes, for %q by the description (there: %v)", route, mounted[route], roles, ok)
		}
		delete(described, route)
	}
	for route := range described {
		t.Errorf("%s is described, but there is no such route", route)
	}
}

func TestAnswersAreOfTheDescribedForm(t *testing.T) {
	d := readDescription(t)
	r := newRig(t)
	resident, manager, technician := r.resident(anna), r.manager(), r.technician()
	var begun begunAnswer
	resident.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, &begun)
	r.fleet.change(begun.ID, sold)
	visit := "/api/v1/visits/" + begun.ID.String()
	cases := []struct {
		who                     caller
		method, path, described string
		body                    string
	}{
		{resident, "POST", "/api/v1/auth/code", "/api/v1/auth/code", `{"phone":"` + ben + `"}`},
		{resident, "POST", "/api/v1/auth/code", "/api/v1/auth/code", `{}`},
		{manager, "POST", "/api/v1/auth/staff", "/api/v1/auth/staff", `{"name":"manager","password":"correct horse"}`},
		{manager, "POST", "/api/v1/auth/staff", "/api/v1/auth/staff", `{}`},
		{resident, "POST", "/api/v1/visits", "/api/v1/visits", `{"cabinet":"xs-01"}`},
		{resident, "POST", "/api/v1/visits", "/api/v1/visits", `{"cabinet":"xs-99"}`},
		{resident, "POST", "/api/v1/visits", "/api/v1/visits", `x`},
		{manager, "POST", "/api/v1/visits", "/api/v1/visits", `{"cabinet":"xs-01"}`},
		{resident, "GET", visit, "/api/v1/visits/{id}", ""},
		{resident, "GET", "/api/v1/visits/1", "/api/v1/visits/{id}", ""},
		{r.stranger(), "GET", visit, "/api/v1/visits/{id}", ""},
		{resident, "GET", "/api/v1/cabinets", "/api/v1/cabinets", ""},
		{resident, "GET", "/api/v1/cabinets/xs-01", "/api/v1/cabinets/{id}", ""},
		{resident, "GET", "/api/v1/cabinets/xs-99", "/api/v1/cabinets/{id}", ""},
		{resident, "POST", "/api/v1/cabinets/xs-01/attest", "/api/v1/cabinets/{id}/attest", `{"compartment":1,"why":"x"}`},
		{manager, "POST", "/api/v1/cabinets/xs-01/attest", "/api/v1/cabinets/{id}/attest", `x`},
		{manager, "POST", visit + "/decision", "/api/v1/visits/{id}/decision", `{"story":0}`},
		{manager, "POST", visit + "/decision", "/api/v1/visits/{id}/decision", `{}`},
		{r.stranger(), "POST", "/api/v1/claim", "/api/v1/claim", `{"v":1,"code":"0000000000000000"}`},
		{r.stranger(), "POST", "/api/v1/claim", "/api/v1/claim", `{}`},
		{r.stranger(), "POST", "/api/v1/claim", "/api/v1/claim", `x`},
		{technician, "POST", "/api/v1/cabinets/xs-01/service", "/api/v1/cabinets/{id}/service", `{"compartment":1,"why":"x"}`},
		{technician, "POST", "/api/v1/cabinets/xs-99/service", "/api/v1/cabinets/{id}/service", `{"compartment":1,"why":"x"}`},
		{manager, "POST", "/api/v1/cabinets/xs-01/service", "/api/v1/cabinets/{id}/service", `{}`},
		{technician, "POST", "/api/v1/cabinets/xs-01/tasks", "/api/v1/cabinets/{id}/tasks", `{"kind":"selftest"}`},
		{technician, "POST", "/api/v1/cabinets/xs-01/tasks", "/api/v1/cabinets/{id}/tasks", `{"kind":"attest"}`},
		{manager, "GET", "/api/v1/cabinets/xs-01/tasks", "/api/v1/cabinets/{id}/tasks", ""},
		{manager, "GET", "/api/v1/tasks/" + selfTest.ID.String(), "/api/v1/tasks/{id}", ""},
		{manager, "GET", "/api/v1/tasks/" + logs.ID.String(), "/api/v1/tasks/{id}", ""},
		{manager, "GET", "/api/v1/tasks/x", "/api/v1/tasks/{id}", ""},
		{manager, "GET", "/api/v1/visits/x/trace", "/api/v1/visits/{id}/trace", ""},
		{manager, "GET", "/api/v1/cabinets/xs-01/handover", "/api/v1/cabinets/{id}/handover", ""},
		{technician, "POST", "/api/v1/cabinets/xs-01/handover", "/api/v1/cabinets/{id}/handover", `{"ticks":{"sticker":true},"why":{"stands":"x"}}`},
		{technician, "POST", "/api/v1/cabinets/xs-01/handover", "/api/v1/cabinets/{id}/handover", `{}`},
		{resident, "GET", "/api/v1/purse", "/api/v1/purse", ""},
		{manager, "GET", "/api/v1/residents/" + begun.ID.String() + "/purse", "/api/v1/residents/{id}/purse", ""},
		{manager, "GET", "/api/v1/residents/x/purse", "/api/v1/residents/{id}/purse", ""},
		{resident, "POST", "/api/v1/topups", "/api/v1/topups", `{}`},
		{resident, "POST", "/api/v1/debts/pay", "/api/v1/debts/pay", ``},
		{manager, "POST", visit + "/waive", "/api/v1/visits/{id}/waive", `{"note":"x"}`},
		{manager, "POST", "/api/v1/visits/x/waive", "/api/v1/visits/{id}/waive", `{"note":"x"}`},
		{manager, "GET", "/api/v1/reconcile", "/api/v1/reconcile", ""},
		{manager, "GET", "/api/v1/reconcile?days=x", "/api/v1/reconcile", ""},
		{technician, "GET", "/api/v1/reconcile", "/api/v1/reconcile", ""},
		{manager, "GET", "/api/v1/reconcile/north/2026-11-27", "/api/v1/reconcile/{store}/{day}", ""},
		{manager, "GET", "/api/v1/reconcile/south/2026-11-27", "/api/v1/reconcile/{store}/{day}", ""},
		{manager, "GET", "/api/v1/reconcile/north/2026-11-27/entries", "/api/v1/reconcile/{store}/{day}/entries", ""},
		{manager, "POST", "/api/v1/reconcile/north/2026-11-27/close", "/api/v1/reconcile/{store}/{day}/close", `{"note":"x"}`},
		{manager, "POST", "/api/v1/reconcile/north/2026-11-27/close", "/api/v1/reconcile/{store}/{day}/close", `{}`},
		{manager, "GET", "/api/v1/statements", "/api/v1/statements", ""},
		{manager, "POST", "/api/v1/statements/import", "/api/v1/statements/import", "good"},
		{manager, "POST", "/api/v1/statements/import", "/api/v1/statements/import", "bad"},
		{manager, "GET", "/api/v1/needs?store=north", "/api/v1/needs", ""},
		{manager, "GET", "/api/v1/rounds", "/api/v1/rounds", ""},
		{manager, "GET", "/api/v1/rounds?day=x", "/api/v1/rounds", ""},
		{manager, "POST", "/api/v1/rounds", "/api/v1/rounds", `{}`},
		{manager, "GET", "/api/v1/rounds/" + someWalk().ID.String(), "/api/v1/rounds/{id}", ""},
		{technician, "POST", "/api/v1/rounds/x/steps", "/api/v1/rounds/{id}/steps", `{}`},
		{manager, "POST", "/api/v1/rounds/x/open", "/api/v1/rounds/{id}/open", `{}`},
		{manager, "GET", "/api/v1/reviews", "/api/v1/reviews", ""},
		{manager, "GET", "/api/v1/articles", "/api/v1/articles", ""},
		{manager, "GET", "/api/v1/articles/1001", "/api/v1/articles/{id}", ""},
		{manager, "PUT", "/api/v1/articles/1001", "/api/v1/articles/{id}", `{"sku":"1001"}`},
		{manager, "PUT", "/api/v1/prices", "/api/v1/prices", `{"prices_fen":{"1001":260},"from":"2100-01-01T00:00:00Z"}`},
		{manager, "PUT", "/api/v1/prices", "/api/v1/prices", `{"prices_fen":{"1001":250}}`},
		{manager, "GET", "/api/v1/prices", "/api/v1/prices", ""},
		{manager, "DELETE", "/api/v1/prices/99", "/api/v1/prices/{id}", ""},
		{manager, "GET", "/api/v1/stores", "/api/v1/stores", ""},
		{manager, "PUT", "/api/v1/stores/west", "/api/v1/stores/{id}", `{"name_zh":"西店","name_en":"West","hours":[]}`},
		{manager, "GET", "/api/v1/cabinets/xs-01/planogram", "/api/v1/cabinets/{id}/planogram", ""},
		{manager, "PUT", "/api/v1/cabinets/xs-01/planogram", "/api/v1/cabinets/{id}/planogram", `{"platforms":[{"id":"S1","goods":[{"sku":"1001","par":8}]}]}`},
		{manager, "PUT", "/api/v1/cabinets/xs-01/planogram?draft=winter", "/api/v1/cabinets/{id}/planogram", `{"platforms":[{"id":"S1","goods":[{"sku":"1003","par":3}]}]}`},
		{manager, "GET", "/api/v1/drafts", "/api/v1/drafts", ""},
		{resident, "GET", "/api/v1/drafts", "/api/v1/drafts", ""},
		{manager, "DELETE", "/api/v1/drafts/99", "/api/v1/drafts/{id}", ""},
		{manager, "POST", "/api/v1/rollouts", "/api/v1/rollouts", `{"kind":"swap","why":"winter","from":"1002","to":"1003","stores":["north"]}`},
		{manager, "POST", "/api/v1/rollouts?revision=1", "/api/v1/rollouts", `{"kind":"swap","why":"winter","from":"1002","to":"1003","stores":["north"]}`},
		{manager, "POST", "/api/v1/rollouts", "/api/v1/rollouts", `{}`},
		{manager, "GET", "/api/v1/rollouts", "/api/v1/rollouts", ""},
		{manager, "GET", "/api/v1/rollouts/99", "/api/v1/rollouts/{id}", ""},
		{manager, "POST", "/api/v1/rollouts/99/withdraw", "/api/v1/rollouts/{id}/withdraw", ""},
		{manager, "POST", "/api/v1/rollouts/99/back", "/api/v1/rollouts/{id}/back", ""},
		{manager, "POST", "/api/v1/import/articles", "/api/v1/import/{id}", "x"},
		{manager, "GET", "/api/v1/export/visits", "/api/v1/export/{id}", ""},
		{resident, "GET", "/api/v1/reviews", "/api/v1/reviews", ""},
		{resident, "POST", visit + "/dispute", "/api/v1/visits/{id}/dispute", `{"lines":[{"sku":"1001","qty":1,"why":"not_fresh"}]}`},
		{manager, "GET", visit + "/disputes", "/api/v1/visits/{id}/disputes", ""},
		{manager, "POST", visit + "/refund", "/api/v1/visits/{id}/refund", `{"reason":"x"}`},
		{manager, "GET", "/api/v1/visits/" + someStory().Visit.ID.String() + "/story", "/api/v1/visits/{id}/story", ""},
		{manager, "GET", "/api/v1/visits/x/story", "/api/v1/visits/{id}/story", ""},
		{manager, "POST", search, "/api/v1/support/search", `{"phone":"` + anna + `"}`},
		{manager, "POST", search, "/api/v1/support/search", `{"phone":"` + ben + `"}`},
		{manager, "POST", search, "/api/v1/support/search", `{"number":"x"}`},
		{manager, "GET", "/api/v1/disputes", "/api/v1/disputes", ""},
		{manager, "GET", "/api/v1/disputes/" + someDispute.ID.String(), "/api/v1/disputes/{id}", ""},
		{manager, "POST", "/api/v1/disputes/" + someDispute.ID.String() + "/ruling", "/api/v1/disputes/{id}/ruling", `{"reason":"x"}`},
		{manager, "POST", "/api/v1/disputes/x/retry", "/api/v1/disputes/{id}/retry", `{"reason":"x"}`},
		{manager, "GET", "/api/v1/reviews/figures", "/api/v1/reviews/figures", ""},
		{manager, "GET", "/api/v1/visits/" + traced.String() + "/curves", "/api/v1/visits/{id}/curves", ""},
		{manager, "GET", "/api/v1/visits/x/curves", "/api/v1/visits/{id}/curves", ""},
		{manager, "GET", "/api/v1/totals?by=cabinet", "/api/v1/totals", ""},
		{manager, "GET", "/api/v1/totals?by=x", "/api/v1/totals", ""},
		{manager, "GET", "/api/v1/tonight", "/api/v1/tonight", ""},
		{resident, "GET", "/api/v1/tonight", "/api/v1/tonight", ""},
		{manager, "GET", "/api/v1/hours", "/api/v1/hours", ""},
		{manager, "POST", "/api/v1/hours", "/api/v1/hours", `{"stores":["north"],"from":"2026-11-27","hours":[{"open":"09:00","close":"24:00"}],"reason":"x","dry_run":true}`},
		{manager, "POST", "/api/v1/hours", "/api/v1/hours", `{"stores":["north"],"from":"2026-11-27","hours":[],"reason":"x"}`},
		{manager, "POST", "/api/v1/hours", "/api/v1/hours", `{"stores":["north"],"from":"2026-11-27","hours":[{"open":"9","close":"24:00"}],"reason":"x"}`},
		{manager, "DELETE", "/api/v1/hours/x", "/api/v1/hours/{id}", ""},
		{manager, "GET", "/api/v1/incidents", "/api/v1/incidents", ""},
		{resident, "GET", "/api/v1/incidents", "/api/v1/incidents", ""},
		{manager, "GET", "/api/v1/incidents/7", "/api/v1/incidents/{id}", ""},
		{manager, "GET", "/api/v1/incidents/8", "/api/v1/incidents/{id}", ""},
		{technician, "POST", "/api/v1/incidents/7/steps", "/api/v1/incidents/{id}/steps", `{"did":"closed","cause":"hardware","words":"new cable"}`},
		{technician, "POST", "/api/v1/incidents/7/steps", "/api/v1/incidents/{id}/steps", `{"did":"opened"}`},
		{technician, "POST", "/api/v1/incidents/x/steps", "/api/v1/incidents/{id}/steps", `{"did":"noted"}`},
		{resident, "GET", "/healthz", "/healthz", ""},
	}
	for _, c := range cases {
		answer := c.who.send(c.method, c.path, c.body)
		name := fmt.Sprintf("%s %s: %d", c.method, c.path, answer.StatusCode)
		op := d["paths"].(object)[c.described].(object)[strings.ToLower(c.method)].(object)
		response, ok := op["responses"].(object)[fmt.Sprint(answer.StatusCode)].(object)
		if !ok {
			t.Errorf("%s is not described", name)
			continue
		}
		content, _ := response["content"].(object)
		mime, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";")
		media, ok := content[mime].(object)
		if !ok {
			t.Errorf("%s: %s is not described", name, mime)
			continue
		}
		var body any
		if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, fault := range mismatch(d, media["schema"].(object), body, "$") {
			t.Errorf("%s: %s", name, fault)
		}
	}
	var served object
	resident.want(http.StatusOK, "GET", "/api/v1/openapi.json", "", &served)
	if served["openapi"] != d["openapi"] {
		t.Error("what is served is not the description")
	}
}

func TestTheDescribedStatesAreThoseThatThereAre(t *testing.T) {
	schemas := readDescription(t)["components"].(object)["schemas"].(object)
	for _, state := range []cloud.VisitState{
		cloud.StateAuthorising, cloud.StateOpening, cloud.StateOpen, cloud.StateCounting, cloud.StateCharged, cloud.StateNothingTaken, cloud.StateReview,
		cloud.StateOwed, cloud.StateWaived, cloud.StateRefunded, cloud.StateRestocked, cloud.StateServiced, cloud.StateAborted, cloud.StateUnknown,
	} {
		if !slices.Contains(schemas["VisitState"].(object)["enum"].([]any), any(string(state))) {
			t.Errorf("visit state %s is not described", state)
		}
	}
	for _, state := range []cloud.CabinetState{cloud.CabinetReady, cloud.CabinetBusy, cloud.CabinetOpen, cloud.CabinetStopped, cloud.CabinetAway} {
		if !slices.Contains(schemas["CabinetState"].(object)["enum"].([]any), any(string(state))) {
			t.Errorf("cabinet state %s is not described", state)
		}
	}
}

func TestTheDescribedStepsAreThoseThatThereAre(t *testing.T) {
	step := readDescription(t)["components"].(object)["schemas"].(object)["Step"].(object)
	words := step["properties"].(object)["what"].(object)["enum"].([]any)
	all := []settle.What{
		settle.Taken, settle.Back, settle.Misplaced, settle.StrayTaken, settle.Altered, settle.Object, settle.ObjectGone, settle.Strange,
	}
	for _, what := range all {
		if !slices.Contains(words, any(string(what))) {
			t.Errorf("step %s is not described", what)
		}
	}
	if len(words) != len(all) {
		t.Errorf("%v are described, there are %v", words, all)
	}
}

// mismatch holds a value to as much of JSON Schema as the description uses; a field that is not described is a fault too.
func mismatch(d, schema object, value any, path string) []string {
	if ref, ok := schema["$ref"].(string); ok {
		name := ref[strings.LastIndex(ref, "/")+1:]
		return mismatch(d, d["components"].(object)["schemas"].(object)[name].(object), value, path)
	}
	schema = flat(d, schema)
	kinds, ok := schema["type"].([]any)
	if !ok {
		kinds = []any{schema["type"]}
	}
	if !slices.ContainsFunc(kinds, func(kind any) bool { return isKind(kind, value) }) {
		return []string{fmt.Sprintf("%s: %v is no %v", path, value, kinds)}
	}
	switch v := value.(type) {
	case object:
		return mismatchObject(d, schema, v, path)
	case []any:
		var faults []string
		for i, item := range v {
			faults = append(faults, mismatch(d, schema["items"].(object), item, fmt.Sprintf("%s[%d]", path, i))...)
		}
		return faults
	case string:
		return mismatchText(schema, v, path)
	}
	return nil
}

func mismatchObject(d, schema, value object, path string) (faults []string) {
	properties, described := schema["properties"].(object)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, there := value[name.(string)]; !there {
			faults = append(faults, fmt.Sprintf("%s.%s is missing", path, name))
		}
	}
	for name, item := range value {
		property, ok := properties[name].(object)
		switch {
		case ok:
			faults = append(faults, mismatch(d, property, item, path+"."+name)...)
		case described:
			faults = append(faults, fmt.Sprintf("%s.%s is not described", path, name))
		}
	}
	return faults
}

func mismatchText(schema object, value, path string) []string {
	if words, ok := schema["enum"].([]any); ok && !slices.Contains(words, any(value)) {
		return []string{fmt.Sprintf("%s: %q is none of %v", path, value, words)}
	}
	var err error
	switch schema["format"] {
	case "uuid":
		_, err = protocol.ParseUUID(value)
	case "date-time":
		_, err = time.Parse(time.RFC3339, value)
	}
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", path, err)}
	}
	return nil
}

// flat merges the parts of an allOf.
func flat(d, schema object) object {
	parts, ok := schema["allOf"].([]any)
	if !ok {
		return schema
	}
	merged := object{"type": "object", "properties": object{}, "required": []any{}}
	for _, part := range parts {
		p := part.(object)
		if ref, ok := p["$ref"].(string); ok {
			p = d["components"].(object)["schemas"].(object)[ref[strings.LastIndex(ref, "/")+1:]].(object)
		}
		maps.Copy(merged["properties"].(object), p["properties"].(object))
		merged["required"] = append(merged["required"].([]any), p["required"].([]any)...)
	}
	return merged
}

func isKind(kind, value any) bool {
	switch v := value.(type) {
	case nil:
		return kind == "null"
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case []any:
		return kind == "array"
	case float64:
		return kind == "number" || kind == "integer" && v == float64(int64(v))
	}
	return kind == "object"
}
