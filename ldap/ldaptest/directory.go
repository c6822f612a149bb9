package ldaptest

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"time"
)

// directory is the tree and its indexes. Readers hold mu for a batch of entries, writers for one
// edit.
type directory struct {
	schema  *schema
	classes map[string]*class
	flavor  Flavor
	base    []rdn  // the domain's DN
	domain  string // its DNS name
	netbios string
	clock   func() time.Time
	traits

	recycleBin bool
	cookieAge  uint32 // DirSync cookies with a lower age are unknown

	mu sync.RWMutex
	tree
	hidden           map[guid]bool            // unreadable, with everything below
	hiddenAttributes map[hiddenAttribute]bool // unreadable attributes
	referralObjects  []referralObject         // referral objects

	// attributes that the code refers to
	at struct {
		objectClass, objectCategory, cn, ou, dc, o, name, dn, guid, parentGUID, sid,
		account, upn, uac, accountType, primaryGroup, groupType, instanceType, critical,
		created, changed, usnCreated, usnChanged, createStamp, modifyStamp, member, memberOf,
		canonicalName, entryUUID, entryDN, uid, isDeleted, isRecycled, lastKnownParent,
		lastKnownRDN, invocation *attribute
	}
}

// tree is the mutable part of a directory; a backup has a copy of it.
type tree struct {
	heads     []*object // of naming contexts, the domain first
	deepest   []*object // the same, the longest DN first, for nested contexts
	byGUID    map[guid]*object
	bySID     map[string]*object
	byAccount map[string]*object // sAMAccountName, lower case
	domainSID string             // text
	nextRID   uint32
	usn       int64
	made      uint64 // objects ever created
	log       []logEntry
	bins      map[*object]*object // CN=Deleted Objects by the head of its naming context

	invocation guid
	settings   *object // of the domain controller
	retired    []upTo  // invocationIds from before a restore, and up to which number they are valid
	partners   []partner
}

func newDirectory(opts Options) (*directory, error) {
	base, err := parseDN(opts.BaseDN)
	if err != nil || len(base) == 0 {
		return nil, errDN
	}
	ch, partitions, err := traitsOf(opts, base)
	if err != nil {
		return nil, err
	}
	flavor := opts.Flavor
	if ch.lds {
		flavor = AD // apart from its traits
	}
	d := &directory{schema: newSchema(), classes: classes(opts.Flavor), flavor: flavor, base: base, clock: opts.Clock,
		traits: ch, recycleBin: opts.RecycleBin}
	if ch.lds {
		d.schema.forget("userAccountControl", "sAMAccountType", "primaryGroupID", "msDS-User-Account-Control-Computed")
	}
	d.tree = tree{byGUID: map[guid]*object{}, bySID: map[string]*object{}, byAccount: map[string]*object{},
		bins: map[*object]*object{}, domainSID: "S-1-5-21-1737020417-2903451852-3316604561", nextRID: 1000}
	var labels []string
	for _, r := range base {
		if r.attr == "DC" {
			labels = append(labels, r.value)
		}
	}
	d.domain = strings.ToLower(strings.Join(labels, "."))
	d.netbios = strings.ToUpper(base[0].value)
	d.nameAttributes()
	d.plant(opts, partitions)
	return d, nil
}

func (d *directory) nameAttributes() {
	for name, p := range map[string]**attribute{
		"objectClass": &d.at.objectClass, "objectCategory": &d.at.objectCategory, "cn": &d.at.cn, "ou": &d.at.ou,
		"dc": &d.at.dc, "o": &d.at.o, "name": &d.at.name, "distinguishedName": &d.at.dn, "objectGUID": &d.at.guid,
		"parentGUID": &d.at.parentGUID, "objectSid": &d.at.sid, "sAMAccountName": &d.at.account,
		"userPrincipalName": &d.at.upn, "userAccountControl": &d.at.uac, "sAMAccountType": &d.at.accountType,
		"primaryGroupID": &d.at.primaryGroup, "groupType": &d.at.groupType, "instanceType": &d.at.instanceType,
		"isCriticalSystemObject": &d.at.critical, "whenCreated": &d.at.created, "whenChanged": &d.at.changed,
		"uSNCreated": &d.at.usnCreated, "uSNChanged": &d.at.usnChanged, "createTimeStamp": &d.at.createStamp,
		"modifyTimeStamp": &d.at.modifyStamp, "member": &d.at.member, "memberOf": &d.at.memberOf,
		"canonicalName": &d.at.canonicalName, "entryUUID": &d.at.entryUUID, "entryDN": &d.at.entryDN,
		"uid": &d.at.uid, "isDeleted": &d.at.isDeleted, "isRecycled": &d.at.isRecycled,
		"lastKnownParent":   &d.at.lastKnownParent,
		"msDS-LastKnownRDN": &d.at.lastKnownRDN, "invocationId": &d.at.invocation,
	} {
		*p = d.schema.must(name)
	}
}

// find walks down to a DN. best is the deepest existing object on the way, or nil if the DN is
// outside every naming context.
func (d *directory) find(parts []rdn) (o, best *object) {
	for _, head := range d.deepest {
		n := len(parts) - len(head.head)
		if n < 0 || dnKey(parts[n:]) != dnKey(head.head) {
			continue
		}
		o = head
		for i := n - 1; i >= 0; i-- {
			child := o.children[parts[i].key()]
			if child == nil {
				return nil, o
			}
			o = child
		}
		return o, o
	}
	return nil, nil
}

// attach puts an object below its parent.
func (d *directory) attach(o, parent *object) {
	o.parent = parent
	if parent.children == nil {
		parent.children = map[string]*object{}
	}
	parent.children[o.rdn.key()] = o
	parent.order = append(parent.order, o)
}

func (d *directory) detach(o *object) {
	p := o.parent
	delete(p.children, o.rdn.key())
	if i := slices.Index(p.order, o); i >= 0 {
		p.order = slices.Delete(p.order, i, i+1)
	}
}

// newGUID derives from the number of objects created before, so that runs are reproducible.
func (d *directory) newGUID() guid {
	d.made++
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(formatDN(d.base)), d.made))
	g := guid(sum[:16])
	g[7] = g[7]&0x0f | 0x40
	g[8] = g[8]&0x3f | 0x80
	return g
}

// newSID returns the next SID of the domain, in binary form.
func (d *directory) newSID() string {
	for {
		d.nextRID++
		sid := d.sidOf(d.nextRID)
		if d.bySID[sid] == nil {
			return sid
		}
	}
}

func (d *directory) sidOf(rid uint32) string {
	sid, _ := parseSID(d.domainSID + "-" + decimal(int64(rid)))
	return sid
}

// adoptSID gives the domain another SID, and changes those of its objects.
func (d *directory) adoptSID(text string) {
	old, _ := parseSID(d.domainSID)
	sid, ok := parseSID(text)
	if !ok || sid == old {
		return
	}
	d.domainSID = text
	for was, o := range d.bySID {
		// A SID of the domain is the domain's SID with one more field, and a higher count.
		if len(was) < len(old) || was[2:len(old)] != old[2:] {
			continue
		}
		now := was[:2] + sid[2:] + was[len(old):]
		delete(d.bySID, was)
		d.bySID[now] = o
		o.set(d.at.sid, now)
	}
}
