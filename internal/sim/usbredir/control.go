package usbredir

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"ecnutd/hid"
	"ecnutd/internal/sim"
)

// Requests (USB 2.0 table 9-4, HID 1.11 §7.2).
const (
	getStatus     = 0x00
	clearFeature  = 0x01
	setFeature    = 0x03
	getDescriptor = 0x06
	getReport     = 0x01
	getIdle       = 0x02
	setReport     = 0x09
	setIdle       = 0x0a

	fromDevice    = 0x80 // bmRequestType: direction
	toEndpoint    = 0x02
	fromInterface = 0x81
	classIn       = 0xa1 // class request to an interface, IN
	classOut      = 0x21 // the same, OUT

	reportInput   = 1 // report types of GET_REPORT and SET_REPORT
	reportFeature = 3
)

// A setup is the setup packet of a control transfer.
type setup struct {
	requestType, request byte
	value, index, length uint16
}

// A Control is a control transfer that has been answered: reports, descriptors
// and strings alike. What QEMU keeps to itself, SET_ADDRESS, is not among them.
type Control struct {
	At                   time.Time // when it was answered
	RequestType, Request uint8     // bmRequestType and bRequest
	Value, Index, Length uint16
	OK                   bool // it did not stall, fail or time out
}

// answer answers requests in their order.
func (s *server) answer(ctx context.Context, requests <-chan packet) {
	for {
		var p packet
		select {
		case p = <-requests:
		case <-ctx.Done():
			return
		}
		var err error
		switch p.kind {
		case typeControlPacket:
			err = s.control(p)
		case typeSetConfiguration, typeGetConfiguration:
			err = s.configure(p)
		case typeSetAltSetting, typeGetAltSetting:
			err = s.write(typeAltSettingStatus, p.id, []byte{byte(success), first(p.body), 0})
		case typeStartInterruptReceiving, typeStopInterruptReceiving:
			st := success
			if first(p.body) != interruptIn {
				st = invalid
			} else {
				s.receive(p.kind == typeStartInterruptReceiving)
			}
			err = s.write(typeInterruptReceivingStatus, p.id, []byte{byte(st), first(p.body)})
		}
		if err != nil {
			return
		}
	}
}

func first(b []byte) byte {
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

func (s *server) configure(p packet) error {
	st := success
	s.mu.Lock()
	if p.kind == typeSetConfiguration {
		if c := first(p.body); c > 1 {
			st = stall
		} else {
			s.configuration = c
		}
	}
	now := s.configuration
	s.mu.Unlock()
	return s.write(typeConfigurationStatus, p.id, []byte{byte(st), now})
}

// control carries out a control transfer.
func (s *server) control(p packet) error {
	if len(p.body) < controlHeader {
		return errors.New("usbredir: a control packet without its header")
	}
	h := p.body[:controlHeader]
	r := setup{requestType: h[2], request: h[1], value: binary.LittleEndian.Uint16(h[4:]), index: binary.LittleEndian.Uint16(h[6:]), length: binary.LittleEndian.Uint16(h[8:])}
	data, st := s.serve(r, p.body[controlHeader:])
	for _, tell := range s.observers {
		tell(Control{time.Now(), r.requestType, r.request, r.value, r.index, r.length, st == success})
	}
	data = data[:min(len(data), int(r.length))]
	n := len(data)
	if r.requestType&fromDevice == 0 && st == success {
		n = int(r.length) // of an OUT transfer it is what was taken
	}
	reply := append([]byte(nil), h...)
	reply[3] = byte(st)
	binary.LittleEndian.PutUint16(reply[8:], uint16(n))
	return s.write(typeControlPacket, p.id, append(reply, data...))
}

// serve is what the device says to a request. What it does not know stalls.
func (s *server) serve(r setup, out []byte) (in []byte, st status) {
	switch {
	case r.request == getDescriptor && r.requestType == fromDevice:
		return s.standard(byte(r.value>>8), byte(r.value))
	case r.request == getDescriptor && r.requestType == fromInterface && r.index == 0:
		return s.class(byte(r.value >> 8))
	case r.request == getReport && r.requestType == classIn:
		return s.get(r)
	case r.request == setReport && r.requestType == classOut:
		return nil, s.set(r, out)
	case r.request == setIdle && r.requestType == classOut:
		return nil, success // reports come on change alone
	case r.request == getIdle && r.requestType == classIn:
		return []byte{0}, success
	case r.request == getStatus && r.requestType&^0x03 == fromDevice:
		return []byte{0, 0}, success
	case (r.request == clearFeature || r.request == setFeature) && r.requestType <= toEndpoint:
		return nil, success // remote wakeup, and the halt of an endpoint
	}
	return nil, stall
}

func (s *server) standard(kind, index byte) ([]byte, status) {
	switch {
	case kind == descriptorDevice:
		return deviceDescriptor(s.u.Info()), success
	case kind == descriptorConfiguration && index == 0:
		if !s.there() {
			return nil, ioError
		}
		_, declared := s.u.ReportDescriptor()
		return configurationDescriptor(declared), success
	case kind == descriptorString && index == 0:
		return languages(), success
	case kind == descriptorString:
		if text, ok := s.u.Strings([]uint8{index})[index]; ok {
			return stringDescriptor(text), success
		}
	}
	return nil, stall
}

func (s *server) class(kind byte) (in []byte, st status) {
	whole, _ := s.u.ReportDescriptor()
	switch {
	case !s.there():
		return nil, ioError
	case kind == descriptorReport:
		return whole, success
	case kind == descriptorHID:
		return hidDescriptor(len(whole)), success
	}
	return nil, stall
}

// there reports whether the UPS is plugged in.
func (s *server) there() bool {
	plugged, _ := s.u.Plugged()
	return plugged
}

func (s *server) get(r setup) (in []byte, st status) {
	kind := r.value >> 8
	if kind != reportFeature && kind != reportInput {
		return nil, stall
	}
	st = s.with(func(dev hid.Device) error {
		ask := dev.GetFeature
		if kind == reportInput {
			ask = dev.(hid.InputGetter).GetInput
		}
		buf := make([]byte, 1<<13)
		n, err := ask(byte(r.value), buf)
		in = buf[:max(n, 0)]
		return err
	})
	if st != success {
		in = nil
	}
	return in, st
}

func (s *server) set(r setup, out []byte) status {
	if r.value>>8 != reportFeature || len(out) == 0 || out[0] != byte(r.value) {
		return stall
	}
	return s.with(func(dev hid.Device) error { return dev.SetFeature(out) })
}

// with does something with the UPS. It is let go in between: a mute one
// recovers only when it is left alone.
func (s *server) with(do func(hid.Device) error) status {
	dev, err := s.u.Open()
	if err != nil {
		return ioError
	}
	defer dev.Close()
	switch err := do(dev); {
	case err == nil:
		return success
	case errors.Is(err, hid.ErrGone):
		return ioError
	case errors.Is(err, sim.ErrNoReply):
		return timeout
	}
	return stall
}
