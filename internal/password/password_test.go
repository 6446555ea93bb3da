package password

import (
	"errors"
	"strings"
	"testing"
)

// TestPasswords: hashes made elsewhere. bcrypt: the vector of crypt_blowfish
// for "U*U". argon2id: that of the reference implementation's test.c for
// "password" and "somesalt", 2 passes over 256 KiB.
func TestPasswords(t *testing.T) {
	made, err := Hash("hello")
	if err != nil {
		t.Fatal(err)
	}
	for stored, word := range map[string]string{
		"plain": "plain",
		"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW":                         "U*U",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4": "password",
		made: "hello",
	} {
		v, err := NewVerifier(stored)
		if err != nil {
			t.Errorf("%s: %v", stored, err)
			continue
		}
		if !v.Matches(word) || v.Matches(word+"x") {
			t.Errorf("%s: compared wrongly", stored)
		}
		if Hashed(stored) == (stored == "plain") {
			t.Errorf("%s: hashed is %t", stored, Hashed(stored))
		}
	}
	for _, stored := range []string{
		"", "$6$salt$hash", "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "$2b$x",
		"$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$", "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=65536,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
	} {
		if _, err := NewVerifier(stored); err == nil || stored != "" && strings.Contains(err.Error(), stored) {
			t.Errorf("%s: %v", stored, err)
		}
	}
}

// TestUnsendable: a password is none that the protocol cannot carry. (Seen: upsd
// drops what is not printable ASCII, of its file and of the wire; with café in
// upsd.users it takes café and caf.)
func TestUnsendable(t *testing.T) {
	for _, word := range []string{"café", "pass\tword", "\u00a0", "пароль", "a\x7f"} {
		if _, err := NewVerifier(word); !errors.Is(err, ErrUnsendable) || strings.Contains(err.Error(), word) {
			t.Errorf("%q kept as it is: %v", word, err)
		}
		if _, err := Hash(word); !errors.Is(err, ErrUnsendable) || strings.Contains(err.Error(), word) {
			t.Errorf("%q hashed: %v", word, err)
		}
	}
	for _, word := range []string{"of-the-bench", `s"e\c r#t`, "~ !"} {
		if _, err := NewVerifier(word); err != nil {
			t.Errorf("%q: %v", word, err)
		}
	}
}

// TestCost: of hashes that cost otherwise the costs have other names.
func TestCost(t *testing.T) {
	seen := map[string]string{}
	for _, stored := range []string{
		"plain", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "$2a$06$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4", "$argon2id$v=19$m=256,t=3,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
	} {
		v, err := NewVerifier(stored)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[v.Cost()]; ok {
			t.Errorf("%s and %s cost the same: %s", stored, other, v.Cost())
		}
		seen[v.Cost()] = stored
	}
}
