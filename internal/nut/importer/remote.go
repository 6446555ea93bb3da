package importer

import (
	"net"
	"slices"
	"strings"

	"ecnutd/internal/address"
	"ecnutd/internal/nut/importer/report"
	"ecnutd/internal/nut/importer/wording"
)

// A remotePlan is a UPS that another host serves.
type remotePlan struct{ user, password, host, ups string }

// remoteUPS makes a UPS of a MONITOR line for another host.
func (m *importer) remoteUPS(w *monitored) {
	at := address.Remote{User: w.remote.user, Host: w.remote.host, UPS: w.remote.ups}
	if back, err := address.ParseRemote(at.String()); err != nil || back != at {
		m.note(w.d.file, w.d.line, Unsupported, "", "MONITOR %s: the name, the host or the user has characters that an address cannot have", report.Shorten(w.system))
		return
	}
	name := wording.Clean(w.remote.ups)
	if slices.ContainsFunc(m.ups, func(u upsPlan) bool { return wording.Clean(u.name) == name }) {
		name = wording.Clean(w.remote.ups + "-" + strings.TrimSuffix(w.remote.host, ":"+address.NUTPort))
	}
	if slices.ContainsFunc(m.ups, func(u upsPlan) bool {
		return wording.Clean(u.name) == name || u.settings["remote"].value == at.String()
	}) {
		m.note(w.d.file, w.d.line, Unsupported, "", "MONITOR %s: there is one of that name already", report.Shorten(w.system))
		return
	}
	w.ups = name
	u := upsPlan{name: name, file: w.d.file, line: w.d.line, settings: map[string]setting{"remote": {at.String(), w.d.from()}}}
	if i := slices.IndexFunc(m.tls, func(d directive) bool { return d.value == "FORCESSL" || d.value == "CERTVERIFY" }); i >= 0 {
		u.settings["tls"] = setting{"require", m.tls[i].from()}
	}
	key := "ups." + name
	m.note(w.d.file, w.d.line, Translated, key+".remote: "+at.String(), "MONITOR %s %d (user, password)", report.Shorten(w.system), w.power)
	if m.options.InlineSecrets && w.remote.password != "" {
		u.settings["password"] = setting{w.remote.password, w.d.from()}
	} else {
		secret := "/etc/ecnutd/" + name + ".secret"
		u.settings["password_file"] = setting{secret, "to be made: its first line is the password of " + w.d.from()}
		m.note(w.d.file, w.d.line, Unsupported, key+".password_file: "+secret, "the password for the other host: make the file with sudo install -m 640 -g ecnutd /dev/null %s, and copy the password from this line into its first line, with an editor", secret)
	}
	m.ups = append(m.ups, u)
}

// isLocal tells whether an address or a name is this host.
func isLocal(host string) bool {
	host = strings.Trim(host, "[]")
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "" || host == "localhost" || strings.HasPrefix(host, "localhost.") || host == "ip6-localhost"
}
