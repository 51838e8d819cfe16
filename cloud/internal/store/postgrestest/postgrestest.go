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
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // The driver registers itself.
)

// Cluster is a running server.
type Cluster struct {
	dir    string
	server *exec.Cmd
	made   atomic.Int64
}

// Start makes and starts a cluster. PostgreSQL does not run as root: then the system's user postgres runs it.
func Start(t testing.TB) *Cluster {
	t.Helper()
	bin := binaries(t)
	dir, err := os.MkdirTemp("", "allhours-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	as := account(t, dir)
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-A", "trust", "-U", "allhours", "-E", "UTF8", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = as, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	c := &Cluster{dir: dir}
	c.server = exec.Command(filepath.Join(bin, "postgres"), "-D", filepath.Join(dir, "data"), "-k", dir, "-c", "listen_addresses=", "-c", "fsync=off")
	c.server.SysProcAttr, c.server.Dir, c.server.Stdout, c.server.Stderr = as, dir, log, log
	if err := c.server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.server.Process.Signal(syscall.SIGINT) // It may have ended by itself, which Wait tells.
		if err := c.server.Wait(); err != nil {
			t.Errorf("postgres: %v", err)
		}
	})
	c.await(t)
	return c
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
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("fleet%d", c.made.Add(1))
	db := c.connect(t, "postgres")
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return c.url(name)
}
