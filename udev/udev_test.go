package udev

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ecnutd/eaton"
	"ecnutd/generic"
	"ecnutd/hid/power/family"
)

// lines are the rule without comments.
func lines() []string {
	var out []string
	for line := range strings.Lines(Rule) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// TestRuleIsTheTable: whatever is granted or set is for the ids of the table, all
// of them and no others. All that has an effect stands behind a jump that no
// other device passes.
func TestRuleIsTheTable(t *testing.T) {
	var want []string
	for _, f := range append([]*family.Family{eaton.Family}, generic.Families...) {
		for _, id := range slices.Concat(f.IDs, f.Others) {
			want = append(want, fmt.Sprintf("%04x:%04x", id.Vendor, id.Product))
		}
		for _, vendor := range f.Vendors {
			want = append(want, fmt.Sprintf("%04x:", vendor))
		}
	}
	slices.Sort(want)
	let := map[string]*regexp.Regexp{
		"hidraw": regexp.MustCompile(`^SUBSYSTEM=="hidraw", ATTRS\{idVendor\}=="([0-9a-f|]{4,})"(?:, ATTRS\{idProduct\}=="([0-9a-f|]+)")?, GOTO="ecnutd_ups"$`),
		"usb":    regexp.MustCompile(`^SUBSYSTEM=="usb", ENV\{DEVTYPE\}=="usb_device", ATTR\{idVendor\}=="([0-9a-f|]{4,})"(?:, ATTR\{idProduct\}=="([0-9a-f|]+)")?, GOTO="ecnutd_ups"$`),
	}
	all := lines()
	closed := slices.Index(all, `GOTO="ecnutd_end"`)
	if closed < 0 || all[closed+1] != `LABEL="ecnutd_ups"` || all[0] != `ACTION=="remove", GOTO="ecnutd_end"` || all[len(all)-1] != `LABEL="ecnutd_end"` {
		t.Fatalf("the jumps are not as they must be:\n%s", strings.Join(all, "\n"))
	}
	got := make(map[string][]string)
	for _, line := range all[1:closed] {
		known := false
		for subsystem, match := range let {
			if m := match.FindStringSubmatch(line); m != nil {
				known = true
				for vendor := range strings.SplitSeq(m[1], "|") {
					for product := range strings.SplitSeq(m[2], "|") {
						got[subsystem] = append(got[subsystem], vendor+":"+product)
					}
				}
			}
		}
		if !known {
			t.Errorf("what does this let pass? %s", line)
		}
	}
	for subsystem := range let {
		if slices.Sort(got[subsystem]); !slices.Equal(got[subsystem], want) {
			t.Errorf("%s: let pass %v, the table has %v", subsystem, got[subsystem], want)
		}
	}
	effective := all[closed+2 : len(all)-1]
	if len(effective) != 4 {
		t.Errorf("%d lines with an effect, want the hidraw node, the usb node, that beside NUT, and the power control", len(effective))
	}
	for _, line := range effective {
		if !strings.HasPrefix(line, `SUBSYSTEM=="hidraw", `) && !strings.HasPrefix(line, `SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device", `) {
			t.Errorf("for which device is this? %s", line)
		}
	}
}

// TestRuleSyntax: what udev(7) allows on a line: a key, one of its operators, a
// quoted value, separated by commas. A line that it does not understand is
// ignored, with a word in a journal that nobody reads.
func TestRuleSyntax(t *testing.T) {
	pair := `[A-Z]+(\{[A-Za-z_/]+\})?(==|!=|=|\+=|:=)"[^"]*"`
	line := regexp.MustCompile(`^` + pair + `(, ` + pair + `)*$`)
	for _, l := range lines() {
		if !line.MatchString(l) {
			t.Errorf("not understood: %s", l)
		}
	}
	for _, want := range []string{
		`SUBSYSTEM=="hidraw", .*GROUP="ecnutd", MODE="0660"$`,
		`SUBSYSTEM=="usb", ENV\{DEVTYPE\}=="usb_device", .*GROUP="ecnutd", MODE="0660"$`,
		`ATTR\{power/control\}="on"$`,
	} {
		if !regexp.MustCompile(`(?m)` + want).MatchString(Rule) {
			t.Errorf("no line %s", want)
		}
	}
}

func put(t *testing.T, root, dir, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, dir, Name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(root, dir, Name), 0o644); err != nil { // whatever the umask is
		t.Fatal(err)
	}
}

// TestFind: a file under /etc hides the package's (udev(7)).
func TestFind(t *testing.T) {
	root := t.TempDir()
	if found, err := Find(root); err != nil || found.Path != "" || found.Ours() {
		t.Errorf("nothing there: %+v, %v", found, err)
	}
	put(t, root, "usr/lib/udev/rules.d", Rule)
	if found, err := Find(root); err != nil || found.Path != "/usr/lib/udev/rules.d/"+Name || !found.Ours() {
		t.Errorf("the package's: %+v, %v", found, err)
	}
	put(t, root, "etc/udev/rules.d", "# mine\n")
	found, err := Find(root)
	if err != nil || found.Path != Path || found.Ours() || found.Text != "# mine\n" {
		t.Errorf("an administrator's: %+v, %v", found, err)
	}
}

// TestInstallAfterAnother: another rule under /etc is replaced as a whole, and
// no temporary file is left that udev could read.
func TestInstallAfterAnother(t *testing.T) {
	root := t.TempDir()
	put(t, root, "etc/udev/rules.d", strings.Repeat("# longer than ours\n", 400))
	for i, want := range []bool{true, false} {
		if written, err := Install(root); err != nil || written != want {
			t.Errorf("time %d: written %v, %v", i+1, written, err)
		}
	}
	text, err := os.ReadFile(filepath.Join(root, Path))
	if err != nil || string(text) != Rule {
		t.Errorf("it holds %d bytes, %v", len(text), err)
	}
	st, err := os.Stat(filepath.Join(root, Path))
	if err != nil || st.Mode().Perm() != 0o644 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(filepath.Join(root, Path))); err != nil || len(entries) != 1 {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
}

// TestBadFile: what is no rule is refused, not read without end.
func TestBadFile(t *testing.T) {
	root := t.TempDir()
	put(t, root, "etc/udev/rules.d", strings.Repeat("#", maxRule+1))
	if _, err := Find(root); err == nil {
		t.Error("a file without end was taken")
	}
	root = t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, Path), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Install(root); err == nil || errors.Is(err, os.ErrNotExist) {
		t.Errorf("a directory in its place: %v", err)
	}
}
