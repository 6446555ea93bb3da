// Package password compares passwords with what a configuration keeps of them:
// a hash that was made here or elsewhere (bcrypt, argon2id), or the password
// itself.
package password

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// A Verifier compares a password with what is stored of one, in constant time.
type Verifier interface {
	// Matches reports whether this is the password.
	Matches(password string) bool
	// Cheap reports whether comparing costs no time and memory to speak of.
	Cheap() bool
	// Cost names what comparing costs: of two with the same one the comparison
	// takes as long.
	Cost() string
}

// What a hash may cost, so that a login can neither take the memory of a small
// host nor hold up others for long.
const (
	mostMemory  = 64 << 10 // KiB of argon2id
	mostPasses  = 10
	mostThreads = 4
	mostCost    = 12 // of bcrypt: a fifth of a second
)

// errHash is a hash that cannot be taken.
var errHash = errors.New("the hash of the password is not taken: argon2id ($argon2id$v=19$…, up to 64 MiB, 10 passes, 4 threads) and bcrypt ($2b$…, cost up to 12) are; `ecnutd password` makes one")

// ErrUnsendable says that no client can send a password. NUT's protocol carries
// printable ASCII, and upsd drops all other bytes of what it reads.
var ErrUnsendable = errors.New("the password has characters that NUT's protocol does not carry (accents, for one), so nobody could ever log in with it: take letters, digits and signs of ASCII")

// Sendable reports whether clients can send a word: it is printable ASCII.
func Sendable(word string) bool {
	return !strings.ContainsFunc(word, func(c rune) bool { return c < ' ' || c > '~' })
}

// Sent is what is left of a word on its way through the protocol.
func Sent(word string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' {
			return -1
		}
		return c
	}, word)
}

// NewVerifier takes a hash or, for what does not look like one, a password. The
// error does not show it.
func NewVerifier(stored string) (Verifier, error) {
	switch {
	case stored == "":
		return nil, errors.New("the password is empty")
	case strings.HasPrefix(stored, "$argon2id$"):
		return parseArgon(stored)
	case strings.HasPrefix(stored, "$2a$"), strings.HasPrefix(stored, "$2b$"), strings.HasPrefix(stored, "$2y$"):
		if cost, err := bcrypt.Cost([]byte(stored)); err != nil || cost > mostCost {
			return nil, errHash
		}
		return bcryptHash(stored), nil
	case strings.HasPrefix(stored, "$") && strings.Count(stored, "$") >= 3:
		return nil, errHash // of crypt(3), or a relative of argon2id
	case !Sendable(stored):
		return nil, ErrUnsendable
	}
	return Plain(stored), nil
}

// Hashed reports whether a stored password is a hash, and not the password.
func Hashed(stored string) bool {
	v, err := NewVerifier(stored)
	return err == nil && !v.Cheap()
}

// Hash makes the hash of a password that goes into the configuration: bcrypt,
// which needs no memory that a small daemon would feel. The error is that the
// password is empty, has more than 72 bytes, or is ErrUnsendable.
func Hash(password string) (string, error) {
	switch {
	case password == "":
		return "", errors.New("the password is empty")
	case !Sendable(password):
		return "", ErrUnsendable
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return "", fmt.Errorf("the password cannot be taken: %w", err)
	}
	return string(hash), nil
}

// Plain is a password that is kept as it is. The empty one matches nothing.
type Plain string

// Matches reports whether this is the password.
func (p Plain) Matches(password string) bool {
	a, b := sha256.Sum256([]byte(p)), sha256.Sum256([]byte(password))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && p != ""
}

// Cheap is true: two sums are compared.
func (Plain) Cheap() bool { return true }

// Cost is that of a sum.
func (Plain) Cost() string { return "plain" }

type bcryptHash string

func (h bcryptHash) Matches(password string) bool {
	return bcrypt.CompareHashAndPassword([]byte(h), []byte(password)) == nil
}

func (bcryptHash) Cheap() bool { return false }

func (h bcryptHash) Cost() string {
	cost, _ := bcrypt.Cost([]byte(h)) // it was looked at when it was taken
	return fmt.Sprintf("bcrypt %d", cost)
}

// An argonHash is a hash in the form of the reference implementation:
// $argon2id$v=19$m=65536,t=3,p=4$salt$hash, in base64 without padding.
type argonHash struct {
	memory, passes uint32
	threads        uint8
	salt, hash     []byte
}

func parseArgon(stored string) (Verifier, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return nil, errHash
	}
	var h argonHash
	var rest string
	if n, _ := fmt.Sscanf(parts[3]+" .", "m=%d,t=%d,p=%d %s", &h.memory, &h.passes, &h.threads, &rest); n != 4 || rest != "." {
		return nil, errHash
	}
	var err1, err2 error
	h.salt, err1 = base64.RawStdEncoding.DecodeString(parts[4])
	h.hash, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	switch {
	case err1 != nil, err2 != nil, len(h.salt) < 8, len(h.salt) > 64, len(h.hash) < 16, len(h.hash) > 64,
		h.memory > mostMemory, h.memory < 8, h.passes < 1, h.passes > mostPasses, h.threads < 1, h.threads > mostThreads:
		return nil, errHash
	}
	return h, nil
}

func (h argonHash) Matches(password string) bool {
	got := argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.threads, uint32(len(h.hash)))
	return subtle.ConstantTimeCompare(got, h.hash) == 1
}

func (argonHash) Cheap() bool { return false }

func (h argonHash) Cost() string {
	return fmt.Sprintf("argon2id %d %d %d %d", h.memory, h.passes, h.threads, len(h.hash))
}
