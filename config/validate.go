package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"ecnutd/config/strict"
	"ecnutd/internal/placeholder"
	"ecnutd/ups"
)

// placeholders checks a text as a template.
func (r *reader) placeholders(at strict.Place, template string) {
	if err := placeholder.Check(template); err != nil {
		r.Fail(at, "%v", err)
	}
}

// A validator looks at a whole configuration: errors are what cannot run or
// cannot protect, findings what probably is a mistake.
type validator struct {
	config   *Config
	errs     Errors
	findings []Finding
	unread   bool // parts could not be read: what is absent may only be misspelt

	unreadable Errors // those parts
}

func (v *validator) validate() {
	v.supplies()
	v.times()
	if word := v.config.ShutdownCommand.Powerless(); word != "" && v.config.MinSupplies > 0 {
		v.warn("shutdown_command", "%s shuts nothing down: the host would run until the battery is empty; min_supplies: 0 says that it only watches", word)
	}
	v.reactions()
	v.routes()
	if !v.unread {
		v.told()
	}
	v.network()
	if !v.unread {
		v.limits()
		v.silence()
	}
}

// spotOf is where a key stands or, if it is not in the file, the block that it
// would be in.
func (c *Config) spotOf(key string) strict.Spot {
	for {
		if s, ok := c.spots[key]; ok {
			return s
		}
		i := strings.LastIndexAny(key, ".[")
		if i < 0 {
			return strict.Spot{Line: 1, Column: 1}
		}
		key = key[:i]
	}
}

func (v *validator) fail(key, format string, args ...any) {
	if slices.ContainsFunc(v.unreadable, func(e Error) bool { return e.Key == key }) {
		return // the file has something there that could not be read, which is told
	}
	s := v.config.spotOf(key)
	v.errs = append(v.errs, Error{File: v.config.file, Line: s.Line, Column: s.Column, Key: key, Msg: fmt.Sprintf(format, args...)})
}

// Found is a finding at a key of the file.
func (c *Config) Found(key, format string, args ...any) Finding {
	var s strict.Spot
	if c.spots != nil {
		s = c.spotOf(key)
	}
	return Finding{c.file, s.Line, s.Column, key, fmt.Sprintf(format, args...)}
}

func (v *validator) warn(key, format string, args ...any) {
	v.findings = append(v.findings, v.config.Found(key, format, args...))
}

// LongestDelay is the longest that the family takes for a delay (NUT's limit).
const LongestDelay = 7200 * time.Second

// supplies checks the UPSs and whether they can feed the host at all.
func (v *validator) supplies() {
	c := v.config
	if len(c.UPS) == 0 {
		if !v.unread {
			v.fail("ups", "no UPS: name at least one, as in ups: {eaton: {device: auto}}")
		}
		return
	}
	sum := 0
	devices := map[string]string{}
	v.names()
	for _, u := range c.UPS {
		at := "ups." + u.Name
		sum += u.Power
		for _, d := range []struct {
			key string
			d   time.Duration
		}{{"on_delay", u.OnDelay}, {"off_delay", u.OffDelay}} {
			if d.d%time.Second != 0 || d.d > LongestDelay {
				v.fail(at+"."+d.key, "%s: the UPS takes whole seconds up to %s", d.d, LongestDelay)
			}
		}
		if u.OnDelay <= u.OffDelay {
			key := at + ".on_delay"
			if _, ok := c.spots[key]; !ok {
				key = at + ".off_delay"
			}
			v.fail(key, "on_delay (%s) must be above off_delay (%s), or the output comes back before it went off and the host stays down", u.OnDelay, u.OffDelay)
		}
		v.match(at, u)
		v.selfTest(at+".self_test", u.SelfTest)
		v.remote(at, u)
		who := u.Device
		switch {
		case u.Remote != "":
			who = u.Remote
		case who == Auto:
			who = fmt.Sprint(u.Match)
		}
		if other, ok := devices[who]; ok {
			if u.Remote == "" && u.Device == Auto && u.Match == (Match{}) {
				v.fail(at+".device", "%s and %s are both looked for, with nothing to tell them apart: give %s a device or a match", other, u.Name, u.Name)
			} else {
				v.fail(at+".device", "%s and %s are the same device", other, u.Name)
			}
		}
		devices[who] = u.Name
	}
	switch {
	case c.MinSupplies > sum:
		v.fail("min_supplies", "%d is more than all UPSs have (the sum of their power is %d): the host would have to be down at all times", c.MinSupplies, sum)
	case c.MinSupplies == 0:
		v.warn("min_supplies", "0: the host is never shut down for want of power, only watched")
	}
}

// leastBetweenTests keeps a battery from being worn by its tests.
const leastBetweenTests = 24 * time.Hour

func (v *validator) selfTest(at string, t SelfTest) {
	if _, err := t.Hour(); err != nil {
		v.fail(at+".at", "%v", err)
	}
	if t.Every > 0 && t.Every < leastBetweenTests {
		v.fail(at+".every", "%s: each test wears the battery; at least %s, or none", t.Every, leastBetweenTests)
	}
}

func (v *validator) match(at string, u UPS) {
	if u.Device != Auto && !strings.HasPrefix(u.Device, "/") {
		v.fail(at+".device", "%q is neither auto nor a path such as /dev/hidraw0", strict.Shorten(u.Device))
	}
	if u.Device != Auto && u.Match != (Match{}) {
		v.warn(at+".match", "not looked at: device names the node already")
	}
	for _, id := range []struct{ key, text string }{{"vendor", u.Match.Vendor}, {"product", u.Match.Product}} {
		if id.text != "" && (len(id.text) != 4 || strings.Trim(strings.ToLower(id.text), "0123456789abcdef") != "") {
			v.fail(at+".match."+id.key, "%q is not four hex digits, as lsusb prints them", strict.Shorten(id.text))
		}
	}
}

// times checks that what has to pass does pass.
func (v *validator) times() {
	c := v.config
	for _, d := range []struct {
		key string
		d   time.Duration
	}{
		{"poll", c.Poll}, {"poll_on_battery", c.PollOnBattery}, {"dead_time", c.DeadTime},
		{"messages.expire", c.Messages.Expire}, {"messages.heartbeat.every", c.Messages.Heartbeat.Every},
	} {
		if d.d <= 0 {
			v.fail(d.key, "must be above 0s")
		}
	}
	if c.DeadTime > 0 && c.DeadTime < 2*max(c.Poll, c.PollOnBattery) {
		v.warn("dead_time", "%s is less than two polls (%s): one answer that is late passes for a lost link", c.DeadTime, max(c.Poll, c.PollOnBattery))
	}
}

// routes checks how messages leave.
func (v *validator) routes() {
	routes := v.config.Messages.Routes
	var all []string
	for _, o := range routes {
		all = append(all, o.Name)
	}
	for _, o := range routes {
		at := "messages.routes." + o.Name
		kinds := 0
		for _, given := range []bool{o.FreeMobile != nil, o.HTTP != nil, o.Mail != nil, o.Command != nil} {
			if given {
				kinds++
			}
		}
		switch {
		case kinds == 0 && !v.unread:
			v.fail(at, "an empty route: give free_mobile, mail, http or command")
		case kinds > 1:
			v.fail(at, "one route goes one way: only one of free_mobile, mail, http and command")
		}
		if o.Timeout <= 0 {
			v.fail(at+".timeout", "must be above 0s")
		}
		if o.Command != nil && (len(o.Command) == 0 || o.Command[0] == "") {
			v.fail(at+".command", "no program: [/path/program, argument]")
		}
		v.freeMobile(at+".free_mobile", o.FreeMobile)
		v.http(at+".http", o.HTTP)
		v.mail(at+".mail", o.Mail)
		if o.FallbackFor != "" && len(o.Events) > 0 {
			v.fail(at+".events", "a fallback has no messages of its own: it takes those of %s", o.FallbackFor)
		}
		if o.FallbackFor == "" {
			continue
		}
		switch i := slices.IndexFunc(routes, func(other Route) bool { return other.Name == o.FallbackFor }); {
		case i < 0:
			v.fail(at+".fallback_for", "there is no route %q%s", strict.Shorten(o.FallbackFor), strict.Suggest(o.FallbackFor, all))
		case o.FallbackFor == o.Name:
			v.fail(at+".fallback_for", "a route cannot stand in for itself")
		case routes[i].FallbackFor != "":
			v.fail(at+".fallback_for", "%s is a fallback itself and has no messages of its own: name the route that it stands in for", o.FallbackFor)
		}
	}
}

func (v *validator) freeMobile(at string, f *FreeMobile) {
	if f == nil || v.unread {
		return
	}
	if f.User == "" {
		v.fail(at, "user is missing: the customer number, 8 digits")
	}
	if f.Password.IsZero() {
		v.fail(at, "the password is missing: password_file, password_credential or password")
	}
	v.address(at+".endpoint", f.Endpoint)
}

func (v *validator) http(at string, h *HTTP) {
	if h == nil || v.unread {
		return
	}
	v.address(at+".url", h.URL)
	if h.Method == "" || strings.Trim(h.Method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		v.fail(at+".method", "not a method such as GET, POST or PUT")
	}
	if _, err := regexp.Compile(h.Expect); err != nil {
		v.fail(at+".expect", "not a regular expression: %v", err)
	}
	known := make(map[int]string)
	for _, list := range []struct {
		key   string
		codes []int
	}{{".success", h.Success}, {".refused", h.Refused}, {".too_many", h.TooMany}} {
		for _, code := range list.codes {
			switch other, twice := known[code]; {
			case code < 100 || code > 599:
				v.fail(at+list.key, "%d is not a status of HTTP (100 to 599)", code)
			case twice && other != list.key:
				v.fail(at+list.key, "%d is in %s too", code, other[1:])
			}
			known[code] = list.key
		}
	}
}

// address checks a URL without printing it: it may hold a secret.
func (v *validator) address(key, address string) {
	plain := address
	for { // placeholders stand for anything; a letter will do to look at the rest
		i := strings.Index(plain, "{{")
		j := strings.Index(plain[max(i, 0):], "}}")
		if i < 0 || j < 0 {
			break
		}
		plain = plain[:i] + "x" + plain[i+j+2:]
	}
	u, err := url.Parse(plain)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		v.fail(key, "not an address: it begins with https:// and a host")
	}
}

// exposed are the secrets that stand in a file which others can read.
func (c *Config) exposed(mode interface{ String() string }) []Finding {
	var found []Finding
	for _, s := range c.secrets() {
		if s.secret.Inline() {
			found = append(found, c.Found(s.key, "a secret in a file that everybody on this host can read (%s): chmod 640 the file, or put the secret into a file of its own and give %s_file", mode, lastOf(s.key)))
		}
	}
	return found
}

type namedSecret struct {
	key    string
	secret Secret
}

// secrets are all secrets, by the keys that give them.
func (c *Config) secrets() []namedSecret {
	var list []namedSecret
	add := func(key string, s Secret) {
		switch {
		case s.file != "":
			key += "_" + strict.PartFile
		case s.credential != "":
			key += "_" + strict.PartCredential
		}
		list = append(list, namedSecret{key, s})
	}
	for _, u := range c.UPS {
		add("ups."+u.Name+".password", u.Password)
	}
	for _, u := range c.Network.Users {
		add("network.users."+u.Name+".password", u.Password)
	}
	add("messages.heartbeat.url", c.Messages.Heartbeat.URL)
	for _, o := range c.Messages.Routes {
		at := "messages.routes." + o.Name
		if o.FreeMobile != nil {
			add(at+".free_mobile.password", o.FreeMobile.Password)
		}
		if o.HTTP != nil {
			add(at+".http.secret", o.HTTP.Secret)
		}
		if o.Mail != nil {
			add(at+".mail.password", o.Mail.Password)
		}
	}
	return list
}

func lastOf(key string) string { return key[strings.LastIndex(key, ".")+1:] }

// hostEvent tells whether a reaction belongs to an event of the host.
func hostEvent(e ups.Event) bool { return e != "" && e.Host() }
