package disasters

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"dirbridge/cloud/scimtest"
	"dirbridge/sync/identity"
	"dirbridge/ui/e2e/site"
)

// TestKilledWhileLeaversAreWritten checks promises P2, P6 and P7: in each round, people leave in every
// possible way, their data have problems and their addresses go to others, in chains, and the
// program is killed before or after a write. After each round, the cloud equals the directory, and
// no account is wrongly active. DIRBRIDGE_LONG=on kills it 200 times. A round whose run ends before
// that write does not count.
func TestKilledWhileLeaversAreWritten(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("kill -9")
	}
	t.Parallel()
	wanted := 4
	if long() {
		wanted = 200
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 53))
	k := &turmoil{random: random, drill: newDrill(t, drillOptions{people: 8,
		cloud: scimtest.Options{WithoutBulk: random.IntN(2) == 0, MaxOps: 3}, prepared: func(s *drill) {
			s.seesDeletions()
			s.must1(t, s.ldap.Add("OU=Left,"+s.base(), map[string][]string{"objectClass": {"organizationalUnit"}}))
			s.Configure(t, site.Settings{Base: []string{s.crew}})
		}})}
	for i := 1; i <= 8; i++ {
		k.names = append(k.names, fmt.Sprint("p", i))
	}
	kills, round := 0, 0
	for ; kills < wanted; round++ {
		if round == 5*wanted+20 {
			t.Fatalf("killed only %d times in %d rounds", kills, round)
		}
		k.log = nil
		for range 2 + random.IntN(5) {
			k.edit(t)
		}
		if k.killed(t) {
			kills++
		}
		k.later(time.Duration(round) * time.Hour) // so that it need not wait until the cloud lists new accounts
		if got := k.Run(t, "sync"); got.Code != 0 && got.Code != 4 {
			t.Errorf("the next run: %d %s", got.Code, got.Err)
		}
		k.nobodyStays(t)
		if got := k.Run(t, "sync", "--full"); got.Code != 0 && got.Code != 4 {
			t.Errorf("the full run: %d %s", got.Code, got.Err)
		}
		k.equal(t)
		if t.Failed() {
			t.Fatalf("round %d:\n%s", round, strings.Join(k.log, "\n"))
		}
	}
	t.Logf("%d kills in %d rounds", kills, round)
}

// turmoil is a crew in which people come and go.
type turmoil struct {
	*drill
	random *rand.Rand
	names  []string // in the crew
	out    []string // moved out of scope
	hired  int
	log    []string
}

func (k *turmoil) some() string { return k.names[k.random.IntN(len(k.names))] }

func (k *turmoil) attribute(name, attribute string) string {
	e, _ := k.ldap.Lookup(k.dn(name))
	return site.First(e, attribute)
}

// edit makes one change in the directory, or frees a name in the cloud.
func (k *turmoil) edit(t *testing.T) {
	t.Helper()
	who := k.some()
	what := []string{"hire", "title", "rename", "spoil", "well", "leave", "leave", "leave spoiled", "hand on", "hand on",
		"return", "purge"}[k.random.IntN(12)]
	if len(k.names) < 5 {
		what = "hire"
	}
	k.log = append(k.log, what+" "+who)
	switch what {
	case "hire":
		k.hired++
		name := fmt.Sprint("h", k.hired)
		k.hire(t, name)
		k.names = append(k.names, name)
	case "title":
		k.set(t, who, "title", fmt.Sprint("Title ", k.random.IntN(5)))
	case "rename":
		k.hired++
		k.set(t, who, "mail", fmt.Sprintf("r%d@example.com", k.hired))
	case "spoil":
		k.spoil(t, who)
	case "well":
		k.set(t, who, "userAccountControl", "512")
		k.set(t, who, "telephoneNumber")
		if k.attribute(who, "mail") == "" {
			k.set(t, who, "mail", who+"@example.com")
		}
	case "leave":
		k.leave(t, who)
	case "leave spoiled":
		k.spoil(t, who)
		k.leave(t, who)
	case "hand on":
		mail := k.attribute(who, "mail")
		k.leave(t, who)
		for range 1 + k.random.IntN(3) {
			heir := k.some()
			if mail == "" || heir == who {
				return
			}
			k.log = append(k.log, mail+" to "+heir)
			old := k.attribute(heir, "mail")
			k.set(t, heir, "mail", mail)
			mail = old
		}
	case "return":
		if len(k.out) > 0 {
			name := k.out[0]
			k.out, k.names = k.out[1:], append(k.names, name)
			k.must1(t, k.ldap.Move("CN="+name+",OU=Left,"+k.base(), k.crew))
		}
	case "purge":
		for _, u := range k.sky.Users() {
			if _, there := k.person(u); !u.Active && !there {
				k.must1(t, k.sky.Delete(u.ID))
				return
			}
		}
	}
}

func (k *turmoil) spoil(t *testing.T, who string) {
	t.Helper()
	switch k.random.IntN(3) {
	case 0:
		k.set(t, who, "mail")
	case 1:
		k.set(t, who, "telephoneNumber", "+")
	default:
		if mail := k.attribute(k.some(), "mail"); mail != "" {
			k.set(t, who, "mail", mail)
		}
	}
}

func (k *turmoil) leave(t *testing.T, who string) {
	t.Helper()
	way := k.random.IntN(3)
	if way == 0 || len(k.names) < 3 {
		k.log = append(k.log, "disabled")
		k.set(t, who, "userAccountControl", "514")
		return
	}
	k.names = without(k.names, who)
	if way == 1 {
		k.log = append(k.log, "deleted")
		k.must1(t, k.ldap.Delete(k.dn(who)))
		return
	}
	k.log = append(k.log, "moved out")
	k.must1(t, k.ldap.Move(k.dn(who), "OU=Left,"+k.base()))
	k.out = append(k.out, who)
}

func without(names []string, name string) (out []string) {
	for _, n := range names {
		if n != name {
			out = append(out, n)
		}
	}
	return out
}

// killed runs a synchronization that is killed before or after one of its first writes, and reports
// whether it was.
func (k *turmoil) killed(t *testing.T) bool {
	t.Helper()
	k.sky.ResetStats()
	effect := []scimtest.Effect{scimtest.Stall, scimtest.StallAfter}[k.random.IntN(2)]
	k.sky.Inject(scimtest.Fault{Effect: effect, Writes: true, Nth: 1 + k.random.IntN(4)})
	defer k.sky.Heal()
	args := []string{"sync"}
	if k.random.IntN(3) == 0 {
		args = append(args, "--full")
	}
	k.log = append(k.log, fmt.Sprint(effect, " ", args))
	p := k.starts(t, args...)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-p.ended:
			if code := p.ProcessState.ExitCode(); code != 0 && code != 4 {
				t.Errorf("it ended by itself: %v\n%s", err, p.said.String())
			}
			return false
		case <-tick.C:
			if k.sky.Stats().Fired == 0 {
				continue
			}
			k.must1(t, p.Process.Kill())
			<-p.ended
			return true
		}
	}
}

// person returns the person whose objectGUID an account has, if that person is in the crew.
func (k *turmoil) person(u scimtest.User) (string, bool) {
	for _, p := range k.ldap.People() {
		if strings.EqualFold(p.GUID, u.ExternalID) && k.inCrew(p.DN) {
			return site.First(p, "userAccountControl"), true
		}
	}
	return "", false
}

// nobodyStays checks that every active account belongs to a person in the crew who is not disabled.
func (k *turmoil) nobodyStays(t *testing.T) {
	t.Helper()
	for _, u := range k.sky.Users() {
		if !u.Active || u.ExternalID == "" {
			continue
		}
		if control, there := k.person(u); !there || control == "514" {
			t.Errorf("%s stays active: in the crew %v, userAccountControl %s", u.UserName, there, control)
		}
	}
}

// equal compares the cloud with the directory. People with a problem wait, and so do people who
// would get another person's account.
func (k *turmoil) equal(t *testing.T) {
	t.Helper()
	k.nobodyStays(t)
	wait := map[identity.Anchor]bool{}
	now := k.Settled(t)
	for _, p := range now.Problems {
		wait[p.Anchor] = true
	}
	for _, h := range now.Withheld {
		wait[h.Person.Anchor] = true
	}
	byAnchor := map[string]scimtest.User{}
	for _, u := range k.sky.Users() {
		if _, twice := byAnchor[strings.ToLower(u.ExternalID)]; twice && u.ExternalID != "" {
			t.Errorf("two accounts carry %s", u.ExternalID)
		}
		byAnchor[strings.ToLower(u.ExternalID)] = u
	}
	for _, p := range k.ldap.People() {
		if !k.inCrew(p.DN) || wait[identity.NewAnchor("corp", p.GUID)] {
			continue
		}
		u, ok := byAnchor[strings.ToLower(p.GUID)]
		if !ok || u.UserName != site.First(p, "mail") || u.Title != site.First(p, "title") ||
			u.Active != (site.First(p, "userAccountControl") != "514") {
			t.Errorf("%s (%s, %s, %s) has the account %+v", p.DN, site.First(p, "mail"), site.First(p, "title"),
				site.First(p, "userAccountControl"), u)
		}
	}
}
