package usbredir

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// A packetType is the type of a packet (usbredirproto.h).
type packetType uint32

const (
	typeHello                    packetType = 0
	typeDeviceConnect            packetType = 1
	typeDeviceDisconnect         packetType = 2
	typeReset                    packetType = 3
	typeInterfaceInfo            packetType = 4
	typeEPInfo                   packetType = 5
	typeSetConfiguration         packetType = 6
	typeGetConfiguration         packetType = 7
	typeConfigurationStatus      packetType = 8
	typeSetAltSetting            packetType = 9
	typeGetAltSetting            packetType = 10
	typeAltSettingStatus         packetType = 11
	typeStartInterruptReceiving  packetType = 15
	typeStopInterruptReceiving   packetType = 16
	typeInterruptReceivingStatus packetType = 17
	typeCancelDataPacket         packetType = 21
	typeFilterReject             packetType = 22
	typeFilterFilter             packetType = 23
	typeDeviceDisconnectAck      packetType = 24
	typeControlPacket            packetType = 100
	typeInterruptPacket          packetType = 103
)

// A status is how a transfer ended.
type status uint8

const (
	success status = 0
	invalid status = 2
	ioError status = 3
	stall   status = 4
	timeout status = 5
)

// The capabilities that are announced, by their bits. Without the last two a
// controller of USB 3 takes no device.
const (
	capConnectDeviceVersion = 1 << 1
	capEPInfoMaxPacketSize  = 1 << 4
	cap64BitsIDs            = 1 << 5
	cap32BitsBulkLength     = 1 << 6

	capabilities = capConnectDeviceVersion | capEPInfoMaxPacketSize | cap64BitsIDs | cap32BitsBulkLength
)

const (
	versionSize = 64
	// maxPacket bounds a packet's length, in bytes: the longest that makes
	// sense is a control transfer of 64 KiB with its header.
	maxPacket = 1<<16 + controlHeader
	// controlHeader is the length of the header of a control packet.
	controlHeader = 10
)

// A packet is one message of the protocol.
type packet struct {
	kind packetType
	id   uint64
	body []byte
}

// A wire reads and writes packets. Reading belongs to one goroutine; writing is
// for all.
type wire struct {
	r      io.Reader
	wide   bool // ids have 64 bits: both sides can
	theirs uint32

	mu sync.Mutex
	w  io.Writer
}

// read reads the next packet. io.EOF is the end between two packets.
func (w *wire) read() (packet, error) {
	head := make([]byte, 12, 16)
	if w.wide {
		head = head[:16]
	}
	if _, err := io.ReadFull(w.r, head); err != nil {
		return packet{}, err
	}
	p := packet{kind: packetType(binary.LittleEndian.Uint32(head)), id: uint64(binary.LittleEndian.Uint32(head[8:]))}
	if w.wide {
		p.id = binary.LittleEndian.Uint64(head[8:])
	}
	length := binary.LittleEndian.Uint32(head[4:])
	if length > maxPacket {
		return packet{}, fmt.Errorf("usbredir: a packet of type %d announces %d bytes; the longest has %d", p.kind, length, maxPacket)
	}
	p.body = make([]byte, length)
	if _, err := io.ReadFull(w.r, p.body); err != nil {
		return packet{}, fmt.Errorf("usbredir: a packet of type %d ends early: %w", p.kind, err)
	}
	return p, nil
}

// write sends a packet.
func (w *wire) write(kind packetType, id uint64, body []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	head := make([]byte, 8, 16+len(body))
	binary.LittleEndian.PutUint32(head, uint32(kind))
	binary.LittleEndian.PutUint32(head[4:], uint32(len(body)))
	if w.wide {
		head = binary.LittleEndian.AppendUint64(head, id)
	} else {
		head = binary.LittleEndian.AppendUint32(head, uint32(id))
	}
	_, err := w.w.Write(append(head, body...))
	return err
}

// hello exchanges the first packets.
func (w *wire) hello() error {
	mine := make([]byte, versionSize, versionSize+4)
	copy(mine, "ecnutd simulated UPS")
	if err := w.write(typeHello, 0, binary.LittleEndian.AppendUint32(mine, capabilities)); err != nil {
		return err
	}
	p, err := w.read()
	switch {
	case err != nil:
		return err
	case p.kind != typeHello || len(p.body) < versionSize:
		return errors.New("usbredir: the peer does not begin with a hello")
	}
	if caps := p.body[versionSize:]; len(caps) >= 4 {
		w.theirs = binary.LittleEndian.Uint32(caps)
	}
	w.mu.Lock()
	w.wide = w.theirs&cap64BitsIDs != 0
	w.mu.Unlock()
	return nil
}

// can tells whether both sides have a capability.
func (w *wire) can(capability uint32) bool { return w.theirs&capability != 0 }
