package sample

import (
	"fmt"
	"strings"
)

// Person is one entry of the directory. A text field is empty if the entry lacks the attribute.
type Person struct {
	Index            int
	CN               string // the RDN's value: unique within its OU
	Given, Surname   string
	Display          string
	Mail             string
	UPN              string
	SAM              string
	SIP              string // "sip:" URI, msRTCSIP-PrimaryUserAddress
	Title            string
	Department       string
	DepartmentNumber string
	Company          string
	Office           string // physicalDeliveryOfficeName
	Street           string
	City             string
	State            string
	PostalCode       string
	Country          string // two letters
	Language         string // preferredLanguage
	Phone, Mobile    string
	EmployeeNumber   string
	EmployeeType     string // Employee, Contractor, Service
	Manager          int    // -1 for none
	Disabled         bool
	OU               int
	GUID             GUID
	SID              string
}

// Person returns person i. It is also defined past the company's end: those are people who are not
// in its directory.
func (c *Company) Person(i int) Person {
	p := c.plain(i)
	if f, ok := c.flaws[i]; ok && i < c.opts.People {
		f.apply(&p)
	}
	return p
}

// plain is person i without flaws.
func (c *Company) plain(i int) Person {
	p := Person{Index: i, GUID: c.guid(forGUID, uint64(i)), SID: c.sid(firstPersonRID + i),
		Company: c.opts.Name, EmployeeNumber: fmt.Sprint(100000 + i), EmployeeType: "Employee",
		Manager: c.manager(i)}
	place, initial, number := c.name(i)
	c.nameOf(&p, place, initial, number)
	c.job(&p)
	c.seat(&p, place.culture)
	p.Disabled = i > len(c.depts) && c.pick(forState, uint64(i), 100) < 4
	return p
}

func (c *Company) nameOf(p *Person, at place, initial string, number int) {
	k := c.names[at.culture]
	p.Given, p.Surname = k.given[at.given], k.surname[at.surname]
	p.Display = p.Given + " " + p.Surname
	local := fold(p.Given) + "." + fold(p.Surname)
	if initial != "" {
		p.Display = p.Given + " " + initial + ". " + p.Surname
		local = fold(p.Given) + "." + strings.ToLower(initial) + "." + fold(p.Surname)
	}
	p.CN = p.Display
	if number > 0 {
		p.CN += fmt.Sprint(" ", number+1)
		local += fmt.Sprint(number + 1)
	}
	p.Mail = local + "@" + c.opts.MailDomain
	p.SIP = "sip:" + p.Mail
	p.SAM = account(local)
	p.UPN = local + "@" + c.opts.Domain
}

// account shortens a local part to 20 characters, the practical limit of sAMAccountName, and keeps
// it unique with a checksum of the rest.
func account(local string) string {
	if len(local) <= 20 {
		return local
	}
	sum := uint64(0)
	for _, b := range []byte(local) {
		sum = mix(sum ^ uint64(b))
	}
	return fmt.Sprintf("%s-%07x", strings.TrimRight(local[:12], ".-"), sum&0xfffffff)
}

func (c *Company) job(p *Person) {
	if p.Index == 0 {
		p.Title, p.Department, p.DepartmentNumber = "Chief Executive Officer", "Executive", "1000"
		p.OU = c.OU(executiveOU)
		return
	}
	d := c.depts[c.department(p.Index)]
	p.Department, p.DepartmentNumber, p.OU = d.name, d.number, c.OU(d.ou)
	_, seat, inTeam := c.team(p.Index)
	switch {
	case !inTeam:
		p.Title, p.OU = d.head, c.OU(executiveOU)
	case seat == 0:
		p.Title = "Team Lead " + d.name
	default:
		p.Title = d.titles[c.pick(forTitle, uint64(p.Index), len(d.titles))]
		if c.pick(forTitle, uint64(p.Index)+1<<32, 100) < 6 {
			p.EmployeeType, p.OU = "Contractor", c.OU(contractorsOU)
		}
	}
}

func (c *Company) seat(p *Person, home int) {
	i := uint64(p.Index)
	o := c.office(p.Index, home)
	p.Office, p.City, p.State, p.PostalCode, p.Country, p.Language = o.name, o.city, o.state, o.postal,
		o.country, o.language
	p.Street = o.address(c.pick(forStreet, i, 4) * 7)
	p.Phone = digits(o.phone, c.chance(forPhone, i))
	if c.pick(forMobile, i, 100) < 60 {
		p.Mobile = digits(o.mobile, c.chance(forMobile, i+1<<32))
	}
}

// DN is the person's DN below base.
func (c *Company) DN(p Person, base string) string {
	return "CN=" + EscapeRDN(p.CN) + "," + c.OUDN(p.OU, base)
}
