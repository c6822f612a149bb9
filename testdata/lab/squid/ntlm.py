#!/usr/bin/env python3
"""A helper of squid that checks NTLMv2 sign-ins (MS-NLMP sections 2.2.1 and 3.3.2) of ana with the password
s3cret, in any domain. squid's own helper sends a challenge that clients cannot read, and takes every password.

A line is "YR" (a client begins) or "KK MESSAGE"; the answer is "TT CHALLENGE", "AF ACCOUNT" or "NA REASON"."""
import base64
import hashlib
import hmac
import os
import struct
import sys

NT_HASH = bytes.fromhex("d4c619cb16d4632b275658316a7e657e")  # MD4 of s3cret in UTF-16
NAMES = b"".join(struct.pack("<HH", kind, len(text) * 2) + text.encode("utf-16-le")
                 for kind, text in ((2, "LAB"), (1, "SQUID"))) + bytes(4)


def challenge(nonce):
    target = "LAB".encode("utf-16-le")
    flags = 0x00000001 | 0x00000200 | 0x00008000 | 0x00010000 | 0x00080000 | 0x00800000
    fixed = struct.pack("<8sIHHII8s8xHHI8x", b"NTLMSSP\0", 2, len(target), len(target), 56, flags, nonce,
                        len(NAMES), len(NAMES), 56 + len(target))
    return base64.b64encode(fixed + target + NAMES).decode()


def field(message, at):
    size, _, offset = struct.unpack_from("<HHI", message, at)
    return message[offset:offset + size]


def account(message, nonce):
    """Returns the account of an AUTHENTICATE message, or None if its password is wrong."""
    if message[:12] != b"NTLMSSP\0\x03\0\0\0":
        return None
    response, domain, user = (field(message, at) for at in (20, 28, 36))
    name = user.decode("utf-16-le")
    key = hmac.new(NT_HASH, (name.upper() + domain.decode("utf-16-le")).encode("utf-16-le"), hashlib.md5).digest()
    proof = hmac.new(key, nonce + response[16:], hashlib.md5).digest()
    return name if name == "ana" and len(response) > 24 and hmac.compare_digest(proof, response[:16]) else None


def main():
    nonce = bytes(8)
    for line in sys.stdin:
        words = line.split()
        if words and words[0] == "YR":
            nonce = os.urandom(8)
            print("TT", challenge(nonce), flush=True)
            continue
        name = account(base64.b64decode(words[1]), nonce) if len(words) > 1 else None
        print(f"AF {name}" if name else "NA the password is wrong", flush=True)


main()
