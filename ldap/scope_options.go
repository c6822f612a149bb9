package ldap

import (
	"errors"
	"strings"
)

// Which groups are synchronized (MS-ADTS section 2.2.12).
const (
	SecurityGroups     = "security"
	DistributionGroups = "distribution"
)

// DefaultRoomFilter is how Exchange marks users that are rooms.
const DefaultRoomFilter = "(msExchResourceMetaData=ResourceType:Room)"

// checkScope validates filters and groups.
func (o *Options) checkScope() []error {
	var errs []error
	for _, f := range []struct{ key, filter string }{{"user_filter", o.UserFilter}, {"group_filter", o.GroupFilter},
		{"contact_filter", o.ContactFilter}, {"room_filter", o.RoomFilter}} {
		if err := CheckFilter(f.filter); err != nil {
			errs = append(errs, filterFailure(f.key, err))
		}
	}
	for _, dn := range o.MemberOf {
		if strings.TrimSpace(dn) == "" {
			errs = append(errs, giveUp("Name groups by their DN, as in CN=Webex,OU=Groups,DC=corp,DC=example,DC=com.",
				"member_of holds a DN without text"))
		}
	}
	switch o.GroupTypes {
	case "", SecurityGroups, DistributionGroups:
	default:
		errs = append(errs, giveUp("Use security or distribution, or leave group_types out.", "%q is no type of group",
			o.GroupTypes))
	}
	return errs
}

// filterFailure shows the place of the error below the filter.
func filterFailure(what string, err error) error {
	var wrong *FilterError
	if !errors.As(err, &wrong) {
		return err
	}
	return giveUp(
		"Write an LDAP filter (RFC 4515) with its parentheses paired, as in (mail=*) or (&(mail=*)(department=Sales)).",
		"%s is not an LDAP filter: %w", what, wrong)
}

// operatorFilter normalizes an operator's filter before it is combined with others: unpaired
// parentheses in the original text could break out.
func operatorFilter(filter string) (string, error) {
	n, err := parseFilter(filter)
	if err != nil {
		return "", err
	}
	if n == nil {
		return "", nil
	}
	return n.String(), nil
}
