package config

import (
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecnutd/config/strict"
	"ecnutd/internal/address"
	"ecnutd/ups"
)

// Diff names what differs between two configurations, one line a key:
// "poll: 5s → 10s". Keys and values that may hold a secret are said to have
// changed, not how. It is what a reload writes to the log.
func Diff(before, after *Config) []string {
	a, b := flatten(before), flatten(after)
	var lines []string
	whole := "" // a block that one of the two does not have at all
	for _, key := range order(a, b) {
		if whole != "" && strings.HasPrefix(key, whole) {
			continue
		}
		x, inA := a.text[key]
		y, inB := b.text[key]
		switch {
		case inA && inB && x == y:
		case !inA:
			lines = append(lines, key+": new")
			whole = key + "."
		case !inB:
			lines = append(lines, key+": gone")
			whole = key + "."
		case y.hidden || x.hidden:
			lines = append(lines, key+": changed")
		default:
			lines = append(lines, key+": "+x.text+" → "+y.text)
		}
	}
	return lines
}

// Values are the keys of a configuration with their values as the file would
// have them. Those that may hold a secret are "".
func (c *Config) Values() map[string]string {
	values := map[string]string{}
	for key, l := range flatten(c).text {
		if l.hidden {
			l.text = ""
		}
		values[key] = l.text
	}
	return values
}

// A leaf is a value as the file would have it, "" for a block.
type leaf struct {
	text   string
	hidden bool
}

type flat struct {
	keys []string
	text map[string]leaf
}

// order is the order of both, keys of one alone where they stand in it.
func order(a, b flat) []string {
	keys := slices.Clone(b.keys)
	for i, key := range a.keys {
		if _, ok := b.text[key]; ok {
			continue
		}
		at := 0
		if i > 0 {
			at = slices.Index(keys, a.keys[i-1]) + 1
		}
		keys = slices.Insert(keys, at, key)
	}
	return keys
}

// flatten lists a configuration as key paths and values.
func flatten(c *Config) flat {
	f := &flat{text: map[string]leaf{}}
	f.block("", reflect.ValueOf(c).Elem())
	return *f
}

func (f *flat) add(path string, l leaf) {
	f.keys = append(f.keys, path)
	f.text[path] = l
}

func (f *flat) block(path string, v reflect.Value) {
	for _, k := range strict.KeysOf(v.Type()) {
		if k.Part == strict.PartFile || k.Part == strict.PartCredential {
			continue // told with the first key of the secret
		}
		at := k.Name
		if path != "" {
			at = path + "." + k.Name
		}
		f.value(at, v.FieldByIndex(k.Field), k)
	}
}

func (f *flat) value(path string, v reflect.Value, k strict.Key) {
	if e, ok := v.Interface().(Events); ok {
		for _, event := range ups.Events {
			if r, ok := e[event]; ok {
				f.add(path+"."+string(event), leaf{})
				f.block(path+"."+string(event), reflect.ValueOf(r))
			}
		}
		return
	}
	if v.Kind() == reflect.Pointer {
		if !v.IsNil() {
			f.add(path, leaf{})
			f.block(path, v.Elem())
		}
		return
	}
	if v.Kind() == reflect.Slice {
		if reflect.PointerTo(v.Type().Elem()).Implements(reflect.TypeFor[named]()) {
			for i := range v.Len() {
				one := path + "." + v.Index(i).FieldByName("Name").String()
				f.add(one, leaf{})
				f.block(one, v.Index(i))
			}
			return
		}
	}
	if l, ok := leafOf(v.Interface(), k); ok {
		f.add(path, l)
		return
	}
	f.block(path, v)
}

// leafOf prints a value; it is not ok for a block.
func leafOf(value any, k strict.Key) (leaf, bool) {
	switch v := value.(type) {
	case Secret:
		inline := ""
		if v.inline != nil {
			inline = *v.inline
		}
		return leaf{v.Source() + inline, true}, true
	case Execs, Starts, Cancels, Command, map[string]string, []string, []int:
		return leaf{show(v), k.Hidden}, true
	case []netip.AddrPort:
		var all []string
		for _, a := range v {
			all = append(all, address.FormatListen(a))
		}
		return leaf{show(all), false}, true
	case RouteEvents:
		return leaf{v.show(), false}, true
	case Message:
		return leaf{v.show(), false}, true
	case Trust:
		return leaf{showTrust(v), false}, true
	case time.Duration:
		if v == 0 && k.None {
			return leaf{"none", false}, true
		}
		return leaf{FormatDuration(v), k.Hidden}, true
	case ups.Number:
		if !v.Known {
			return leaf{"none", false}, true
		}
		return leaf{strconv.Itoa(v.N) + "%", false}, true
	case bool, int:
		return leaf{fmt.Sprint(v), false}, true
	case string:
		if v == "" && k.None {
			v = "none"
		}
		return leaf{v, k.Hidden}, true
	}
	for _, c := range choices[reflect.TypeOf(value)] {
		if c.Value == value {
			return leaf{c.Word, false}, true
		}
	}
	return leaf{}, false
}

// show prints what is made of several parts.
func show(value any) string {
	switch v := value.(type) {
	case Execs:
		var all []string
		for _, x := range v {
			text := strings.Join(x.Command, " ")
			switch {
			case x.WithText:
				text += " TEXT"
			case x.Shell != "":
				text = "sh -c " + strconv.Quote(x.Shell)
			}
			all = append(all, text+" ("+FormatDuration(x.Timeout)+")")
		}
		return list(all)
	case Starts:
		var all []string
		for _, s := range v {
			text := s.Timer
			if s.After > 0 {
				text += " after " + FormatDuration(s.After)
			}
			if s.Restart {
				text += " anew"
			}
			all = append(all, text)
		}
		return list(all)
	case Cancels:
		var all []string
		for _, c := range v {
			text := c.Timer
			if !reflect.ValueOf(c.Else).IsZero() {
				text += fmt.Sprintf(" else (log %t, wall %t, message %s, exec %s)", c.Else.Log, c.Else.Wall, c.Else.Message.show(), show(c.Else.Exec))
			}
			all = append(all, text)
		}
		return list(all)
	}
	return fmt.Sprint(value)
}

// String is the command as a shell would be given it.
func (c Command) String() string {
	if c.Shell != "" {
		return "sh -c " + strconv.Quote(c.Shell)
	}
	return strings.Join(c.Argv, " ")
}

func list(all []string) string {
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(all, ", ")
}

func (m Message) show() string {
	switch {
	case len(m.Texts) > 0:
		var all []string
		for _, l := range slices.Sorted(maps.Keys(m.Texts)) {
			all = append(all, string(l)+": "+strconv.Quote(m.Texts[l]))
		}
		return strings.Join(all, ", ")
	case m.Text != "":
		return strconv.Quote(m.Text)
	}
	return strconv.FormatBool(m.On)
}

func showTrust(t Trust) string {
	switch {
	case t.Ignored:
		return "ignore"
	case t.Grace == 0:
		return "trust"
	}
	return FormatDuration(t.Grace)
}

// FormatDuration prints a duration as people write it: 20m and not 20m0s.
func FormatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}
