#!/usr/bin/python3
"""dse.py STATE ADDRESS PORT SUFFIX PASSWORD SCHEMA: the configuration of a 389 Directory Server below STATE, from the
package's template, with the schema of ../slapd/ad.schema; STATE/load.ldif gets the naming context and cn=reader.
DS389_SYNC, DS389_REFERINT and DS389_MAXAGE choose the plug-ins that run."""
import base64
import hashlib
import os
import re
import sys

state, address, port, suffix, password, schema = sys.argv[1:7]
sync, referint, age = os.environ["DS389_SYNC"], os.environ["DS389_REFERINT"], os.environ["DS389_MAXAGE"]
hashed = "{SSHA512}" + base64.b64encode(hashlib.sha512(password.encode() + b"lab").digest() + b"lab").decode()
values = {
    "schema_dir": state + "/conf/schema", "lock_dir": state + "/lock", "tmp_dir": state + "/tmp", "cert_dir": state + "/conf",
    "ldif_dir": state + "/ldif", "bak_dir": state + "/bak", "run_dir": state + "/run", "inst_dir": state,
    "log_dir": state + "/log", "db_dir": state + "/db", "db_home_dir": state + "/db", "config_dir": state + "/conf",
    "fqdn": "localhost", "ds_port": port, "ds_user": "root", "rootdn": "cn=admin," + suffix, "ds_passwd": hashed,
    "ldapi_enabled": "off", "ldapi": state + "/run/ldapi", "ldapi_autobind": "off", "ds_suffix": suffix, "db_lib": "bdb",
    "ds_bename": "userroot",
}


def template(name):
    with open("/usr/share/dirsrv/data/" + name) as f:
        text = "".join(line for line in f if not line.startswith("#"))
    return re.sub(r"%([a-z_]+)%", lambda m: values[m.group(1)], text)


def entry(text, cn, **changes):
    """Changes values of the plug-in with that name, and adds those that it does not have."""
    head, found, rest = text.partition("dn: cn=%s,cn=plugins,cn=config\n" % cn)
    body, blank, tail = rest.partition("\n\n")
    for name, value in changes.items():
        name = name.replace("_", "-")
        body = re.sub(r"(?im)^%s:.*\n?" % re.escape(name), "", body).rstrip("\n") + "\n%s: %s" % (name, value)
    return head + found + body + blank + tail


# With the package's own setting, what stands below a container that is moved away and back keeps its other DN.
dse = template("template-dse.ldif")
dse = dse.replace("cn: config\n", "cn: config\nnsslapd-return-original-entrydn: off\nnsslapd-listenhost: %s\nnsslapd-accesslog-logging-enabled: off\n" % address, 1)
dse = dse.rstrip("\n") + "\n\n" + template("template-suffix-db.ldif")
dse = entry(dse, "referential integrity postoperation", nsslapd_pluginenabled=referint)
if sync in ("log", "nameless"):
    dse = entry(dse, "Retro Changelog Plugin", nsslapd_pluginenabled="on", nsslapd_changelogmaxage=age,
                nsslapd_changelogdir=state + "/db/changelog", nsslapd_changelog_trim_interval="1",
                nsslapd_attribute="nsuniqueid:targetUniqueId" if sync == "log" else "cn:targetCN")
    dse = entry(dse, "Content Synchronization", nsslapd_pluginenabled="on")
elif sync != "none":
    sys.exit("DS389_SYNC is %s: log, nameless or none" % sync)
with open(state + "/conf/dse.ldif", "w") as f:
    f.write(dse)

os.makedirs(state + "/conf/schema", exist_ok=True)
with open(schema) as f, open(state + "/conf/schema/98lab.ldif", "w") as out:
    out.write("dn: cn=schema\n")
    for line in f:
        if line.startswith(("attributetype", "objectclass")):
            out.write(line.replace("attributetype ", "attributeTypes: ").replace("objectclass ", "objectClasses: "))

dc = suffix.split(",")[0].split("=")[1]
with open(state + "/load.ldif", "w") as f:
    f.write("""dn: %s
objectClass: top
objectClass: domain
dc: %s
aci: (targetattr!="userPassword")(version 3.0; acl "read"; allow (read, search, compare) userdn="ldap:///all";)

dn: cn=reader,%s
objectClass: top
objectClass: person
cn: reader
sn: reader
userPassword: reader
""" % (suffix, dc, suffix))
