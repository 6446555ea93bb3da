package script

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ecnutd/internal/nut/importer/script/condition"
	"ecnutd/internal/nut/importer/script/order"
	"ecnutd/internal/nut/importer/script/shelltext"
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
		{"quotes inside", `case $1 in one) A=$(echo "l'un (deux" | tr a b); B=z;; esac` + curl, "l'un (deux z", 0},
		{"encoded by a program", `case $1 in one) A="a b"; B=$(printf %s "$A" | jq -sRr @uri);; esac` + curl, "a b a b", 0},
		{"braces of others", `case $1 in one) A="{{x}}"; B=b;; esac` + curl, "{ {x}} b", 0},
		{"case inside", "case $1 in one) case $2 in x) A=a;; *) A=b;; esac; B=c;; two) A=d;; esac" + curl, "b c", 0},
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
			o := run(t, c.script, "one")
			var texts []string
			down := 0
			for _, e := range o.Effects {
				switch {
				case e.If.Kind != condition.IsAlways:
					t.Errorf("conditional: %+v", e)
				case e.Kind == Message:
					texts = append(texts, e.Send.Text)
				case e.Kind == PowerOff:
					down = e.At.Line
				}
			}
			if !slices.Equal(texts, []string{c.want}) || down != c.down {
				t.Errorf("got %q, down %d; want %q, %d", texts, down, c.want, c.down)
			}
		})
	}
}

// run follows a script that upssched calls with a name.
func run(t *testing.T, text, name string) Outcome {
	t.Helper()
	s, err := Read([]byte(text), "s")
	if err != nil {
		t.Fatal(err)
	}
	return s.Run(calledWith(name))
}

func calledWith(name string) Call {
	return Call{Args: []Text{{name, true}}, Env: map[string]Text{"NOTIFYTYPE": {Text: "{{event}}"}, "UPSNAME": {Text: "{{ups}}"}}}
}

// TestAccount: the account, and where its password is.
func TestAccount(t *testing.T) {
	for _, c := range []struct {
		line   int
		script string
		want   Send
	}{
		{4, "case $1 in one) :;; esac\nN=12\nW='x y'\ncurl -k \"https://smsapi.free-mobile.fr/sendmsg?user=$N&pass=$W&msg=é\"",
			Send{Text: "é", User: "12", Password: "x y", SecretIn: "W", SecretAt: Pos{File: "s", Line: 3}, Insecure: true, Unencoded: true}},
		{2, "case $1 in one) :;; esac\ncurl -sS 'https://smsapi.free-mobile.fr/sendmsg?user=12&pass=xy&msg=a%20b'",
			Send{Text: "a b", User: "12", Password: "xy", SecretAt: Pos{File: "s", Line: 2}}},
		{3, "W=$(cat /etc/secret)\ncase $1 in one) :;; esac\ncurl \"https://smsapi.free-mobile.fr/sendmsg?user=12&pass=$W&msg=a\" --insecure",
			Send{Text: "a", User: "12", SecretOf: "/etc/secret", SecretAt: Pos{File: "s", Line: 3}, Insecure: true}},
		{2, "case $1 in one) :;; esac\ncurl \"https://smsapi.free-mobile.fr/sendmsg?user=12&pass=$(</etc/secret)&msg=$gone\"",
			Send{Unset: []string{"gone"}, User: "12", SecretOf: "/etc/secret", SecretAt: Pos{File: "s", Line: 2}}},
		{2, "case $1 in one) :;; esac\ncurl \"https://smsapi.free-mobile.fr/sendmsg?user=12&pass=xy&msg=$(fortune)\"",
			Send{Unread: []string{"fortune"}, User: "12", Password: "xy", SecretAt: Pos{File: "s", Line: 2}}},
	} {
		o := run(t, c.script, "one")
		o.Effects = slices.DeleteFunc(o.Effects, func(e Effect) bool { return e.Kind != Message })
		if len(o.Effects) != 1 || o.Effects[0].At != (Pos{File: "s", Line: c.line}) || !reflect.DeepEqual(o.Effects[0].Send, c.want) {
			t.Errorf("%s\ngot  %+v\nwant %+v", c.script, o.Effects, c.want)
		}
	}
}

func TestOthers(t *testing.T) {
	const text = "#!/bin/sh\ncase $1 in\none)\n  echo x | mail -s y root\n  logger z >/dev/null\n;;\ntwo) ;;\nesac\n"
	o := run(t, text, "one")
	if len(o.Effects) != 2 || o.Effects[0].At.Line != 4 || o.Effects[0].What != "mail" || o.Effects[1].What != "logger" || o.At.Line != 3 || o.Default || !o.Matched {
		t.Errorf("%+v", o)
	}
	if o := run(t, text, "two"); len(o.Effects) > 0 || !o.Matched || o.At.Line != 7 {
		t.Errorf("%+v", o)
	}
	if o := run(t, text, "three"); len(o.Effects) > 0 || o.Matched || !slices.Equal(o.Names, []string{"one", "two"}) {
		t.Errorf("%+v", o)
	}
}

func TestUnreadable(t *testing.T) {
	for text, want := range map[string]string{
		"#!/usr/bin/python3\nprint()\n": "not a shell script", "\x7fELF\x00": "not a shell script",
		"echo x\nif true\n": "stumble at its line 2", strings.Repeat("(", maxBrackets+1): "brackets",
		strings.Repeat("x", MaxScript+1): "longer than",
	} {
		if _, err := Read([]byte(text), "s"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
}

// FuzzScript: a script ends in bounded time with bounded texts, whatever it
// holds; its lines are those of the file.
func FuzzScript(f *testing.F) {
	f.Add([]byte("case $1 in one) A=a B=b;; *) f;; esac\nf() { f; A=$A$A; }\nx=$(curl \"https://smsapi.free-mobile.fr/sendmsg?user=$U&pass=$P&msg=$A%20$B\")"), "one")
	f.Add([]byte("case ${1:-x} in \"o\"ne|'two') `a` $(b \"$(c)\") <<E\nE\n;; esac"), "two")
	f.Add([]byte("a=$a$a$a$a\na=$a$a$a$a\na=$a$a$a$a\na=$a$a$a$a\na=$a$a$a$a\na=$a$a$a$a\na=$a$a$a$a\ncase $1 in x) x(){ x; x; x; }; x;; esac"), "x")
	f.Add([]byte("while [ \"$(upsc a ups.status)\" != OL ]; do n=$((n+1)); [ $n -gt 6 ] && upsmon -c fsd; done\nfor x in a b; do if y; then break; fi; done"), "x")
	f.Add([]byte("if upsc a | grep -q LB || (( $(upsc a battery.charge) < 20 )); then bash -c \"poweroff\"; else sleep 5m & exit; fi\n. /x\ntrap 'reboot' EXIT\nexec upssched"), "x")
	f.Add([]byte("a|0||(($(b)&0)); echo $((1<<2?~3:!4))"), "x")
	f.Add([]byte("x=${1//a*/b}; y=${x%%[a-z]*}; z=${y:1:2}; a=(1 2); echo ${a[@]} ${#a} ${!x} <<<$z | tr -d x | at now + 5 min"), "aaaa")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		start := time.Now()
		s, err := Read(data, "s")
		if err != nil {
			order.Scan(data)
			return
		}
		lines := strings.Count(string(data), "\n") + 1
		call := calledWith(name)
		call.Open = func(string) ([]byte, error) { return data, nil }
		o := s.Run(call)
		for _, e := range o.Effects {
			if e.At.Line < 1 || e.At.Line > lines || len(e.Send.Text) > 2*shelltext.Most || e.After < 0 || e.UpTo < e.After || e.If.Size() > condition.Most+1 {
				t.Fatalf("%+v in %d lines", e, lines)
			}
			e.If.Alternatives()
			e.If.Lines()
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Fatalf("took %s", took)
		}
	})
}
