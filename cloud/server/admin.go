package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/core"
	"allhours/cloud/internal/people"
	"allhours/cloud/internal/signing"
	"allhours/cloud/internal/store/sqlite"
	"allhours/cloud/internal/store/sqlstore"
	"allhours/cloud/internal/tracefile"
	"allhours/protocol"
	"allhours/protocol/grant"
)

// Admin does an administrator's work on the data of a fleet, beside a running server or without one.
type Admin struct {
	data string
	db   *sqlstore.DB
	core *core.Core
	keys *signing.Keys

	people *people.Service
	now    func() time.Time
	own    bool // opened the database, and closes it
}

// OpenAdmin opens the data of a fleet, and makes it where there is none yet. The URL names a PostgreSQL; without one the
// folder holds SQLite.
func OpenAdmin(ctx context.Context, data, databaseURL string) (*Admin, error) {
	if data == "" {
		return nil, errors.New("no data folder named")
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	keys, err := signing.Load(filepath.Join(data, keysName))
	if err != nil {
		return nil, err
	}
	db, err := openDatabase(ctx, data, databaseURL, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	staff, err := openPeople(data, people.Options{Store: db.People()})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	c := core.New(core.Options{
		DB: db, Signer: keys.Signer(), Keys: keys.Public(), Traces: tracefile.Open(filepath.Join(data, tracesName), tracesMost),
	})
	return &Admin{data: data, db: db, core: c, keys: keys, people: staff, now: time.Now, own: true}, nil
}

// Admin works on this server's own data.
func (s *Server) Admin() *Admin {
	return &Admin{data: s.o.Data, db: s.db, core: s.core, keys: s.keys, people: s.people, now: s.o.Now}
}

// Close closes what OpenAdmin opened.
func (a *Admin) Close() error {
	if !a.own {
		return nil
	}
	return a.db.Close()
}

// Apply takes a document of master data in, all or nothing. It refuses goods that a platform cannot bear; warnings say what
// the scales will not tell apart.
func (a *Admin) Apply(ctx context.Context, document []byte) (cloud.Preview, error) {
	return a.core.Planning.Apply(ctx, cloud.Intake{Kind: cloud.MasterAll, Text: document}, 0)
}

// Planning is how master data are changed and given out.
func (a *Admin) Planning() cloud.Planning { return a.core.Planning }

// Chain is the chain of the fleet; cloud.CodeNotFound before the first master data.
func (a *Admin) Chain(ctx context.Context) (cloud.Chain, error) { return a.core.Fleet.Chain(ctx) }

// Enrol makes a code that one device may claim the cabinet with until life has passed; an older code is void.
func (a *Admin) Enrol(ctx context.Context, id protocol.CabinetID, life time.Duration) (cloud.ClaimCode, error) {
	return a.core.Claims.Enrol(ctx, id, life)
}

// CardReplaced lets the next journal of the cabinet that is new be accepted, once.
func (a *Admin) CardReplaced(ctx context.Context, id protocol.CabinetID) error {
	return a.core.Cards.Expect(ctx, id)
}

// Keys are the public keys that cabinets check the cloud's signatures with.
func (a *Admin) Keys() grant.Keys { return a.keys.Public() }

// Cabinets lists the planned cabinets.
func (a *Admin) Cabinets(ctx context.Context) (list []cloud.Cabinet, err error) {
	err = a.db.View(ctx, func(tx cloud.Tx) error {
		list, err = tx.Cabinets.List()
		return err
	})
	return list, err
}

// enrolments reads through the core, which is made after the broker that asks.
type enrolments struct{ s *Server }

func (e enrolments) Enrolment(ctx context.Context, id protocol.CabinetID) (cloud.Enrolment, error) {
	return e.s.core.Enrolment(ctx, id)
}
