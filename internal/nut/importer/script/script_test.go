package script

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const curl = "\ncurl \"https://smsapi.free-mobile.fr/sendmsg?user=$U&pass=$P&msg=$A%20$B\"\n"

// TestScript: what the shell would put into the request, for the ways in which
// such scripts are written. The texts are what dash expands them to.
func TestScript(t *testing.T) {
	for _, c := range []struct {
		name, script string
		want         string // the text for the name "one"
		down         int    // the line of the shutdown
	}{
		{"double quotes", `case $1 in "one") A="a b"; B="c";; esac` + curl, "a b c", 0},
		{"single quotes", `case "$1" in 'one') A='it costs $5' B='c';; esac` + curl, "it costs $5 c", 0},
		{"no quotes", `case ${1} in one) A=a; B=b ;; esac` + curl, "a b", 0},
		{"several patterns", `case $1 in zero|one|two) A=a B=b;; esac` + curl, "a b", 0},
		{"parenthesis before", "case $1 in\n(one) A=a B=b;;\nesac" + curl, "a b", 0},
		{"pattern with a star", `case $1 in o*) A=a B=$1;; esac` + curl, "a one", 0},
		{"all others", `case $1 in two) A=x;; *) A=other; B="$1";; esac` + curl, "other one", 0},
		{"argument in a variable", "name=\"$1\"\ncase $name in one) A=a B=$name;; esac" + curl, "a one", 0},
		{"variable of a variable", `X=who; case $1 in one) A="I am $X"; B="${X}ever";; esac` + curl, "I am who whoever", 0},
		{"escapes", `case $1 in one) A="say \"hi\" for \$1"; B=back\\slash;; esac` + curl, `say "hi" for $1 back\slash`, 0},
		{"append", `case $1 in one) A=a; A+=b; B=c;; esac` + curl, "ab c", 0},
		{"words of upssched", `case $1 in one) A="$NOTIFYTYPE of"; B=$UPSNAME;; esac` + curl, "{{event}} of {{ups}}", 0},
		{"host and charge", "case $1 in one) A=$(hostname); B=`upsc x@localhost battery.charge 2>/dev/null`;; esac" + curl, "{{host}} {{battery.charge}}", 0},
		{"time", `case $1 in one) A=$(date +%H:%M); B="$(date)";; esac` + curl, "{{time}} {{date}} {{time}}", 0},
		{"quotes inside", `case $1 in one) A=$(echo "l'un (deux" | tr a b); B=z;; esac` + curl, " z", 0},
		{"encoded by a program", `case $1 in one) A="a b"; B=$(printf %s "$A" | jq -sRr @uri);; esac` + curl, "a b a b", 0},
		{"braces of others", `case $1 in one) A="{{x}}"; B=b;; esac` + curl, "{ {x}} b", 0},
		{"case inside", "case $1 in one) case $2 in x) A=a;; *) A=b;; esac; B=c;; two) A=d;; esac" + curl, "b c", 0},
		{"if inside", "case $1 in one) if [ -f /x ]; then A=a; else A=b; fi; B=c;; esac" + curl, "b c", 0},
		{"function", "tell() {\n  curl \"https://smsapi.free-mobile.fr/sendmsg?user=1&pass=2&msg=$1\"\n}\ncase $1 in\none) tell \"a $2\" ;;\nesac\n", "a ", 0},
		{"function at the end", "case $1 in one) A=a;; esac\nfunction tell { curl -d \"msg=$1\" -d user=1 -d pass=2 https://smsapi.free-mobile.fr/sendmsg; }\ntell $A", "a", 0},
		{"fields by data", "case $1 in one) A='a b';; esac\ncurl -G --data-urlencode \"msg=$A & 20%\" --data-urlencode user=1 -d pass=2 https://smsapi.free-mobile.fr/sendmsg", "a b & 20%", 0},
		{"wget", "case $1 in one) A=a+b;; esac\nwget -qO- \"https://smsapi.free-mobile.fr/sendmsg?user=1&pass=2&msg=$A%0Dc\"", "a b\nc", 0},
		{"address in a variable", "case $1 in one) A=a;; esac\nURL=\"https://smsapi.free-mobile.fr/sendmsg?msg=$A&user=1&pass=2\"\ncurl $URL", "a", 0},
		{"in a substitution", "case $1 in one) A=a B=b;; esac\nout=$(curl -i \"https://smsapi.free-mobile.fr/sendmsg?user=1&pass=2&msg=$A%20$B\" 2>&1)", "a b", 0},
		{"comment and here-document", "# case $1 in one) A=no;; esac\ncat <<END\ncase $1 in one) A=no;; esac\nEND\ncase $1 in one) A=yes B=b;; esac" + curl, "yes b", 0},
		{"line joined", "case $1 in one) A=a; B=b;; esac\ncurl \\\n  -i \\\n  \"https://smsapi.free-mobile.fr/sendmsg?user=1&pass=2&msg=$A\"", "a", 0},
		{"ends early", "case $1 in one) A=a B=b" + curl + "exit 0;; esac" + curl, "a b", 0},
		{"shutdown", "case $1 in\none) A=a\nB=b\n/sbin/upsmon -c fsd;;\nesac" + curl, "a b", 4},
		{"shutdown by hand", "case $1 in one) A=a B=b; sudo /sbin/shutdown -h +0;; esac" + curl, "a b", 1},
		{"shutdown taken back", "case $1 in one) A=a B=b; /sbin/shutdown -c;; esac" + curl, "a b", 0},
		{"shutdown by systemd", "case $1 in one) A=a B=b; systemctl poweroff;; esac" + curl, "a b", 1},
		{"Windows lines", "case $1 in\r\none)\r\nA=a\r\nB=b;;\r\nesac\r\n" + curl, "a b", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := ReadScript([]byte(c.script))
			if err != nil {
				t.Fatal(err)
			}
			o, ok := s.Run("one")
			if !ok || len(o.Sends) != 1 {
				t.Fatalf("%v %+v", ok, o)
			}
			if o.Sends[0].Text != c.want || o.Down != c.down {
				t.Errorf("got %q, down %d; want %q, %d", o.Sends[0].Text, o.Down, c.want, c.down)
			}
		})
	}
}

// TestAccount: the account, and where its password is.
func TestAccount(t *testing.T) {
	for _, c := range []struct {
		script string
		want   Send
	}{
		{"case $1 in one) :;; esac\nN=12\nW='x y'\ncurl -k \"https://smsapi.free-mobile.fr/sendmsg?user=$N&pass=$W&msg=é\"",
			Send{Line: 4, Text: "é", User: "12", Password: "x y", SecretIn: "W", SecretAt: 3, Insecure: true, Unencoded: true}},
		{"case $1 in one) :;; esac\ncurl -sS 'https://smsapi.free-mobile.fr/sendmsg?user=12&pass=xy&msg=a%20b'",
			Send{Line: 2, Text: "a b", User: "12", Password: "xy", SecretAt: 2}},
		{"W=$(cat /etc/secret)\ncase $1 in one) :;; esac\ncurl \"https://smsapi.free-mobile.fr/sendmsg?user=12&pass=$W&msg=a\" --insecure",
			Send{Line: 3, Text: "a", User: "12", SecretOf: "/etc/secret", SecretAt: 3, Insecure: true}},
		{"case $1 in one) :;; esac\ncurl \"https://smsapi.free-mobile.fr/sendmsg?user=12&pass=$(</etc/secret)&msg=$gone\"",
			Send{Line: 2, Unset: []string{"gone"}, User: "12", SecretOf: "/etc/secret", SecretAt: 2}},
		{"case $1 in one) :;; esac\ncurl \"https://smsapi.free-mobile.fr/sendmsg?user=12&pass=xy&msg=$(fortune)\"",
			Send{Line: 2, Unread: []string{"fortune"}, User: "12", Password: "xy", SecretAt: 2}},
	} {
		s, err := ReadScript([]byte(c.script))
		if err != nil {
			t.Fatal(err)
		}
		o, _ := s.Run("one")
		if len(o.Sends) != 1 || !reflect.DeepEqual(o.Sends[0], c.want) {
			t.Errorf("%s\ngot  %+v\nwant %+v", c.script, o.Sends, c.want)
		}
	}
}

func TestScriptOthers(t *testing.T) {
	s, err := ReadScript([]byte("#!/bin/sh\ncase $1 in\none)\n  echo x | mail -s y root\n  logger z >/dev/null\n;;\ntwo) ;;\nesac\n"))
	if err != nil {
		t.Fatal(err)
	}
	if o, ok := s.Run("one"); !ok || !slices.Equal(o.Others, []Other{{4, "mail"}, {5, "logger"}}) || o.Line != 3 || o.Default {
		t.Errorf("%v %+v", ok, o)
	}
	if o, ok := s.Run("two"); !ok || len(o.Others)+len(o.Sends) > 0 {
		t.Errorf("%v %+v", ok, o)
	}
	if o, ok := s.Run("three"); ok {
		t.Errorf("%+v", o)
	}
	if names := s.Names(); !slices.Equal(names, []string{"one", "two"}) {
		t.Errorf("names %q", names)
	}
	for text, want := range map[string]error{
		"#!/usr/bin/python3\nprint()\n": ErrNotShell, "\x7fELF\x00": ErrNotShell, "echo x\n": ErrNoCase, "": ErrNoCase,
		"case $2 in one) :;; esac": ErrNoCase,
	} {
		if _, err := ReadScript([]byte(text)); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
	if _, err := ReadScript(make([]byte, MaxScript+1)); err == nil {
		t.Error("a huge script is taken")
	}
}

// FuzzScript: a script ends in bounded time with bounded texts, whatever it
// holds; its lines are those of the file.
func FuzzScript(f *testing.F) {
	f.Add([]byte("case $1 in one) A=a B=b;; *) f;; esac\nf() { f; A=$A$A; }\nx=$(curl \"https://smsapi.free-mobile.fr/sendmsg?user=$U&pass=$P&msg=$A%20$B\")"), "one")
	f.Add([]byte("case ${1:-x} in \"o\"ne|'two') `a` $(b \"$(c)\") <<E\nE\n;; esac"), "two")
	f.Add([]byte("a=$a$a$a$a\na=$a$a$a$a\na=$a$a$a$a\na=$a$a$a$a\na=$a$a$a$a\na=$a$a$a$a\na=$a$a$a$a\ncase $1 in x) x(){ x; x; x; }; x;; esac"), "x")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		start := time.Now()
		s, err := ReadScript(data)
		if err != nil {
			return
		}
		lines := strings.Count(string(data), "\n") + 1
		for _, n := range append(s.Names(), name)[:min(5, len(s.Names())+1)] {
			o, ok := s.Run(n)
			if !ok {
				continue
			}
			if o.Line < 1 || o.Line > lines || o.Down < 0 || o.Down > lines {
				t.Fatalf("%+v in %d lines", o, lines)
			}
			for _, send := range o.Sends {
				if len(send.Text) > maxText || send.Line < 1 || send.Line > lines {
					t.Fatalf("%+v in %d lines", send, lines)
				}
			}
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Fatalf("took %s", took)
		}
	})
}
