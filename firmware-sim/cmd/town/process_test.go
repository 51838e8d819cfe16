package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func mustFolder(t *testing.T) *folder {
	t.Helper()
	f, err := openFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// shell is a kept process that runs a script; what is said of it comes through the channel.
func shell(t *testing.T, f *folder, script string) (*child, <-chan string) {
	t.Helper()
	said := make(chan string, 100)
	return &child{
		name: "child", program: "/bin/sh", args: []string{"-c", script}, stopTime: 200 * time.Millisecond,
		folder: f, spawner: newSpawner(t.Context()),
		say: func(format string, args ...any) { said <- fmt.Sprintf(format, args...) },
	}, said
}

// keepUntil keeps the child until the returned function is called, which waits for its end.
func keepUntil(t *testing.T, c *child) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.keep(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestAChildThatDiesIsReportedAndStartedAgain(t *testing.T) {
	f := mustFolder(t)
	c, said := shell(t, f, "echo life >> "+f.path("lives")+"; exit 3")
	stop := keepUntil(t, c)
	for range 2 {
		if report := <-said; !strings.Contains(report, "child ended (exit status 3); starting it again in ") {
			t.Fatalf("said %q", report)
		}
	}
	stop()
	if lives, err := os.ReadFile(f.path("lives")); err != nil || string(lives) != "life\nlife\n" {
		t.Fatalf("lives: %q, %v", lives, err)
	}
}

func TestAChildIsAskedToEndAndItsPIDFileIsGone(t *testing.T) {
	f := mustFolder(t)
	c, said := shell(t, f, "trap 'echo asked > "+f.path("last-words")+"; exit 0' TERM; echo yes > "+f.path("listens")+"; while :; do sleep 0.01; done")
	c.stopTime = stopTime
	stop := keepUntil(t, c)
	waitForFile(t, f.path("child.pid"))
	waitForFile(t, f.path("listens"))
	stop()
	waitForFile(t, f.path("last-words"))
	if _, err := os.Stat(f.path("child.pid")); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("pid file: %v", err)
	}
	if len(said) != 0 {
		t.Fatalf("said %q of an end that was asked for", <-said)
	}
}

func TestAChildThatDoesNotListenIsKilledWithItsOwnChildren(t *testing.T) {
	f := mustFolder(t)
	c, said := shell(t, f, "trap '' TERM; sleep 600 & echo $! > "+f.path("grandchild")+"; wait; sleep 600")
	stop := keepUntil(t, c)
	waitForFile(t, f.path("grandchild"))
	stop()
	if report := <-said; !strings.Contains(report, "is killed") {
		t.Fatalf("said %q", report)
	}
	waitUntilGone(t, readPID(t, f.path("grandchild")))
}

func TestWhatNamesSomethingOfADeadChildIsGoneWithIt(t *testing.T) {
	f := mustFolder(t)
	link := f.path("line0")
	if err := os.Symlink("/dev/pts/of-another-life", link); err != nil {
		t.Fatal(err)
	}
	c, said := shell(t, f, "test ! -L "+link+" && ln -s /dev/null "+link+" && exit 3; exit 4")
	c.litter = []string{link}
	c.sweep()
	stop := keepUntil(t, c)
	for range 2 {
		if report := <-said; !strings.Contains(report, "(exit status 3)") {
			t.Fatalf("said %q: a stale link was there when it started", report)
		}
	}
	stop()
}

// waitForFile returns when a file is there and not empty.
func waitForFile(t *testing.T, path string) {
	t.Helper()
	waitUntil(t, path+" is written", func() bool {
		info, err := os.Stat(path)
		return err == nil && info.Size() > 0
	})
}

func waitUntilGone(t *testing.T, pid int) {
	t.Helper()
	waitUntil(t, fmt.Sprintf("process %d is gone", pid), func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		return err != nil || strings.Contains(string(stat), ") Z ") // dead, and only not yet buried by its parent
	})
}

func waitUntil(t *testing.T, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func readPID(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		t.Fatal(err)
	}
	return pid
}

// asTown makes this test binary be a town with one child.
const asTown = "TOWN_TEST_FOLDER"

func TestNoChildOutlivesATownThatIsKilled(t *testing.T) {
	if root := os.Getenv(asTown); root != "" {
		f, err := openFolder(root)
		if err != nil {
			t.Fatal(err)
		}
		c, _ := shell(t, f, "sleep 600")
		t.Fatal(c.keep(t.Context())) // until it is killed
	}
	f := &folder{root: t.TempDir()}
	town := exec.Command(os.Args[0], "-test.run=^TestNoChildOutlivesATownThatIsKilled$")
	town.Env = append(os.Environ(), asTown+"="+f.root)
	if err := town.Start(); err != nil {
		t.Fatal(err)
	}
	waitForFile(t, f.path("child.pid"))
	if err := town.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = town.Wait() // it was killed
	waitUntilGone(t, readPID(t, f.path("child.pid")))
}

func TestASecondRunOnTheSameDataIsRefused(t *testing.T) {
	f := mustFolder(t)
	_, err := openFolder(f.root)
	want := fmt.Sprintf("a neighbourhood already runs in %s (process %d)", f.root, os.Getpid())
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("%v, want %s", err, want)
	}
	if _, err := os.Stat(f.path("town.pid")); err != nil {
		t.Fatalf("the first run's pid file: %v", err)
	}
}

func TestATakenPortIsNamedWithTheSettingThatChangesIt(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	err = checkPorts(setting{"PORT", 0}, setting{"MQTT_PORT", port})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("port %d (MQTT_PORT)", port)) || !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("%v", err)
	}
	if err := checkPorts(setting{"PORT", 8080}, setting{"SIM_PORT", 8080}); err == nil || !strings.Contains(err.Error(), "PORT and SIM_PORT are both 8080") {
		t.Fatalf("%v", err)
	}
}
