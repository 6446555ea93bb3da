package request_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecnutd/internal/request"
	"ecnutd/sms/smstest"
)

// TestReach: a gateway that answers is reached, whatever it says; nothing of
// the address but its host is sent.
func TestReach(t *testing.T) {
	g, err := smstest.New()
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, g.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	if host, err := request.Reach(t.Context(), g.URL()+"?pass=tiger&msg={{text}}", ca); err != nil || host != "127.0.0.1" {
		t.Errorf("host %q, %v", host, err)
	}
	for _, r := range g.Requests() {
		if r.Method != "HEAD" || r.RawQuery != "" || len(r.Body) > 0 {
			t.Errorf("more than the host was sent: %+v", r)
		}
	}
	if _, err := request.Reach(t.Context(), g.URL(), ""); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate that nobody trusts: %v", err)
	}
	if _, err := request.Reach(t.Context(), "https://127.0.0.1:1/tiger", ca); err == nil || strings.Contains(err.Error(), "tiger") {
		t.Errorf("nobody there: %v", err)
	}
	for _, address := range []string{"", "tiger", "https://", "::"} {
		if _, err := request.Reach(t.Context(), address, ""); err == nil {
			t.Errorf("%q was reached", address)
		}
	}
}
