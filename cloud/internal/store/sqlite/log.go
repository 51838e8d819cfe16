package sqlite

import (
	"database/sql"
	"time"
)

const (
	// emptyEvery is how often it is looked for what the log has gathered.
	emptyEvery = 2 * time.Second
	// emptyAgain is how often what was written meanwhile is fetched as well: less each time, until between two commits nothing is
	// left, for only then the log begins at its front again.
	emptyAgain = 10
)

// empty brings what the log gathers into the file, on a connection of its own until closing ends: a door would wait for it where the
// writer did it. Where this fails the writer does it in the end, and tells.
func empty(path string, closing <-chan struct{}) {
	p, err := pool(path, 1, "_synchronous=FULL")
	if err != nil {
		return
	}
	defer p.Close()
	tick := time.NewTicker(emptyEvery)
	defer tick.Stop()
	for {
		select {
		case <-closing:
			return
		case <-tick.C:
			for n := 0; n < emptyAgain && !emptied(p); n++ {
			}
		}
	}
}

// emptied reports whether nothing is left in the log, or nothing can be done about it now.
func emptied(p *sql.DB) bool {
	var busy, gathered, moved int
	err := p.QueryRow("PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &gathered, &moved)
	return err != nil || busy != 0 || moved >= gathered
}
