package config

import (
	"net/netip"
	"reflect"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"ecnutd/config/strict"
	"ecnutd/ups"
)

// A reader reads a configuration: it has the forms that are its own.
type reader struct {
	*strict.Reader
	config *Config
}

// readable is a value with a form of its own in the file.
type readable interface {
	read(r *reader, at strict.Place)
}

// named is the block of a mapping by name (ups, timers, routes).
type named interface {
	begin(r *reader, name string, at strict.Place)
}

// Own reads the values of this package that are no blocks.
func (r *reader) Own(at strict.Place, into any, k strict.Key) bool {
	switch into := into.(type) {
	case readable:
		into.read(r, at)
	case *Secret:
		r.secret(at, into, k)
	case *ups.Number:
		r.percent(at, into, k)
	case *Trust:
		r.trust(at, into)
	case *netip.AddrPort:
		r.listen(at, into)
	default:
		return false
	}
	return true
}

// Named reports whether a block has a name.
func (r *reader) Named(block reflect.Type) bool {
	return reflect.PointerTo(block).Implements(reflect.TypeFor[named]())
}

// Begin sets the defaults of a block with a name.
func (r *reader) Begin(block any, name string, at strict.Place) { block.(named).begin(r, name, at) }

// Make sets the defaults of a block that need not be there.
func (r *reader) Make(into any) {
	switch into := into.(type) {
	case **FreeMobile:
		*into = newFreeMobile()
	case **HTTP:
		*into = newHTTP()
	case **Mail:
		*into = newMail()
	case **Limits:
		general := r.config.LowBattery
		*into = &general
	}
}

// choices are the types that take one of a few words.
var choices = map[reflect.Type][]strict.Choice{
	reflect.TypeFor[ups.Language]():    {{Word: "en", Value: ups.English}, {Word: "fr", Value: ups.French}},
	reflect.TypeFor[LinkLost]():        {{Word: "estimate", Value: Estimate}, {Word: "strict", Value: Strict}},
	reflect.TypeFor[Floor]():           {{Word: "auto", Value: FloorAuto}, {Word: "none", Value: FloorNone}},
	reflect.TypeFor[SecondariesTold](): {{Word: "go_on", Value: ToldGoOn}, {Word: "cancel", Value: ToldCancel}},
	reflect.TypeFor[MailTLS]():         {{Word: "starttls", Value: MailStartTLS}, {Word: "tls", Value: MailFromOn}, {Word: "off", Value: MailClear}},
	reflect.TypeFor[TLS]():             {{Word: "off", Value: TLS("off")}, {Word: "try", Value: TLS("try")}, {Word: "require", Value: TLS("require")}},
	reflect.TypeFor[Role]():            {{Word: "none", Value: NoRole}, {Word: "secondary", Value: Secondary}, {Word: "primary", Value: Primary}},
	reflect.TypeFor[UPSCommand](): {
		{Word: "shutdown.return", Value: UPSCommand("shutdown.return")},
		{Word: "shutdown.stayoff", Value: UPSCommand("shutdown.stayoff")},
		{Word: "shutdown.reboot", Value: UPSCommand("shutdown.reboot")},
		{Word: "load.off.delay", Value: UPSCommand("load.off.delay")},
	},
}

// UPSCommands are the words that kill_power.command takes.
func UPSCommands() []string {
	var words []string
	for _, c := range choices[reflect.TypeFor[UPSCommand]()] {
		words = append(words, c.Word)
	}
	return words
}

// percent reads "30%", "30 %" or 30.
func (r *reader) percent(at strict.Place, into *ups.Number, k strict.Key) {
	text, _ := strings.CutSuffix(at.Node.Value, "%")
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if at.Node.Kind != yaml.ScalarNode || err != nil || n < 0 || n > 100 {
		r.Fail(at, "%s is not a percentage: write 0%% to 100%%%s", strict.What(at.Node), strict.OrNone(k))
		return
	}
	*into = ups.Known(n)
}

// trust reads how much a flag is believed.
func (r *reader) trust(at strict.Place, into *Trust) {
	switch at.Node.Value {
	case "trust":
		*into = Trust{}
	case "ignore":
		*into = Trust{Ignored: true}
	default:
		var t Trust
		before := len(r.Errs)
		r.Duration(at, &t.Grace, strict.Key{})
		if len(r.Errs) > before {
			r.Errs[before].Msg += "; or one of the words trust and ignore"
			return
		}
		*into = t
	}
}

// secret reads one of the three keys of a secret.
func (r *reader) secret(at strict.Place, into *Secret, k strict.Key) {
	var s string
	before := len(r.Errs)
	r.Text(at, &s, k)
	if len(r.Errs) > before {
		if k.Part == strict.PartInline {
			r.Errs[before].Msg = "the value is not a text: put it in quotes" // and never show it
		}
		return
	}
	switch {
	case s == "":
		r.Fail(at, "it is empty")
	case k.Part == strict.PartFile:
		*into = FileSecret(s)
	case k.Part == strict.PartCredential && strings.Contains(s, "/"):
		r.Fail(at, "%q is not the name of a credential: it is the name alone, as in LoadCredential=NAME:FILE", strict.Shorten(s))
	case k.Part == strict.PartCredential:
		*into = CredentialSecret(s)
	default:
		*into = InlineSecret(s)
	}
}
