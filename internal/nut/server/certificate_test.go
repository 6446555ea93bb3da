package server

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ecnutd/internal/nut/server/nuttest"
)

// TestCertificate: a renewed pair is taken when the files have been looked at
// again, and one that does not fit leaves the old one in use and is a fault.
func TestCertificate(t *testing.T) {
	dir, authority := t.TempDir(), nuttest.NewAuthority(t)
	first := time.Now().Add(time.Hour).Truncate(time.Second)
	cert, key := authority.Sign(t, dir, first, "nas.example", "192.0.2.7")
	c, err := LoadCertificate(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	if !c.Until().Equal(first) || !slices.Equal(c.Names(), []string{"nas.example", "192.0.2.7"}) {
		t.Errorf("until %s, for %v", c.Until(), c.Names())
	}
	for name, want := range map[string]bool{"nas.example": true, "192.0.2.7": true, "other.example": false, "192.0.2.8": false} {
		if c.HoldsFor(name) != want {
			t.Errorf("holds for %s: %t", name, !want)
		}
	}
	due := func() {
		c.mu.Lock()
		c.looked = c.looked.Add(-lookAgain)
		c.mu.Unlock()
	}
	second := first.Add(time.Hour)
	authority.Sign(t, dir, second, "nas.example")
	if !c.Until().Equal(first) {
		t.Error("the files are read at each handshake")
	}
	due()
	if !c.Until().Equal(second) || c.Fault() != nil {
		t.Errorf("not renewed: until %s, %v", c.Until(), c.Fault())
	}
	// Half of a renewal: the key is the new one's, the certificate the old one's.
	old, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	authority.Sign(t, dir, second.Add(time.Hour), "nas.example")
	whole, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cert, old, 0o600); err != nil {
		t.Fatal(err)
	}
	due()
	if !c.Until().Equal(second) || c.Fault() == nil || !strings.Contains(c.Fault().Error(), "cannot be used together") {
		t.Errorf("until %s, fault %v", c.Until(), c.Fault())
	}
	if _, err := LoadCertificate(cert, key); err == nil {
		t.Error("a pair that does not fit is loaded")
	}
	if err := os.WriteFile(cert, bytes.TrimSpace(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	due()
	if !c.Until().Equal(second.Add(time.Hour)) || c.Fault() != nil {
		t.Errorf("not whole again: until %s, %v", c.Until(), c.Fault())
	}
}
