package durable

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// What bbolt writes (its file format 2), in the byte order of the machine:
//
//	page    id u64, flags u16, count u16, overflow u32, then what the flags say
//	meta    magic u32, version u32, page size u32, flags u32, root bucket,
//	        freelist u64, number of pages u64, transaction u64, FNV-1a of these
//	branch  count times {position u32, key size u32, child page u64}, keys
//	leaf    count times {flags u32, position u32, key size u32, value size u32},
//	        keys and values; flags 1: the value is a bucket
//	bucket  root page u64, sequence u64; root 0: a leaf page follows
//	free    count (u64 in front of the list if 65535) times page u64
//
// Positions count from their own element. Pages 0 and 1 are metas: the valid one
// with the higher transaction counts, and nothing of the other one's is
// overwritten before the next transaction.
const (
	pageHeader    = 16
	elementSize   = 16
	bucketHeader  = 16
	metaSize      = 64
	metaSummed    = 56 // bytes of a meta that its checksum is made of
	branchPage    = 0x01
	leafPage      = 0x02
	metaPage      = 0x04
	freelistPage  = 0x10
	bucketElement = 0x01
	firstDataPage = 2

	fileMagic   = 0xED0CDAED
	fileVersion = 2
)

// A meta is a root of the file: one committed transaction.
type meta struct {
	pageSize int64
	root     uint64 // page of the bucket at the top
	freelist uint64
	pages    uint64 // how many the file has
	tx       uint64
}

// parseMeta reads page 0 or 1. ok is false for one that was not written whole, or
// not by bbolt.
func parseMeta(p page, id uint64) (m meta, ok bool) {
	if len(p) < pageHeader+metaSize || p.id() != id || p.flags() != metaPage {
		return meta{}, false
	}
	b := p[pageHeader:]
	sum := fnv.New64a()
	sum.Write(b[:metaSummed])
	if u32(b) != fileMagic || u32(b[4:]) != fileVersion || u64(b[56:]) != sum.Sum64() {
		return meta{}, false
	}
	m = meta{pageSize: int64(u32(b[8:])), root: u64(b[16:]), freelist: u64(b[32:]), pages: u64(b[40:]), tx: u64(b[48:])}
	sane := m.pageSize >= 1<<10 && m.pageSize <= 1<<24 && m.pageSize&(m.pageSize-1) == 0
	return m, sane
}

// metas returns the valid roots of a file, the newest first, and how many of the
// two are not valid.
func metas(f io.ReaderAt) (valid []meta, bad int) {
	first, ok := metaAt(f, 0, 0)
	if ok {
		valid = append(valid, first)
	}
	// Where the first is gone, the second says by its place how large pages are.
	for size := int64(1 << 10); size <= 1<<24; size <<= 1 {
		if ok && size != first.pageSize {
			continue
		}
		if m, found := metaAt(f, size, 1); found && m.pageSize == size {
			valid = append(valid, m)
			break
		}
	}
	if len(valid) == 2 && valid[1].tx > valid[0].tx {
		valid[0], valid[1] = valid[1], valid[0]
	}
	return valid, 2 - len(valid)
}

func metaAt(f io.ReaderAt, off int64, id uint64) (meta, bool) {
	p := make(page, pageHeader+metaSize)
	if _, err := f.ReadAt(p, off); err != nil {
		return meta{}, false
	}
	return parseMeta(p, id)
}

// A page is one as it stands in the file or in a value, its header and the pages
// that it overflows into included.
type page []byte

func (p page) id() uint64       { return u64(p) }
func (p page) flags() uint16    { return binary.NativeEndian.Uint16(p[8:]) }
func (p page) count() int       { return int(binary.NativeEndian.Uint16(p[10:])) }
func (p page) overflow() uint64 { return uint64(u32(p[12:])) }

// element returns the fields of an element and where it stands.
func (p page) element(i int) (e []byte, at uint64) {
	at = pageHeader + uint64(i)*elementSize
	return p[at : at+elementSize], at
}

// fits reports whether all elements stand inside of the page.
func (p page) fits() bool { return pageHeader+p.count()*elementSize <= len(p) }

var errElement = errors.New("an element points outside of its page")

// part returns size bytes at an offset from an element.
func (p page) part(element, pos, size uint64) ([]byte, error) {
	from := element + pos
	if from > uint64(len(p)) || size > uint64(len(p))-from {
		return nil, errElement
	}
	return p[from : from+size], nil
}

// branch returns the key and the child of an element of a branch.
func (p page) branch(i int) (key []byte, child uint64, err error) {
	e, at := p.element(i)
	key, err = p.part(at, uint64(u32(e)), uint64(u32(e[4:])))
	if err == nil && len(key) == 0 {
		err = errors.New("a key is empty")
	}
	return key, u64(e[8:]), err
}

// leaf returns an element of a leaf.
func (p page) leaf(i int) (key, value []byte, isBucket bool, err error) {
	e, at := p.element(i)
	flags, pos, ksize, vsize := u32(e), uint64(u32(e[4:])), uint64(u32(e[8:])), uint64(u32(e[12:]))
	if key, err = p.part(at, pos, ksize); err != nil {
		return nil, nil, false, err
	}
	if value, err = p.part(at, pos+ksize, vsize); err != nil {
		return nil, nil, false, err
	}
	switch {
	case len(key) == 0:
		err = errors.New("a key is empty")
	case flags > bucketElement:
		err = fmt.Errorf("an element has unknown flags %#x", flags)
	case flags == bucketElement && len(value) < bucketHeader:
		err = errors.New("a bucket is cut")
	}
	return key, value, flags == bucketElement, err
}

// free returns the pages that a page of the freelist names.
func (p page) free() ([]byte, error) {
	list, count := p[pageHeader:], uint64(p.count())
	if count == 0xffff {
		if len(list) < 8 {
			return nil, errElement
		}
		count, list = u64(list), list[8:]
	}
	if count > uint64(len(list))/8 {
		return nil, errElement
	}
	return list[:count*8], nil
}

func u32(b []byte) uint32 { return binary.NativeEndian.Uint32(b) }
func u64(b []byte) uint64 { return binary.NativeEndian.Uint64(b) }
