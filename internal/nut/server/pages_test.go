package server

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ecnutd/internal/nut/server/nuttest"
)

// cgi asks for a page of NUT's, as a web server does.
func cgi(t *testing.T, nut *nuttest.NUT, dir, name, query string, form url.Values) string {
	t.Helper()
	cmd := nut.Command(t.Context(), dir, name)
	body := form.Encode()
	cmd.Env = append(cmd.Env, "REQUEST_METHOD=POST", "QUERY_STRING="+query, "CONTENT_LENGTH="+strconv.Itoa(len(body)))
	cmd.Stdin = strings.NewReader(body)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, said.String())
	}
	return string(out)
}

// TestUpsset: the page of Debian's NUT for settings has the same fields and
// commands for our server as for upsd, and what is set and commanded by it
// comes through.
func TestUpsset(t *testing.T) {
	nut := nuttest.Find(t)
	f := newFake()
	_, address := start(t, f, settings(t))
	upsd := nut.Upsd(t, fakeUsers, station(t))
	waitForData(t, upsd, station(t))
	dir := t.TempDir()
	for name, text := range map[string]string{
		"upsset.conf": "I_HAVE_SECURED_MY_CGI_DIRECTORY\n",
		"hosts.conf":  fmt.Sprintf("MONITOR eaton@%s \"UPS\"\nMONITOR eaton@%s \"UPS\"\n", address, upsd),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	page := func(address, function string, more ...string) string {
		form := url.Values{"username": {"admin"}, "password": {"secret"}, "monups": {"eaton@" + address}, "function": {function}}
		for i := 0; i+1 < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return cgi(t, nut, dir, "upsset.cgi", "", form)
	}
	ours, theirs := page(address, "showsettings"), page(upsd, "showsettings")
	// Descriptions are ours: upsd does not find the file that has its own.
	fields := func(page string) (list []string) {
		for line := range strings.Lines(page) {
			if strings.Contains(line, "eaton@") {
				continue // the two hosts, and which is chosen
			}
			if strings.Contains(line, "<INPUT") || strings.Contains(line, "<SELECT") || strings.Contains(line, "<OPTION") {
				list = append(list, strings.TrimSpace(line))
			}
		}
		return list
	}
	if diff := cmp.Diff(fields(theirs), fields(ours)); diff != "" {
		t.Errorf("settings\n%s\n%s", diff, ours)
	}
	if !strings.Contains(ours, "battery.charge.low") || strings.Contains(ours, "Unrecognized") || len(fields(ours)) < 11 {
		t.Errorf("no field for each setting:\n%s", ours)
	}
	page(address, "savesettings", "UPSVAR_battery.charge.low", "30")
	page(address, "docmd", "upscommand", "beeper.disable")
	want := []Order{{UPS: "eaton", Name: "battery.charge.low", Value: "30", Set: true}, {UPS: "eaton", Name: "beeper.disable"}}
	for i := range f.orders {
		f.orders[i].Who = Who{}
	}
	if !slices.Equal(f.orders, want) {
		t.Errorf("orders %+v", f.orders)
	}
	stats := func(address string) string {
		return strings.ReplaceAll(cgi(t, nut, dir, "upsstats.cgi", "host=eaton@"+address+"&treemode", nil), address, "ADDRESS")
	}
	if diff := cmp.Diff(stats(upsd), stats(address)); diff != "" {
		t.Errorf("upsstats\n%s", diff)
	}
}

// TestNode: the library that JavaScript programs are built on. The values are
// those of the recorded unit.
func TestNode(t *testing.T) {
	node, modules := nuttest.Node(t)
	f := newFake()
	f.list = slices.Clone(f.list)
	f.list[0].Description = "Bureau"
	_, address := start(t, f, settings(t))
	host, port, _ := net.SplitHostPort(address)
	const script = `
const Nut = require(process.argv[1] + '/node-nut');
const nut = new Nut(+process.argv[3], process.argv[2]);
const say = (what, x) => console.log(what, typeof x === 'object' && x !== null ? JSON.stringify(Array.isArray(x) && x.length ? x : Object.assign({}, x)) : x);
const ask = (method, ...args) => new Promise((resolve) => nut[method](...args, (value, err) => {
	// Some of its methods have the error first.
	resolve(err ? 'error ' + err : value);
}));
nut.on('error', (e) => { console.log('error', e); process.exit(1); });
nut.on('ready', async () => {
	say('ups', await ask('GetUPSList'));
	const vars = await ask('GetUPSVars', 'eaton');
	say('vars', Object.keys(vars).length + ' ' + vars['battery.charge'] + ' ' + vars['ups.status']);
	say('commands', await ask('GetUPSCommands', 'eaton'));
	say('rw', Object.keys(await ask('GetRWVars', 'eaton')).join(' '));
	say('enums', await ask('GetEnumsForVar', 'eaton', 'output.voltage.nominal'));
	say('ranges', await ask('GetRangesForVar', 'eaton', 'battery.charge.low'));
	say('type', await ask('GetVarType', 'eaton', 'battery.charge.low'));
	say('description', await ask('GetVarDescription', 'eaton', 'battery.charge'));
	nut.close();
});
nut.start();
`
	out, err := exec.CommandContext(t.Context(), node, "-e", script, modules, host, port).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, line := range []string{
		`"eaton":"Bureau"`, "vars 56 100 OL\n", `"load.off.delay"`, "rw battery.charge.low input.transfer.high ", `enums ["220","230","240"]`,
		`ranges [{"min":"0","max":"100"}]`, "type STRING:5", "description Charge of the battery (percent)",
	} {
		if !strings.Contains(string(out), line) {
			t.Errorf("no %q in\n%s", line, out)
		}
	}
}
