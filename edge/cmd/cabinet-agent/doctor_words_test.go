package main

import "testing"

func TestADoctorShowsWhatItWouldWriteAndNoPasswordThatIsThere(t *testing.T) {
	old := "mqtt: {password: \"canary\"}\nlines:\n  - {name: line0}\n"
	fresh := old + "  - {name: line1}\nlocks:\n"
	if got, want := added([]byte(old), []byte(fresh)), "  - {name: line1}\nlocks:"; got != want {
		t.Errorf("it shows %q, want %q", got, want)
	}
}
