#!/usr/bin/python3
"""ldif.py SUFFIX PEOPLE GROUPS: the company as LDIF for slapadd. With 0 people it is the naming context and the
accounts alone: cn=reader reads everything, cn=limited and cn=unpaged meet the limits of slapd.conf.in; the password of
each is its name."""
import base64
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True
import company  # noqa: E402

suffix, people, groups = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
out = open(sys.stdout.fileno(), "w", encoding="utf-8", buffering=1 << 20)


def line(name, value):
    plain = isinstance(value, str) and value.isascii() and value[:1] not in (" ", ":", "<") and value[-1:] != " "
    if plain:
        out.write("%s: %s\n" % (name, value))
    else:
        raw = value.encode() if isinstance(value, str) else value
        out.write("%s:: %s\n" % (name, base64.b64encode(raw).decode()))


def entry(dn, classes, **attributes):
    line("dn", dn)
    for c in classes:
        line("objectClass", c)
    for name, value in attributes.items():
        for v in value if isinstance(value, list) else [value]:
            if v is not None:
                line(name, v)
    out.write("\n")


def sid(rid):
    return bytes((1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)) + rid.to_bytes(4, "little")


dc = suffix.split(",")[0].split("=")[1]
entry(suffix, ["dcObject", "organization"], o=dc, dc=dc)
for name in ("reader", "limited", "unpaged"):
    entry("cn=%s,%s" % (name, suffix), ["organizationalRole", "simpleSecurityObject"], cn=name, userPassword=name)
if people:
    dns = [company.Person(i).dn(suffix) for i in range(people)]
    for path in company.ous():
        entry(company.dn(path, suffix), ["organizationalUnit"], ou=path[-1])
    for i in range(people):
        p = company.Person(i)
        entry(dns[i], ["user"], cn=p.name, sn=p.last, givenName=p.first, displayName="%s %s" % (p.first, p.last),
              objectGUID=company.guid("person", i), objectSid=sid(1000 + i), sAMAccountName=p.account,
              userPrincipalName="%s@%s.test" % (p.account, dc), mail=p.mail, telephoneNumber=p.phone, title=p.title,
              department=p.department, proxyAddresses=["SMTP:" + p.mail, "smtp:%s@%s.test" % (p.account, dc)],
              userAccountControl="514" if p.disabled else "512", manager=None if p.manager is None else dns[p.manager])
    for k in range(groups):
        g = company.Group(k, people, groups)
        members = [dns[i] for i in g.members]
        if g.nested is not None:
            members.append(company.Group(g.nested, people, groups).dn(suffix))
        entry(g.dn(suffix), ["group"], cn=g.name, displayName=g.name, sAMAccountName=g.account, mail=g.account + "@example.com",
              objectGUID=company.guid("group", k), objectSid=sid(1000 + people + k), member=members)
out.flush()
