package usb

import (
	"bytes"
	"io"
	"log"
	"sync"
)

// gousb speaks through the standard logger, which belongs to the whole
// process, and offers no other way. When its event loop fails it repeats one
// line without a pause, thousands a second, which would bury the journal. So
// while a context is open the standard logger writes through a filter that
// drops gousb's own lines and passes everything else on: silencing the logger
// would lose lines of the program itself.

// noise is what gousb logs, by the words its lines have in common.
var noise = [][]byte{
	[]byte("handle_events: error: libusb: "),
	[]byte(" offered a descriptor for config "),
}

type filter struct{ to io.Writer }

func (f *filter) Write(line []byte) (int, error) {
	for _, words := range noise {
		if bytes.Contains(line, words) {
			return len(line), nil
		}
	}
	return f.to.Write(line)
}

// quiet counts the open contexts, of which there are several only when one
// hangs.
var quiet struct {
	sync.Mutex
	contexts int
	filter   *filter
}

// hush puts the filter in, and the function it returns takes it out again
// when the last context is closed; unless another output was set meanwhile,
// which then stays.
func hush() (restore func()) {
	quiet.Lock()
	defer quiet.Unlock()
	if quiet.contexts == 0 {
		quiet.filter = &filter{log.Writer()}
		log.SetOutput(quiet.filter)
	}
	quiet.contexts++
	return func() {
		quiet.Lock()
		defer quiet.Unlock()
		quiet.contexts--
		if quiet.contexts == 0 && log.Writer() == io.Writer(quiet.filter) {
			log.SetOutput(quiet.filter.to)
		}
	}
}
