package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"ecnutd/internal/control"
	"ecnutd/internal/host/shutdown"
	"ecnutd/internal/journal"
)

// evil is what a device, another host or somebody in the daemon's name could say:
// it colours a terminal, sets its title, clears it, turns the direction of writing
// (C0, C1, DEL, bidi) and begins a line of its own, in each way that there is.
const evil = "a\x1b[31mb\x1b]0;owned\x07\u009b2Jc\x7f\u202ed\u2066e\u2028FORGED ok f\rFORGED ok g\nFORGED ok h"

// fill puts evil into every string that v leads to.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(evil)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.SetMapIndex(key, value)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1e9, 0)))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	}
}

// shown fails where a screen shows something that is not fit to be shown.
func shown(t *testing.T, what, screen string) {
	t.Helper()
	for line := range strings.Lines(screen) {
		line = strings.TrimSuffix(line, "\n")
		for _, r := range line {
			if r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
				t.Errorf("%s: %U in %q", what, r, line)
				break
			}
		}
		if strings.HasPrefix(strings.TrimSpace(line), "FORGED") {
			t.Errorf("%s: a line of somebody else: %q", what, line)
		}
	}
}

// screen runs a command line and returns all that it shows.
func screen(t *testing.T, args ...string) string {
	t.Helper()
	var out strings.Builder
	execute(t.Context(), args, &out, &out)
	return out.String()
}

func writeConfig(t *testing.T, dir, text string) (path string) {
	t.Helper()
	path = filepath.Join(dir, "config.yaml")
	must(t, os.WriteFile(path, fmt.Appendf(nil, text, dir), 0o600))
	return path
}

const hostileConfig = "ups: {eaton: {}}\nstate: %[1]s/state.db\ncontrol: %[1]s/control.sock\npower_down_flag: %[1]s/killpower\n"

// TestHostileDaemon: somebody answers in the daemon's place, and all that commands
// show of it is clean: each answer of the table full of evil, and each refusal.
func TestHostileDaemon(t *testing.T) {
	dir := t.TempDir()
	path := writeConfig(t, dir, hostileConfig)
	l, err := net.Listen("unix", filepath.Join(dir, "control.sock"))
	must(t, err)
	refuse := false
	mux := http.NewServeMux()
	for _, row := range control.Table() {
		mux.HandleFunc(row.Method+" "+row.Path, func(w http.ResponseWriter, _ *http.Request) {
			answer := reflect.New(row.Answer)
			fill(answer.Elem())
			if refuse {
				answer = reflect.ValueOf(&control.Refusal{Text: evil})
				w.WriteHeader(http.StatusConflict)
			}
			_ = json.NewEncoder(w).Encode(answer.Interface())
		})
	}
	server := &http.Server{Handler: mux}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	for _, refuse = range []bool{false, true} {
		said := 0
		for _, args := range [][]string{
			{"status"}, {"status", "--json"}, {"dump"}, {"dump", "--json"}, {"dump", "--usages"}, {"dump", "--writable"}, {"commands"},
			{"sms", "queue"}, {"sms", "drop", "1"}, {"sms", "send", "--queue", "x"}, {"fsd", "--reason", "x"}, {"set", "x", "1"}, {"command", "beeper.mute"}, {"check"},
		} {
			text := screen(t, append(args, "--config", path)...)
			if strings.Contains(text, "owned") {
				said++
			}
			shown(t, strings.Join(args, " "), text)
		}
		if said < 5 {
			t.Errorf("only %d screens show anything of it", said)
		}
	}
}

// TestHostileServer: a host that serves a UPS says evil things of it.
func TestHostileServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { l.Close() })
	word := strings.NewReplacer("\n", " ", "\r", " ", `"`, "").Replace(evil)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for lines := bufio.NewScanner(conn); lines.Scan(); {
					if !strings.HasPrefix(lines.Text(), "LIST VAR") {
						fmt.Fprintf(conn, "ERR \"%s\"\n", word)
						continue
					}
					fmt.Fprintf(conn, "BEGIN LIST VAR x\nVAR x ups.status \"OL\"\nVAR x ups.model \"%[1]s\"\nVAR x ups.alarm \"%[1]s\"\nVAR x \"%[1]s\" \"%[1]s\"\nEND LIST VAR x\n", word)
				}
			}()
		}
	}()
	dir := t.TempDir()
	path := writeConfig(t, dir, "ups: {far: {remote: \"nut://me@"+l.Addr().String()+"/x\", password: x}}\nstate: %[1]s/state.db\ncontrol: %[1]s/control.sock\npower_down_flag: %[1]s/killpower\n")
	for _, args := range [][]string{{"dump"}, {"dump", "--json"}, {"status"}, {"check"}} {
		text := screen(t, append(args, "--config", path)...)
		shown(t, strings.Join(args, " "), text)
		if args[0] == "dump" && !strings.Contains(text, "owned") {
			t.Errorf("%v shows nothing of it: %q", args, text)
		}
	}
}

// TestHostileDevice: a device, or the recording of one, has evil names.
func TestHostileDevice(t *testing.T) {
	good, err := os.ReadFile("../../hid/testdata/ellipse-eco-650.rec")
	must(t, err)
	word := strings.NewReplacer("\n", " ", "\r", " ").Replace(evil)
	var bad strings.Builder
	for line := range strings.Lines(string(good)) {
		for _, kind := range []string{"N: ", "P: "} {
			if strings.HasPrefix(line, kind) {
				line = kind + word + "\n"
			}
		}
		if f := strings.Fields(line); len(f) > 2 && f[0] == "S:" {
			line = "S: " + f[1] + " " + word + "\n"
		}
		bad.WriteString(line)
	}
	dir := t.TempDir()
	recording := filepath.Join(dir, "evil.rec")
	must(t, os.WriteFile(recording, []byte(bad.String()), 0o600))
	path := writeConfig(t, dir, hostileConfig)
	said := 0
	for _, args := range [][]string{{"dump"}, {"dump", "--json"}, {"dump", "--usages", "-v"}, {"dump", "--writable"}, {"status"}, {"commands"}, {"check"}, {"set", "input.transfer.low", "1"}, {"command", "beeper.mute"}} {
		text := screen(t, append(args, "--config", path, "--replay", recording)...)
		if strings.Contains(text, "owned") {
			said++
		}
		shown(t, strings.Join(args, " "), text)
	}
	if said < 2 {
		t.Errorf("only %d screens show anything of it", said)
	}
}

// TestHostileFiles: the daemon's user writes evil things where root reads them.
func TestHostileFiles(t *testing.T) {
	dir := t.TempDir()
	var log strings.Builder
	out := journal.New(&log, slog.LevelDebug)
	must(t, shutdown.Record{Boot: "b", Reason: evil, UPS: []shutdown.Killed{{UPS: evil, Text: evil, MayStayOff: true, Armed: true}}}.Keep(dir))
	r, err := shutdown.LastRecord(dir)
	must(t, err)
	shown(t, "the record of the last cut", r.String())
	shutdown.TellLast(filepath.Join(dir, "state.db"), "another", out)
	order := filepath.Join(dir, "shutdown")
	must(t, shutdown.WriteOrder(order, shutdown.Flag{Boot: "b", Reason: evil}, time.Hour))
	flag, _, _ := shutdown.ReadOrder(order, "b", time.Hour, time.Hour)
	shown(t, "the reason of an order", flag.Reason)
	out.Warn(evil, "reason", fmt.Errorf("%s", evil), "ups", evil)
	if !strings.Contains(log.String(), "owned") {
		t.Error("nothing was logged")
	}
	shown(t, "the log", log.String())
}
