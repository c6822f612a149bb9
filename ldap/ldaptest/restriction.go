package ldaptest

import (
	"slices"
	"strings"
	"time"
)

// never is the expiry of accounts and passwords that do not expire.
const never = 0x7fffffffffffffff

// Bits of userAccountControl (MS-ADTS section 2.2.16).
const (
	uacDisabled     = 0x2
	uacNoExpiry     = 0x10000
	uacSmartcard    = 0x40000
	uacTrustAccount = 0x800 | 0x1000 | 0x2000
)

// restriction returns why an account may not log in with the right password: a Win32 error in
// hexadecimal, or "" if it may.
func (d *directory) restriction(o *object, workstation string) string {
	now := d.clock()
	uac, _ := d.integerOf(o, "userAccountControl")
	expires, has := d.integerOf(o, "accountExpires")
	passwordEnds, limited := d.passwordExpiry(o)
	switch {
	case uac&uacDisabled != 0 || d.lds && d.flag(o, "msDS-UserAccountDisabled"):
		return "533"
	case has && expires != 0 && expires != never && expires <= fileTime(now):
		return "701"
	case limited && passwordEnds == 0:
		return "773"
	case limited && passwordEnds <= fileTime(now):
		return "532"
	case !d.hourAllowed(o, now):
		return "530"
	case !d.workstationAllowed(o, workstation):
		return "531"
	}
	return ""
}

// passwordExpiry is msDS-UserPasswordExpiryTimeComputed (MS-ADTS section 3.1.1.4.5.32): 0 if the
// password must be changed at once. ok is false for an object that is not an account or never had a
// password.
func (d *directory) passwordExpiry(o *object) (at int64, ok bool) {
	uac, account := d.integerOf(o, "userAccountControl")
	if !account && !d.lds {
		return 0, false
	}
	if d.flag(o, "msDS-UserDontExpirePassword") || uac&(uacNoExpiry|uacSmartcard|uacTrustAccount) != 0 {
		return never, true
	}
	set, has := d.integerOf(o, "pwdLastSet")
	if !has || set == 0 {
		return 0, has
	}
	age, has := d.integerOf(d.heads[0], "maxPwdAge") // negative: a duration
	if !has || age >= 0 || age == -never-1 {
		return never, true
	}
	return set - age, true
}

func (d *directory) flag(o *object, name string) bool {
	v := o.get(d.schema.must(name))
	return len(v) > 0 && v[0] == "TRUE"
}

// hourAllowed reads logonHours: a bit for each hour of the week from Sunday on, in UTC.
func (d *directory) hourAllowed(o *object, now time.Time) bool {
	v := o.get(d.schema.must("logonHours"))
	if len(v) == 0 || len(v[0]) != 21 {
		return true
	}
	now = now.UTC()
	hour := int(now.Weekday())*24 + now.Hour()
	return v[0][hour/8]>>(hour%8)&1 != 0
}

func (d *directory) workstationAllowed(o *object, workstation string) bool {
	v := o.get(d.schema.must("userWorkstations"))
	if len(v) == 0 {
		return true
	}
	return slices.ContainsFunc(strings.Split(v[0], ","), func(w string) bool {
		return strings.EqualFold(strings.TrimSpace(w), workstation)
	})
}

// lockedOut reports whether lockoutTime is still in force: for lockoutDuration of the domain, or
// until an administrator clears it.
func (d *directory) lockedOut(o *object) bool {
	since, _ := d.integerOf(o, "lockoutTime")
	if since == 0 {
		return false
	}
	span, has := d.integerOf(d.heads[0], "lockoutDuration") // negative
	if !has || span >= 0 || span == -never-1 {
		return true
	}
	return since-span > fileTime(d.clock())
}

// countFailure counts a wrong password and locks the account at lockoutThreshold. badPwdCount is
// local to a domain controller and takes no update sequence number.
func (d *directory) countFailure(o *object) {
	if o == nil || d.flavor != AD {
		return
	}
	threshold, _ := d.integerOf(d.heads[0], "lockoutThreshold")
	if threshold <= 0 {
		return
	}
	n, _ := d.integerOf(o, "badPwdCount")
	n++
	o.set(d.schema.must("badPwdCount"), decimal(n))
	if n >= threshold {
		o.set(d.schema.must("lockoutTime"), decimal(fileTime(d.clock())))
		d.touch(o, d.schema.must("lockoutTime"))
	}
}

func (d *directory) forgetFailures(o *object) {
	if n, _ := d.integerOf(o, "badPwdCount"); n != 0 {
		o.set(d.schema.must("badPwdCount"), "0")
	}
	if since, _ := d.integerOf(o, "lockoutTime"); since != 0 {
		o.set(d.schema.must("lockoutTime"), "0")
		d.touch(o, d.schema.must("lockoutTime"))
	}
}
