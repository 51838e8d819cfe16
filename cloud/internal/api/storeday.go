package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/cloud/ledger"
	"allhours/cloud/reconcile"
	"allhours/protocol"
)

// Days that a list has, and at most.
const (
	usualDays = 7
	mostDays  = 31
)

// dayHead is a store's day in one line; null where it is not added up yet.
type dayHead struct {
	Store   cloud.StoreID    `json:"store"`
	Day     ledger.Day       `json:"day"`
	Known   bool             `json:"known"`
	Closed  *cloud.ClosedDay `json:"closed"`
	Missing protocol.Fen     `json:"missing_fen"`
	More    protocol.Fen     `json:"more_fen"`
	Faults  int              `json:"faults"`
	Open    int              `json:"open"`
	Late    int              `json:"late"`
	Money   reconcile.Money  `json:"money"`
	Paid    reconcile.Paid   `json:"paid"`
	Earned  reconcile.Earned `json:"earned"`
	Margin  protocol.Fen     `json:"margin_fen"`
}

func (a *API) storeDays(c echo.Context) error {
	ctx := c.Request().Context()
	last, days := ledger.Day(c.QueryParam("to")), usualDays
	if last == "" {
		today, err := a.o.StoreDays.Today(ctx)
		if err != nil {
			return err
		}
		last = today
	}
	if asked := c.QueryParam("days"); asked != "" {
		n, err := strconv.Atoi(asked)
		if err != nil || n < 1 || n > mostDays {
			return protocol.Errorf(protocol.CodeMalformed, "days: want 1 to %d", mostDays)
		}
		days = n
	}
	if !last.Valid() {
		return protocol.Errorf(protocol.CodeMalformed, "to: want a day as 2006-01-02")
	}
	stores, of, err := a.storesOf(c)
	if err != nil {
		return err
	}
	heads, err := a.o.StoreDays.Heads(ctx, last, days, of...)
	if err != nil {
		return err
	}
	all := make([]dayHead, 0, len(heads))
	for _, h := range heads {
		all = append(all, dayHead{h.Store, h.Day, h.Known, h.Closed, h.Missing, h.More, h.Faults, h.Open, h.Late, h.Money, h.Paid, h.Earned, h.Earned.Margin()})
	}
	return answer(c, http.StatusOK, map[string]any{"days": all, "stores": stores})
}

// storesOf are those of the page that is asked for, and how many there are in all.
func (a *API) storesOf(c echo.Context) (all int, of []cloud.StoreID, err error) {
	page := 1
	if asked := c.QueryParam("page"); asked != "" {
		if page, err = strconv.Atoi(asked); err != nil || page < 1 {
			return 0, nil, protocol.Errorf(protocol.CodeMalformed, "page: want a number of 1 or more")
		}
	}
	stores, err := a.o.Fleet.Stores(c.Request().Context())
	shown, _ := cloud.PageOf(stores, page, cloud.StoresShown)
	for _, s := range shown {
		of = append(of, s.ID)
	}
	return len(stores), of, err
}

// dayAnswer is a day as it adds up, with what is known of its close.
type dayAnswer struct {
	cloud.StoreDay
	Sum    string           `json:"sum"` // SHA-256 of the figures; to be told when the day is closed
	Closed *cloud.ClosedDay `json:"closed"`
	Late   []cloud.LateSum  `json:"late_for"`
	Doubts []cloud.DoubtSum `json:"doubts"`
	Total  reconcile.Earned `json:"total"`
	Stated reconcile.Paid   `json:"paid_now"`
	Whole  []storeStated    `json:"statement_of_all"`
	Margin protocol.Fen     `json:"margin_fen"`
}

func (a *API) storeDay(c echo.Context) error {
	d, err := a.o.StoreDays.Day(c.Request().Context(), cloud.StoreID(c.Param("store")), ledger.Day(c.Param("day")))
	if err != nil {
		return err
	}
	total := d.Total()
	return answer(c, http.StatusOK, dayAnswer{StoreDay: d, Sum: d.Sum, Closed: d.Closed, Late: some(d.LateFor), Doubts: some(d.Doubts), Total: total, Margin: total.Margin(), Stated: d.PaidNow, Whole: wholeOf(d)})
}

// storeStated is what a statement says of one store, or of the chain itself.
type storeStated struct {
	Store cloud.StoreID `json:"store"`
	reconcile.Paid
}

func wholeOf(d cloud.StoreDay) []storeStated {
	all := make([]storeStated, 0, len(d.Whole))
	for _, s := range d.Whole {
		all = append(all, storeStated(s))
	}
	return all
}

// some is never null.
func some[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

type closeBody struct {
	Note string `json:"note"`
	Sum  string `json:"sum"` // of the figures that the person saw; empty: whatever they are
}

func (a *API) closeDay(c echo.Context) error {
	var body closeBody
	if err := read(c, &body); err != nil {
		return err
	}
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	closed, err := a.o.StoreDays.Close(c.Request().Context(), cloud.CloseDay{
		Store: cloud.StoreID(c.Param("store")), Day: ledger.Day(c.Param("day")), By: who.Name, Role: who.Role, Note: body.Note, Sum: body.Sum,
	})
	if err != nil {
		return err
	}
	return answer(c, http.StatusCreated, closed)
}

// entryAnswer is one fact in the book.
type entryAnswer struct {
	ID       protocol.UUID      `json:"id"`
	At       time.Time          `json:"at"`
	Ref      ledger.Ref         `json:"ref"`
	Cabinet  protocol.CabinetID `json:"cabinet"`
	Day      ledger.Day         `json:"day"`
	Late     ledger.Day         `json:"late"`
	Postings []postingAnswer    `json:"postings"`
}

type postingAnswer struct {
	Account ledger.Account `json:"account"`
	Unit    ledger.Unit    `json:"unit"`
	Amount  int64          `json:"amount"`
}

func (a *API) dayEntries(c echo.Context) error {
	entries, err := a.o.StoreDays.Entries(c.Request().Context(), cloud.StoreID(c.Param("store")), ledger.Day(c.Param("day")))
	if err != nil {
		return err
	}
	all := make([]entryAnswer, 0, len(entries))
	for _, e := range entries {
		one := entryAnswer{ID: e.ID, At: e.At, Ref: e.Ref, Cabinet: e.Cabinet, Day: e.Day, Late: e.Late, Postings: []postingAnswer{}}
		for _, p := range e.Postings {
			one.Postings = append(one.Postings, postingAnswer(p))
		}
		all = append(all, one)
	}
	return answer(c, http.StatusOK, map[string]any{"entries": all})
}

// importAnswer is a statement that was taken in.
type importAnswer struct {
	Name  string    `json:"name"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
	Sum   string    `json:"sum"`
	Lines int       `json:"lines"`
	Added int       `json:"added"`

	First   ledger.Day `json:"from"`    // the days of which it states everything; empty: of none
	Last    ledger.Day `json:"to"`      //
	Changed int        `json:"changed"` // lines that were added to days of which everything had been stated; told at the import alone
	Lacking int        `json:"lacking"` // lines that other files state of its days, and it does not; told at the import alone
}

func importOf(i cloud.StatementImport) importAnswer {
	return importAnswer{i.Name, i.By, i.At, i.Sum, i.Lines, i.Added, i.First, i.Last, i.Changed, i.Lacking}
}

func (a *API) statements(c echo.Context) error {
	const most = 100
	files, err := a.o.Statements.Imports(c.Request().Context(), most)
	if err != nil {
		return err
	}
	all := make([]importAnswer, 0, len(files))
	for _, f := range files {
		all = append(all, importOf(f))
	}
	return answer(c, http.StatusOK, map[string]any{"statements": all})
}

// importProblem names every place of a file that cannot be read.
type importProblem struct {
	httpx.Problem
	Rows []badRow `json:"rows"`
}

type badRow struct {
	Line   int    `json:"line"`
	Column string `json:"column"`
	Why    string `json:"why"`
}

// importStatement takes the file that is the body.
func (a *API) importStatement(c echo.Context) error {
	who, err := httpx.PrincipalOf(c)
	if err != nil {
		return err
	}
	done, bad, err := a.o.Statements.Import(c.Request().Context(), cloud.StatementFile{
		By: who.Name, Name: "API", First: ledger.Day(c.QueryParam("from")), Last: ledger.Day(c.QueryParam("to")), Text: c.Request().Body,
	})
	if err != nil {
		return err
	}
	if len(bad) == 0 {
		return answer(c, http.StatusOK, importOf(done))
	}
	p := importProblem{Problem: httpx.ProblemOf(protocol.Errorf(protocol.CodeMalformed, "statement: %d places cannot be read", len(bad)), httpx.AcceptLanguage(c.Request()))}
	p.Instance = httpx.RequestID(c)
	for _, b := range bad {
		p.Rows = append(p.Rows, badRow(b))
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.Blob(p.Status, "application/problem+json", raw)
}
