package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// FuzzRequest: whatever a peer sends, it is answered in JSON with a status of the
// table, and only root and the daemon's user get anything done.
func FuzzRequest(f *testing.F) {
	for _, row := range Table() {
		f.Add([]byte(row.Method+" "+row.Path+"?ups=eaton HTTP/1.1\r\nHost: ecnutd\r\nContent-Length: 2\r\n\r\n{}"), 0)
	}
	f.Add([]byte("POST /v1/command HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n"+`{"name":"load.off","ups":"eaton","x":[1]}`), 1000)
	f.Add([]byte("DELETE /v1/messages/18446744073709551616 HTTP/1.1\r\nHost: x\r\n\r\n"), 0)
	f.Add([]byte("POST /v1/fsd HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n{"), -1)
	f.Fuzz(func(t *testing.T, raw []byte, uid int) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return
		}
		ended, end := context.WithCancel(context.Background())
		end() // a stream ends at once
		lines := make(chan Line)
		close(lines)
		b := &fake{lines: lines}
		ctx := context.WithValue(ended, peerKey{}, PeerOf(uid, 1))
		w := httptest.NewRecorder()
		Handler(b).ServeHTTP(w, r.WithContext(ctx))
		if len(b.orders) > 0 && !b.who.mayAct(b.who.UID) {
			t.Errorf("%+v got something done", b.who)
		}
		if uid != 0 && len(b.orders) > 0 && b.who.UID != uid {
			t.Errorf("user %d got something done as %+v", uid, b.who)
		}
		if w.Code != http.StatusOK {
			return
		}
		for dec := json.NewDecoder(w.Body); dec.More(); {
			var v any
			if err := dec.Decode(&v); err != nil {
				t.Fatalf("%q is no JSON: %v", w.Body, err)
			}
		}
	})
}
