package doctor

import (
	"fmt"
	"strconv"
	"strings"

	"ecnutd/internal/host"
)

// checkReaders judges the processes. The daemon itself may read the UPS.
func checkReaders(list []host.Process, hidden int) (found []host.Finding) {
	for _, p := range list {
		rival, known := host.Rivals[p.Name]
		what := fmt.Sprintf("process %d (%s)", p.PID, p.Name)
		open := strings.Join(p.Nodes, ", ")
		switch {
		case p.Name == "ecnutd":
		case p.Name == "upowerd" && open == "":
			// It runs on many hosts that it has no UPS to read on.
		case known && open != "":
			found = append(found, host.Bad(what, rival.Who+" has "+open+" open", rival.Stop))
		case known && p.Genuine:
			found = append(found, host.Bad(what, rival.Who+" runs too: two programs would decide over this host", rival.Stop))
		case known:
			found = append(found, host.Look(what, "it is called as "+rival.Who+" is, and is not the packaged program of this host, or cannot be looked at: ps -fp "+strconv.Itoa(p.PID)))
		default:
			found = append(found, host.Bad(what, "it has "+open+" open, and may take reports away or command the UPS", fmt.Sprintf("find out what it is for: ps -fp %d", p.PID)))
		}
	}
	if len(found) == 0 {
		f := host.Good("no other program reads the UPS")
		if hidden > 0 {
			f.Fix = fmt.Sprintf("run this as root: %d processes do not show what they have open", hidden)
		}
		found = append(found, f)
	}
	return found
}
