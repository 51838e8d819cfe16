package agent

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"allhours/edge/internal/fakecloud"
	"allhours/protocol"
	"allhours/protocol/grant"
	"allhours/protocol/settle"
	"allhours/protocol/wire"
)

func TestACommandThatMayNotOpenIsRefusedWithItsReason(t *testing.T) {
	cases := []struct {
		name   string
		grant  func(*town, *grant.Grant)
		signer *grant.Signer
		change func(*town, *wire.Command)
		code   protocol.Code
	}{
		{name: "a command whose time is over", change: func(tn *town, c *wire.Command) { c.Expires = tn.cloud.Now().Add(-time.Second).UnixMilli() }, code: protocol.CodeExpired},
		{name: "a command of another version", change: func(_ *town, c *wire.Command) { c.V = 2 }, code: protocol.CodeUnsupported},
		{name: "a command of an unknown kind", change: func(_ *town, c *wire.Command) { c.Kind = "dance" }, code: protocol.CodeUnsupported},
		{name: "a grant that is no text of a grant", change: func(_ *town, c *wire.Command) { c.Grant = "open sesame" }, code: protocol.CodeMalformed},
		{name: "a grant that was cut short", change: func(_ *town, c *wire.Command) { c.Grant = c.Grant[:40] }, code: protocol.CodeMalformed},
		{name: "a grant that was changed on the way", change: func(_ *town, c *wire.Command) { c.Grant = flip(c.Grant) }, code: protocol.CodeBadSignature},
		{name: "a grant that somebody else signed", signer: &grant.Signer{KeyID: 9}, code: protocol.CodeUnknownKey},
		{name: "a grant for another cabinet", grant: func(_ *town, g *grant.Grant) { g.Cabinet = "xs-02" }, code: protocol.CodeOtherCabinet},
		{name: "a grant for a door that this cabinet lacks", grant: func(_ *town, g *grant.Grant) { g.Compartment = 2 }, code: protocol.CodeOtherCabinet},
		{name: "a grant of an older connection", grant: func(_ *town, g *grant.Grant) { g.Challenge[0]++ }, code: protocol.CodeStaleChallenge},
		{name: "a grant for the QR reader that came as a command", grant: func(_ *town, g *grant.Grant) { g.Challenge = grant.Token{} }, code: protocol.CodeStaleChallenge},
		{name: "a grant whose time has not begun", grant: func(_ *town, g *grant.Grant) {
			g.NotBefore = g.NotBefore.Add(time.Minute)
			g.NotAfter = g.NotAfter.Add(time.Minute)
		}, code: protocol.CodeNotYet},
		{name: "a grant whose time is over", grant: func(_ *town, g *grant.Grant) {
			g.NotBefore = g.NotBefore.Add(-time.Minute)
			g.NotAfter = g.NotAfter.Add(-time.Minute)
		}, code: protocol.CodeExpired},
		{name: "a grant that claims to live for a day", grant: func(_ *town, g *grant.Grant) {
			g.NotBefore = g.NotBefore.Add(-2 * time.Minute)
			g.NotAfter = g.NotAfter.Add(24 * time.Hour)
		}, code: protocol.CodeExpired},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tn := newTown(t)
				g := tn.cloud.Grant(fakecloud.ID(1))
				if c.grant != nil {
					c.grant(tn, &g)
				}
				if c.signer != nil {
					tn.cloud.Signer.KeyID = c.signer.KeyID
				}
				cmd := wire.Command{
					V: wire.Version, ID: fakecloud.ID(1), Cabinet: cabinetID, Kind: wire.CommandOpen,
					Expires: tn.cloud.Now().Add(10 * time.Second).UnixMilli(), Grant: tn.cloud.Sign(g),
				}
				if c.change != nil {
					c.change(tn, &cmd)
				}
				tn.cloud.Command(cmd)
				if r := tn.reply(1); r.Code != c.code {
					t.Errorf("reply %+v: want %s", r, c.code)
				}
				wait(15 * time.Second)
				if tn.pulses != 0 || len(tn.cloud.Events(wire.VisitBegun)) != 0 {
					t.Error("it opened the door or burnt the grant")
				}
				if n := len(tn.cloud.Replies()); n != 1 {
					t.Errorf("%d replies to one command", n)
				}
			})
		})
	}
}

// flip changes one character in the middle of a grant's text.
func flip(text string) string {
	b := []byte(text)
	if b[60] == 'A' {
		b[60] = 'B'
	} else {
		b[60] = 'A'
	}
	return string(b)
}

func TestASecondCommandMeetsTheVisitUnderWay(t *testing.T) {
	cases := []struct {
		name  string
		again func(tn *town, first grant.Grant) grant.Grant
		code  protocol.Code
	}{
		{"with the same grant", func(_ *town, first grant.Grant) grant.Grant { return first }, protocol.CodeUsed},
		{"with another grant for the same visit", func(_ *town, first grant.Grant) grant.Grant { first.Nonce[0]++; return first }, protocol.CodeUsed},
		{"with another visit under the same nonce", func(_ *town, first grant.Grant) grant.Grant { first.Visit = fakecloud.ID(7); return first }, protocol.CodeUsed},
		{"for another visit", func(tn *town, _ grant.Grant) grant.Grant { return tn.cloud.Grant(fakecloud.ID(7)) }, protocol.CodeBusy},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tn := newTown(t)
				first := tn.cloud.Grant(fakecloud.ID(1))
				tn.cloud.Open(fakecloud.ID(1), first)
				if r := tn.reply(1); r.Code != protocol.CodeOK {
					t.Fatalf("reply %+v", r)
				}
				tn.pull()
				wait(time.Second)
				tn.cloud.Open(fakecloud.ID(2), c.again(tn, first))
				if r := tn.reply(2); r.Code != c.code {
					t.Errorf("reply %+v: want %s", r, c.code)
				}
				tn.shut()
				wants(t, tn.settled(1), settle.Bill)
				if tn.pulses != 1 {
					t.Errorf("%d pulses", tn.pulses)
				}
			})
		})
	}
}

func TestACommandThatTheNetworkRepeatsTooLateIsNotCalledUnused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		first := tn.cloud.Grant(fakecloud.ID(1))
		tn.cloud.Open(fakecloud.ID(1), first)
		if r := tn.reply(1); r.Code != protocol.CodeOK {
			t.Fatalf("reply %+v", r)
		}
		tn.pull()
		wait(40 * time.Second)
		tn.cloud.Open(fakecloud.ID(2), first) // Its time is over by now.
		if r := tn.reply(2); r.Code != protocol.CodeUsed {
			t.Errorf("reply %+v: want used, the cloud frees the hold of one that is expired", r)
		}
		tn.shut()
		wants(t, tn.settled(1), settle.Bill)
	})
}

// connectAnewWithoutTime brings the cabinet back over another connection, on which the cloud says nothing yet.
func (tn *town) connectAnewWithoutTime() {
	tn.cloud.Mute(true)
	births := tn.cloud.Births()
	tn.cloud.Cut(false)
	tn.cloud.Until("it is back", time.Minute, func() bool { return tn.cloud.Births() > births })
}

func (tn *town) tellTime() {
	birth := tn.cloud.Birth()
	tn.cloud.Ack(wire.Ack{
		V: wire.Version, Cabinet: cabinetID, FleetEpoch: 1, Journal: birth.Journal, HaveUpTo: tn.cloud.Have(),
		Challenge: birth.Challenge, At: tn.cloud.Now().UnixMilli(),
	})
}

func TestACommandThatOvertakesTheCloudsTimeWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.connectAnewWithoutTime()
		tn.cloud.Open(fakecloud.ID(1), tn.cloud.Grant(fakecloud.ID(1)))
		wait(2 * time.Second)
		if replies := tn.cloud.Replies(); len(replies) > 0 || tn.pulses > 0 {
			t.Fatalf("replies %+v, %d pulses before the time is known", replies, tn.pulses)
		}
		tn.tellTime()
		if r := tn.reply(1); r.Code != protocol.CodeOK || tn.pulses != 1 {
			t.Errorf("reply %+v, %d pulses: whoever pressed stands before a door that stays shut", r, tn.pulses)
		}
	})
}

func TestARefusedCommandThatComesOnceMoreIsRefusedAgain(t *testing.T) {
	cases := []struct {
		name    string
		because func(*town)
		over    func(*town)
		code    protocol.Code
	}{
		{
			"for the time was not known, and is", (*town).connectAnewWithoutTime, (*town).tellTime, protocol.CodeTimeUnknown,
		},
		{
			"for somebody was at the door, and is not", func(tn *town) { tn.openDoor(1); wait(time.Second); tn.pull(); wait(time.Second) },
			func(tn *town) { tn.shut(); tn.settled(1) }, protocol.CodeBusy,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tn := newTown(t)
				c.because(tn)
				pulses := tn.pulses
				cmd := wire.Command{
					V: wire.Version, ID: fakecloud.ID(7), Cabinet: cabinetID, Kind: wire.CommandOpen,
					Expires: tn.cloud.Now().Add(10 * time.Second).UnixMilli(), Grant: tn.cloud.Sign(tn.cloud.Grant(fakecloud.ID(7))),
				}
				tn.cloud.Command(cmd)
				if r := tn.reply(7); r.Code != c.code {
					t.Fatalf("reply %+v: want %s", r, c.code)
				}
				c.over(tn)
				wait(time.Second)
				said := len(tn.cloud.Replies())
				tn.cloud.Command(cmd) // The cloud has freed its hold by now, and told whoever waits that the door stays shut.
				wait(time.Second)
				replies := tn.cloud.Replies()
				if len(replies) != said+1 || replies[said].Code != c.code {
					t.Errorf("replies %+v: want %s once more", replies[said:], c.code)
				}
				if tn.pulses != pulses {
					t.Error("it opened the door")
				}
			})
		})
	}
}

func TestACabinetWithoutADesiredStateDoesNotSell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := emptyTown(t)
		tn.boot()
		tn.cloud.Until("it says so", time.Minute, func() bool {
			c := tn.cloud.Telemetry().Compartments
			return len(c) == 1 && !c[0].Selling && c[0].Why == protocol.CodeNotSelling
		})
		wait(time.Second)
		if r := tn.openDoor(1); r.Code != protocol.CodeNotSelling {
			t.Errorf("reply %+v: want not_selling", r)
		}
	})
}

func TestADesiredStateIsAppliedOnceBetweenVisitsAndOnlyForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.openDoor(1)
		tn.pull()
		tn.cloud.Configure(desired(5))
		wait(30 * time.Second)
		if v := tn.agent.Applied().Version; v != 1 {
			t.Errorf("version %d came into force in the middle of a visit", v)
		}
		tn.put(0, -571)
		wait(2 * time.Second)
		tn.shut()
		if b := tn.settled(1); b.Config != 1 {
			t.Errorf("settled against version %d: want the one that it began with", b.Config)
		}
		tn.cloud.Until("applied", time.Minute, func() bool { return tn.agent.Applied().Version == 5 })
		for _, version := range []uint64{5, 4} {
			tn.cloud.Configure(desired(version))
		}
		broken := desired(9)
		broken.Platforms[0].ID = "S9"
		tn.cloud.Configure(broken)
		other := desired(9)
		other.Cabinet = "xs-02"
		tn.cloud.Configure(other)
		wait(time.Minute)
		if n := len(tn.cloud.Events(wire.ConfigApplied)); n != 2 {
			t.Errorf("applied %d times: want 2", n)
		}
	})
}

func TestADesiredStateThatDoesNotFitIsRefusedWithAReasonAndTheOldOneKept(t *testing.T) {
	cases := []struct {
		name   string
		change func(c *wire.Config)
		code   protocol.Code
		detail string
	}{
		{"an older one", func(c *wire.Config) { c.Config.Version = 4 }, protocol.CodeStale, "not newer than 1.5"},
		{"one of an older fleet", func(c *wire.Config) { c.Config = wire.ConfigVersion{Version: 9} }, protocol.CodeStale, "not newer than 1.5"},
		{"a known version with another content", func(c *wire.Config) { c.Config.Version = 5; c.PriceVersion = 7 }, protocol.CodeMalformed, "another content"},
		{"no platform", func(c *wire.Config) { c.Platforms = nil }, protocol.CodeMalformed, "no platform"},
		{"a platform without a scale", func(c *wire.Config) { c.Platforms[0].ID = "S9" }, protocol.CodeMalformed, `"S9" has no scale`},
		{"a platform twice", func(c *wire.Config) { c.Platforms[1].ID = "S1" }, protocol.CodeMalformed, "twice"},
		{"a compartment that is not there", func(c *wire.Config) { c.Platforms[0].Compartment = 3 }, protocol.CodeMalformed, "no compartment 3"},
		{"a scale that bears nothing", func(c *wire.Config) { c.Platforms[0].Capacity = 0 }, protocol.CodeMalformed, "capacity 0"},
		{"an article without a weight", func(c *wire.Config) { delete(c.Goods, water) }, protocol.CodeMalformed, "no weight"},
		{"an article that is too heavy", func(c *wire.Config) { c.Goods[water] = wire.Good{Unit: 50_000_000} }, protocol.CodeMalformed, "bears 40000000 mg"},
		{"an article twice", func(c *wire.Config) { c.Platforms[1].SKUs = append(c.Platforms[1].SKUs, milk) }, protocol.CodeMalformed, "twice"},
		{"a price below nothing", func(c *wire.Config) { c.Goods[water] = wire.Good{Unit: 571_000, Price: -1} }, protocol.CodeMalformed, "price -1"},
		{"no version of prices", func(c *wire.Config) { c.PriceVersion = 0 }, protocol.CodeMalformed, "version of prices"},
		{"fewer goods than none", func(c *wire.Config) { c.Stock.Book["S1"][water] = -1 }, protocol.CodeMalformed, "is -1"},
		{"a count that is far heavier than its platform bears, though no article is", func(c *wire.Config) { c.Stock.Book["S2"][milk] = 43 }, protocol.CodeMalformed, "weighs 44290000 mg"},
		{"an oven for a limit", func(c *wire.Config) { c.Limits.Health = hot(1, 1800) }, protocol.CodeMalformed, "above_dc 1800"},
		{"a limit of a door that is not there", func(c *wire.Config) { c.Limits.Health = hot(4, 50) }, protocol.CodeMalformed, "no compartment 4"},
		{"food that may be warm for two days", func(c *wire.Config) {
			c.Limits.Health = map[protocol.Compartment]wire.Health{1: {AllMin: 2880}}
		}, protocol.CodeMalformed, "2880 minutes"},
		{"a time below nothing", func(c *wire.Config) { c.Limits.PullMS = -1 }, protocol.CodeMalformed, "pull_ms"},
		{"a door that may stand open for a day", func(c *wire.Config) { c.Limits.OpenWarnMS = 86_400_000 }, protocol.CodeMalformed, "open_warn_ms"},
		{"more than sure", func(c *wire.Config) { c.Limits.BillConfidence = 1.1 }, protocol.CodeMalformed, "bill_confidence"},
		{"a risk below nothing", func(c *wire.Config) { c.Limits.Offline = &wire.Offline{Cabinet: -1} }, protocol.CodeMalformed, "on the cabinet"},
		{"a code for ever", func(c *wire.Config) { c.Limits.Offline = &wire.Offline{ValidMS: 1 << 40} }, protocol.CodeMalformed, "valid_ms"},
	}
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		tn.cloud.Configure(desired(5))
		tn.cloud.Until("applied", time.Minute, func() bool { return tn.agent.Applied().Version == 5 })
		for i, c := range cases {
			cfg := desired(uint64(10 + i))
			c.change(&cfg)
			for range 3 { // The cloud says it again and again.
				tn.cloud.Configure(cfg)
				wait(5 * time.Second)
			}
			refused := tn.told(wire.ConfigRefused)
			if len(refused) != i+1 {
				t.Fatalf("%s: %d refusals, want one more than before", c.name, len(refused))
			}
			got, _ := refused[i].(wire.NotAppliedBody)
			if got.Config != cfg.Config || got.Code != c.code || !strings.Contains(got.Detail, c.detail) {
				t.Errorf("%s: %+v", c.name, got)
			}
		}
		if v := tn.agent.Applied().Version; v != 5 {
			t.Errorf("version %d is in force", v)
		}
		tn.cloud.Configure(desired(5))
		wait(time.Minute)
		if n := len(tn.told(wire.ConfigRefused)); n != len(cases) {
			t.Error("what is in force was refused when it came again")
		}
		tn.cloud.Configure(desired(99))
		tn.cloud.Until("a sound one is applied", time.Minute, func() bool { return tn.agent.Applied().Version == 99 })
		tn.stop()
		tn.boot()
		tn.cloud.Until("born again", time.Minute, func() bool { return tn.cloud.Birth().Boot == 2 })
		tn.cloud.Configure(desired(99))
		wait(time.Minute)
		if n := len(tn.told(wire.ConfigRefused)); n != len(cases) {
			t.Error("what is in force was refused after a boot")
		}
	})
}

func TestACabinetThatLosesAPlatformGoesOnUnderTheCountThatNamedIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTown(t)
		fewer := desired(5)
		gone := fewer.Platforms[1].ID
		fewer.Platforms = fewer.Platforms[:1]
		if _, counted := fewer.Stock.Book[gone]; !counted {
			t.Fatalf("the count does not name %s", gone)
		}
		tn.cloud.Configure(fewer)
		tn.cloud.Until("applied", time.Minute, func() bool { return tn.agent.Applied().Version == 5 })
		if refused := tn.told(wire.ConfigRefused); len(refused) != 0 {
			t.Errorf("refused: %+v", refused)
		}
	})
}

// hot is a limit of one compartment.
func hot(n protocol.Compartment, dc protocol.DeciCelsius) map[protocol.Compartment]wire.Health {
	return map[protocol.Compartment]wire.Health{n: {AboveDC: &dc}}
}
