package setup

import (
	"cmp"
	"fmt"
	"net"
	"strings"

	"ecnutd/config"
	"ecnutd/internal/texts/catalogue"
)

// File is the configuration that the answers make. withSecret says whether there is
// a secret for the route, which a way may do without.
func (a Answers) File(withSecret bool) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	comment := func(format string) { line("# %s", catalogue.Say(a.Language, format)) }
	comment("Written by `sudo ecnutd setup`, which can be run again. `man ecnutd.yaml` has every key.")
	comment("After a change: sudo ecnutd check && sudo systemctl reload ecnutd")
	line("")
	line("language: %s", cmp.Or(string(a.Language), "en"))
	line("")
	line("ups:")
	line("  %s:", cmp.Or(a.Name, "eaton"))
	line("    description: %q", cmp.Or(a.Description, "Eaton UPS"))
	if a.Phys != "" {
		line("    match: {phys: %q}", a.Phys)
	}
	line("")
	if a.After > 0 {
		comment("The host goes down so long after mains was lost, and sooner where the battery is low.")
		line("low_battery:")
		line("  on_battery: %s", config.FormatDuration(a.After))
	} else {
		comment("The host goes down when the battery is low.")
		line("#low_battery: {on_battery: 10m}")
	}
	if a.Tell == Nobody || a.Tell == "" {
		return b.String()
	}
	line("")
	line("messages:")
	line("  routes:")
	a.route(line, withSecret)
	return b.String()
}

// route writes the block of the route.
func (a Answers) route(line func(format string, args ...any), withSecret bool) {
	switch a.Tell {
	case FreeMobile:
		line("    mobile:")
		line("      free_mobile: {user: %q, password_file: %s}", a.User, a.SecretFile())
	case Mail:
		host, port, err := net.SplitHostPort(a.Host)
		if err != nil {
			host, port = a.Host, ""
		}
		line("    mail:")
		line("      mail:")
		line("        host: %q", host)
		if port != "" {
			line("        port: %s", port)
		}
		line("        tls: %q", string(cmp.Or(a.TLS, config.MailStartTLS)))
		if a.User != "" {
			line("        user: %q", a.User)
			line("        password_file: %s", a.SecretFile())
		}
		line("        from: %q", a.From)
		line("        to: %q", a.To)
	case HTTP:
		line("    http:")
		line("      http:")
		line("        url: %q", a.URL)
		line("        headers: {Title: \"{{title|mime}}\", Priority: \"{{priority}}\"%s}", map[bool]string{true: `, Authorization: "Bearer {{secret}}"`}[withSecret])
		line("        body: \"{{text}}\"")
		if withSecret {
			line("        secret_file: %s", a.SecretFile())
		}
	}
}
