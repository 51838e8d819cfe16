package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shelves is the document with two shelves, the goods on each as named.
func shelves(first, second string) string {
	const one = `{"id": "S1", "compartment": 1, "capacity_mg": 30000000, "division_mg": 1000, "goods": [{"sku": "1001", "stock": 8}]}`
	goods := func(skus string) string {
		var list []string
		for _, sku := range strings.Fields(skus) {
			list = append(list, `{"sku": "`+sku+`", "stock": 8}`)
		}
		return strings.Join(list, ", ")
	}
	return strings.Replace(document, one,
		`{"id": "S1", "compartment": 1, "capacity_mg": 30000000, "division_mg": 1000, "goods": [`+goods(first)+`]},
		{"id": "S2", "compartment": 1, "capacity_mg": 30000000, "division_mg": 1000, "goods": [`+goods(second)+`]}`, 1)
}

func TestAPlanogramIsCheckedBeforeGoodsArePlaced(t *testing.T) {
	cases := []struct {
		name, document string
		args           []string
		code           int
		says           []string
		silent         string
	}{
		{"goods on platforms of their own", shelves("1001", "1002"), nil, 0, []string{"0 to review", "platforms that nothing stands against: 2"}, "confused"},
		{"twins on one platform", shelves("1001 1002", ""), nil, against, []string{
			"cabinet xs-01, Gate 门口", "1 × Water 水", "and 1 × Spring 泉水", "0.5 g apart", "S1 to S2", "proposal: 0 to review, 0 billed wrong, moves: 1",
		}, "wherever"},
		{"twins that one is content with", shelves("1001 1002", ""), []string{"--max-reviews", "1000"}, 0, []string{"1 × Water 水"}, ""},
		{"too heavy a platform", strings.Replace(document, `"stock": 8`, `"stock": 80`, 1), nil, against, []string{"OVER by 15.68 kg", "no assignment was found"}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := ctl(t, c.document, append(append([]string{"planogram", "check"}, c.args...), "-")...)
			code := 0
			if err != nil {
				code = exitCode(err)
			}
			if code != c.code {
				t.Errorf("want it to end with %d, got %d: %v", c.code, code, err)
			}
			for _, want := range c.says {
				if !strings.Contains(s.out, want) {
					t.Errorf("want it to say %q, got\n%s", want, s.out)
				}
			}
			if c.silent != "" && strings.Contains(s.out, c.silent) {
				t.Errorf("want nothing of %q, got\n%s", c.silent, s.out)
			}
		})
	}
}

func TestACheckCanBeReadByPrograms(t *testing.T) {
	s, err := ctl(t, shelves("1001 1002", ""), "planogram", "check", "--json", "-")
	if _, judged := errors.AsType[verdict](err); !judged {
		t.Fatalf("want a verdict, got %v", err)
	}
	var checks []struct {
		Cabinet string
		Names   map[string]struct{ Zh, En string }
		Moves   []struct{ SKU, From, To string }
		Before  struct {
			Reviews   float64
			Conflicts []struct{ Reviews float64 }
		}
		After struct{ Reviews float64 }
	}
	if err := json.Unmarshal([]byte(s.out), &checks); err != nil {
		t.Fatalf("%v in %s", err, s.out)
	}
	if len(checks) != 1 || checks[0].Cabinet != "xs-01" || checks[0].Before.Reviews < 500 || checks[0].After.Reviews > 1 ||
		len(checks[0].Moves) != 1 || checks[0].Names["1002"].Zh != "泉水" || checks[0].Before.Conflicts[0].Reviews < 500 {
		t.Errorf("got %s", s.out)
	}
}

func TestACheckChangesNothingAndMayReferToTheFleet(t *testing.T) {
	data := filepath.Join(t.TempDir(), "run")
	want(t, document, "--data", data, "apply", "-")
	var parts map[string]any
	if err := json.Unmarshal([]byte(strings.Replace(document, "xs-01", "xs-02", 1)), &parts); err != nil {
		t.Fatal(err)
	}
	delete(parts, "articles")
	later, err := json.Marshal(parts)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, `$.cabinets[0].platforms[0].goods[0].sku: no article "1001"`, string(later), "planogram", "check", "-")
	want(t, string(later), "--data", data, "planogram", "check", "-")
	if list := want(t, "", "--data", data, "cabinets").out; strings.Contains(list, "xs-02") {
		t.Errorf("a check added a cabinet:\n%s", list)
	}
}

func TestChecksThatCannotBeDone(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(strings.Replace(document, `"unit_mg": 571000`, `"unit_mg": -1`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, reason string
		args         []string
	}{
		{"a weight below nothing", "$.articles[0].unit_mg: want a whole number from 1", []string{"check", bad}},
		{"a file that is not there", "no such file", []string{"check", bad + "x"}},
		{"no file", "want one file", []string{"check"}},
		{"no verb", "want planogram check", nil},
		{"a threshold below nothing", "--max-reviews -1: want 0 or more", []string{"check", "--max-reviews", "-1", bad}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := ctl(t, "", append([]string{"planogram"}, c.args...)...)
			if err == nil || !strings.Contains(err.Error(), c.reason) || exitCode(err) != failed {
				t.Errorf("want %q and to end with %d, got %v and %d", c.reason, failed, err, exitCode(err))
			}
		})
	}
}

func TestWhatIsTooHeavyIsNotTakenIn(t *testing.T) {
	data := t.TempDir()
	refused(t, "$.cabinets[0].platforms[0].goods: weigh 45680000 mg", strings.Replace(document, `"stock": 8`, `"stock": 80`, 1), "--data", data, "apply", "-")
	if list := want(t, "", "--data", data, "cabinets").out; strings.Contains(list, "xs-01") {
		t.Errorf("it was taken in all the same:\n%s", list)
	}
}
