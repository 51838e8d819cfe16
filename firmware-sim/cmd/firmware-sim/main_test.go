package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const plan = `{"cabinet":"xs-01","layout":"shelves","seed":1,"baud":115200,"response_us":2000,"platforms":[
	{"id":"S1","capacity_mg":40000000,"division_mg":1000,"goods":[{"sku":"1001","unit_mg":571000,"sd_mg":2600,"stock":3}]}]}`

// folderOf is a cabinet's folder with these boards.
func folderOf(t *testing.T, boards string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, planFile), []byte(boards), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// address waits until the control port listens.
func address(t *testing.T, dir string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		text, err := os.ReadFile(filepath.Join(dir, addressFile))
		if err == nil {
			return strings.TrimSpace(string(text))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("the control port did not come up: %v", err)
		}
	}
}

func TestACabinetIsThereWhileItRunsAndLeavesOnlyItsShelves(t *testing.T) {
	dir := folderOf(t, plan)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, dir, "127.0.0.1:0") }()
	resp, err := http.Get("http://" + address(t, dir) + "/cabinets/xs-01/truth")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(text), `{"sku":"1001","qty":3}`) {
		t.Fatalf("%s, %v", text, err)
	}
	if _, err := os.Stat(filepath.Join(dir, lineFile+"0")); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{lineFile + "0", addressFile} {
		if _, err := os.Lstat(filepath.Join(dir, gone)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", gone, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, shelfFile)); err != nil {
		t.Fatal(err)
	}
}

func TestACabinetThatCannotBeBuiltSaysWhy(t *testing.T) {
	cases := []struct{ name, boards, addr, want string }{
		{"a plan that is no JSON", "{", "127.0.0.1:0", planFile},
		{"a layout that nobody builds", strings.Replace(plan, "shelves", "drawers", 1), "127.0.0.1:0", `layout "drawers"`},
		{"hands for the whole world", plan, "0.0.0.0:0", "is not a loopback address"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := run(t.Context(), folderOf(t, c.boards), c.addr); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %q in it", err, c.want)
			}
		})
	}
}
