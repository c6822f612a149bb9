package sample

import "fmt"

// Flaw is a flaw of real data, planted on purpose.
type Flaw struct {
	Person    int    // the person with it
	Kind      string // one of the kinds below
	Attribute string // of the directory
	Value     string // as planted; "" if the attribute is missing
	Problem   bool   // the entry, or the value, cannot be synchronized
	Note      string // for display
	apply     func(*Person)
}

// Kinds of flaw.
const (
	PhonePlus      = "phone-plus"      // telephoneNumber "+"
	NoMail         = "no-mail"         // a person without mail
	SharedMail     = "shared-mail"     // two people with one mail
	ServiceAccount = "service-account" // a program's account, without mail
	PlusMail       = "plus-mail"       // a valid mail with a plus
	ApostropheMail = "apostrophe-mail" // a valid mail with an apostrophe
	ForeignMail    = "foreign-mail"    // a mail with letters beyond ASCII
	CommaDN        = "comma-dn"        // a DN with a comma
	QuoteDN        = "quote-dn"        // a DN with quotes
	PlusDN         = "plus-dn"         // a DN with a plus and an equals sign
	HashDN         = "hash-dn"         // a DN that begins with #
	ForeignName    = "foreign-name"    // a name beyond Latin letters
	CaseMail       = "case-mail"       // the cloud spells the mailbox in other letter case
)

// Flaws are at every fourth person from the thirtieth, so that a company of a hundred has all of
// them, their places do not depend on its size, and no team lead has one.
const (
	firstFlaw = 30
	flawStep  = 4
)

// Flaws lists the flaws within the company, in order of person.
func (c *Company) Flaws() []Flaw {
	var flaws []Flaw
	for i := firstFlaw; i < c.opts.People; i++ {
		if f, ok := c.flaws[i]; ok {
			flaws = append(flaws, f)
		} else if i > firstFlaw+flawStep*32 {
			break
		}
	}
	return flaws
}

func (c *Company) plantFlaws() map[int]Flaw {
	flaws := map[int]Flaw{}
	next := firstFlaw
	add := func(f Flaw, change func(*Person)) int {
		f.Person = next
		f.apply = func(p *Person) { p.Disabled = false; change(p) }
		flaws[next] = f
		next += flawStep
		return f.Person
	}
	domain := c.opts.MailDomain
	mail := func(p *Person, m string) { p.Mail, p.SIP = m, "sip:"+m }
	phone := Flaw{Kind: PhonePlus, Attribute: "telephoneNumber", Value: "+", Problem: true, Note: "a plus is not a number"}
	none := Flaw{Kind: NoMail, Attribute: "mail", Problem: true, Note: "nothing to be known by in the cloud"}

	add(phone, func(p *Person) { p.Phone = "+" })
	add(none, func(p *Person) { mail(p, ""); p.SIP = "" })
	first := next
	shared := c.plain(first).Mail
	sharedMail := Flaw{Kind: SharedMail, Attribute: "mail", Value: shared, Problem: true,
		Note: "two people have this mail"}
	add(sharedMail, func(p *Person) { mail(p, shared) })
	add(sharedMail, func(p *Person) { mail(p, shared) })
	plus := fold(c.plain(next).Given) + "+support@" + domain
	add(Flaw{Kind: PlusMail, Attribute: "mail", Value: plus, Note: "a plus is valid"}, func(p *Person) { mail(p, plus) })
	apostrophe := fold(c.plain(next).Given) + ".o'neill@" + domain
	add(Flaw{Kind: ApostropheMail, Attribute: "mail", Value: apostrophe, Note: "an apostrophe is valid"}, func(p *Person) {
		p.Surname = "O'Neill"
		p.Display = p.Given + " O'Neill"
		p.CN = p.Display
		mail(p, apostrophe)
	})
	foreign := "jürgen.größe@" + domain
	add(Flaw{Kind: ForeignMail, Attribute: "mail", Value: foreign, Note: "letters beyond ASCII (RFC 6531)"},
		func(p *Person) {
			p.Given, p.Surname, p.Display, p.CN = "Jürgen", "Größe", "Jürgen Größe", "Jürgen Größe"
			mail(p, foreign)
		})
	add(Flaw{Kind: CommaDN, Attribute: "cn", Note: "the DN has an escaped comma"},
		func(p *Person) { p.CN = p.Surname + ", " + p.Given })
	add(Flaw{Kind: QuoteDN, Attribute: "cn", Note: "the DN has escaped quotes"}, func(p *Person) {
		p.CN = fmt.Sprintf(`%s "Mac" %s`, p.Given, p.Surname)
		p.Display = p.CN
	})
	add(Flaw{Kind: ForeignName, Attribute: "displayName", Value: "王小明", Note: "names beyond Latin letters"},
		func(p *Person) {
			p.Given, p.Surname, p.Display, p.CN = "小明", "王", "王小明", "王小明"
		})
	add(phone, func(p *Person) { p.Phone = "+" })
	add(Flaw{Kind: CaseMail, Attribute: "mail", Note: "the cloud has the mailbox in capitals"}, func(p *Person) {})
	add(Flaw{Kind: PlusDN, Attribute: "cn", Note: "the DN has a plus and an equals sign"},
		func(p *Person) { p.CN += " (R+D=1)" })
	add(none, func(p *Person) { mail(p, ""); p.SIP = "" })
	add(Flaw{Kind: HashDN, Attribute: "cn", Note: "the DN begins with a number sign"},
		func(p *Person) { p.CN = "#" + p.CN })
	for _, name := range []string{"svc-backup", "svc-scanner"} {
		add(Flaw{Kind: ServiceAccount, Attribute: "mail", Problem: true, Note: "a program has no mailbox"}, c.service(name))
	}
	return flaws
}

// service turns a person into a program's account.
func (c *Company) service(name string) func(*Person) {
	return func(p *Person) {
		*p = Person{Index: p.Index, GUID: p.GUID, SID: p.SID, Manager: -1, CN: name, Display: name, SAM: name,
			UPN: name + "@" + c.opts.Domain, EmployeeType: "Service", OU: c.OU(serviceAccountsOU)}
	}
}
