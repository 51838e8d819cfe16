package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/protocol"
)

const (
	importsShown = 20
	unknownShown = 100
	badShown     = 200
)

// statementsView is where the provider's statements are taken in.
type statementsView struct {
	May     bool
	Done    string
	Bad     []cloud.BadRow
	BadHead string
	BadMore int
	Files   []fileView
	Unknown []statedView

	First, Last ledger.Day // that were filled in
}

type fileView struct {
	Name, By string
	Days     string
	At       moment
	Lines    int
	Added    int
}

func (p *Pages) statements(c echo.Context) error {
	return p.showStatements(c, statementsView{}, http.StatusOK)
}

func (p *Pages) showStatements(c echo.Context, view statementsView, status int) error {
	ctx, v := c.Request().Context(), p.view(c)
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("statements: %w", err)
	}
	files, err := p.Statements.Imports(ctx, importsShown)
	if err != nil {
		return fmt.Errorf("statements: %w", err)
	}
	unknown, err := p.Statements.Unknown(ctx, unknownShown)
	if err != nil {
		return fmt.Errorf("statements: %w", err)
	}
	for _, f := range files {
		view.Files = append(view.Files, fileView{f.Name, f.By, v.daysOf(f), moment{At: f.At.In(zone(chain)), Day: true}, f.Lines, f.Added})
	}
	for _, l := range unknown {
		number := l.Order
		if l.Refund != "" {
			number = l.Refund
		}
		view.Unknown = append(view.Unknown, statedView{
			State: v.clock(moment{At: l.At.In(zone(chain)), Day: true}), Kind: v.say("pair.kind." + string(l.Kind)), Number: number, Theirs: yuan(l.Amount), Fault: true,
		})
	}
	if who, err := httpx.PrincipalOf(c); err == nil {
		view.May = httpx.Closers().Allows(who)
	}
	return p.show(c, screen{
		Template: "statements", Face: "staff", Title: v.say("statement.title"), Say: view.Done + view.BadHead, Path: "/statements", Status: status, Nav: "reconcile", Data: view,
	})
}

// statementLines gives what was stated of a span of days as CSV, in the columns of the files that it came in.
func (p *Pages) statementLines(c echo.Context) error {
	ctx := c.Request().Context()
	first, last, err := daysOfFile(ledger.Day(c.QueryParam("from")), ledger.Day(c.QueryParam("to")))
	if err != nil {
		return err
	}
	chain, err := p.Fleet.Chain(ctx)
	if err != nil {
		return fmt.Errorf("statements: %w", err)
	}
	w := dayWords{v: p.view(c), loc: zone(chain)}
	t := table{head: append([]string{"time", "kind", "order_number", "refund_number", "amount_fen", "fee_fen", "merchant", "currency"}, w.heads("day", "store")...)}
	for day := first; day <= last; day = day.Add(1) {
		lines, err := p.Statements.Lines(ctx, day)
		if err != nil {
			return fmt.Errorf("statements: %w", err)
		}
		for _, l := range lines {
			t.rows = append(t.rows, []string{
				w.stamp(l.At), string(l.Kind), l.Order, l.Refund, number(int64(l.Amount)), number(int64(l.Fee)), l.Merchant, l.Currency, string(l.Day), string(l.Store),
			})
		}
	}
	return t.send(c, fmt.Sprintf("statement-%s-%s.csv", first, last))
}

// importStatement takes a file in, or tells every row of it that cannot be read.
func (p *Pages) importStatement(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	head, err := c.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return p.showStatements(c, statementsView{BadHead: p.view(c).say("statement.nofile")}, http.StatusBadRequest)
	}
	if err != nil {
		return protocol.Errorf(protocol.CodeMalformed, "form: want a file")
	}
	file, err := head.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	name := head.Filename
	if len(name) > 200 {
		name = strings.ToValidUTF8(name[:200], "")
	}
	first, last := ledger.Day(strings.TrimSpace(c.FormValue("from"))), ledger.Day(strings.TrimSpace(c.FormValue("to")))
	if first == "" || last == "" { // One day is told once.
		first = max(first, last)
		last = first
	}
	done, bad, err := p.Statements.Import(c.Request().Context(), cloud.StatementFile{
		By: who.Name, Name: name, First: first, Last: last, Text: file,
	})
	v := p.view(c)
	if protocol.CodeOf(err) == protocol.CodeMalformed {
		return p.showStatements(c, statementsView{BadHead: v.say("statement.days.bad"), First: first, Last: last}, http.StatusBadRequest)
	}
	if err != nil {
		return err
	}
	if len(bad) > 0 {
		shown := bad[:min(len(bad), badShown)]
		return p.showStatements(c, statementsView{BadHead: v.count("statement.bad", len(bad)), Bad: shown, BadMore: len(bad) - len(shown), First: first, Last: last}, http.StatusUnprocessableEntity)
	}
	told := v.count("statement.done", done.Lines, done.Added)
	if done.Changed > 0 {
		told = v.sentences(told, v.say("statement.changed", done.Changed))
	}
	if done.Lacking > 0 {
		told = v.sentences(told, v.say("statement.lacking", done.Lacking))
	}
	return p.showStatements(c, statementsView{Done: told}, http.StatusOK)
}

// daysOf is what a file states everything of.
func (v *view) daysOf(f cloud.StatementImport) string {
	switch {
	case f.First == "":
		return v.say("statement.part")
	case f.First == f.Last:
		return string(f.First)
	}
	return string(f.First) + " – " + string(f.Last)
}
