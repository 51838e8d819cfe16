package masterdata

import (
	"strings"
	"testing"

	"allhours/cloud"
)

func TestHowLongAChainKeepsWhat(t *testing.T) {
	for _, c := range []struct {
		name, document string
		want           cloud.Retention
		bad            string
	}{
		{"a chain that does not say it goes by the table", `{}`, cloud.Retention{}, ""},
		{"some of it", `{"privacy": {"message_days": 60, "resident_days": 400}}`, cloud.Retention{Message: 60, Resident: 400}, ""},
		{"too short", `{"privacy": {"message_days": 29}}`, cloud.Retention{}, "privacy.message_days: want a whole number from 30 to 730"},
		{"too long", `{"privacy": {"trace_days": 366}}`, cloud.Retention{}, "privacy.trace_days: want a whole number from 7 to 365"},
		{"what is fixed", `{"privacy": {"session_days": 10}}`, cloud.Retention{}, "privacy.session_days"},
		{"the books", `{"privacy": {"books_days": 10}}`, cloud.Retention{}, "privacy.books_days"},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, faults, err := parse([]byte(c.document))
			if err != nil {
				t.Fatal(err)
			}
			got := retention(root.at("privacy"))
			if err := faults.err(); c.bad != "" && (err == nil || !strings.Contains(err.Error(), c.bad)) || c.bad == "" && (err != nil || got != c.want) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}
