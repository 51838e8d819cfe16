package topic_test

import (
	"testing"

	"allhours/protocol"
	"allhours/protocol/topic"
)

func TestATopicIsReadAsItWasBuilt(t *testing.T) {
	at := topic.Address{Shard: 63, Cabinet: "xs-01"}
	for _, ch := range []topic.Channel{topic.Birth, topic.Death, topic.Event, topic.Live, topic.Telemetry, topic.Reply, topic.Command, topic.Ack, topic.Config} {
		got, gotCh, err := topic.Parse(at.Of(ch))
		if err != nil || got != at || gotCh != ch {
			t.Errorf("%s: got %v %s %v", at.Of(ch), got, gotCh, err)
		}
	}
	if got, want := at.Of(topic.Event), "ah/1/63/xs-01/up/event"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhatIsNoTopicOfOursIsRefused(t *testing.T) {
	for _, name := range []string{
		"", "ah/1/", "ah/2/0/xs-01/up/event", "ah/1/64/xs-01/up/event", "ah/1/07/xs-01/up/event", "ah/1/-1/xs-01/up/event",
		"ah/1/7/XS/up/event", "ah/1/7/+/up/event", "ah/1/7/xs-01/down/event", "ah/1/7/xs-01/up/command", "ah/1/7/xs-01/up/",
		"ah/1/7/xs-01/up/event/more", "$SYS/broker", "ah/1/7/aaaaaaaaaaaaaaaaa/up/event",
	} {
		if at, ch, err := topic.Parse(name); err == nil {
			t.Errorf("%q was read as %v %s", name, at, ch)
		}
	}
}

func TestACabinetMayUseItsOwnTopicsOnly(t *testing.T) {
	at := topic.Address{Shard: 7, Cabinet: "xs-01"}
	cases := []struct {
		name  string
		topic string
		write bool
		want  bool
	}{
		{"writes its own events", "ah/1/7/xs-01/up/event", true, true},
		{"reads its own commands", "ah/1/7/xs-01/down/command", false, true},
		{"reads all that comes down to it", "ah/1/7/xs-01/down/+", false, true},
		{"writes as another", "ah/1/7/xs-02/up/event", true, false},
		{"writes commands to itself", "ah/1/7/xs-01/down/command", true, false},
		{"reads what another is told", "ah/1/7/xs-02/down/command", false, false},
		{"reads what all are told", "ah/1/7/+/down/+", false, false},
		{"reads everything", "#", false, false},
		{"reads the broker's own topics", "$SYS/#", false, false},
		{"reads its own events back", "ah/1/7/xs-01/up/event", false, false},
		{"uses another shard", "ah/1/8/xs-01/up/event", true, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := at.MayUse(c.topic, c.write); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("ah/1/7/xs-01/up/event")
	f.Fuzz(func(t *testing.T, name string) {
		at, ch, err := topic.Parse(name)
		if err == nil && at.Of(ch) != name {
			t.Errorf("%q was read as %v %s, which is %q", name, at, ch, at.Of(ch))
		}
		if err == nil && protocol.CabinetID.Validate(at.Cabinet) != nil {
			t.Errorf("%q gave the bad cabinet id %q", name, at.Cabinet)
		}
	})
}
