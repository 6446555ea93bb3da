package routes

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ecnutd/config"
	"ecnutd/sms"
)

// A service stands in for one on the internet: it takes what that documents, and
// answers as that documents. take says what it understood of a request, or with which
// status and text it refuses it.
type service struct {
	host string // in the recipe
	take func(r *http.Request, body string) (got sms.Notice, status int, answer string)
}

const secret = "123456:a+b/ç&d" // with what addresses, forms and base64 spell differently

// services are those of the recipes, from their own documents:
//
//	Twilio    Messages resource (Basic auth; 201, 401 with code 20003)
//	OVH       http2sms, contentType=text/plain ("OK", credits, ids; "KO" with status 200)
//	ntfy      Publishing (body, Title, which RFC 2047 may encode, Priority 1–5, Bearer)
//	Telegram  Bot API, sendMessage ({"ok":…}; 401 Unauthorized)
//	Gotify    POST /message, X-Gotify-Key (200 with the message; 401)
//	Matrix    Client-server API v1.10, PUT send/{eventType}/{txnId} (event_id; 401 M_UNKNOWN_TOKEN)
//	Pushover  Message API (form; {"status":1}; 400 {"status":0})
var services = map[string]service{
	"twilio": {"https://api.twilio.com", func(r *http.Request, body string) (sms.Notice, int, string) {
		form, _ := url.ParseQuery(body)
		user, password, _ := r.BasicAuth()
		switch {
		case r.Method != "POST" || r.URL.Path != "/2010-04-01/Accounts/ACXXXXXXXX/Messages.json":
			return sms.Notice{}, 404, `{"code": 20404, "status": 404}`
		case user+":"+password != secret:
			return sms.Notice{}, 401, `{"code": 20003, "message": "Authenticate", "status": 401}`
		case form.Get("From") != "+15550100" || form.Get("To") != "+33600000000":
			return sms.Notice{}, 400, `{"code": 21211, "status": 400}`
		}
		return sms.Notice{Text: form.Get("Body")}, 201, `{"sid": "SM1", "status": "queued"}`
	}},
	"ovh": {"https://www.ovh.com", func(r *http.Request, _ string) (sms.Notice, int, string) {
		q := r.URL.Query()
		switch {
		case r.Method != "GET" || r.URL.Path != "/cgi-bin/sms/http2sms.cgi":
			return sms.Notice{}, 404, ""
		case q.Get("account") != "sms-AB123-1" || q.Get("login") != "LOGIN" || q.Get("password") != secret:
			return sms.Notice{}, 200, "KO\nInvalid login or password"
		case q.Get("from") != "HOME" || q.Get("to") != "0033600000000" || q.Get("contentType") != "text/plain":
			return sms.Notice{}, 200, "KO\nMissing parameter"
		}
		return sms.Notice{Text: q.Get("message")}, 200, "OK\n1987\n15681"
	}},
	"ntfy": {"https://ntfy.sh", func(r *http.Request, body string) (sms.Notice, int, string) {
		if r.Header.Get("Authorization") != "Bearer "+secret {
			return sms.Notice{}, 401, `{"code":40101,"http":401,"error":"unauthorized"}`
		}
		title, err := (&mime.WordDecoder{}).DecodeHeader(r.Header.Get("Title"))
		if r.URL.Path != "/TOPIC" || err != nil || len(r.Header.Get("Priority")) != 1 {
			return sms.Notice{}, 400, `{"code":40001,"http":400}`
		}
		priority := map[string]sms.Priority{"2": sms.Low, "3": sms.Normal, "4": sms.High, "5": sms.Urgent}[r.Header.Get("Priority")]
		return sms.Notice{Text: body, Title: title, Priority: priority}, 200, `{"id":"sPs71M8A2T","event":"message"}`
	}},
	"telegram": {"https://api.telegram.org", func(r *http.Request, body string) (sms.Notice, int, string) {
		var m struct {
			Chat int    `json:"chat_id"`
			Text string `json:"text"`
		}
		switch {
		case r.URL.Path != "/bot"+secret+"/sendMessage":
			return sms.Notice{}, 401, `{"ok":false,"error_code":401,"description":"Unauthorized"}`
		case r.Header.Get("Content-Type") != "application/json" || json.Unmarshal([]byte(body), &m) != nil || m.Chat != 123456789:
			return sms.Notice{}, 400, `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`
		}
		return sms.Notice{Text: m.Text}, 200, `{"ok":true,"result":{"message_id":1}}`
	}},
	"gotify": {"https://gotify.example.net", func(r *http.Request, body string) (sms.Notice, int, string) {
		var m struct {
			Title, Message string
			Priority       int
		}
		switch {
		case r.Header.Get("X-Gotify-Key") != secret:
			return sms.Notice{}, 401, `{"error":"Unauthorized","errorCode":401}`
		case r.Method != "POST" || r.URL.Path != "/message" || json.Unmarshal([]byte(body), &m) != nil:
			return sms.Notice{}, 400, `{"error":"Bad Request","errorCode":400}`
		}
		priority := map[int]sms.Priority{2: sms.Low, 5: sms.Normal, 8: sms.High, 10: sms.Urgent}[m.Priority]
		return sms.Notice{Text: m.Message, Title: m.Title, Priority: priority}, 200, `{"id":25}`
	}},
	"matrix": {"https://matrix.example.net", func(r *http.Request, body string) (sms.Notice, int, string) {
		var m struct{ Msgtype, Body string }
		id, ok := strings.CutPrefix(r.URL.Path, "/_matrix/client/v3/rooms/!ROOM:example.net/send/m.room.message/")
		switch {
		case r.Header.Get("Authorization") != "Bearer "+secret:
			return sms.Notice{}, 401, `{"errcode":"M_UNKNOWN_TOKEN"}`
		case r.Method != "PUT" || !ok || json.Unmarshal([]byte(body), &m) != nil || m.Msgtype != "m.text":
			return sms.Notice{}, 400, `{"errcode":"M_BAD_JSON"}`
		}
		return sms.Notice{Text: m.Body, ID: id}, 200, `{"event_id":"$x"}`
	}},
	"pushover": {"https://api.pushover.net", func(r *http.Request, body string) (sms.Notice, int, string) {
		form, _ := url.ParseQuery(body)
		if r.URL.Path != "/1/messages.json" || form.Get("token") != secret || form.Get("user") != "USERKEY" {
			return sms.Notice{}, 400, `{"token":"invalid","errors":["application token is invalid"],"status":0}`
		}
		priority := map[string]sms.Priority{"-1": sms.Low, "0": sms.Normal, "1": sms.High}[form.Get("priority")]
		return sms.Notice{Text: form.Get("message"), Title: form.Get("title"), Priority: priority}, 200, `{"status":1}`
	}},
}

// recipe is the route of a name in docs/messages.md.
func recipe(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/messages.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```yaml\n(    " + name + ":\n.*?)```").FindSubmatch(text)
	if m == nil {
		t.Fatalf("docs/messages.md has no recipe %s", name)
	}
	return string(m[1])
}

// TestRecipes: what docs/messages.md has people write reaches each service as it
// was meant, and a wrong secret is not taken for a message that arrived.
func TestRecipes(t *testing.T) {
	text := "Coupure 02:11 : « 80 % » & <b>\"a\"\\b</b> #1 + 🔋\nsuite"
	for name, s := range services {
		t.Run(name, func(t *testing.T) {
			var got sms.Notice
			retry := ""
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				notice, status, answer := s.take(r, string(body))
				got = notice
				if retry != "" {
					w.Header().Set("Retry-After", retry)
					status = 429
				}
				w.WriteHeader(status)
				fmt.Fprint(w, answer)
			}))
			defer server.Close()
			file := filepath.Join(t.TempDir(), "secret")
			route := func(value string) sms.Route {
				if err := os.WriteFile(file, []byte(value+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				yaml := regexp.MustCompile(`/etc/ecnutd/\w+\.secret`).ReplaceAllString(recipe(t, name), file)
				if !strings.Contains(yaml, s.host+"/") {
					t.Fatalf("the recipe does not go to %s:\n%s", s.host, yaml)
				}
				c, _, err := config.Parse([]byte("ups: {a: {}}\nmessages:\n  routes:\n"+strings.ReplaceAll(yaml, s.host, server.URL)), name)
				if err != nil {
					t.Fatal(err)
				}
				r, err := New(c.Messages.Routes[0])
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			for _, p := range []sms.Priority{sms.Low, sms.Normal, sms.High} {
				sent := sms.Notice{Text: text, ID: "0123456789abcdef01234567", Title: "nas : coupure", Priority: p}
				if err := route(secret).Send(t.Context(), sent); err != nil {
					t.Fatal(err)
				}
				if got.Text != text {
					t.Errorf("the text arrived as %q", got.Text)
				}
				recipe := recipe(t, name)
				if strings.Contains(recipe, "{{title") && got.Title != sent.Title || strings.Contains(recipe, "{{priority") && got.Priority != p || strings.Contains(recipe, "{{id") && got.ID != sent.ID {
					t.Errorf("%+v arrived as %+v", sent, got)
				}
			}
			err := route("another").Send(t.Context(), sms.Notice{Text: text, ID: "1"})
			if err == nil || name != "ovh" && !errors.Is(err, sms.ErrRefused) {
				t.Errorf("a wrong secret: %v", err)
			}
			retry = "30"
			if err := route(secret).Send(t.Context(), sms.Notice{Text: text, ID: "1"}); !errors.Is(err, sms.ErrTooMany) {
				t.Errorf("too many: %v", err)
			}
		})
	}
}
