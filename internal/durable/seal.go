package durable

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
)

// ErrSeal is what a value is answered with that is not as it was sealed.
var ErrSeal = errors.New("the stored value is damaged")

// Seal puts a checksum in front of a value: bbolt has none for what it keeps, and
// a flipped bit in a number would be believed.
func Seal(value []byte) []byte {
	return slices.Concat(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(value)), value)
}

// Unseal returns what was sealed, or ErrSeal.
func Unseal(sealed []byte) ([]byte, error) {
	if len(sealed) < 4 || crc32.ChecksumIEEE(sealed[4:]) != binary.BigEndian.Uint32(sealed) {
		return nil, ErrSeal
	}
	return sealed[4:], nil
}
