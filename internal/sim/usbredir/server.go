package usbredir

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"ecnutd/hid"
	"ecnutd/internal/sim"
)

// Serve serves the UPS to the peer at the other end of a connection until that
// ends or ctx does. While the UPS is unplugged the peer has no device; it gets
// one when it is plugged in again. It closes the connection. The end of the
// connection is no error. Each control transfer is told to the observers, by the
// goroutine that answers.
func Serve(ctx context.Context, conn net.Conn, u *sim.UPS, observers ...func(Control)) error {
	ctx, cancel := context.WithCancel(ctx)
	s := &server{wire: wire{r: conn, w: conn}, u: u, observers: observers}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := s.hello(); err != nil {
		return ended(ctx, err)
	}
	requests := make(chan packet, 64)
	wg.Go(func() {
		defer cancel()
		s.plug(ctx)
	})
	wg.Go(func() {
		defer cancel()
		s.answer(ctx, requests)
	})
	wg.Go(func() {
		defer cancel()
		s.push(ctx)
	})
	for {
		p, err := s.read()
		if err != nil {
			return ended(ctx, err)
		}
		if err := s.take(ctx, p, requests); err != nil {
			return ended(ctx, err)
		}
	}
}

// ended is err, unless it only says that the connection is over.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// A server is one connection.
type server struct {
	wire
	u         *sim.UPS
	observers []func(Control)

	mu            sync.Mutex
	configuration byte
	receiving     bool          // the peer polls the interrupt endpoint
	turned        chan struct{} // closed when receiving changes
}

// take takes a packet: requests of a device go to the goroutine that answers
// them, in order.
func (s *server) take(ctx context.Context, p packet, requests chan<- packet) error {
	switch p.kind {
	case typeControlPacket, typeSetConfiguration, typeGetConfiguration, typeSetAltSetting, typeGetAltSetting,
		typeStartInterruptReceiving, typeStopInterruptReceiving:
		select {
		case requests <- p:
		case <-ctx.Done():
		}
	case typeReset:
		s.mu.Lock()
		s.configuration = 0
		s.mu.Unlock()
		s.receive(false)
	case typeCancelDataPacket, typeFilterReject, typeFilterFilter, typeDeviceDisconnectAck, typeHello:
		// A cancelled request is answered when its answer is there.
	default:
		return fmt.Errorf("usbredir: a packet of type %d, which this device does not know", p.kind)
	}
	return nil
}

// plug tells the peer that a device is there, and that it went.
func (s *server) plug(ctx context.Context) {
	there := false
	for {
		plugged, changed := s.u.Plugged()
		var err error
		switch {
		case plugged && !there:
			err = s.connect()
		case !plugged && there:
			s.receive(false)
			err = s.write(typeDeviceDisconnect, 0, nil)
		}
		if err != nil {
			return
		}
		there = plugged
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// endpoints of the protocol's tables: 16 OUT, then 16 IN.
const endpoints = 32

func (s *server) connect() error {
	interfaces := make([]byte, 4+4*32)
	interfaces[0] = 1
	interfaces[4+32] = 0x03 // class of interface 0
	if err := s.write(typeInterfaceInfo, 0, interfaces); err != nil {
		return err
	}
	const none, control, interrupt = 255, 0, 3
	ep := make([]byte, 3*endpoints, 5*endpoints)
	for i := range endpoints {
		ep[i] = none
	}
	const in = 16 + interruptIn&0x0f
	ep[0], ep[16], ep[in] = control, control, interrupt
	ep[endpoints+in] = interval
	if s.can(capEPInfoMaxPacketSize) {
		sizes := make([]byte, 2*endpoints)
		sizes[0], sizes[2*16], sizes[2*in] = packetSize, packetSize, packetSize
		ep = append(ep, sizes...)
	}
	if err := s.write(typeEPInfo, 0, ep); err != nil {
		return err
	}
	info := s.u.Info()
	const lowSpeed = 0
	device := []byte{lowSpeed, 0, 0, 0}
	device = binary.LittleEndian.AppendUint16(device, info.Vendor)
	device = binary.LittleEndian.AppendUint16(device, info.Product)
	if s.can(capConnectDeviceVersion) {
		device = binary.LittleEndian.AppendUint16(device, info.Release)
	}
	return s.write(typeDeviceConnect, 0, device)
}

// receive notes whether the peer polls the interrupt endpoint.
func (s *server) receive(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.receiving == on {
		return
	}
	s.receiving = on
	if s.turned != nil {
		close(s.turned)
		s.turned = nil
	}
}

// polled tells whether the peer polls, and when that changes.
func (s *server) polled() (on bool, turned <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turned == nil {
		s.turned = make(chan struct{})
	}
	return s.receiving, s.turned
}

// pushWait is how long one wait for an input report lasts.
const pushWait = 100 * time.Millisecond

// push sends input reports while the peer polls for them.
func (s *server) push(ctx context.Context) {
	var dev hid.Device
	leave := func() {
		if dev != nil {
			dev.Close()
			dev = nil
		}
	}
	defer leave()
	buf := make([]byte, 1<<13)
	var id uint64
	for ctx.Err() == nil {
		on, turned := s.polled()
		if !on {
			leave()
			select {
			case <-turned:
			case <-ctx.Done():
			}
			continue
		}
		var err error
		if dev == nil {
			if dev, err = s.u.Open(); err != nil {
				dev = nil
				s.receive(false) // it was unplugged
				continue
			}
		}
		n, err := dev.ReadInput(buf, pushWait)
		switch {
		case errors.Is(err, hid.ErrTimeout):
		case err != nil:
			leave()
			s.receive(false)
		default:
			head := []byte{interruptIn, byte(success)}
			head = binary.LittleEndian.AppendUint16(head, uint16(n))
			if s.write(typeInterruptPacket, id, append(head, buf[:n]...)) != nil {
				return
			}
			id++
		}
	}
}
