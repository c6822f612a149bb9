package sample

import (
	"fmt"
	"strings"
)

// office is a place of work. Phone is its number with # for digits.
type office struct {
	name, street, city, state, postal, country, language, phone, mobile string
}

func offices() []office {
	return []office{
		{"London Bridge", "%d Tooley Street", "London", "", "SE1 2TF", "GB", "en-GB", "+44 20 7946 0###", "+44 7700 900###"},
		{"Berlin Mitte", "Chausseestraße %d", "Berlin", "Berlin", "10115", "DE", "de-DE", "+49 30 23125 ###",
			"+49 152 28817 ###"},
		{"Paris Opéra", "%d boulevard Haussmann", "Paris", "Île-de-France", "75009", "FR", "fr-FR", "+33 1 99 00 ## ##",
			"+33 6 39 98 ## ##"},
		{"Lisboa Oriente", "Avenida Dom João II %d", "Lisboa", "", "1990-096", "PT", "pt-PT", "+351 21 000 ####",
			"+351 91 000 ####"},
		{"Madrid Castellana", "Paseo de la Castellana %d", "Madrid", "Madrid", "28046", "ES", "es-ES", "+34 910 00 ## ##",
			"+34 600 00 ## ##"},
		{"Austin", "%d Congress Avenue", "Austin", "TX", "78701", "US", "en-US", "+1 512 555 01##", "+1 737 555 01##"},
		{"Bengaluru", "%d Residency Road", "Bengaluru", "Karnataka", "560025", "IN", "en-IN", "+91 80 5550 ####",
			"+91 98450 #####"},
		{"Tokyo Shibuya", "Dogenzaka 2-%d", "Tokyo", "Tokyo", "150-0043", "JP", "ja-JP", "+81 3 5550 ####",
			"+81 90 5550 ####"},
		{"Singapore", "%d Robinson Road", "Singapore", "", "068877", "SG", "en-SG", "+65 6550 ####", "+65 8550 ####"},
		{"Warszawa", "ul. Prosta %d", "Warszawa", "mazowieckie", "00-838", "PL", "pl-PL", "+48 22 555 ## ##",
			"+48 600 55 ## ##"},
		{"Stockholm", "Sveavägen %d", "Stockholm", "", "111 57", "SE", "sv-SE", "+46 8 465 00 4##", "+46 70 174 06 ##"},
		{"Johannesburg", "%d Rivonia Road", "Johannesburg", "Gauteng", "2196", "ZA", "en-ZA", "+27 11 555 ####",
			"+27 82 555 ####"},
		{"Dubai", "Sheikh Zayed Road %d", "Dubai", "Dubai", "00000", "AE", "ar-AE", "+971 4 555 ####", "+971 50 555 ####"},
		{"Ho Chi Minh City", "%d Nguyen Hue", "Ho Chi Minh City", "", "700000", "VN", "vi-VN", "+84 28 5550 ####",
			"+84 90 555 ####"},
		{"Seoul Gangnam", "Teheran-ro %d", "Seoul", "", "06236", "KR", "ko-KR", "+82 2 5550 ####", "+82 10 5550 ####"},
		{"Milano", "Via Torino %d", "Milano", "MI", "20123", "IT", "it-IT", "+39 02 5550 ####", "+39 320 555 ####"},
	}
}

// office returns that of person i: usually where the name is common.
func (c *Company) office(i, home int) office {
	n := c.pick(forOffice, uint64(i), 100)
	if n < 70 {
		return c.places[home]
	}
	return c.places[n%len(c.places)]
}

func (o office) address(n int) string { return fmt.Sprintf(o.street, 1+n%180) }

// digits replaces the # of a pattern by digits of n.
func digits(pattern string, n uint64) string {
	var b strings.Builder
	for _, r := range pattern {
		if r == '#' {
			r = rune('0' + n%10)
			n /= 10
		}
		b.WriteRune(r)
	}
	return b.String()
}
