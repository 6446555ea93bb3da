package durable

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// A bucket is what stands in one, in the order of keys.
type bucket struct {
	sequence uint64
	items    []item
	damaged  bool // something of it could not be read, or is not to be trusted
}

// An item of a bucket is a value, or a bucket.
type item struct {
	key    []byte
	value  []byte
	bucket *bucket
}

// A reader reads one root of a file, whatever its bytes are: it trusts no number
// in it, reads no page twice and goes on beside what is damaged.
type reader struct {
	file  io.ReaderAt
	size  int64
	meta  meta
	seen  map[uint64]bool // pages that belong to the tree or to the freelist
	fault error           // what was found first
}

// readRoot reads all that a root leads to. The error is the first thing that
// is wrong with it; what could be read all the same is returned beside it.
func readRoot(file io.ReaderAt, size int64, m meta) (*bucket, error) {
	r := &reader{file: file, size: size, meta: m, seen: make(map[uint64]bool)}
	top := new(bucket)
	if m.pages < firstDataPage || m.pages > uint64(size/m.pageSize) {
		r.note(fmt.Errorf("the file is shorter than its %d pages", m.pages))
	}
	r.tree(top, m.root, nil, nil)
	top.items = slices.DeleteFunc(top.items, func(i item) bool {
		if i.bucket == nil {
			top.harm(r, errors.New("a value stands where only buckets may"))
		}
		return i.bucket == nil
	})
	r.freelist()
	return top, r.fault
}

// note keeps the first fault.
func (r *reader) note(err error) {
	if r.fault == nil {
		r.fault = err
	}
}

// load reads a page of the tree or of the freelist.
func (r *reader) load(id uint64) (page, error) {
	if id < firstDataPage || id >= r.meta.pages {
		return nil, fmt.Errorf("there is no page %d", id)
	}
	if r.seen[id] {
		return nil, fmt.Errorf("page %d is used twice", id)
	}
	r.seen[id] = true
	p := make(page, r.meta.pageSize)
	off := int64(id) * r.meta.pageSize
	if _, err := r.file.ReadAt(p, off); err != nil {
		return nil, fmt.Errorf("page %d cannot be read: %w", id, err)
	}
	if p.id() != id {
		return nil, fmt.Errorf("page %d says that it is page %d", id, p.id())
	}
	more := p.overflow()
	if more == 0 {
		return p, nil
	}
	if more >= r.meta.pages-id || int64(more) > (r.size-off)/r.meta.pageSize {
		return nil, fmt.Errorf("page %d is longer than the file", id)
	}
	for n := id + 1; n <= id+more; n++ {
		if r.seen[n] {
			return nil, fmt.Errorf("page %d is used twice", n)
		}
		r.seen[n] = true
	}
	p = append(p, make([]byte, int64(more)*r.meta.pageSize)...)
	if _, err := r.file.ReadAt(p[r.meta.pageSize:], off+r.meta.pageSize); err != nil {
		return nil, fmt.Errorf("page %d cannot be read: %w", id, err)
	}
	return p, nil
}

// tree reads the pages of a bucket from one of them on, whose keys are not below
// low and below high; nil is no bound.
func (r *reader) tree(b *bucket, id uint64, low, high []byte) {
	p, err := r.load(id)
	switch {
	case err != nil:
		b.harm(r, err)
	case p.flags() == leafPage:
		r.leaf(b, p, low, high, true)
	case p.flags() == branchPage:
		r.branch(b, p, low, high)
	default:
		b.harm(r, fmt.Errorf("page %d is of no kind that belongs there (%#x)", id, p.flags()))
	}
}

// harm notes what is wrong with a bucket.
func (b *bucket) harm(r *reader, err error) {
	b.damaged = true
	r.note(err)
}

func (r *reader) branch(b *bucket, p page, low, high []byte) {
	if p.count() == 0 || !p.fits() {
		b.harm(r, fmt.Errorf("page %d: %w", p.id(), errElement))
		return
	}
	for i := range p.count() {
		key, child, err := p.branch(i)
		next := high
		if err == nil && i+1 < p.count() {
			next, _, err = p.branch(i + 1)
		}
		if err == nil && (below(key, low) || next != nil && bytes.Compare(key, next) >= 0) {
			err = errOrder
		}
		if err != nil {
			b.harm(r, fmt.Errorf("page %d: %w", p.id(), err))
			key, next = low, high
		}
		// The child is read all the same: its keys say themselves what they are.
		r.tree(b, child, key, next)
	}
}

var errOrder = errors.New("keys are not in order")

func below(key, low []byte) bool { return low != nil && bytes.Compare(key, low) < 0 }

// leaf reads a leaf. Only one that has pages of its own may have buckets in it.
func (r *reader) leaf(b *bucket, p page, low, high []byte, buckets bool) {
	if !p.fits() {
		b.harm(r, fmt.Errorf("page %d: %w", p.id(), errElement))
		return
	}
	var last []byte
	for i := range p.count() {
		key, value, isBucket, err := p.leaf(i)
		if err == nil && isBucket && !buckets {
			err = errors.New("a bucket stands where none may")
		}
		if err != nil {
			b.harm(r, fmt.Errorf("page %d: %w", p.id(), err))
			continue
		}
		if below(key, low) || high != nil && bytes.Compare(key, high) >= 0 || last != nil && bytes.Compare(key, last) <= 0 {
			b.harm(r, fmt.Errorf("page %d: %w", p.id(), errOrder))
		}
		last = key
		if !isBucket {
			b.items = append(b.items, item{key: key, value: value})
			continue
		}
		inner := &bucket{sequence: u64(value[8:])}
		b.items = append(b.items, item{key: key, bucket: inner})
		if root := u64(value); root != 0 {
			r.tree(inner, root, nil, nil)
			continue
		}
		in := page(value[bucketHeader:])
		if len(in) < pageHeader || in.flags() != leafPage || in.overflow() != 0 {
			inner.harm(r, errors.New("a bucket inside of a page is damaged"))
			continue
		}
		r.leaf(inner, in, nil, nil, false)
	}
}

// freelist looks through the list of free pages: one that is in use as well
// would be overwritten.
func (r *reader) freelist() {
	p, err := r.load(r.meta.freelist)
	if err == nil && p.flags() != freelistPage {
		err = fmt.Errorf("page %d is no freelist", r.meta.freelist)
	}
	if err != nil {
		r.note(err)
		return
	}
	free, err := p.free()
	if err != nil {
		r.note(fmt.Errorf("page %d: %w", p.id(), err))
		return
	}
	var last uint64
	for ; len(free) > 0; free = free[8:] {
		id := u64(free)
		if id < firstDataPage || id >= r.meta.pages || id <= last || r.seen[id] {
			r.note(fmt.Errorf("the list of free pages names page %d", id))
			return
		}
		last = id
	}
}
