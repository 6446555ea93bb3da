package check

import (
	"net/netip"
	"net/url"
	"strings"

	"ecnutd/config"
)

// inClear finds secrets that would go over plain HTTP to another network, where
// everybody on the way reads them.
func (r *Result) inClear(c *config.Config) {
	told := func(key, address string) {
		if where := plainTo(address); where != "" {
			r.Findings = append(r.Findings, c.Found(key, "a secret goes to %s in clear, and everybody on the way can read it: https:// instead of http://", where))
		}
	}
	for _, route := range c.Messages.Routes {
		key := "messages.routes." + route.Name
		if f := route.FreeMobile; f != nil {
			told(key+".free_mobile.endpoint", f.Endpoint)
		}
		if h := route.HTTP; h != nil && (!h.Secret.IsZero() || hasUser(h.URL)) {
			told(key+".http.url", h.URL)
		}
	}
	if h := c.Messages.Heartbeat; !h.URL.IsZero() {
		if address, err := h.URL.Value(); err == nil { // that it cannot be read is told already
			told("messages.heartbeat.url", address)
		}
	}
}

func hasUser(address string) bool {
	u, err := url.Parse(withoutPlaceholders(address))
	return err == nil && u.User != nil
}

// withoutPlaceholders is an address with a letter in place of each placeholder.
func withoutPlaceholders(address string) string {
	for {
		before, rest, open := strings.Cut(address, "{{")
		_, after, closed := strings.Cut(rest, "}}")
		if !open || !closed {
			return address
		}
		address = before + "x" + after
	}
}

// plainTo is the host of an address that is reached by plain HTTP over another
// network; "" where it is not. This host, private addresses (RFC 1918, RFC 4193),
// and names that only a network of one's own knows are not another network.
func plainTo(address string) string {
	u, err := url.Parse(withoutPlaceholders(address))
	if err != nil || u.Scheme != "http" {
		return ""
	}
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if at, err := netip.ParseAddr(name); err == nil {
		if at = at.Unmap(); at.IsLoopback() || at.IsPrivate() || at.IsLinkLocalUnicast() {
			return ""
		}
		return name
	}
	if !strings.Contains(name, ".") {
		return ""
	}
	for _, own := range []string{".local", ".localhost", ".lan", ".home", ".home.arpa", ".internal", ".intranet", ".test"} {
		if strings.HasSuffix(name, own) {
			return ""
		}
	}
	return name
}
