package importer

import (
	"fmt"

	"ecnutd/internal/nut/importer/script"
)

// mostWork bounds what following the scripts of a folder may cost in all, however
// many events and UPSs call them: a fraction of a second. A folder of a usual size
// takes a hundredth of it.
const mostWork = 150_000

// follow follows a program for one way of calling it. What was followed before is
// not followed again.
func (m *importer) follow(p *program, call script.Call) script.Outcome {
	key := fmt.Sprintf("%p %+v %+v %v", p.parsed, call.Args, call.Env, call.Status)
	if ran, ok := m.followed[key]; ok {
		return ran
	}
	call.Budget = m.work
	ran := p.parsed.Run(call)
	m.followed[key] = ran
	return ran
}
