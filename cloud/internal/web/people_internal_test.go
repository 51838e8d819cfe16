package web

import (
	"testing"

	"allhours/cloud"
	"allhours/cloud/internal/httpx"
	"allhours/protocol"
)

func TestEachRoleCapabilityAndDeedHasItsWords(t *testing.T) {
	all := readAll(t)
	var keys []string
	for _, r := range append(staffRoles(), protocol.RoleResident, cloud.DeedOperator) {
		keys = append(keys, "people.role."+string(r))
	}
	for _, p := range httpx.Permissions() {
		keys = append(keys, "can."+string(p.Of), "can."+string(p.Of)+".more")
	}
	for _, w := range cloud.DeedWords() {
		keys = append(keys, "deed."+w)
	}
	for _, s := range []cloud.SignInStep{cloud.StepPassword, cloud.StepSecond, cloud.StepEnrol} {
		keys = append(keys, "second.head."+string(s))
	}
	for _, done := range accountDone() {
		keys = append(keys, "account.done."+done)
	}
	for _, done := range careDone() {
		keys = append(keys, "people.done."+done)
	}
	for _, key := range keys {
		if _, known := all[key]; !known {
			t.Errorf("text %q is not in the table", key)
		}
	}
}
