package sim

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"allhours/cloud"
	"allhours/protocol"
)

func TestUnknownClonedOrRestoredCabinet(t *testing.T) {
	t.Run("one with a wrong password is not heard", func(t *testing.T) {
		play(t, settings{}, func(t *testing.T, p *scene) {
			p.box.stop()
			right := p.box.papers
			p.box.papers.Password = "another"
			p.box.start()
			time.Sleep(2 * time.Minute)
			p.refused(cloud.CodeCabinetAway)
			p.box.stop()
			p.box.papers = right
			p.box.start()
			p.sellsAgain()
		})
	})
	t.Run("a card that was never claimed is kept apart", func(t *testing.T) {
		play(t, settings{}, func(t *testing.T, p *scene) {
			p.sellsAgain()
			p.box.stop()
			first := p.box.changeFolder(filepath.Join(p.box.dir, "new card"))
			p.box.start()
			time.Sleep(2 * time.Minute)
			p.refused(cloud.CodeCabinetAway)
			if n := p.incident(cloud.IncidentOtherJournal); n != 1 {
				t.Errorf("%d incidents: want one of another journal", n)
			}
			p.box.stop()
			p.box.changeFolder(first)
			p.box.start()
			p.sellsAgain()
			p.forgive(cloud.IncidentOtherJournal)
		})
	})
	t.Run("a card that was restored from a copy is kept apart until it is replaced", func(t *testing.T) {
		play(t, settings{}, func(t *testing.T, p *scene) {
			p.box.stop()
			copied := filepath.Join(p.box.dir, "copy")
			copyFolder(t, p.box.folder(), copied)
			p.box.start()
			p.sellsAgain()
			p.box.stop()
			first := p.box.changeFolder(copied)
			p.box.start()
			p.isApart()
			p.box.stop()
			p.box.changeFolder(first) // Nobody can tell from here which of the two is right.
			p.box.start()
			time.Sleep(2 * time.Minute)
			p.refused(cloud.CodeCardApart)
			p.box.stop()
			p.replaceCard("the next card")
			p.box.start()
			p.sellsAgain()
			p.forgive(cloud.IncidentRestoredCard, cloud.IncidentClonedCard)
		})
	})
	t.Run("a card that was cloned is kept apart, and its clone, until it is replaced", func(t *testing.T) {
		play(t, settings{}, func(t *testing.T, p *scene) {
			p.sellsAgain()
			p.box.stop()
			clone := newBox(t, p.box.plan, nil, p.net, filepath.Join(p.dir, "thief"), p.chance, p.log)
			defer clone.close()
			clone.papers = p.box.papers
			copyFolder(t, p.box.folder(), clone.folder())
			clone.start()
			p.box.start()
			p.isApart()
			clone.stop()
			time.Sleep(2 * time.Minute)
			p.refused(cloud.CodeCardApart)
			p.box.stop()
			p.replaceCard("the next card")
			p.box.start()
			p.sellsAgain()
			p.forgive(cloud.IncidentRestoredCard, cloud.IncidentClonedCard)
		})
	})
}

// isApart waits until the service believes the cabinet no more. Of two devices with one card the second to speak lacks what
// the first has told, if that was heard before: then its card looks like an old one.
func (p *scene) isApart() {
	p.t.Helper()
	if !waitFor(5*time.Minute, func() bool { return p.incident(cloud.IncidentClonedCard)+p.incident(cloud.IncidentRestoredCard) > 0 }) {
		p.t.Fatal("nobody noticed the copy of the card")
	}
	p.refused(cloud.CodeCardApart)
	if state := p.service.state(p.box.id); state != cloud.CabinetStopped {
		p.t.Errorf("the cabinet is shown as %s", state)
	}
}

// replaceCard gives the stopped agent an empty card, and says so.
func (p *scene) replaceCard(name string) {
	p.t.Helper()
	p.box.changeFolder(filepath.Join(p.box.dir, name))
	if err := p.service.up().server.Admin().CardReplaced(p.t.Context(), p.box.id); err != nil {
		p.t.Fatal(err)
	}
}

func TestANewBoxGoesOnWhereTheOldOneEnded(t *testing.T) {
	t.Run("between visits", func(t *testing.T) {
		play(t, settings{}, func(t *testing.T, p *scene) {
			id := p.begins()
			p.does(pull(), take("S1", "1001", 2), take("S2", "1004", 1), shut())
			p.bills(id, map[protocol.SKU]int{"1001": 2, "1004": 1})
			p.box.stop()
			p.box.changeFolder(filepath.Join(p.box.dir, "new box"))
			p.box.papers = p.claim(p.box.id, 9)
			p.box.start()
			p.sellsAgain()
			id = p.begins()
			p.does(pull(), take("S1", "1002", 1), take("S1", "1001", 1), shut())
			p.bills(id, map[protocol.SKU]int{"1001": 1, "1002": 1})
		})
	})
	t.Run("in the middle of a visit, which waits for a human", func(t *testing.T) {
		play(t, settings{}, func(t *testing.T, p *scene) {
			id := p.begins()
			p.does(pull(), take("S1", "1001", 1))
			p.box.crash()
			p.does(shut())
			p.box.changeFolder(filepath.Join(p.box.dir, "new box"))
			p.box.papers = p.claim(p.box.id, 9)
			p.box.start()
			p.becomes(id, cloud.StateReview)
			p.sellsAgain()
			p.forgive(cloud.IncidentMoved) // The book does not know what was taken in that visit.
		})
	})
}

// changeFolder lets the next agent find another card; it returns the one before.
func (b *box) changeFolder(folder string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	before := b.data
	b.data = folder
	return before
}

func TestDiskFull(t *testing.T) {
	play(t, settings{}, func(t *testing.T, p *scene) {
		p.box.stop()
		disk := smallDisk(t, filepath.Join(p.dir, "small"), 16<<20)
		copyFolder(t, p.box.folder(), filepath.Join(disk, "agent"))
		p.box.changeFolder(filepath.Join(disk, "agent"))
		p.box.start()
		p.ready()
		time.Sleep(5 * time.Second)
		id := p.begins()
		p.does(pull(), take("S1", "1001", 1))
		filler := fill(t, disk)
		p.does(take("S2", "1003", 1), shut())
		p.bills(id, map[protocol.SKU]int{"1001": 1, "1003": 1})
		if !waitFor(3*time.Minute, func() bool { return p.service.state(p.box.id) == cloud.CabinetStopped }) {
			t.Errorf("with a full disk the cabinet is %s: want it stopped", p.service.state(p.box.id))
		}
		p.refused(protocol.CodeNotSelling)
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		p.sellsAgain()
	})
}

// smallDisk is a file system of its own with so many bytes.
func smallDisk(t *testing.T, at string, size int) string {
	t.Helper()
	if err := os.MkdirAll(at, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", at, "tmpfs", 0, fmt.Sprint("size=", size)); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("mount: %v", err)
		}
		t.Skipf("mount: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(at, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return at
}

// fill writes a file until the disk is full, and a little less: what is left is no room for a visit.
func fill(t *testing.T, disk string) string {
	t.Helper()
	path := filepath.Join(disk, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); ; {
		if _, err := f.Write(block); errors.Is(err, syscall.ENOSPC) {
			return path
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
