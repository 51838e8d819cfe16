package deb

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// root is a folder with a small Debian in it.
type root string

// newRoot copies the Debian that is kept in the user's cache, which is made where there is none.
func newRoot(t *testing.T) root {
	t.Helper()
	kept, err := keptRoot(t)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "deb") // the path of a socket in it must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	r := root(filepath.Join(dir, "root"))
	run(t, "cp", "--archive", kept, string(r))
	return r
}

func keptRoot(t *testing.T) (string, error) {
	t.Helper()
	suite, err := suiteHere()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	kept := filepath.Join(cache, "allhours", "debian-"+suite)
	if _, err := os.Stat(kept); err == nil {
		return kept, nil
	}
	if err := os.MkdirAll(filepath.Dir(kept), 0o755); err != nil {
		return "", err
	}
	fresh, err := os.MkdirTemp(filepath.Dir(kept), suite)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(fresh)
	debian := filepath.Join(fresh, "root")
	run(t, "debootstrap", append([]string{"--variant=minbase", suite, debian}, mirrorHere(t, suite)...)...)
	return kept, os.Rename(debian, kept)
}

// suiteHere is this machine's Debian, whose C library the agent is built with.
func suiteHere() (string, error) {
	file, err := os.Open("/etc/os-release")
	if err != nil {
		return "", err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, found := strings.CutPrefix(lines.Text(), "VERSION_CODENAME="); found {
			return strings.Trim(name, `"`), nil
		}
	}
	return "", errors.New("/etc/os-release has no code name")
}

// mirrorHere is where this machine gets its packages from; none is debootstrap's own choice.
func mirrorHere(t *testing.T, suite string) []string {
	t.Helper()
	places := strings.Fields(run(t, "apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Codename: "+suite))
	if len(places) == 0 {
		return nil
	}
	return places[:1]
}

func (r root) path(inside string) string { return filepath.Join(string(r), inside) }

// has does not follow links, which lead out of the root.
func (r root) has(inside string) bool {
	_, err := os.Lstat(r.path(inside))
	return err == nil
}

func (r root) dpkg(t *testing.T, args ...string) string {
	t.Helper()
	return run(t, "dpkg", append([]string{"--root=" + string(r)}, args...)...)
}

// ids are a user's and its group's numbers in the root.
func (r root) ids(t *testing.T, user string) (uid, gid int) {
	t.Helper()
	text, err := os.ReadFile(r.path("/etc/passwd"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(line, ":")
		if len(fields) < 4 || fields[0] != user {
			continue
		}
		uid, wrongUID := strconv.Atoi(fields[2])
		gid, wrongGID := strconv.Atoi(fields[3])
		if err := errors.Join(wrongUID, wrongGID); err != nil {
			t.Fatal(err)
		}
		return uid, gid
	}
	t.Fatalf("no user %s in %s", user, text)
	return 0, 0
}

// run runs a program to its end and returns what it says.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatal(fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out))
	}
	return string(out)
}
