package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"allhours/cloud"
)

// everyIncident is each kind that the domain names: one that is added there must be told here.
func everyIncident(t *testing.T) (kinds []cloud.IncidentKind) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), "../../inbox.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Incident") {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
			kind, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			kinds = append(kinds, cloud.IncidentKind(kind))
		}
		return true
	})
	return kinds
}

func TestEachKindOfIncidentHasItsWords(t *testing.T) {
	all, kinds := readAll(t), everyIncident(t)
	if len(kinds) < 23 {
		t.Fatalf("only %d kinds are found", len(kinds))
	}
	for _, kind := range kinds {
		for _, key := range []string{"incident." + string(kind), "incident." + string(kind) + ".more"} {
			if _, known := all[key]; !known {
				t.Errorf("text %q is not in the table", key)
			}
		}
	}
}
