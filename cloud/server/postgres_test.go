package server

import (
	"testing"

	"allhours/cloud/internal/store/postgrestest"
	"allhours/protocol/settle"
)

// TestTheWholeServiceRunsOnPostgreSQL sells, and sells again after the database's server was away.
func TestTheWholeServiceRunsOnPostgreSQL(t *testing.T) {
	cluster := postgrestest.Start(t)
	at := cluster.Database(t)
	r := &rig{t: t, data: t.TempDir(), log: &journal{}, real: true, change: func(o *Options) { o.OneConnection, o.DatabaseURL = false, at }}
	r.begin()
	if _, err := New(t.Context(), Options{Data: t.TempDir(), Demo: true, DatabaseURL: at}); err == nil {
		t.Fatal("two servers serve one database")
	}
	c := r.connect()
	b, _ := r.signIn("+8613900007777")
	r.purchase(c, b)
	cluster.Stop(t)
	if w := b.send("POST", "/api/v1/visits", `{"cabinet":"xs-01"}`); w.Code < 500 {
		t.Errorf("without its database it answered %d", w.Code)
	}
	cluster.Run(t)
	until(t, "the database is used again", func() bool { return b.send("GET", "/api/v1/cabinets", "").Code == 200 })
	r.purchase(c, b)
}

func (r *rig) purchase(c *cabinet, b *browser) {
	r.t.Helper()
	var v visitState
	until(r.t, "the door may be opened", func() bool { return b.send("GET", "/api/v1/cabinets/xs-01", "").Code == 200 })
	b.want(201, "POST", "/api/v1/visits", `{"cabinet":"xs-01"}`, &v)
	until(r.t, "the command has come", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.command.Grant != "" && c.grantOf(c.command).Visit.String() == v.ID
	})
	c.sells(settle.Line{SKU: "1001", Qty: 1})
	until(r.t, "the visit is charged", func() bool {
		b.want(200, "GET", "/api/v1/visits/"+v.ID, "", &v)
		return v.State == "charged"
	})
	if v.Total != 200 {
		r.t.Errorf("charged %d fen, want 200", v.Total)
	}
}
