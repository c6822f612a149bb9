package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// lifetime is how long an assertion is valid: long enough for its way.
const lifetime = 5 * time.Minute

var errKey = errors.New("it is not the private key that is needed: RSA of at least 2048 bits, or EC on P-256, as PEM " +
	"without a password")

// assertion signs that the client is who it says (RFC 7523 section 3): RS256 or ES256, by the kind of
// key. audience is the address of the token endpoint. No error contains the key.
func assertion(key, keyID, client, audience string, at time.Time) (string, error) {
	var method jwt.SigningMethod = jwt.SigningMethodRS256
	var signer any
	if k, err := jwt.ParseRSAPrivateKeyFromPEM([]byte(key)); err == nil {
		if k.N.BitLen() < 2048 {
			return "", errKey
		}
		signer = k
	} else if k, err := jwt.ParseECPrivateKeyFromPEM([]byte(key)); err == nil && k.Curve == elliptic.P256() {
		method, signer = jwt.SigningMethodES256, k
	}
	switch signer.(type) {
	case *rsa.PrivateKey, *ecdsa.PrivateKey:
	default:
		return "", errKey
	}
	t := jwt.NewWithClaims(method, jwt.RegisteredClaims{Issuer: client, Subject: client,
		Audience: jwt.ClaimStrings{audience}, ID: rand.Text(), IssuedAt: jwt.NewNumericDate(at),
		ExpiresAt: jwt.NewNumericDate(at.Add(lifetime))})
	if keyID != "" {
		t.Header["kid"] = keyID
	}
	text, err := t.SignedString(signer)
	if err != nil {
		return "", errKey
	}
	return text, nil
}
