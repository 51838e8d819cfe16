package visit

import (
	"testing"
	"time"

	"allhours/cloud"
	"allhours/cloud/internal/presence"
	"allhours/protocol"
	"allhours/protocol/grant"
)

func TestAGrantCountsAsUnusedOnlyWhereThatIsProven(t *testing.T) {
	sent := time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC)
	journal, old, newer := protocol.UUID{1}, grant.Token{1}, grant.Token{2}
	w := waiting{challenge: old, boot: 3, pressed: sent, sent: sent, notAfter: sent.Add(grantLife)}
	for name, c := range map[string]struct {
		after     time.Duration // from the sending to the cabinet's word
		challenge grant.Token
		journal   protocol.UUID
		last      uint64
		want      bool
		boot      uint32
	}{
		"long after the grant's end, all applied":             {36 * time.Second, old, journal, 7, true, 3},
		"while the grant may be used":                         {30 * time.Second, old, journal, 7, false, 3},
		"just after the grant's end":                          {35 * time.Second, old, journal, 7, false, 3},
		"with more to tell":                                   {time.Hour, old, journal, 8, false, 3},
		"another journal":                                     {time.Hour, old, protocol.UUID{2}, 7, false, 3},
		"another connection, after the command's end":         {16 * time.Second, newer, journal, 7, true, 3},
		"another connection, while the command may be obeyed": {15 * time.Second, newer, journal, 7, false, 3},
		"another connection with more to tell":                {time.Hour, newer, journal, 8, false, 3},
		"another boot, after the command's end":               {11 * time.Second, newer, journal, 7, true, 4},
		"another boot, while another command may be sent":     {10 * time.Second, newer, journal, 7, false, 4},
		"another boot with more to tell":                      {11 * time.Second, newer, journal, 8, false, 4},
		"the same boot, just after the command's end":         {11 * time.Second, newer, journal, 7, false, 3},
	} {
		heard := presence.Heard{At: sent.Add(c.after), Journal: c.journal, Challenge: c.challenge, Boot: c.boot, Last: c.last}
		if got := w.unused(heard, cloud.Position{Journal: journal, Applied: 7}, heard.At); got != c.want {
			t.Errorf("%s: unused is %v, want %v", name, got, c.want)
		}
	}
}

func TestAGrantThatIsShownCountsAsUnusedOnlyWhereAnAppliedEventSaysSo(t *testing.T) {
	ends := time.Date(2026, 11, 20, 23, 10, 0, 0, time.UTC)
	journal := protocol.UUID{1}
	w := waiting{ends: ends}
	for name, c := range map[string]struct {
		heard, written time.Duration // after the grant's end
		journal        protocol.UUID
		want           bool
	}{
		"an event of long after its end":              {time.Hour, time.Minute, journal, true},
		"the cabinet spoke, and wrote nothing of it":  {time.Hour, -time.Hour, journal, false},
		"an event of just after its end":              {time.Hour, time.Second, journal, false},
		"an event of a journal that is not the known": {time.Hour, time.Minute, protocol.UUID{2}, false},
	} {
		heard := presence.Heard{At: ends.Add(c.heard), Journal: c.journal, Last: 7, Written: ends.Add(c.written)}
		if got := w.unused(heard, cloud.Position{Journal: journal, Applied: 7}, heard.At); got != c.want {
			t.Errorf("%s: unused is %v, want %v", name, got, c.want)
		}
	}
}
