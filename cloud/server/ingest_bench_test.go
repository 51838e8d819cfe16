package server

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"allhours/cloud/internal/store/postgrestest"
	"allhours/protocol"
)

// What is taken in: so many events of so many cabinets, in batches of so many.
const (
	ingestCabinets = 64
	ingestEvents   = 3000 // of each
	ingestBatch    = 100
)

// BenchmarkIngest drains what a swarm of cabinets wrote while they had no line, from MQTT to the committed effect, and then
// inserts the same rows in the same batches into the same database, without anything else. AGENT names the cabinet-agent.
func BenchmarkIngest(b *testing.B) {
	if os.Getenv("AGENT") == "" {
		b.Fatal("AGENT: want the path of a cabinet-agent, which is the load")
	}
	b.Run("sqlite", func(b *testing.B) {
		for range b.N {
			measureIngest(b, "", nil)
		}
	})
	b.Run("postgres", func(b *testing.B) {
		cluster := postgrestest.Start(b, "fsync=on", "shared_buffers=256MB")
		for range b.N {
			measureIngest(b, cluster.Database(b), cluster)
		}
	})
}

func measureIngest(b *testing.B, databaseURL string, cluster *postgrestest.Cluster) {
	data := b.TempDir()
	used := func() (own, database time.Duration) {
		if cluster != nil {
			database = family(b, cluster.PID())
		}
		return ownCPU(b), database
	}
	served, codes := beginIngest(b, data, databaseURL)
	own, database := used()
	drain := exec.Command(os.Getenv("AGENT"), "swarm", "--codes", codes, "--cloud", served.url, "--drain", fmt.Sprint(ingestEvents), "--batch", fmt.Sprint(ingestBatch), "--spread", "1s")
	var complaint bytes.Buffer
	drain.Stderr = &complaint
	printed, err := drain.Output()
	if err != nil {
		b.Fatalf("the swarm: %v: %.500s", err, complaint.String())
	}
	var took struct {
		Events  int
		Seconds float64
	}
	if err := json.Unmarshal(printed, &took); err != nil {
		b.Fatalf("the swarm printed %q: %v", printed, err)
	}
	ownAfter, databaseAfter := used()
	served.stop()
	rate := float64(took.Events) / took.Seconds
	bare := bareInsert(b, data, databaseURL)
	b.ReportMetric(rate/bare, "ratio")
	b.ReportMetric(rate, "events/s")
	b.ReportMetric(bare, "bare/s")
	b.ReportMetric((drain.ProcessState.UserTime() + drain.ProcessState.SystemTime()).Seconds(), "load-cpu-s")
	b.ReportMetric((ownAfter - own).Seconds(), "service-cpu-s")
	b.ReportMetric((databaseAfter - database).Seconds(), "database-cpu-s")
}

// served is a running server.
type served struct {
	url  string
	stop func()
}

// beginIngest starts a server whose cabinets may be claimed with the codes in a file.
func beginIngest(b *testing.B, data, databaseURL string) (served, string) {
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		return l
	}
	pages, broker := listen(), listen()
	s, err := New(b.Context(), Options{Data: data, DatabaseURL: databaseURL, Demo: true, HTTP: pages, MQTT: broker})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	if _, err := s.Admin().Apply(b.Context(), []byte(crowded(ingestCabinets))); err != nil {
		b.Fatal(err)
	}
	var codes bytes.Buffer
	for n := range ingestCabinets {
		code, err := s.Admin().Enrol(b.Context(), protocol.CabinetID(fmt.Sprintf("b-%03d", n)), time.Hour)
		if err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(&codes, "{\"code\":%q}\n", code.Code)
	}
	file := filepath.Join(data, "codes")
	if err := os.WriteFile(file, codes.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	return served{url: "http://" + pages.Addr().String(), stop: func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}}, file
}

// crowded is the document with so many cabinets of five shelves.
func crowded(many int) string {
	head, _, _ := strings.Cut(document, `"cabinets"`)
	var platforms, cabinets []string
	for n := range 5 {
		platforms = append(platforms, fmt.Sprintf(`{"id": "S%d", "compartment": 1, "capacity_mg": 30000000, "division_mg": 1000, "goods": [{"sku": "1001", "stock": 8}]}`, n+1))
	}
	for n := range many {
		cabinets = append(cabinets, fmt.Sprintf(`{"id": "b-%03d", "store": "s1", "number": %d, "place_zh": "门口", "place_en": "Gate", "layout": "shelves", "platforms": [%s]}`,
			n, n+1, strings.Join(platforms, ",")))
	}
	return head + `"cabinets": [` + strings.Join(cabinets, ",") + `]}`
}

// ownCPU is what this process has used.
func ownCPU(b *testing.B) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// family is what a process and its children have used, those that ended included.
func family(b *testing.B, pid int) (sum time.Duration) {
	found, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // It has ended meanwhile.
		}
		name, rest, _ := strings.Cut(string(text), ") ")
		var state string
		var parent, skip int
		var ticks [4]int64 // user, system, and those of children that ended
		if _, err := fmt.Sscan(rest, &state, &parent, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &skip, &ticks[0], &ticks[1], &ticks[2], &ticks[3]); err != nil {
			b.Fatal(err)
		}
		own := strings.HasPrefix(name, fmt.Sprintf("%d ", pid))
		if own || parent == pid {
			sum += time.Duration(ticks[0]+ticks[1]) * 10 * time.Millisecond
		}
		if own {
			sum += time.Duration(ticks[2]+ticks[3]) * 10 * time.Millisecond
		}
	}
	return sum
}

// bareInsert puts the rows that are in the inbox into a table like it, one transaction for each batch, and gives rows a second.
func bareInsert(b *testing.B, data, databaseURL string) float64 {
	driver, from := "sqlite3", "file:"+filepath.Join(data, "fleet.db")
	place := [...]string{"?", "?", "?", "?", "?", "?"}
	if databaseURL != "" {
		driver, from, place = "pgx", databaseURL, [...]string{"$1", "$2", "$3", "$4", "$5", "$6"}
	}
	db, err := sql.Open(driver, from)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if driver == "sqlite3" {
		run(b, db, "PRAGMA journal_mode = WAL")
		run(b, db, "PRAGMA synchronous = FULL")
	}
	rows := inboxRows(b, db)
	run(b, db, "CREATE TABLE bare AS SELECT * FROM inbox WHERE 1 = 0")
	run(b, db, "CREATE UNIQUE INDEX bare_key ON bare (cabinet, journal, seq)")
	insert := "INSERT INTO bare (cabinet, journal, seq, hash, at_ms, event) VALUES (" + strings.Join(place[:], ", ") + ")"
	began := time.Now()
	for batch := 0; batch < len(rows); batch += ingestBatch {
		insertBatch(b, db, insert, rows[batch:min(batch+ingestBatch, len(rows))])
	}
	return float64(len(rows)) / time.Since(began).Seconds()
}

func insertBatch(b *testing.B, db *sql.DB, insert string, rows [][]any) {
	tx, err := db.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	statement, err := tx.PrepareContext(b.Context(), insert)
	if err != nil {
		b.Fatal(err)
	}
	for _, row := range rows {
		if _, err := statement.ExecContext(b.Context(), row...); err != nil {
			b.Fatal(err)
		}
	}
	if err := statement.Close(); err != nil {
		b.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}

func inboxRows(b *testing.B, db *sql.DB) [][]any {
	found, err := db.QueryContext(b.Context(), "SELECT cabinet, journal, seq, hash, at_ms, event FROM inbox ORDER BY seq, cabinet")
	if err != nil {
		b.Fatal(err)
	}
	defer found.Close()
	var rows [][]any
	for found.Next() {
		row, into := make([]any, 6), make([]any, 6)
		for i := range row {
			into[i] = &row[i]
		}
		if err := found.Scan(into...); err != nil {
			b.Fatal(err)
		}
		rows = append(rows, row)
	}
	if err := found.Err(); err != nil || len(rows) == 0 {
		b.Fatalf("%d rows in the inbox, %v", len(rows), err)
	}
	return rows
}

func run(b *testing.B, db *sql.DB, query string) {
	if _, err := db.ExecContext(b.Context(), query); err != nil {
		b.Fatalf("%s: %v", query, err)
	}
}
