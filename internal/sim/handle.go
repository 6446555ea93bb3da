package sim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"ecnutd/hid"
)

// A handle is an opened simulated UPS.
type handle struct {
	u     *UPS
	queue [][]byte      // input reports that were pushed and not read
	woken bool          // the next wait is over
	gone  chan struct{} // closed when the handle is of no more use
}

var (
	errGone  = fmt.Errorf("sim: %w", hid.ErrGone)
	errStall = errors.New("sim: the endpoint is stalled")
	// ErrNoReply is the error of a request that was not answered.
	ErrNoReply = errors.New("sim: no answer within 5 s")
)

// Open opens the UPS. It fails with hid.ErrGone while it is unplugged.
func (u *UPS) Open() (hid.Device, error) {
	u.lock()
	defer u.unlock()
	if !u.plugged {
		return nil, errGone
	}
	if u.mute && len(u.handles) == 0 && time.Since(u.muteSince) >= MutePause {
		u.mute = false
	}
	h := &handle{u: u, gone: make(chan struct{})}
	u.handles[h] = true
	return h, nil
}

func (h *handle) Info() hid.Info { return h.u.Info() }

func (h *handle) Descriptor() ([]byte, error) {
	h.u.lock()
	defer h.u.unlock()
	if !h.u.handles[h] {
		return nil, errGone
	}
	return slices.Clone(h.u.raw[:h.u.declared]), nil
}

// pause waits on the clock; it is over early when the device goes.
func (h *handle) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-h.gone:
	case <-timer.C:
	}
}

// request makes a control request: it waits as long as the faults say and
// answers with them. data is what the log keeps if it fails. When it returns
// nil the UPS is locked and the request may be served.
func (h *handle) request(kind TransferKind, id uint8, data []byte) error {
	u := h.u
	u.lock()
	if !u.handles[h] {
		u.unlock()
		return errGone
	}
	if _, hangs := u.fault(Hang, id); hangs || u.silent() {
		u.log(kind, data, ErrNoReply)
		u.unlock()
		h.pause(controlTimeout)
		return h.orGone(ErrNoReply)
	}
	if slow, ok := u.fault(SlowReply, 0); ok {
		wait := slow.replyTime(1 + u.desc.Size(hid.Feature, id))
		u.unlock()
		h.pause(wait)
		u.lock()
		if !u.handles[h] {
			u.unlock()
			return errGone
		}
	}
	_, once := u.fault(StallThenMute, id)
	_, stall := u.fault(Stall, id)
	_, unreadable := u.fault(Unreadable, id)
	_, refuses := u.fault(RefusesInputs, 0)
	_, feature := u.fault(RefusesFeature, id)
	stall = stall || feature && kind == Get || unreadable && kind != Set || refuses && kind == GetIn
	switch {
	case once:
		delete(u.faults, faultKey{StallThenMute, id})
		u.mute = true
		stall = true
	case u.bodies[id] == nil, kind == GetIn && u.desc.Size(hid.Input, id) == 0, kind == Get && u.desc.Size(hid.Feature, id) == 0:
		stall = true // there is no such report
	}
	if stall {
		u.log(kind, data, errStall)
		u.unlock()
		return errStall
	}
	return nil
}

// orGone is err, unless the device went away meanwhile.
func (h *handle) orGone(err error) error {
	select {
	case <-h.gone:
		return errGone
	default:
		return err
	}
}

// GetFeature answers with the feature report as it is now.
func (h *handle) GetFeature(id uint8, buf []byte) (int, error) { return h.get(Get, id, buf) }

// GetInput answers with the input report as it is now (HID 1.11 §7.2.1).
func (h *handle) GetInput(id uint8, buf []byte) (int, error) { return h.get(GetIn, id, buf) }

func (h *handle) get(kind TransferKind, id uint8, buf []byte) (int, error) {
	if err := h.request(kind, id, []byte{id}); err != nil {
		return 0, err
	}
	u := h.u
	defer u.unlock()
	reply := append([]byte{id}, u.bodies[id]...)
	if f, ok := u.fault(ForeignReply, id); ok {
		reply = append([]byte{f.Reply}, u.bodies[f.Reply]...)
	}
	if _, ok := u.fault(ShortReply, id); ok {
		reply = reply[:len(reply)-1]
	}
	if f, ok := u.fault(LongReply, id); ok {
		reply = f.longer(reply)
	}
	if _, ok := u.fault(EmptyReply, id); ok {
		reply = nil
		if len(buf) > 0 {
			buf[0] = id // as the kernel leaves it
		}
	}
	u.log(kind, reply, nil)
	return copy(buf, reply), nil
}

// SetFeature takes a write. A report of the wrong length is refused; a field
// that the descriptor does not offer for writing, or a number out of its
// range, is taken and has no effect (NUT pull request 3342).
func (h *handle) SetFeature(report []byte) error {
	if len(report) == 0 {
		return errors.New("sim: an empty report")
	}
	id := report[0]
	if err := h.request(Set, id, report); err != nil {
		return err
	}
	u := h.u
	defer u.unlock()
	if len(report)-1 != len(u.bodies[id]) {
		u.log(Set, report, errStall)
		return errStall
	}
	u.log(Set, report, nil)
	for path, f := range u.fields {
		if f.Report != id || !f.Writable() {
			continue
		}
		if v, ok := f.Raw(report[1:]); ok && f.Put(u.bodies[id], v) == nil {
			u.written(path, v)
		}
	}
	u.refresh()
	u.wakeAll()
	return nil
}

// written does what a write of a field brings about.
func (u *UPS) written(path string, v int64) {
	timer := idle
	if v > 0 {
		timer = time.Duration(v) * time.Second
	}
	switch path {
	case pathShutdown:
		u.shutdown = timer
		if v == 0 {
			u.setOutput(false)
		}
	case pathStartup:
		u.start = timer
		switch {
		case v == 0 && u.mains:
			u.setOutput(true)
		case v == 0 && !u.output:
			u.start = 0 // at once, as soon as there is mains
		}
	case pathLimitSetting:
		u.put(pathLimit, v)
	}
}

// ReadInput waits for an input report.
func (h *handle) ReadInput(buf []byte, timeout time.Duration) (int, error) {
	u := h.u
	deadline := time.Now().Add(timeout)
	for {
		u.lock()
		if !u.handles[h] {
			u.unlock()
			return 0, errGone
		}
		if len(h.queue) > 0 {
			report := h.queue[0]
			h.queue = h.queue[1:]
			u.log(Input, report, nil)
			u.unlock()
			return copy(buf, report), nil
		}
		left := time.Until(deadline)
		if h.woken {
			h.woken, left = false, 0
		}
		wake, wait := u.wake, min(left, u.clockTime(u.next()))
		u.unlock()
		if left <= 0 {
			return 0, hid.ErrTimeout
		}
		timer := time.NewTimer(wait)
		select {
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Wake ends a ReadInput that waits.
func (h *handle) Wake() {
	h.u.lock()
	defer h.u.unlock()
	h.woken = true
	h.u.wakeAll()
}

// Close ends the use of the handle.
func (h *handle) Close() error {
	h.u.lock()
	defer h.u.unlock()
	if h.u.handles[h] {
		delete(h.u.handles, h)
		close(h.gone)
	}
	if h.u.mute && len(h.u.handles) == 0 {
		h.u.muteSince = time.Now()
	}
	return nil
}
