package schema

// Format is the rule for the values of an attribute.
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

// Attribute is one cloud attribute. Path is its SCIM path for a PATCH (RFC 7644 section 3.5.2),
// extension URN included; "" if the provider has no place for it.
type Attribute struct {
	Name      string
	Path      string
	Default   string // default directory attribute(s); "" means unmapped
	Format    Format
	Required  bool
	Single    bool
	Reference bool // its value is the id of another resource (manager)
	Label     string
	MaxLen    int // in characters; 0 means no limit
}

// Names of the attributes that the engine itself uses.
const (
	UID        = "uid"
	ExternalID = "onPremObjectGUID"
	State      = "ds-pwp-account-disabled"
	Manager    = "manager"
	// GroupName is the key of a group. Operators cannot map groups.
	GroupName = "displayName"
	// Active is the name of an account's state in a change.
	Active = "active"
)

// Catalogue is the attributes of one kind of provider, in the order of display.
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
