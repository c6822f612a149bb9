package sample

// Options say how large the company is and what it is called. The comments give the defaults of
// zero values.
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

// New makes the company of the options.
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
	c.ous = c.makeOUs()
	c.flaws = c.plantFlaws()
	return c
}

// Options returns the options with their defaults.
func (c *Company) Options() Options { return c.opts }

// Len is the number of people.
func (c *Company) Len() int { return c.opts.People }

// People yields all people in order.
func (c *Company) People() func(yield func(int, Person) bool) {
	return func(yield func(int, Person) bool) {
		for i := range c.opts.People {
			if !yield(i, c.Person(i)) {
				return
			}
		}
	}
}

// Streams of random numbers: one for each decision, so that a change to one does not change the
// others.
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

// chance is a pseudorandom number that depends on the seed, the stream and i alone.
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
