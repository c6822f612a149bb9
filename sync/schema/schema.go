package schema

// Format is the rule that a value must meet.
type Format string

const (
	Text     Format = "text"
	Mail     Format = "mail"     // an e-mail address
	Phone    Format = "phone"    // must contain at least one number
	SIP      Format = "sip"      // user@host
	Language Format = "language" // xx, xx_YY or xx-YY
	Disabled Format = "disabled" // userAccountControl, or a boolean: sets the state, not a value
	GUID     Format = "guid"
)

// Attribute is one cloud attribute. Path is its SCIM path for a PATCH (RFC 7644
// section 3.5.2), extension URN included; "" where the provider has no place for it.
type Attribute struct {
	Name      string
	Path      string
	Default   string // directory attribute(s) it starts mapped from; "" starts unmapped
	Format    Format
	Required  bool
	Single    bool
	Reference bool // its value is the id of another resource (manager)
	Label     string
	MaxLen    int // in characters; 0 has no limit
}

// Names of the attributes that the engine itself knows.
const (
	UID        = "uid"
	ExternalID = "onPremObjectGUID"
	State      = "ds-pwp-account-disabled"
	Manager    = "manager"
	// GroupName is the key of a group. Groups have no mapping of the operator's.
	GroupName = "displayName"
	// Active is the name under which a change shows the state of an account.
	Active = "active"
)

// Catalogue is the attributes of one kind of provider, in the order in which a
// screen shows them.
type Catalogue struct {
	Kind  string // webex, scim
	Users []Attribute
}

// User finds a user attribute by name.
func (c Catalogue) User(name string) (Attribute, bool) {
	for _, a := range c.Users {
		if a.Name == name {
			return a, true
		}
	}
	return Attribute{}, false
}
