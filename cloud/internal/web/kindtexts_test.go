package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// constants lists the values of all constants of a type in a file.
func constants(t *testing.T, file, typed string) (values []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !named(spec.Type, typed) {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
			value, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, value)
		}
		return true
	})
	return values
}

// named reports a type of that name, of this package or of another.
func named(of ast.Expr, name string) bool {
	if from, ok := of.(*ast.SelectorExpr); ok {
		return from.Sel.Name == name
	}
	id, ok := of.(*ast.Ident)
	return ok && id.Name == name
}

// kindTexts are texts that are asked for by a prefix and the value of a constant.
type kindTexts struct {
	prefix string
	typed  string   // file, from ../.. on, and type of the constants; empty: those of only alone
	only   []string // these values alone are asked for
	never  []string // these values are not
}

// halts are the codes by which the chain keeps a door shut.
var halts = []string{"off_sale", "locked_out"}

func everyKindTexts() []kindTexts {
	return []kindTexts{
		{prefix: "act.halt.", only: halts},
		{prefix: "act.resume.", only: halts},
		{prefix: "halt.", only: halts},
		{prefix: "halt.round.", only: halts},
		{prefix: "act.task.", typed: "../protocol/wire/task.go TaskKind"},
		{prefix: "cause.", typed: "incidentcare.go IncidentCause"},
		{prefix: "cause.", typed: "reconcile/cause.go Cause"},
		{prefix: "complaint.", typed: "dispute.go Complaint"},
		{prefix: "cover.fact.", typed: "coverage/fact.go Kind"},
		{prefix: "cover.why.", typed: "coverage/fact.go Why"},
		{prefix: "debts.why.", typed: "money.go DebtRest"},
		{prefix: "door.", typed: "../protocol/wire/link.go Door"},
		{prefix: "service.door.", typed: "../protocol/wire/link.go Door"},
		{prefix: "stand.door.", typed: "../protocol/wire/link.go Door"},
		{prefix: "fate.", typed: "dispute.go Fate"},
		{prefix: "ground.", typed: "picking/choose.go Ground"},
		{prefix: "halt.reason.", typed: "halt.go HaltReason"},
		{prefix: "handover.", typed: "handover.go HandoverItem"},
		{prefix: "incident.", typed: "inbox.go IncidentKind"},
		{prefix: "incident.op.", typed: "payop.go OpKind"},
		{prefix: "incident.opstate.", typed: "payop.go OpState"},
		{prefix: "incidents.did.", typed: "incident.go IncidentDid"},
		{prefix: "incidents.urgency.", typed: "incidentcare.go Urgency"},
		{prefix: "leg.head.", typed: "roundleg.go LegWay"},
		{prefix: "leg.way.", typed: "roundleg.go LegWay"},
		{prefix: "leg.reason.", typed: "roundleg.go HandReason"},
		{prefix: "master.", typed: "intake.go MasterKind", never: []string{""}},
		{prefix: "move.did.", typed: "movement.go MovementKind"},
		{prefix: "move.off.", only: []string{"expired", "damaged", "leaked", "quality", "theft", "other"}},
		{prefix: "move.reason.", typed: "ledger/movement.go Reason"},
		{prefix: "move.reason.", typed: "picking/stocktake.go Answer"},
		{prefix: "need.why.", typed: "picking/reason.go Code"},
		{prefix: "objection.refund.", typed: "payop.go OpState"},
		{prefix: "op.refund.", typed: "payop.go OpState"},
		{prefix: "op.state.", typed: "payop.go OpState"},
		{prefix: "open.", typed: "storeday.go OpenKind"},
		{prefix: "pair.", typed: "reconcile/statement.go MatchState"},
		{prefix: "pair.kind.", typed: "reconcile/statement.go MoneyKind"},
		{prefix: "payment.", typed: "visit.go Payment"},
		{prefix: "people.role.", typed: "../protocol/roles.go Role"},
		{prefix: "replay.apart.", typed: "replay.go ReplayApart"},
		{prefix: "replay.basis.", typed: "replay.go ReplayBasis"},
		{prefix: "replay.decision.", typed: "../protocol/settle/types.go Decision"},
		{prefix: "role.", only: []string{"technician", "manager", "support", "restocker"}}, // Who looks first at an incident.
		{prefix: "rollout.bars.", typed: "rollout.go RolloutReason"},
		{prefix: "rollout.lead.", typed: "rollout.go RolloutKind", never: []string{"back"}},
		{prefix: "rollout.new.", typed: "rollout.go RolloutKind", never: []string{"back"}},
		{prefix: "round.move.why.", only: []string{"expiring", "store"}},
		{prefix: "round.state.", typed: "round.go RoundState"},
		{prefix: "round.step.", typed: "roundstep.go RoundStepKind"},
		{prefix: "second.head.", typed: "staff.go SignInStep"},
		{prefix: "short.", typed: "visit.go VisitState"},
		{prefix: "short.why.", typed: "round.go ShortReason"},
		{prefix: "stand.", typed: "presence.go CabinetState"},
		{prefix: "stop.state.", typed: "round.go StopState"},
		{prefix: "tale.message.", typed: "message.go MessageState"},
		{prefix: "told.", typed: "message.go MessageKind", never: []string{"code", "debt_rest", "payout", "payout_refused"}}, // These are of no visit, or told as another one.
		{prefix: "told.why.", typed: "message.go MessageWhy"},
		{prefix: "total.by.", typed: "total.go TotalBy"},
		{prefix: "walk.ask.", typed: "picking/door.go Question"},
		{prefix: "walk.reply.", typed: "picking/door.go Answer"},
		{prefix: "walk.short.", typed: "round.go ShortReason"},
		{prefix: "walk.state.", typed: "round.go RoundState", never: []string{"cancelled"}},
		{prefix: "walk.turn.", typed: "draft.go LaneTurn", never: []string{""}},
		{prefix: "way.", typed: "reconcile/goods.go Way"},
	}
}

// values are those that are asked for.
func (k kindTexts) values(t *testing.T) []string {
	t.Helper()
	file, typed, given := strings.Cut(k.typed, " ")
	if !given {
		return k.only
	}
	values := constants(t, "../../"+file, typed)
	if len(values) < 2 {
		t.Errorf("only %d constants of %s are found", len(values), k.typed)
	}
	return slices.DeleteFunc(values, func(v string) bool { return slices.Contains(k.never, v) })
}

func TestEachKindThatPagesNameHasItsWords(t *testing.T) {
	all := readAll(t)
	for _, k := range everyKindTexts() {
		for _, value := range k.values(t) {
			if _, known := all[k.prefix+value]; !known {
				t.Errorf("text %q is not in the table", k.prefix+value)
			}
		}
	}
}

// elsewhere are prefixes whose texts have a part behind the kind, and are looked at by tests of their own.
var elsewhere = []string{"can.", "fault.", "visit."}

// TestEachTextThatIsAskedForByItsKindIsLookedAt: a page that names a kind in a new way must say which kinds there are.
func TestEachTextThatIsAskedForByItsKindIsLookedAt(t *testing.T) {
	_, code := sources(t)
	asked := regexp.MustCompile(`(?:say|count)\("([a-z_.]+\.)" ?\+ ?string\(`).FindAllStringSubmatch(code, -1)
	if len(asked) < 80 {
		t.Fatalf("only %d are found: the pattern no longer finds them", len(asked))
	}
	for _, m := range asked {
		looked := slices.ContainsFunc(everyKindTexts(), func(k kindTexts) bool { return k.prefix == m[1] })
		if !looked && !slices.Contains(elsewhere, m[1]) {
			t.Errorf("%q is asked for by a kind, and nobody looks whether all kinds have words", m[1])
		}
	}
}
