package order

// A Wrapping is a command that calls another one that stands behind it.
type Wrapping struct {
	With  []string // options that take a value
	Skip  int      // words between the options and the command
	First bool     // assignments may stand before the command
}

// Wrappings are those that scripts use, by name.
var Wrappings = map[string]Wrapping{
	"sudo":    {With: []string{"-u", "-g", "-C", "-h", "-p", "-r", "-t", "-U", "-D", "--user", "--group"}, First: true},
	"doas":    {With: []string{"-u", "-C"}},
	"exec":    {With: []string{"-a"}},
	"command": {}, "builtin": {}, "nohup": {}, "setsid": {}, "time": {}, "chronic": {}, "unbuffer": {}, "busybox": {}, "toybox": {},
	"env":        {With: []string{"-u", "-C", "--unset", "--chdir"}, First: true},
	"timeout":    {With: []string{"-s", "-k", "--signal", "--kill-after"}, Skip: 1},
	"nice":       {With: []string{"-n", "--adjustment"}},
	"ionice":     {With: []string{"-c", "-n", "--class", "--classdata"}},
	"chrt":       {With: []string{"-p"}, Skip: 1},
	"stdbuf":     {With: []string{"-i", "-o", "-e"}},
	"flock":      {With: []string{"-w", "-E"}, Skip: 1},
	"runuser":    {With: []string{"-u", "-g"}},
	"setpriv":    {},
	"daemonize":  {With: []string{"-c", "-e", "-o", "-p", "-l", "-u"}},
	"start-stop": {},
}
