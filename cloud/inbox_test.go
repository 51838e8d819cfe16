package cloud

import (
	"os"
	"regexp"
	"testing"
)

func TestEveryKindOfIncidentIsAmongTheKinds(t *testing.T) {
	source, err := os.ReadFile("inbox.go")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, kind := range IncidentKinds() {
		there[string(kind)] = true
	}
	written := regexp.MustCompile(`(?m)^\tIncident\w+ +IncidentKind = "(\w+)"`).FindAllSubmatch(source, -1)
	if len(written) < 20 || len(there) != len(written) {
		t.Errorf("%d kinds are written down, IncidentKinds has %d", len(written), len(there))
	}
	for _, kind := range written {
		if !there[string(kind[1])] {
			t.Errorf("%s is missing", kind[1])
		}
	}
}
