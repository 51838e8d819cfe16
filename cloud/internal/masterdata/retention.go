package masterdata

import "allhours/cloud"

// retention is how many days the chain keeps what it has a say in; what it does not say is as the table of kinds has it.
func retention(n node) cloud.Retention {
	var r cloud.Retention
	if !n.there {
		return r
	}
	var names []string
	for _, k := range cloud.KeptKinds() {
		days := r.Of(k.Kind)
		if days == nil {
			continue
		}
		name := string(k.Kind) + "_days"
		names = append(names, name)
		if said := n.at(name); said.there {
			*days = int(said.whole(int64(k.Least), int64(k.Most)))
		}
	}
	n.fields(names...)
	return r
}
