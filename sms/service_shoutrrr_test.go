//go:build shoutrrr

package sms

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestService sends through the library to a server on the loopback.
func TestService(t *testing.T) {
	var got string
	status := 200
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got = string(b)
		w.WriteHeader(status)
		io.WriteString(w, "{}")
	}))
	defer server.Close()
	url := "ntfy://:tk_s3cretToken@" + strings.TrimPrefix(server.URL, "http://") + "/secretTopic?scheme=http"
	r, err := NewService(Service{Name: "ntfy", URL: NewSecret(url)})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Send(t.Context(), "Côté & #1 🔋"); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got, "Côté & #1 🔋") {
		t.Errorf("arrived as %q", got)
	}
	var errs []error
	status = 403
	errs = append(errs, r.Send(t.Context(), "x"))
	server.Close()
	errs = append(errs, r.Send(t.Context(), "x"))
	_, err = NewService(Service{Name: "bad", URL: NewSecret("nosuch://:tk_s3cretToken@h/secretTopic")})
	errs = append(errs, err)
	_, err = NewService(Service{Name: "bad", URL: NewSecret("telegram://tk_s3cretToken:x y@h/secretTopic%zz")})
	errs = append(errs, err)
	for i, err := range errs {
		if err == nil {
			t.Errorf("%d: no error", i)
			continue
		}
		t.Log(err)
		for _, s := range []string{"tk_s3cretToken", "secretTopic"} {
			if strings.Contains(err.Error(), s) {
				t.Errorf("error holds the secret: %s", err)
			}
		}
	}
}
