package sample

import (
	"iter"
	"strings"
)

// Account is an account that the cloud already has: the person with the data of some time ago.
// Disabled means an inactive account.
type Account struct {
	Person
	UserName   string
	ExternalID string // the GUID alone; "" for most, which no connector has linked yet
	Admin      bool   // a full administrator
	Known      bool   // the directory has this person, with the same index
	Note       string // why the account is special; "" for most
}

// unknownAccounts is the number of accounts that the directory lacks, besides the two administrators:
// more than the delete threshold of 20.
const unknownAccounts = 34

// CloudStart yields the accounts that the cloud has before the first run. Managers are people by
// index; their accounts may be missing.
func (c *Company) CloudStart() iter.Seq[Account] {
	return func(yield func(Account) bool) {
		for i := range c.opts.People {
			if a, ok := c.account(i); ok && !yield(a) {
				return
			}
		}
		for k := range unknownAccounts {
			if !yield(c.unknownAccount(k)) {
				return
			}
		}
		for _, name := range []string{"cloud.admin", "break.glass"} {
			if !yield(c.admin(name)) {
				return
			}
		}
	}
}

// account is the account of person i, if the cloud has one.
func (c *Company) account(i int) (Account, bool) {
	now := c.Person(i)
	f, flawed := c.flaws[i]
	if now.Mail == "" || flawed && f.Kind == SharedMail {
		return Account{}, false
	}
	a := Account{Person: now, UserName: now.Mail, Known: true}
	a.Disabled = false
	switch {
	case flawed && f.Kind == CaseMail:
		a.UserName = capitals(now.Mail)
		a.Mail = a.UserName
		a.Note = "differs in letter case alone"
		return a, true
	case flawed && f.Kind == PhonePlus:
		a.Phone = c.plain(i).Phone
	case c.isAdmin(i):
		a.Admin = true
		a.Note = "a full administrator whom the directory knows"
		return a, true
	case c.pick(forCloud, uint64(i), 100) < 12:
		return Account{}, false
	}
	c.age(&a)
	if c.pick(forCloud, uint64(i)+1<<32, 100) < 6 {
		a.ExternalID = now.GUID.String()
	}
	if now.Disabled && c.pick(forCloud, uint64(i)+2<<32, 2) == 0 {
		a.Disabled = true
	}
	return a, true
}

// isAdmin selects the chief information officer and the chief executive: two people who never have
// a flaw.
func (c *Company) isAdmin(i int) bool {
	return i == 0 || i <= len(c.depts) && c.depts[i-1].name == itDepartment
}

// age changes an account to earlier data of the person.
func (c *Company) age(a *Account) {
	n := c.pick(forCloud, uint64(a.Index)+3<<32, 100)
	switch {
	case n < 12:
		a.Title = earlierTitle(a.Title)
	case n < 17:
		other := c.depts[(n+a.Index)%len(c.depts)]
		a.Department, a.DepartmentNumber = other.name, other.number
	case n < 22:
		a.Display = a.Surname + ", " + a.Given
	case n < 26:
		a.Phone, a.Mobile = "", ""
	}
}

// earlierTitle is the title before a promotion.
func earlierTitle(title string) string {
	for _, step := range []string{"Senior ", "Staff ", "Team Lead "} {
		if rest, ok := strings.CutPrefix(title, step); ok {
			return rest
		}
	}
	return "Junior " + title
}

// unknownAccount is an account that the directory lacks: mostly of people who left.
func (c *Company) unknownAccount(k int) Account {
	p := c.plain(c.opts.People + k)
	p.Disabled = false
	p.Manager = -1
	a := Account{Person: p, UserName: p.Mail, Note: "left the company"}
	if k%8 == 5 {
		room := []string{"boardroom.paris", "training.lab", "reception.berlin", "webinar.host", "demo.user"}[k/8%5]
		a.Given, a.Surname, a.Display, a.Title, a.Department = "", "", room, "", ""
		a.UserName = room + "@" + c.opts.MailDomain
		a.Mail, a.SIP, a.Phone, a.Mobile, a.EmployeeNumber = a.UserName, "sip:"+a.UserName, "", "", ""
		a.Note = "made by hand in the cloud"
	}
	return a
}

// admin is a full administrator that the directory lacks.
func (c *Company) admin(name string) Account {
	given, surname, _ := strings.Cut(name, ".")
	p := Person{Index: -1, Given: capital(given), Surname: capital(surname), Manager: -1, OU: -1,
		Mail: name + "@" + c.opts.MailDomain, Company: c.opts.Name}
	p.Display = p.Given + " " + p.Surname
	return Account{Person: p, UserName: p.Mail, Admin: true, Note: "a full administrator whom the directory does not know"}
}

// capitals spells a mail address as on business cards.
func capitals(mail string) string {
	local, domain, _ := strings.Cut(mail, "@")
	parts := strings.Split(local, ".")
	for i := range parts {
		parts[i] = capital(parts[i])
	}
	return strings.Join(parts, ".") + "@" + domain
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
