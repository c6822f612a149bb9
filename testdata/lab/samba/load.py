#!/usr/bin/python3
"""load.py SMBCONF PEOPLE GROUPS: loads the company into the domain while Samba is down.

No passwords are set: userAccountControl is NORMAL_ACCOUNT and PASSWD_NOTREQD (544), with ACCOUNTDISABLE 546."""
import os
import sys
import time

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
sys.dont_write_bytecode = True
import company  # noqa: E402

conf, people, groups = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
BATCH = 5000
start = time.time()
lp = LoadParm()
lp.load(conf)
db = SamDB(url=lp.private_path("sam.ldb"), session_info=system_session(lp), lp=lp, options=["batch_mode:1", "transaction_index_cache_size:200000"])
base, domain = str(db.domain_dn()), str(lp.get("realm")).lower()
dns = [company.Person(i).dn(base) for i in range(people)]


def transaction(work):
    db.transaction_start()
    try:
        work()
        db.transaction_commit()
    except BaseException:
        db.transaction_cancel()
        raise


def link(dn, attribute, values):
    m = ldb.Message(ldb.Dn(db, dn))
    m[attribute] = ldb.MessageElement(values, ldb.FLAG_MOD_ADD, attribute)
    db.modify(m)


def add_ous():
    for path in company.ous():
        db.add({"dn": company.dn(path, base), "objectClass": "organizationalUnit"})


def add_people(first, last):
    for i in range(first, last):
        p = company.Person(i)
        db.add({"dn": dns[i], "objectClass": "user", "sAMAccountName": p.account, "userPrincipalName": "%s@%s" % (p.account, domain),
                "givenName": p.first, "sn": p.last, "displayName": "%s %s" % (p.first, p.last), "mail": p.mail,
                "telephoneNumber": p.phone, "title": p.title, "department": p.department,
                "proxyAddresses": ["SMTP:" + p.mail, "smtp:%s@%s" % (p.account, domain)],
                "userAccountControl": "546" if p.disabled else "544"})


def add_groups():
    for k in range(groups):
        g = company.Group(k, people, groups)
        db.add({"dn": g.dn(base), "objectClass": "group", "sAMAccountName": g.account, "displayName": g.name, "mail": g.account + "@example.com"})
    for k in range(groups):
        g = company.Group(k, people, groups)
        members = [dns[i] for i in g.members]
        if g.nested is not None:
            members.append(company.Group(g.nested, people, groups).dn(base))
        if members:
            link(g.dn(base), "member", members)


def add_managers():
    for i in range(people):
        manager = company.Person(i).manager
        if manager is not None:
            link(dns[i], "manager", [dns[manager]])


transaction(add_ous)
for at in range(0, people, BATCH):
    transaction(lambda: add_people(at, min(people, at + BATCH)))
transaction(add_groups)
transaction(add_managers)
print("lab samba: loaded %d people and %d groups in %.1f s" % (people, groups, time.time() - start), file=sys.stderr)
