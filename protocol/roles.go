package protocol

// Role is what a person may do. A person of the staff has exactly one.
type Role string

// The roles of everyone who meets allhours.
const (
	RoleResident   Role = "resident"
	RoleRestocker  Role = "restocker"
	RoleManager    Role = "manager"
	RoleTechnician Role = "technician"
	RoleSupport    Role = "support"
	RoleOwner      Role = "owner"
	RoleAuditor    Role = "auditor"
)

// Purpose is what a door is opened for.
type Purpose uint8

// The purposes of a visit; the numbers are part of the grant's binary layout.
const (
	PurposePurchase Purpose = 1
	PurposeRefill   Purpose = 2
	PurposeService  Purpose = 3
)

var purposeNames = map[Purpose]string{PurposePurchase: "purchase", PurposeRefill: "refill", PurposeService: "service"}

// Valid reports whether the purpose is one of those above.
func (p Purpose) Valid() bool { return purposeNames[p] != "" }

func (p Purpose) String() string { return purposeNames[p] }

// MarshalText writes the purpose's word.
func (p Purpose) MarshalText() ([]byte, error) {
	if !p.Valid() {
		return nil, Errorf(CodeMalformed, "purpose %d: want 1, 2 or 3", uint8(p))
	}
	return []byte(p.String()), nil
}

// UnmarshalText reads the purpose's word.
func (p *Purpose) UnmarshalText(text []byte) error {
	for purpose, name := range purposeNames {
		if name == string(text) {
			*p = purpose
			return nil
		}
	}
	return Errorf(CodeMalformed, "purpose %q: want purchase, refill or service", text)
}
