package ecnutd

import (
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A row is what a package must not depend on, and why. An entry that ends in a slash
// is all below it.
type row struct {
	pkg     string
	imports []string
	why     string
}

// forbidden are the imports that would let two things grow into one, and why.
// They hold for everything that a package depends on, however indirectly, but
// for os and net, which it must not use itself.
var forbidden = []row{
	{"hid", []string{"ecnutd/", "os", "net", "runtime/cgo"}, "bytes in, numbers out: it runs on any bytes, from anywhere"},
	{"hid/hidraw", []string{"ecnutd/hid/power", "ecnutd/eaton", "ecnutd/monitor"}, "a transport knows no vendor and no policy"},
	{"hid/usb", []string{"ecnutd/hid/power", "ecnutd/eaton", "ecnutd/monitor"}, "a transport knows no vendor and no policy"},
	{"ups", []string{"ecnutd/"}, "the vocabulary stands on nothing of ours"},
	{"hid/power/family", []string{"ecnutd/hid/power", "ecnutd/eaton", "os", "net"}, "it is the form of tables, and reads no device"},
	{"hid/power/readback", []string{"ecnutd/hid/power", "ecnutd/eaton", "os", "net"}, "it judges numbers, and asks no device"},
	{"hid/power/pace", []string{"ecnutd/", "os", "net"}, "when, and not what"},
	{"hid/power", []string{"ecnutd/eaton", "ecnutd/monitor", "ecnutd/hid/hidraw", "ecnutd/hid/usb", "os"}, "it walks the tables of any family, and knows neither how reports travel nor what is decided"},
	{"eaton", []string{"os", "net"}, "a family is tables"},
	{"monitor", []string{"ecnutd/hid", "ecnutd/eaton", "ecnutd/sms", "ecnutd/config", "ecnutd/internal/texts", "ecnutd/monitor/stored", "os", "net", "gopkg.in/yaml.v3"}, "it decides on values alone, without a clock and without effects"},
	{"monitor/rules", []string{"ecnutd/hid", "ecnutd/eaton", "ecnutd/monitor", "ecnutd/config", "ecnutd/internal/", "os", "net"}, "wishes are values, and do not know who grants them"},
	{"monitor/stored", []string{"ecnutd/hid", "ecnutd/eaton", "ecnutd/sms", "ecnutd/config", "ecnutd/internal/", "os", "net"}, "a form is read where nothing else is known"},
	{"monitor/forecast", []string{"ecnutd/hid", "ecnutd/eaton", "ecnutd/sms", "ecnutd/config", "ecnutd/internal/", "os", "net"}, "it goes by the monitor's steps alone, and says codes and numbers"},
	{"internal/daemon", []string{"ecnutd/cmd/", "github.com/spf13/cobra", "ecnutd/internal/host/killpower", "ecnutd/internal/host/doctor", "ecnutd/internal/host/install", "ecnutd/internal/daemon/thishost", "ecnutd/internal/sim/usbredir"}, "it watches: who starts it, and the last stage that needs none of it, are others"},
	{"internal/daemon/thishost", []string{"ecnutd/internal/daemon", "ecnutd/monitor/stored", "ecnutd/internal/engine", "ecnutd/cmd/"}, "the outside decides nothing"},
	{"internal/routes", []string{"ecnutd/monitor", "ecnutd/internal/engine", "ecnutd/internal/daemon", "ecnutd/hid"}, "how messages leave does not depend on what they say"},
	{"internal/setup", []string{"github.com/spf13/cobra", "ecnutd/internal/daemon", "ecnutd/hid", "ecnutd/sms"}, "answers in, a file out: who has the device and who sends is given"},
	{"internal/notice", []string{"ecnutd/internal/daemon", "ecnutd/hid", "os", "net"}, "what a message is called and whom it is for is said without sending it"},
	{"internal/control/followers", []string{"ecnutd/internal/daemon", "ecnutd/hid", "ecnutd/sms", "github.com/spf13/cobra"}, "lines, whoever reads them"},
	{"internal/control/mailbox", []string{"ecnutd/internal/daemon", "ecnutd/hid", "github.com/spf13/cobra"}, "it shows an outbox, wherever that is"},
	{"internal/control/show", []string{"ecnutd/internal/daemon", "ecnutd/hid", "ecnutd/sms", "github.com/spf13/cobra"}, "words for what was answered"},
	{"internal/world/plan", []string{"ecnutd/internal/daemon", "ecnutd/monitor", "os", "net"}, "what goes wrong is drawn before anybody plays it"},
	{"internal/world", []string{"ecnutd/cmd/", "github.com/spf13/cobra", "ecnutd/internal/sim/usbredir"}, "it is around the daemon, and no part of it"},
	{"internal/recorder", []string{"ecnutd/internal/daemon", "ecnutd/monitor", "github.com/spf13/cobra"}, "it writes down what a device says, whatever that means"},
	{"internal/demo", []string{"github.com/spf13/cobra", "ecnutd/internal/host/killpower"}, "a story, told by whoever starts it"},
	{"internal/journal", []string{"ecnutd/config", "ecnutd/monitor", "ecnutd/ups"}, "lines, whatever they say"},
	{"internal/scenario", []string{"ecnutd/internal/daemon", "ecnutd/hid", "ecnutd/hid/", "ecnutd/sms", "os", "net", "go.etcd.io/bbolt"}, "a rehearsal is the engine's steps and the clock's, and has no effects"},
	{"internal/texts", []string{"ecnutd/hid", "ecnutd/eaton", "ecnutd/sms", "ecnutd/config"}, "words depend on what is said, not on how it travels"},
	{"internal/texts/catalogue", []string{"ecnutd/monitor", "ecnutd/hid", "ecnutd/config", "ecnutd/sms", "ecnutd/internal/"}, "words know nothing of what they are about"},
	{"internal/uplink", []string{"ecnutd/"}, "that a network is there concerns whoever waits for one, and it knows none of them"},
	{"internal/store", []string{"ecnutd/sms", "ecnutd/monitor", "ecnutd/config", "ecnutd/internal/daemon"}, "it writes what its parts hand over, and knows none of them"},
	{"internal/input", []string{"ecnutd/"}, "a file does not know what it is read for"},
	{"internal/folder", []string{"ecnutd/"}, "whoever opens a file may use it"},
	{"internal/history", []string{"ecnutd/"}, "what is remembered means something without whoever remembered it"},
	{"internal/history/book", []string{"ecnutd/sms", "ecnutd/hid", "ecnutd/internal/daemon", "ecnutd/internal/control"}, "it is told what happened, and asks nobody"},
	{"internal/history/show", []string{"ecnutd/internal/daemon", "ecnutd/hid", "ecnutd/sms", "go.etcd.io/bbolt", "github.com/spf13/cobra"}, "words for what was remembered"},
	{"internal/view", []string{"ecnutd/hid", "ecnutd/hid/", "ecnutd/eaton", "ecnutd/sms", "ecnutd/internal/daemon", "go.etcd.io/bbolt", "github.com/spf13/cobra"}, "who only looks brings no device, no messages and no daemon along"},
	{"internal/view/archive", []string{"ecnutd/hid", "ecnutd/hid/", "ecnutd/eaton", "ecnutd/sms", "ecnutd/internal/daemon", "go.etcd.io/bbolt", "github.com/spf13/cobra"}, "recordings are of what was said, not of a device"},
	{"internal/view/page", []string{"ecnutd/hid", "ecnutd/hid/", "ecnutd/eaton", "ecnutd/sms", "ecnutd/internal/daemon", "go.etcd.io/bbolt", "github.com/spf13/cobra"}, "a page is made of what was said"},
	{"internal/view/metrics", []string{"ecnutd/hid", "ecnutd/hid/", "ecnutd/eaton", "ecnutd/sms", "ecnutd/internal/daemon", "go.etcd.io/bbolt", "github.com/spf13/cobra"}, "numbers are made of what was said"},
	{"internal/view/mqtt", []string{"ecnutd/hid", "ecnutd/hid/", "ecnutd/eaton", "ecnutd/sms", "ecnutd/internal/daemon", "go.etcd.io/bbolt", "github.com/spf13/cobra"}, "a broker is told what was said"},
	{"cmd/ecnutd-view", []string{"ecnutd/hid", "ecnutd/hid/", "ecnutd/eaton", "ecnutd/sms", "ecnutd/internal/daemon", "go.etcd.io/bbolt", "github.com/spf13/cobra"}, "the program for looking has no right to anything"},
	{"cmd/ecnutd", []string{"ecnutd/internal/view", "ecnutd/internal/view/", "github.com/mattn/go-sqlite3", "github.com/eclipse/paho.golang/paho", "github.com/go-analyze/charts", "github.com/VictoriaMetrics/metrics"}, "the program that protects has nothing in it that is for looking"},
	{"internal/durable", []string{"ecnutd/"}, "a database does not know what is kept in it"},
	{"sms", []string{"ecnutd/ups", "ecnutd/monitor", "ecnutd/config", "gopkg.in/yaml.v3"}, "it delivers texts and has never heard of a UPS"},
	{"config", []string{"ecnutd/internal/nut/", "ecnutd/monitor", "ecnutd/internal/texts", "ecnutd/internal/engine", "ecnutd/hid/", "ecnutd/hid", "ecnutd/eaton", "ecnutd/sms", "ecnutd/internal/sim"}, "a leaf: what its words mean is said by those who use them"},
	{"config/strict", []string{"ecnutd/config", "ecnutd/internal/", "ecnutd/hid", "ecnutd/monitor", "ecnutd/sms", "os", "net"}, "bytes in, values out, whatever they are for"},
	{"internal/engine", []string{"ecnutd/hid", "ecnutd/hid/", "ecnutd/eaton", "ecnutd/sms", "ecnutd/internal/nut/", "go.etcd.io/bbolt", "os", "net"}, "one step for the daemon, a rehearsal and a simulated world: it reaches nothing"},
	{"internal/discovery", []string{"github.com/spf13/cobra", "ecnutd/monitor", "ecnutd/internal/nut/", "ecnutd/internal/daemon", "net"}, "whoever looks for a UPS need not decide anything, nor have a network"},
	{"internal/discovery/remote", []string{"github.com/spf13/cobra", "ecnutd/internal/daemon"}, "a UPS is reached without a command line and without a daemon"},
	{"internal/control", []string{"github.com/spf13/cobra", "ecnutd/hid", "ecnutd/hid/", "ecnutd/eaton", "ecnutd/sms", "go.etcd.io/bbolt", "ecnutd/internal/daemon"}, "who only looks over the socket brings no device, no messages and no daemon along"},
	{"internal/control/device", []string{"github.com/spf13/cobra", "ecnutd/hid/hidraw", "ecnutd/hid/usb", "ecnutd/internal/daemon"}, "it shows a device, however that was reached"},
	{"internal/target", []string{"github.com/spf13/cobra", "ecnutd/internal/daemon"}, "a UPS is reached without a command line and without being the daemon"},
	{"internal/wake", []string{"ecnutd/monitor", "ecnutd/config", "ecnutd/internal/daemon"}, "a packet, and when it is due"},
	{"internal/daemon/statusline", []string{"ecnutd/internal/daemon", "ecnutd/hid", "os", "net"}, "a state in, a line out"},
	{"internal/address", []string{"ecnutd/", "os"}, "text in, an address out"},
	{"internal/credential", []string{"ecnutd/"}, "a secret does not know whose it is"},
	{"internal/password", []string{"ecnutd/", "os", "net"}, "text in, yes or no out"},
	{"internal/placeholder", []string{"ecnutd/monitor", "ecnutd/config", "ecnutd/internal/texts"}, "a grammar does not know what is filled in"},
	{"internal/nut/importer", []string{"ecnutd/eaton", "ecnutd/hid", "ecnutd/internal/daemon", "ecnutd/internal/nut/server", "ecnutd/internal/nut/client", "ecnutd/sms"}, "files in, a file out: it asks no device and no server"},
	{"internal/nut/importer/decisions", []string{"ecnutd/monitor", "ecnutd/internal/engine", "ecnutd/eaton", "ecnutd/hid", "os"}, "a table over a configuration"},
	{"internal/nut/importer/upsd", []string{"ecnutd/internal/nut/importer/script", "ecnutd/internal/nut/server", "ecnutd/eaton", "ecnutd/hid", "os"}, "lines in, a block out"},
	{"internal/nut/importer/trial", []string{"ecnutd/eaton", "ecnutd/hid/hidraw", "ecnutd/hid/usb", "ecnutd/internal/daemon"}, "what rules do is seen without a UPS"},
	{"internal/nut/importer/script", []string{"ecnutd/config", "ecnutd/ups", "mvdan.cc/sh/v3/interp", "mvdan.cc/sh/v3/expand", "os", "os/exec", "net"}, "a script is read, and nothing of it is ever run"},
	{"internal/nut/importer/directives", []string{"ecnutd/internal/", "ecnutd/config", "ecnutd/monitor", "os", "net"}, "tables of what NUT's files may say"},
	{"internal/nut/importer/document", []string{"ecnutd/internal/daemon", "ecnutd/monitor", "ecnutd/hid", "os", "net"}, "blocks in, a text out"},
	{"internal/nut/importer/nutfile", []string{"ecnutd/config", "ecnutd/monitor", "ecnutd/internal/nut/importer", "net"}, "it reads bytes and words, whatever they mean"},
	{"internal/nut/importer/report", []string{"ecnutd/config", "ecnutd/monitor", "ecnutd/internal/nut/importer", "os", "net"}, "lines of a report, whatever they are about"},
	{"internal/nut/importer/wording", []string{"ecnutd/config", "ecnutd/monitor", "ecnutd/internal/nut/importer", "os", "net"}, "names and texts in, names and texts out"},
	{"internal/nut/importer/script/condition", []string{"ecnutd/", "os", "net"}, "conditions, whatever they are about"},
	{"internal/nut/importer/script/order", []string{"ecnutd/", "os", "net"}, "it knows words, and runs none"},
	{"internal/nut/importer/script/shelltext", []string{"ecnutd/", "mvdan.cc/sh/v3/interp", "mvdan.cc/sh/v3/expand", "os", "net"}, "texts are read as a shell would, by none"},
	{"internal/nut/importer/script/tree", []string{"ecnutd/", "mvdan.cc/sh/v3/interp", "mvdan.cc/sh/v3/expand", "os", "net"}, "forms are recognised, whatever is done with them"},
	{"internal/nut/parseconf", []string{"ecnutd/", "os", "net"}, "a syntax: bytes in, words out"},
	{"internal/nut/server", []string{"ecnutd/internal/daemon", "ecnutd/monitor", "ecnutd/eaton", "ecnutd/hid", "ecnutd/config", "ecnutd/sms", "os"}, "it answers from what it is shown, and cannot reach a device or the state"},
	{"internal/nut/client", []string{"ecnutd/internal/daemon", "ecnutd/monitor", "ecnutd/eaton", "ecnutd/hid", "ecnutd/config", "ecnutd/sms", "ecnutd/internal/nut/server", "os"}, "it says what another host says, and decides nothing"},
	{"internal/sim", []string{"ecnutd/monitor", "ecnutd/cmd/"}, "it is the device, on the other side of the wire"},
	{"internal/sim/console", []string{"ecnutd/monitor", "ecnutd/internal/daemon", "ecnutd/hid/hidraw", "ecnutd/hid/usb"}, "words for a simulated UPS"},
	{"internal/sim/describe", []string{"ecnutd/hid/power", "ecnutd/eaton", "ecnutd/generic", "ecnutd/monitor", "os", "net"}, "rows in, bytes out"},
	{"internal/sim/usbredir", []string{"ecnutd/eaton", "ecnutd/monitor"}, "it is the cable to a virtual machine, and knows no vendor"},
	{"internal/vmtest/gateway", []string{"ecnutd/"}, "a stand-in for somebody else's server knows nothing of ours"},
	{"internal/manual", []string{"ecnutd/"}, "it knows commands and an example file, and writes pages"},
	{"internal/terminal", []string{"ecnutd/"}, "a terminal does not know what is shown on it"},
	{"internal/systemd", []string{"ecnutd/"}, "units are files"},
	{"internal/host", []string{"ecnutd/"}, "facts of a host do not know who asks"},
	{"internal/host/doctor", []string{"ecnutd/internal/daemon", "ecnutd/cmd/", "github.com/spf13/cobra", "go.etcd.io/bbolt"}, "it looks, where no daemon and no state need be"},
	{"internal/host/pages", []string{"ecnutd/", "os", "net"}, "it runs before the program does"},
	{"internal/host/install", []string{"ecnutd/hid", "ecnutd/eaton", "ecnutd/sms", "ecnutd/cmd/ecnutd"}, "a package puts files in their places and asks no device"},
	{"internal/host/killpower", []string{"net/http", "go.etcd.io/bbolt", "ecnutd/sms", "ecnutd/monitor", "ecnutd/internal/nut/server", "ecnutd/hid/hidraw", "ecnutd/hid/usb", "ecnutd/internal/daemon", "ecnutd/internal/nut/client"}, "the last stage has no daemon, no network and no disk to write on"},
	{"internal/host/guard", []string{"net/http", "go.etcd.io/bbolt", "ecnutd/sms", "ecnutd/internal/daemon", "ecnutd/internal/nut/", "ecnutd/monitor"}, "the last resort depends on nothing that may have hung already"},
	{"internal/host/shutdown", []string{"ecnutd/hid", "ecnutd/eaton", "ecnutd/sms", "go.etcd.io/bbolt", "net/http", "ecnutd/internal/nut/client"}, "a host goes down without a UPS, a message or a database"},
	{"internal/build", []string{"ecnutd/"}, "a binary does not know what it does"},
	{"internal/check", []string{"github.com/spf13/cobra", "ecnutd/internal/daemon"}, "a configuration is proved without a command line and without a daemon"},
	{"internal/service", []string{"github.com/spf13/cobra", "ecnutd/internal/host/killpower", "ecnutd/internal/host/doctor", "ecnutd/internal/host/install", "ecnutd/cmd/"}, "a daemon starts without a command line"},
	{"internal/request", []string{"ecnutd/"}, "a request does not know what it is for"},
	{"internal/heartbeat", []string{"ecnutd/sms", "ecnutd/config", "ecnutd/monitor", "go.etcd.io/bbolt"}, "a signal is no message and waits in no queue"},
	{"cmd/ecnutd", []string{"testing", "html/template", "ecnutd/internal/world", "ecnutd/internal/vmtest", "ecnutd/internal/vmtest/", "ecnutd/internal/sim/usbredir", "ecnutd/internal/manual"}, "the program brings neither what tests it nor what documents it"},
	{"udev", []string{"ecnutd/monitor", "ecnutd/hid/hidraw", "ecnutd/hid/usb"}, "rules are files"},
}

// fileOpener may be used wherever os may: it stands on nothing of ours, and keeps
// root from being led elsewhere.
const fileOpener = "ecnutd/internal/folder"

// onlyOurs are all packages of ours that a package may use directly.
var onlyOurs = map[string][]string{
	"ecnutd/config/strict": {"ecnutd/ups"},
	"ecnutd/monitor/rules": {"ecnutd/ups"},
	"ecnutd/eaton":         {"ecnutd/hid", "ecnutd/hid/power", "ecnutd/hid/power/family", "ecnutd/ups"},
	"ecnutd/generic":       {"ecnutd/hid", "ecnutd/hid/power", "ecnutd/hid/power/family", "ecnutd/ups"},
}

// onlyIn are what these packages alone may use directly. No command uses a transport.
var onlyIn = map[string][]string{
	"ecnutd/eaton":                    {"ecnutd/internal/discovery"},
	"ecnutd/generic":                  {"ecnutd/internal/discovery"},
	"ecnutd/hid/hidraw":               {"ecnutd/internal/discovery", "ecnutd/internal/host/doctor"},
	"ecnutd/hid/usb":                  {"ecnutd/internal/discovery", "ecnutd/internal/host/doctor"},
	"gopkg.in/yaml.v3":                {"ecnutd/config", "ecnutd/config/strict", "ecnutd/internal/nut/importer", "ecnutd/internal/nut/importer/document"},
	"github.com/google/gousb":         {"ecnutd/hid/usb"},
	"github.com/sstallion/go-hid":     {"ecnutd/hid/hidraw"},
	"github.com/mdlayher/netlink":     {"ecnutd/hid/hidraw", "ecnutd/internal/uplink"},
	"mvdan.cc/sh/v3/syntax":           {"ecnutd/internal/nut/importer/script", "ecnutd/internal/nut/importer/script/tree"},
	"mvdan.cc/sh/v3/pattern":          {"ecnutd/internal/nut/importer/script", "ecnutd/internal/nut/importer/script/shelltext"},
	"golang.org/x/crypto/argon2":      {"ecnutd/internal/password"},
	"golang.org/x/crypto/bcrypt":      {"ecnutd/internal/password"},
	"github.com/valyala/fasttemplate": {"ecnutd/internal/placeholder", "ecnutd/sms"},
}

func TestImports(t *testing.T) {
	for _, wrong := range importGraph(t).violations() {
		t.Error(wrong)
	}
}

// A graph has what each package imports directly, those of the standard library and
// of other modules too.
type graph map[string][]string

// importGraph is that of this module, and of all that it depends on.
func importGraph(t *testing.T) graph {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	g := make(graph)
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		g[words[0]] = words[1:]
	}
	return g
}

// dependencies are all packages that one depends on, however indirectly.
func (g graph) dependencies(pkg string) map[string]bool {
	found := map[string]bool{}
	var walk func(string)
	walk = func(p string) {
		for _, dep := range g[p] {
			if !found[dep] {
				found[dep] = true
				walk(dep)
			}
		}
	}
	walk(pkg)
	return found
}

// A violation is a package that depends on what it must not, by which row.
type violation struct{ pkg, dependency, why string }

// String says it on a line.
func (v violation) String() string { return v.pkg + " depends on " + v.dependency + ": " + v.why }

// violations are those of all rows, each once.
func (g graph) violations() []violation {
	var all []violation
	note := func(v violation) {
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	for _, f := range forbidden {
		pkg := "ecnutd/" + f.pkg
		deps := slices.Sorted(maps.Keys(g.dependencies(pkg)))
		for _, bad := range f.imports {
			among := deps
			if direct(bad) {
				among = g[pkg]
			}
			for _, dep := range among {
				below := strings.HasSuffix(bad, "/") && strings.HasPrefix(dep, bad) && dep != pkg
				if dep == fileOpener && !slices.Contains(f.imports, "os") {
					below = false
				}
				if dep == bad || below {
					note(violation{f.pkg, dep, f.why})
				}
			}
		}
	}
	for pkg, imports := range g {
		if !strings.HasPrefix(pkg, "ecnutd") {
			continue
		}
		for _, dep := range imports {
			if users, ok := onlyIn[dep]; ok && !slices.Contains(users, pkg) {
				note(violation{strings.TrimPrefix(pkg, "ecnutd/"), dep, "it is for " + strings.Join(users, ", ") + " alone"})
			}
			if uses, ok := onlyOurs[pkg]; ok && strings.HasPrefix(dep, "ecnutd/") && !slices.Contains(uses, dep) {
				note(violation{strings.TrimPrefix(pkg, "ecnutd/"), dep, "of ours it may use " + strings.Join(uses, ", ") + " alone"})
			}
		}
	}
	return all
}

// direct reports whether an import is forbidden to the package itself alone: fmt
// brings os to everybody.
func direct(bad string) bool { return bad == "os" || bad == "net" }
