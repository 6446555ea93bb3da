package durable

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
)

// A find is what an inspection of a file came to.
type find struct {
	top     *bucket
	tx      uint64 // of the root that was read
	fault   error  // nil: both roots are valid and the newer one is whole
	older   older
	damaged []string
}

// older is whether what was found is the last commit.
type older int

const (
	notOlder   older = iota
	maybeOlder       // one of the two roots is not valid: it may have been the newer
	isOlder
)

var (
	errNoRoot  = errors.New("neither of the two roots of the file is valid")
	errOneRoot = errors.New("one of the two roots of the file is not valid")
)

// inspect reads a file and says what of it can be trusted: the last commit where
// that is whole, else the one before, of which nothing has been overwritten yet;
// else what can be read of the better of the two.
func inspect(file io.ReaderAt, size int64) find {
	roots, bad := metas(file)
	if len(roots) == 0 {
		return find{top: &bucket{damaged: true}, fault: errNoRoot, damaged: []string{""}}
	}
	// A root fits into one sector, so that a power cut leaves the old one or the
	// new one: one that is neither was damaged.
	var fault error
	age := notOlder
	if bad > 0 {
		fault, age = errOneRoot, maybeOlder
	}
	var best find
	for n, m := range roots {
		if n > 0 {
			age = isOlder
		}
		top, err := readRoot(file, size, m)
		adds := verify(top, m.tx)
		f := find{top: top, tx: m.tx, older: age, damaged: damagedBuckets(top)}
		if err == nil {
			err = adds
		}
		if err == nil {
			f.fault = fault // of the other root
			return f
		}
		if fault == nil {
			fault = err
		}
		// The freelist is not needed to read: all that was kept may be there.
		if n == 0 || better(f, best) {
			best = f
		}
		if len(f.damaged) == 0 && adds == nil {
			break
		}
	}
	best.fault = fault
	return best
}

// better reports whether less is damaged in an older root than in the newest.
func better(older, newest find) bool {
	lost := func(f find) int {
		if slices.Contains(f.damaged, "") {
			return 1<<30 - len(f.top.items)
		}
		return len(f.damaged)
	}
	return lost(older) < lost(newest)
}

// damagedBuckets are the paths of what is damaged; "" is the list of the buckets at the
// top itself.
func damagedBuckets(top *bucket) []string {
	var paths []string
	var look func(path string, b *bucket)
	look = func(path string, b *bucket) {
		if b.damaged {
			paths = append(paths, path)
		}
		for _, i := range b.items {
			if i.bucket == nil {
				continue
			}
			inner := url.PathEscape(string(i.key))
			if path != "" {
				inner = path + "/" + inner
			}
			look(inner, i.bucket)
		}
	}
	look("", top)
	return paths
}

// A Recovery is what had to be done about a damaged file.
type Recovery struct {
	Reason error  // what was found
	Aside  string // where the damaged file was put; it is never deleted
	// Older: all is as before the last transaction, which could not be read.
	// MaybeOlder: it cannot be told whether it is.
	Older, MaybeOlder bool
	// Damaged are the buckets of which something may be lost or may be older than
	// the rest, by path ("sms/queue"); "" is the whole file. What could be read of
	// them is there.
	Damaged []string
}

// String says in a sentence what was found and what is left.
func (r *Recovery) String() string {
	kept := "nothing in it was lost"
	switch {
	case slices.Contains(r.Damaged, ""):
		kept = "what it held is lost, or not all of it can be found"
	case len(r.Damaged) > 0:
		kept = fmt.Sprintf("of %s something is lost", quoteAll(r.Damaged))
	case r.Older:
		kept = "the last change is lost, what was stored before it was kept"
	case r.MaybeOlder:
		kept = "the last change may be lost, what was stored before it was kept"
	}
	return fmt.Sprintf("the state file is damaged (%v): it was set aside as %s and a new one made; %s", r.Reason, r.Aside, kept)
}

func quoteAll(names []string) string {
	s := ""
	for i, name := range names {
		if i > 0 {
			s += ", "
		}
		s += fmt.Sprintf("%q", name)
	}
	return s
}

// Lost reports whether a bucket at the top, or one in it, is among the damaged.
func (r *Recovery) Lost(name string) bool {
	return r != nil && slices.ContainsFunc(r.Damaged, func(path string) bool {
		return path == "" || path == name || len(path) > len(name) && path[:len(name)+1] == name+"/"
	})
}
