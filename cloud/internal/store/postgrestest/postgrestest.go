// Package postgrestest gives tests a PostgreSQL of their own: a cluster in a temporary folder, reached over a socket in it,
// which ends with the test.
package postgrestest

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // The driver registers itself.
)

// Cluster is a server, running or not.
type Cluster struct {
	dir      string
	as       *syscall.SysProcAttr
	server   *exec.Cmd
	made     atomic.Int64
	settings []string
}

// Start makes and starts a cluster; settings are name=value. Nothing is brought to the disk unless they say fsync=on. PostgreSQL does not run as root: then the system's user postgres runs it.
func Start(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	dir, err := os.MkdirTemp("", "allhours-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	c := &Cluster{dir: dir, as: account(t, dir), settings: settings}
	initdb := c.command(t, "initdb", "-A", "trust", "-U", "allhours", "-E", "UTF8", "--no-sync")
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	c.Run(t)
	t.Cleanup(func() { c.Stop(t) })
	return c
}

func (c *Cluster) command(t testing.TB, program string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(filepath.Join(binaries(t), program), append([]string{"-D", filepath.Join(c.dir, "data")}, args...)...)
	cmd.SysProcAttr, cmd.Dir = c.as, c.dir
	return cmd
}

// Run starts the server, and again after Stop.
func (c *Cluster) Run(t testing.TB) {
	t.Helper()
	log, err := os.Create(filepath.Join(c.dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	args := []string{"-k", c.dir, "-c", "listen_addresses=", "-c", "fsync=off"}
	for _, setting := range c.settings {
		args = append(args, "-c", setting)
	}
	c.server = c.command(t, "postgres", args...)
	c.server.Stdout, c.server.Stderr = log, log
	if err := c.server.Start(); err != nil {
		t.Fatal(err)
	}
	c.await(t)
}

// Stop ends the server and every connection to it at once.
func (c *Cluster) Stop(t testing.TB) {
	t.Helper()
	if c.server == nil {
		return
	}
	_ = c.server.Process.Signal(syscall.SIGINT) // It may have ended by itself, which Wait tells.
	if err := c.server.Wait(); err != nil {
		t.Errorf("postgres: %v", err)
	}
	c.server = nil
}

// binaries is the folder of Debian's newest PostgreSQL.
func binaries(t testing.TB) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil || len(found) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("PostgreSQL is not installed")
		}
		t.Skip("PostgreSQL is not installed: make peers")
	}
	slices.Sort(found)
	return filepath.Dir(found[len(found)-1])
}

func account(t testing.TB, dir string) *syscall.SysProcAttr {
	t.Helper()
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT}
	if os.Getuid() != 0 {
		return attr
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(dir, int(uid), int(gid)); err != nil {
		t.Fatal(err)
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr
}

func (c *Cluster) await(t testing.TB) {
	t.Helper()
	db := c.connect(t, "postgres")
	defer db.Close()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for db.PingContext(t.Context()) != nil {
		select {
		case <-tick.C:
		case <-deadline:
			log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
			t.Fatalf("PostgreSQL does not answer:\n%s", log)
		}
	}
}

func (c *Cluster) connect(t testing.TB, database string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", c.url(database))
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func (c *Cluster) url(database string) string {
	q := url.Values{"host": {c.dir}}
	return (&url.URL{Scheme: "postgres", User: url.User("allhours"), Path: "/" + database, RawQuery: q.Encode()}).String()
}

// Database makes an empty database and gives its URL.
func (c *Cluster) Database(t testing.TB) string { return c.create(t, "") }

// Copy makes a copy of a database that nobody uses, and gives its URL.
func (c *Cluster) Copy(t testing.TB, of string) string {
	t.Helper()
	u, err := url.Parse(of)
	if err != nil {
		t.Fatal(err)
	}
	return c.create(t, " TEMPLATE "+strings.TrimPrefix(u.Path, "/"))
}

func (c *Cluster) create(t testing.TB, how string) string {
	t.Helper()
	name := fmt.Sprintf("fleet%d", c.made.Add(1))
	db := c.connect(t, "postgres")
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name+how); err != nil {
		t.Fatal(err)
	}
	return c.url(name)
}

// PID is the server's process, whose children serve the connections.
func (c *Cluster) PID() int { return c.server.Process.Pid }
