package thishost

import (
	"runtime"
	"runtime/debug"
	"sync"
)

// CollectByNeed has memory collected when there is something to collect. The runtime
// collects every two minutes besides, whatever has happened, and in a daemon that
// allocates some ten kilobytes a minute that was a third of all it did. It stops doing
// so where no percentage is set and a limit of memory decides; the limit is set anew
// after each collection, so that a heap that has grown is not collected without end.
//
// Before a collection the heap may grow by growth, or by as much as is in use where that
// is more, as by the percentage of 100 that is usual.
var CollectByNeed = sync.OnceFunc(func() {
	limit()
	debug.SetGCPercent(-1)
	watchCollections()
})

// growth is how much may be allocated from one collection to the next.
const growth = 512 << 10

// headroom is what the runtime keeps free below a limit that is small.
const headroom = 1 << 20

// A collection is an object that each collection finds unused.
type collection struct{ _ [16]byte }

// watchCollections has the limit set after each collection.
func watchCollections() {
	runtime.SetFinalizer(new(collection), func(*collection) {
		limit()
		watchCollections()
	})
}

// limit sets the limit from what is in use just after a collection, and from what of
// the memory is no heap.
func limit() {
	var m runtime.MemStats // package metrics would bring a table of 100 KB
	runtime.ReadMemStats(&m)
	mapped, free := m.Sys-m.HeapReleased, m.HeapIdle-m.HeapReleased
	debug.SetMemoryLimit(int64(mapped - free + headroom + max(growth, m.HeapAlloc)))
}
