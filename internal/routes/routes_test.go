package routes

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"ecnutd/config"
	"ecnutd/sms"
)

// TestHTTPRouteByConfiguration: the answers of a gateway mean what the file
// says they mean, an empty list what is usual; and a line break becomes what
// the gateway takes.
func TestHTTPRouteByConfiguration(t *testing.T) {
	answer, got := 0, ""
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
		w.WriteHeader(answer)
	}))
	defer gateway.Close()
	for _, c := range []struct {
		keys   string
		answer int
		want   error // nil: sent; errLater: neither of the two
		sent   string
	}{
		{``, 204, nil, "one\ntwo"},
		{`, success: []`, 204, nil, "one\ntwo"},
		{`, success: [200]`, 204, errLater, "one\ntwo"},
		{``, 403, sms.ErrRefused, "one\ntwo"},
		{`, refused: []`, 403, sms.ErrRefused, "one\ntwo"},
		{`, refused: [422]`, 403, errLater, "one\ntwo"},
		{`, refused: [422]`, 422, sms.ErrRefused, "one\ntwo"},
		{``, 429, sms.ErrTooMany, "one\ntwo"},
		{`, too_many: []`, 429, sms.ErrTooMany, "one\ntwo"},
		{`, too_many: [503]`, 503, sms.ErrTooMany, "one\ntwo"},
		{`, too_many: [503]`, 429, errLater, "one\ntwo"},
		{`, line_break: " / "`, 200, nil, "one / two"},
	} {
		text := fmt.Sprintf("ups: {eaton: {}}\nmessages: {routes: {g: {http: {method: POST, url: %q, body: '{{text}}'%s}}}}\n", gateway.URL, c.keys)
		parsed, _, err := config.Parse([]byte(text), "test.yaml")
		if err != nil {
			t.Fatalf("%s: %v", c.keys, err)
		}
		route, err := New(parsed.Messages.Routes[0])
		if err != nil {
			t.Fatalf("%s: %v", c.keys, err)
		}
		answer = c.answer
		err = sms.Deliver(t.Context(), route, sms.Notice{Text: "one\ntwo"})
		later := err != nil && !errors.Is(err, sms.ErrRefused) && !errors.Is(err, sms.ErrTooMany)
		if c.want == errLater && !later || c.want != errLater && !errors.Is(err, c.want) {
			t.Errorf("{%s} answered %d: %v", c.keys, c.answer, err)
		}
		if got != c.sent {
			t.Errorf("{%s}: sent %q", c.keys, got)
		}
	}
}

var errLater = errors.New("tried again later")
