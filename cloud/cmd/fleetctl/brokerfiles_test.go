package main

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"allhours/cloud/internal/mosquitto"
)

// fleetOf plans three cabinets, of which two are claimed.
func fleetOf(t *testing.T) (data string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "run")
	one := document[strings.Index(document, `{"id": "xs-01"`):strings.LastIndex(document, "]")]
	two, three := strings.Replace(one, "xs-01", "xs-02", 1), strings.Replace(one, "xs-01", "xs-03", 1)
	want(t, strings.Replace(document, one, one+","+two+","+three, 1), "--data", data, "apply", "-")
	claimed(t, data, "xs-02", mosquitto.Hash([]byte("of xs-02")))
	claimed(t, data, "xs-01", mosquitto.Hash([]byte("of xs-01")))
	return data
}

// claimed keeps what a claim of the cabinet keeps of its password.
func claimed(t *testing.T, data, cabinet string, hash []byte) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(data, "fleet.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`UPDATE cabinets SET password_hash = ? WHERE id = ?`, hex.EncodeToString(hash), cabinet)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func files(t *testing.T, folder string) (all map[string]string) {
	t.Helper()
	all = map[string]string{}
	for _, name := range []string{"passwords", "acl", "mosquitto.conf"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = string(text)
	}
	return all
}

func TestBrokerFilesNameWhoIsEnrolledAndStayAsTheyAre(t *testing.T) {
	data, out := fleetOf(t), filepath.Join(t.TempDir(), "broker")
	args := []string{"--data", data, "broker-files", "--out", out, "--listen", "127.0.0.1:8883"}
	said := want(t, "", args...).out
	if !strings.Contains(said, "cabinets that can sign in: 2; written: passwords, acl, mosquitto.conf") || !strings.Contains(said, "SIGHUP") {
		t.Errorf("it said %q", said)
	}
	first := files(t, out)
	for name, wanted := range map[string][]string{
		"passwords":      {"_fleetd:$6$", "\nxs-01:$6$", "\nxs-02:$6$"},
		"acl":            {"user _fleetd\ntopic read ah/1/+/+/up/+\n", "user xs-01\ntopic write ah/1/8/xs-01/up/+\ntopic read ah/1/8/xs-01/down/+\n"},
		"mosquitto.conf": {"listener 8883 127.0.0.1\n", "allow_anonymous false\n", "password_file " + out + "/passwords\n", "set_tcp_nodelay true\n"},
	} {
		for _, text := range wanted {
			if !strings.Contains(first[name], text) {
				t.Errorf("%s lacks %q:\n%s", name, text, first[name])
			}
		}
		if strings.Contains(first[name], "xs-03") {
			t.Errorf("%s names a cabinet that is not enrolled:\n%s", name, first[name])
		}
	}
	if said := want(t, "", args...).out; !strings.Contains(said, "nothing has changed") {
		t.Errorf("the same again said %q", said)
	}
	claimed(t, data, "xs-01", mosquitto.Hash([]byte("of another device")))
	if said := want(t, "", args...).out; !strings.Contains(said, "written: passwords\n") {
		t.Errorf("after another claim it said %q", said)
	}
	second := files(t, out)["passwords"]
	if line := strings.Split(first["passwords"], "\n")[1]; !strings.HasPrefix(line, "xs-01:") || strings.Contains(second, line) {
		t.Error("the password of before the second claim is still good")
	}
	if strings.Contains(second, "of another device") {
		t.Error("the password itself is in the file")
	}
}

// TestACabinetOfAnOlderEnrolmentIsToldToEnrolAgain plants what versions before this one kept of a password.
func TestACabinetOfAnOlderEnrolmentIsToldToEnrolAgain(t *testing.T) {
	data, out := fleetOf(t), t.TempDir()
	sum := sha256.Sum256([]byte("an older password"))
	claimed(t, data, "xs-02", sum[:])
	s := want(t, "", "--data", data, "broker-files", "--out", out)
	if !strings.Contains(s.out, "cabinets that can sign in: 1") || !strings.Contains(s.err, "xs-02 cannot sign in there") || !strings.Contains(s.err, "fleetctl enrol xs-02") {
		t.Errorf("it said %q and warned %q", s.out, s.err)
	}
	if written := files(t, out); strings.Contains(written["passwords"]+written["acl"], "xs-02") {
		t.Errorf("the files name it: %v", written)
	}
}

func TestAWeakPasswordOfTheServiceIsRefused(t *testing.T) {
	data := fleetOf(t)
	if err := os.WriteFile(filepath.Join(data, "keys", "broker.password"), []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, "too short", "", "--data", data, "broker-files", "--out", t.TempDir())
}
