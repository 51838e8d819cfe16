package main

import (
	"strings"
	"testing"

	"allhours/cloud"
	"allhours/cloud/server"
)

// deedsOf is what the audit log of a fleet says that the tool did.
func deedsOf(t *testing.T, data string) (said []string) {
	t.Helper()
	admin, err := server.OpenAdmin(t.Context(), data, "")
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	deeds, err := admin.Trail().Deeds(t.Context(), cloud.DeedQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range deeds {
		if d.Role != cloud.DeedOperator || d.Method != cloud.DeedTool || !strings.Contains(d.Name, "@") {
			t.Errorf("told of as %+v", d)
		}
		said = append(said, strings.TrimSpace(d.Did+" "+d.Target)+": "+d.Outcome)
	}
	return said
}

func TestMembersAreCaredForAndWhatChangesIsTold(t *testing.T) {
	data := t.TempDir()
	at := func(args ...string) []string { return append([]string{"--data", data}, args...) }
	want(t, "lit window at night\n", at("user", "add", "--name", "zhou", "--role", "owner", "--password-stdin")...)
	want(t, "lit window at night\n", at("user", "add", "--name", "li", "--role", "manager", "--password-stdin")...)
	want(t, "", at("user", "role", "--name", "li", "--role", "support")...)
	refused(t, "last_owner", "", at("user", "block", "--name", "zhou")...)
	refused(t, "not_found", "", at("user", "block", "--name", "nobody")...)
	want(t, "", at("user", "block", "--name", "li")...)
	want(t, "", at("user", "unblock", "--name", "li")...)
	want(t, "", at("user", "drop-second", "--name", "li")...)
	starting := strings.TrimSpace(want(t, "", at("user", "renew", "--name", "li")...).out)
	if len(starting) != 23 {
		t.Errorf("the password to start with is %q", starting)
	}
	list := want(t, "", at("user", "list")...).out
	if !strings.Contains(list, "support  all     starting  none") || strings.Count(list, "\n") != 3 {
		t.Errorf("listed:\n%s", list)
	}
	refused(t, "want --name, and --role", "", at("user", "role", "--name", "li")...)
	refused(t, "want --name, and --role", "", at("user", "block", "--name", "li", "--role", "owner")...)

	said := strings.Join(deedsOf(t, data), "\n")
	if said != strings.TrimSpace(`
user renew --name li: ok
user drop-second --name li: ok
user unblock --name li: ok
user block --name li: ok
user block --name nobody: not_found
user block --name zhou: last_owner
user role --name li --role support: ok
user add --name li --role manager --password-stdin: ok
user add --name zhou --role owner --password-stdin: ok`) {
		t.Errorf("told:\n%s", said)
	}
	if strings.Contains(said, starting) || strings.Contains(said, "lit window") {
		t.Error("a password is told")
	}
	if out := want(t, "", at("audit")...).out; !strings.Contains(out, "9 deeds of the staff\n") || !strings.Contains(out, "ends with the seal ") {
		t.Errorf("an audit says\n%s", out)
	}
}

func TestAMemberIsLimitedToStoresThatThereAre(t *testing.T) {
	data := t.TempDir()
	at := func(args ...string) []string { return append([]string{"--data", data}, args...) }
	want(t, document, at("apply", "-")...)
	add := func(name, role, stores string) []string {
		return at("user", "add", "--name", name, "--role", role, "--stores", stores, "--password-stdin")
	}
	want(t, "lit window at night\n", add("qi", "restocker", "s1")...)
	refused(t, `there is no store "moon"`, "lit window at night\n", add("xu", "restocker", "s1,moon")...)
	refused(t, "sees to the whole chain", "lit window at night\n", add("zhou", "owner", "s1")...)
	want(t, "lit window at night\n", at("user", "add", "--name", "li", "--role", "manager", "--password-stdin")...)
	want(t, "", at("user", "stores", "--name", "li", "--stores", "s1")...)
	refused(t, `there is no store ""`, "", at("user", "stores", "--name", "li", "--stores", "s1,")...)
	refused(t, "want --name, and --stores", "", at("user", "stores", "--name", "li")...)
	if list := want(t, "", at("user", "list")...).out; strings.Count(list, "  s1  ") != 2 || strings.Contains(list, "xu") {
		t.Errorf("listed:\n%s", list)
	}
	want(t, "", at("user", "stores", "--name", "li", "--stores", "all")...)
	if list := want(t, "", at("user", "list")...).out; strings.Count(list, "  s1  ") != 1 {
		t.Errorf("after the limit was lifted:\n%s", list)
	}
}

func TestEachCommandReadsOrIsTold(t *testing.T) {
	cases := map[string]string{
		"apply x.json": "apply", "import prices x.csv": "import", "import --dry-run prices x.csv": "", "enrol xs-01": "enrol", "card-replaced xs-01": "card-replaced",
		"user add --name x": "user add", "user stores --name x --stores y": "user stores", "user list": "", "quarantine replay --by x e": "quarantine replay", "quarantine list": "", "quarantine show e": "", "audit": "",
		"backup f": "", "restore f": "", "migrate": "", "export prices": "", "statement --day d": "", "broker-files --out d": "", "planogram check f": "", "cabinets": "", "permissions": "", "retention": "",
	}
	seen := map[string]bool{}
	for line, want := range cases {
		args := strings.Fields(line)
		seen[args[0]] = true
		if did, _, is := changes(args); did != want || is != (want != "") {
			t.Errorf("%s is told as %q", line, did)
		}
	}
	for name := range commands(books{}) {
		if !seen[name] {
			t.Errorf("whether %s changes anything is not decided", name)
		}
	}
}

func TestWhoMayDoWhatIsPrinted(t *testing.T) {
	out := want(t, "", "permissions").out
	for _, line := range []string{"MAY ", "staff    -         -          -           -        -        yes    -", "decide "} {
		if !strings.Contains(out, line) {
			t.Errorf("it does not say %q:\n%s", line, out)
		}
	}
}
