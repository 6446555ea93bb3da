package world

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"ecnutd/internal/durable"
	"ecnutd/monitor/stored"
	"ecnutd/ups"
)

// reload is SIGHUP with a configuration that has changed: 0 is the first one.
func (w *world) reload(n int) {
	l := w.life
	if l == nil || w.host != hostUp {
		return
	}
	text := w.plan.Config
	if n > 0 && n <= len(w.plan.Others) {
		text = w.plan.Others[n-1]
	}
	next := w.parse(text)
	next.Network = w.config.Network
	w.config = next
	for i := range w.promises.claims {
		w.promises.claims[i].disturbed = true
	}
	go func() { // it may be answered by nobody any more
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if d := l.daemon.Load(); d != nil {
			_ = d.Reload(ctx, next)
		}
	}()
}

// downgrade makes of the state what the first release would have stored.
func (w *world) downgrade() {
	db, err := durable.Open(context.Background(), w.image())
	if err != nil {
		return
	}
	defer db.Close()
	_ = db.Update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("monitor"))
		if b == nil {
			return nil
		}
		var now struct {
			Boot    string          `json:"boot"`
			Saved   time.Time       `json:"saved"`
			State   stored.State    `json:"state"`
			Outages json.RawMessage `json:"outages,omitempty"`
			Tests   json.RawMessage `json:"tests,omitempty"`
		}
		if err := json.Unmarshal(b.Get([]byte("state")), &now); err != nil {
			return err
		}
		old := map[string]any{"boot": now.Boot, "saved": now.Saved, "state": firstForm(reflect.ValueOf(now.State.State))}
		if now.Outages != nil {
			old["outages"] = now.Outages
		}
		raw, err := json.Marshal(old)
		if err != nil {
			return err
		}
		return b.Put([]byte("state"), raw)
	})
}

// firstForm is a value of the state in the form of the first release: the names of the
// fields for keys, and numbers for words.
func firstForm(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case ups.Number:
		return x
	case ups.Status:
		bits := uint32(0)
		for bit, token := range strings.Fields("FSD ALARM CAL OL OB DISCHRG CHRG LB OVER RB TRIM BOOST BYPASS OFF") {
			if x.Has(ups.ParseStatus(token)) {
				bits |= 1 << bit
			}
		}
		return bits
	}
	switch v.Kind() {
	case reflect.Struct:
		out := make(map[string]any)
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() {
				continue
			}
			in := firstForm(v.Field(i))
			if f.Anonymous {
				for name, value := range in.(map[string]any) {
					out[name] = value
				}
				continue
			}
			if f.Name == "Contact" {
				out["SaidAt"] = in.(map[string]any)["SaidAt"]
			}
			out[f.Name] = in
		}
		return out
	case reflect.Slice, reflect.Array:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = firstForm(v.Index(i))
		}
		return out
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return v.Uint()
	case reflect.Int, reflect.Int64:
		return v.Int()
	}
	return v.Interface()
}
