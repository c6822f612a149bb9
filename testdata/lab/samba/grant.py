#!/usr/bin/python3
"""grant.py SMBCONF ACCOUNT: lets the account look into CN=Deleted Objects (List Contents, Read Property), which only
administrators may; beside a running Samba, or while it is down."""
import sys

import ldb
from samba.auth import system_session
from samba.dcerpc import security
from samba.ndr import ndr_pack, ndr_unpack
from samba.param import LoadParm
from samba.samdb import SamDB

lp = LoadParm()
lp.load(sys.argv[1])
db = SamDB(url=lp.private_path("sam.ldb"), session_info=system_session(lp), lp=lp)
base, domain = str(db.domain_dn()), security.dom_sid(db.get_domain_sid())
account = db.search(base, ldb.SCOPE_SUBTREE, "(sAMAccountName=%s)" % sys.argv[2], ["objectSid"])[0]
sid = ndr_unpack(security.dom_sid, account["objectSid"][0])
deleted = "CN=Deleted Objects," + base
found = db.search(deleted, ldb.SCOPE_BASE, attrs=["nTSecurityDescriptor"], controls=["show_deleted:1", "sd_flags:1:7"])[0]
text = ndr_unpack(security.descriptor, found["nTSecurityDescriptor"][0]).as_sddl(domain)
wanted = security.descriptor.from_sddl(text + "(A;CI;LCRP;;;%s)" % sid, domain)
m = ldb.Message(ldb.Dn(db, deleted))
m["descriptor"] = ldb.MessageElement(ndr_pack(wanted), ldb.FLAG_MOD_REPLACE, "nTSecurityDescriptor")
db.modify(m, controls=["show_deleted:1", "sd_flags:1:4"])
