#!/usr/bin/python3
"""seed.py SMBCONF PASSWORD: what every domain of the lab starts with, written in one transaction while Samba is down:
a password policy that lets tests be, a few OUs, and service accounts with and without replication rights."""
import sys

import ldb
from samba import sd_utils
from samba.auth import system_session
from samba.dcerpc import security
from samba.ndr import ndr_unpack
from samba.param import LoadParm
from samba.samdb import SamDB

conf, password = sys.argv[1], sys.argv[2]
lp = LoadParm()
lp.load(conf)
db = SamDB(url=lp.private_path("sam.ldb"), session_info=system_session(lp), lp=lp)
base = str(db.domain_dn())


def modify(dn, attribute, values, flag):
    m = ldb.Message(dn)
    m[attribute] = ldb.MessageElement(values, flag, attribute)
    db.modify(m)


db.transaction_start()
try:
    db.set_pwdProperties("0")
    db.set_minPwdLength("1")
    db.set_minPwdAge("0")
    db.set_maxPwdAge("0")
    modify(ldb.Dn(db, base), "pwdHistoryLength", "0", ldb.FLAG_MOD_REPLACE)
    for ou in ("Service Accounts", "Staff", "Leavers"):
        db.create_ou("OU=%s,%s" % (ou, base))
    for user in ("svc-dirsync", "svc-plain"):
        db.newuser(user, password, userou="OU=Service Accounts", setpassword=True)
    # without these names, which a running domain controller registers by itself, no Kerberos bind to LDAP succeeds
    host, domain = str(lp.get("netbios name")).lower(), str(lp.get("realm")).lower()
    dc = db.search(base, ldb.SCOPE_SUBTREE, "(sAMAccountName=%s$)" % host, ["servicePrincipalName"])[0]
    have = {str(v).lower() for v in dc.get("servicePrincipalName", [])}
    fqdn = "%s.%s" % (host, domain)
    names = ["ldap/" + fqdn, "ldap/" + host, "ldap/%s/%s" % (fqdn, domain), "ldap/%s/%s" % (fqdn, str(lp.get("workgroup")).upper()), "GC/%s/%s" % (fqdn, domain)]
    lacking = [n for n in names if n.lower() not in have]
    if lacking:
        modify(dc.dn, "servicePrincipalName", lacking, ldb.FLAG_MOD_ADD)
    db.transaction_commit()
except BaseException:
    db.transaction_cancel()
    raise

# svc-dirsync may read changes: "Replicating Directory Changes" on the domain's head, nothing else
account = db.search(base, ldb.SCOPE_SUBTREE, "(sAMAccountName=svc-dirsync)", ["objectSid"])[0]
sid = ndr_unpack(security.dom_sid, account["objectSid"][0])
sd_utils.SDUtils(db).dacl_add_ace(base, "(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;%s)" % sid)
