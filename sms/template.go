package sms

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"slices"
	"strings"

	"ecnutd/internal/request"
	"github.com/valyala/fasttemplate"
)

// filters are what a placeholder may name behind its bar: how the value is
// spelt where it goes.
var filters = map[string]func(string) string{
	"":    func(s string) string { return s },
	"url": request.Percent,
	"json": func(s string) string { // with its quotes
		q, _ := json.Marshal(s)
		return string(q)
	},
	"base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"mime":   func(s string) string { return mime.QEncoding.Encode("utf-8", s) }, // RFC 2047
}

// A template is a text with placeholders such as {{text}} or {{text|url}}.
type template struct {
	t    *fasttemplate.Template
	tags []string
}

// parseTemplate checks a template. allowed are the placeholders that make
// sense there, without or with filter.
func parseTemplate(source string, allowed ...string) (template, error) {
	t, err := fasttemplate.NewTemplate(source, "{{", "}}")
	if err != nil {
		return template{}, errors.New("has a {{ without }}")
	}
	result := template{t: t}
	_, err = t.ExecuteFunc(io.Discard, func(_ io.Writer, tag string) (int, error) {
		tag = strings.TrimSpace(tag)
		if !slices.Contains(allowed, tag) {
			_, filter, _ := strings.Cut(tag, "|")
			if _, ok := filters[filter]; !ok {
				return 0, fmt.Errorf("has {{%s}}: there is no filter %q, only %s", request.OneLine(tag), request.OneLine(filter), strings.Join(slices.Sorted(maps.Keys(filters))[1:], ", "))
			}
			return 0, fmt.Errorf("has {{%s}}: here one may write {{%s}}", request.OneLine(tag), strings.Join(allowed, "}}, {{"))
		}
		result.tags = append(result.tags, tag)
		return 0, nil
	})
	return result, err
}

// uses tells whether the template has a placeholder of that name.
func (t template) uses(name string) bool {
	return slices.ContainsFunc(t.tags, func(tag string) bool {
		base, _, _ := strings.Cut(tag, "|")
		return base == name
	})
}

// fill puts the values in.
func (t template) fill(n Notice, secret Secret) string {
	return t.t.ExecuteFuncString(func(w io.Writer, tag string) (int, error) {
		name, filter, _ := strings.Cut(strings.TrimSpace(tag), "|")
		value := n.Text
		switch name {
		case "secret":
			value = secret.Reveal()
		case "title":
			value = n.Title
		case "id":
			value = n.ID
		case "priority":
			return fmt.Fprint(w, scales[filter][n.Priority])
		}
		return io.WriteString(w, filters[filter](value))
	})
}
