// Package deploy holds what an operator is given to watch a fleet with to the figures that the built programs really show.
package deploy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"allhours/firmware-sim/street"
)

const deploy = "../../../cloud/deploy"

func TestRulesAreWhatTheirTestsSay(t *testing.T) {
	promtool(t, nil, "check", "config", "prometheus.yml")
	promtool(t, nil, "test", "rules", "rules_test.yml")
	tests := read(t, filepath.Join(deploy, "prometheus", "rules_test.yml"))
	alerts := regexp.MustCompile(`(?m)^      - alert: (\w+)$`).FindAllStringSubmatch(read(t, filepath.Join(deploy, "prometheus", "rules.yml")), -1)
	if len(alerts) < 10 {
		t.Fatalf("found %d alerts", len(alerts))
	}
	for _, a := range alerts {
		if !strings.Contains(tests, "alertname: "+a[1]) {
			t.Errorf("no test asks for %s", a[1])
		}
	}
}

func TestDashboardsAndRulesAskForFiguresThatAreThere(t *testing.T) {
	n := neighbourhood(t)
	cloud := figures(t, n.Service+"/metrics")
	agent := figures(t, "http://"+withStatus(t, n, n.Cabinets[0])+"/metrics")
	there := map[string]bool{"up": true}
	for _, text := range []string{cloud, agent} {
		promtool(t, strings.NewReader(text), "check", "metrics")
		for _, name := range names(text) {
			there[name] = true
		}
	}
	for file, exprs := range asked(t) {
		for _, expr := range exprs {
			for _, name := range metric.FindAllString(expr, -1) {
				if !there[name] {
					t.Errorf("%s asks for %s, which no program shows: %s", file, name, expr)
				}
			}
		}
	}
	if strings.Contains(cloud, n.Cabinets[0]) {
		t.Errorf("%s is in the service's figures: ten thousand cabinets would make as many series", n.Cabinets[0])
	}
	if series := strings.Count(cloud, "\nallhours_"); series > 2500 {
		t.Errorf("the service shows %d series after a minute", series)
	}
}

var metric = regexp.MustCompile(`\b(?:allhours|edge|process|go)_[a-z0-9_]+|\bup\b`)

// names of all series; those of histograms have their endings.
func names(text string) (all []string) {
	for _, line := range strings.Split(text, "\n") {
		if name := metric.FindString(line); name != "" && strings.HasPrefix(line, name) {
			all = append(all, name)
		}
	}
	return all
}

// asked is every question of the dashboards and the rules, by file.
func asked(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	files, err := filepath.Glob(filepath.Join(deploy, "grafana", "*.json"))
	if err != nil || len(files) < 3 {
		t.Fatalf("found %d dashboards, %v", len(files), err)
	}
	uids := map[string]string{}
	for _, file := range files {
		var board struct {
			UID    string
			Panels []struct {
				ID      int
				Title   string
				Targets []struct{ Expr string }
			}
		}
		if err := json.Unmarshal([]byte(read(t, file)), &board); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if other := uids[board.UID]; other != "" || board.UID == "" {
			t.Errorf("%s and %s have one uid, %q", file, other, board.UID)
		}
		uids[board.UID] = file
		for _, p := range board.Panels {
			if len(p.Targets) == 0 || p.Title == "" {
				t.Errorf("%s: panel %d asks nothing or has no title", file, p.ID)
			}
			for _, target := range p.Targets {
				all[filepath.Base(file)] = append(all[filepath.Base(file)], target.Expr)
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^        expr: (.+)$`).FindAllStringSubmatch(read(t, filepath.Join(deploy, "prometheus", "rules.yml")), -1) {
		all["rules.yml"] = append(all["rules.yml"], m[1])
	}
	return all
}

// neighbourhood is one of one cabinet.
func neighbourhood(t *testing.T) *street.Neighbourhood {
	t.Helper()
	bin, err := filepath.Abs("../../../bin")
	if err != nil {
		t.Fatal(err)
	}
	n, err := street.Start(t.Context(), street.Options{Bin: bin, Dir: t.TempDir(), Cabinets: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Stop(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// withStatus gives the agent of a cabinet a status address, and has the town start it again.
func withStatus(t *testing.T, n *street.Neighbourhood, cabinet string) (address string) {
	t.Helper()
	ports, err := street.FreePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	address = "127.0.0.1:" + strconv.Itoa(ports[0])
	config, err := os.OpenFile(filepath.Join(n.Folder(cabinet), "agent.yaml"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(config, "\nstatus: %q\n", address); err != nil {
		t.Fatal(err)
	}
	if err := config.Close(); err != nil {
		t.Fatal(err)
	}
	pid, err := n.PID("agent-" + cabinet)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	return address
}

// figures asks until somebody answers.
func figures(t *testing.T, url string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		text, err := get(ctx, url)
		if err == nil {
			return text
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			t.Fatalf("%s: %v", url, err)
		}
	}
}

func get(ctx context.Context, url string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", answer.Status, text)
	}
	return string(text), err
}

// promtool runs Prometheus' own tool among the rules.
func promtool(t *testing.T, in io.Reader, args ...string) {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("promtool is needed: %v", err)
		}
		t.Skip("promtool is needed: apt-get install prometheus")
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir, cmd.Stdin = filepath.Join(deploy, "prometheus"), in
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, said.String())
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
