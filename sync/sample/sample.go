package sample

// Options say how big the company is and what it is called. Zero values take the
// defaults that stand beside the fields.
type Options struct {
	People     int    // 500
	Seed       int64  // 1
	Domain     string // "corp.example.com": the directory's DNS domain
	MailDomain string // "example.com"
	Name       string // "Acme"
}

// Company is a company of people. Its methods are pure and may be called from
// several goroutines.
type Company struct {
	opts   Options
	names  []culture
	pairs  int // of given name and surname
	places []office
	depts  []department
	ous    []OU
	flaws  map[int]Flaw
}

// New is the company that follows from the options.
func New(opts Options) *Company {
	if opts.People <= 0 {
		opts.People = 500
	}
	if opts.Seed == 0 {
		opts.Seed = 1
	}
	if opts.Domain == "" {
		opts.Domain = "corp.example.com"
	}
	if opts.MailDomain == "" {
		opts.MailDomain = "example.com"
	}
	if opts.Name == "" {
		opts.Name = "Acme"
	}
	c := &Company{opts: opts, names: stock(), places: offices(), depts: departments()}
	for _, k := range c.names {
		c.pairs += len(k.given) * len(k.surname)
	}
	c.ous = c.plantOUs()
	c.flaws = c.plantFlaws()
	return c
}

// Options are the options with their defaults filled in.
func (c *Company) Options() Options { return c.opts }

// Len is the number of people.
func (c *Company) Len() int { return c.opts.People }

// People yields everybody in order.
func (c *Company) People() func(yield func(int, Person) bool) {
	return func(yield func(int, Person) bool) {
		for i := range c.opts.People {
			if !yield(i, c.Person(i)) {
				return
			}
		}
	}
}

// Streams of chance: one for each decision, so that a change to one leaves the
// others as they were.
const (
	forGUID uint64 = iota + 1
	forName
	forTeam
	forOffice
	forTitle
	forPhone
	forStreet
	forMobile
	forState
	forGroup
	forCloud
	forOUGUID
	forGroupGUID
	forDomainSID
)

// chance is a number that looks random and depends on the seed, the stream and i alone.
func (c *Company) chance(stream, i uint64) uint64 {
	return mix(mix(uint64(c.opts.Seed)^stream*0x9e3779b97f4a7c15) + i*0xd1342543de82ef95)
}

// pick is a number below n.
func (c *Company) pick(stream, i uint64, n int) int {
	return int(c.chance(stream, i) % uint64(n))
}

// mix is the finaliser of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
