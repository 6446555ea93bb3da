package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ecnutd/ups"
)

// TestInitial: what an installation begins with is right as it stands and is
// the defaults for one UPS; with its comments taken away it is right too.
func TestInitial(t *testing.T) {
	c, findings, err := Parse([]byte(Initial), "initial.yaml")
	if err != nil || len(findings) > 0 {
		t.Fatalf("error %v, findings %v", err, findings)
	}
	want := Minimal("eaton")
	want.UPS[0].Description = "Eaton UPS"
	if d := cmp.Diff(want, c, cmpopts.IgnoreUnexported(Config{}, Secret{})); d != "" {
		t.Error(d)
	}
	if c.Language != ups.English {
		t.Error("the language is", c.Language)
	}
	c, findings, err = Parse(commented.ReplaceAll([]byte(Initial), []byte("$1$2$3")), "initial.yaml")
	if err != nil || len(findings) > 0 {
		t.Fatalf("with all keys in use: error %v, findings %v", err, findings)
	}
	if r := c.Messages.Routes; len(r) != 1 || r[0].FreeMobile.Password.Source() != "file /etc/ecnutd/free.secret" {
		t.Errorf("the routes are %+v", r)
	}
}
