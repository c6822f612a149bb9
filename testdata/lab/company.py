"""A made-up company, the same for every directory server: nested OUs, people with managers, groups with members.

Everything follows from the number of people and groups, so that two servers hold the same company.
RDN values come unescaped; dn() escapes them (RFC 4514).
"""
import uuid

FIRST = "Ann Bob Cat Dan Eve Fay Gus Hal Ivy Jon Kim Lea Max Nia Oli Pia Quin Rob Sue Tim Uma Val Wes Xia Yan Zoë".split()
LAST = "Adams Baker Clark Davis Evans Frost Green Hill Irwin Jones Klein Lopez Müller Nolan O'Brien Price Quick Reed Smith Young".split()
TITLES = "Engineer,Account Manager,Analyst,Technician,Director,Buyer,Architect,Partner,Specialist".split(",")
REGIONS = {"EMEA": ("Berlin", "Zürich", "Lisbon"), "Americas": ("Austin", "Toronto", "São Paulo"), "APAC": ("Osaka", "Perth", "Pune")}
DEPARTMENTS = ("Sales", "Finance", "Research, Development", "Support")
ROOT = ("Company",)
GROUPS = ROOT + ("Groups",)


def escape(value):
    out = "".join("\\" + c if c in ',+"\\<>;=' else c for c in value)
    if out[:1] in (" ", "#"):
        out = "\\" + out
    return out


def dn(path, base, leaf=None):
    """The DN of an OU path (outermost first) below base, or of the object CN=leaf in it."""
    parts = ["OU=" + escape(p) for p in reversed(path)]
    if leaf is not None:
        parts.insert(0, "CN=" + escape(leaf))
    return ",".join(parts + [base])


def ous():
    """OU paths, parents first: 3 regions, 9 sites, 36 departments, and the groups' own."""
    yield ROOT
    yield GROUPS
    yield GROUPS + ("Teams",)
    for region, sites in REGIONS.items():
        yield ROOT + (region,)
        for site in sites:
            yield ROOT + (region, site)
            for department in DEPARTMENTS:
                yield ROOT + (region, site, department)


DEEP = [p for p in ous() if len(p) == 4]


def guid(kind, i):
    return uuid.uuid5(uuid.NAMESPACE_OID, "%s-%d" % (kind, i)).bytes


class Person:
    def __init__(self, i, mail_domain="example.com"):
        self.i = i
        self.first, self.last = FIRST[i % len(FIRST)], LAST[(i // len(FIRST)) % len(LAST)]
        # people of whole departments, sites and regions, and every 97th right below a region
        self.path = ROOT + (list(REGIONS)[i % 3],) if i % 97 == 0 else DEEP[i % len(DEEP)]
        self.department = self.path[-1]
        self.account = "u%06d" % i
        self.name = "%s %s %06d" % (self.first, self.last, i)
        if i % 41 == 7:
            self.name = "%s, %s (%06d)" % (self.last, self.first, i)
        self.mail = "%s@%s" % (self.account, mail_domain)
        if i % 53 == 5:
            self.mail = "%s.o'%s@%s" % (self.account, "neil", mail_domain)
        self.title = "%s %d" % (TITLES[i % len(TITLES)], i % 4)
        self.phone = "+1 555 %07d" % i
        self.disabled = i % 50 == 49
        self.manager = None if i == 0 else i // 10

    def dn(self, base):
        return dn(self.path, base, self.name)


class Group:
    def __init__(self, k, people, groups):
        self.k = k
        self.path = GROUPS if k == 0 else GROUPS + ("Teams",)
        self.name = "All People" if k == 0 else "Team %04d" % k
        self.account = "grp%04d" % k
        size = people if k == 0 else min(people, 5 + (k * 7) % 40)
        first = 0 if k == 0 else (k * 131) % max(people, 1)
        self.members = [(first + j) % people for j in range(size)]
        self.nested = k - 1 if k > 1 and k % 10 == 9 else None  # the group that is a member of this one

    def dn(self, base):
        return dn(self.path, base, self.name)
