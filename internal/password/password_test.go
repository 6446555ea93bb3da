package password

import (
	"strings"
	"testing"
)

// TestPasswords: hashes made elsewhere. bcrypt: the vector of crypt_blowfish
// for "U*U". argon2id: that of the reference implementation's test.c for
// "password" and "somesalt", 2 passes over 256 KiB.
func TestPasswords(t *testing.T) {
	made, err := Hash("héllo")
	if err != nil {
		t.Fatal(err)
	}
	for stored, word := range map[string]string{
		"plain": "plain",
		"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW":                         "U*U",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4": "password",
		made: "héllo",
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
