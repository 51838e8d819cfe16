package web_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"regexp"
	"testing"
)

// TestVendoredFilesAreUnchanged holds each file to the sum that VENDORED.md names.
func TestVendoredFilesAreUnchanged(t *testing.T) {
	text, err := os.ReadFile("VENDORED.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| `([0-9a-f]{64})` \\|$").FindAllStringSubmatch(string(text), -1)
	if len(named) != 2 {
		t.Fatalf("%d files are named, want 2", len(named))
	}
	for _, n := range named {
		raw, err := os.ReadFile("static/" + n[1])
		if err != nil {
			t.Fatal(err)
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(raw)); sum != n[2] {
			t.Errorf("%s has the sum %s, want %s", n[1], sum, n[2])
		}
	}
}
