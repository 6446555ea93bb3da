package sim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"ecnutd/hid"
)

// A Handle is an opened simulated UPS: a hid.Device.
type Handle struct {
	u     *UPS
	queue [][]byte // input reports that were pushed and not read
}

// Open opens the UPS. It fails with hid.ErrGone while it is unplugged.
func (u *UPS) Open() (*Handle, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.advance()
	if !u.plugged {
		return nil, fmt.Errorf("sim: %w", hid.ErrGone)
	}
	if u.mute && len(u.handles) == 0 && time.Since(u.muteSince) >= MutePause {
		u.mute = false
	}
	h := &Handle{u: u}
	u.handles[h] = true
	return h, nil
}

// Info says what the device is.
func (h *Handle) Info() hid.Info { return h.u.Info() }

// Descriptor is the model's report descriptor.
func (h *Handle) Descriptor() ([]byte, error) {
	h.u.mu.Lock()
	defer h.u.mu.Unlock()
	if !h.u.handles[h] {
		return nil, fmt.Errorf("sim: %w", hid.ErrGone)
	}
	return h.u.raw, nil
}

// A Transfer is a report that went over the simulated wire.
type Transfer struct {
	At   time.Time
	Kind TransferKind
	Data []byte // the report with its id; for a Get that failed the id alone
}

// TransferKind is the direction of a transfer.
type TransferKind string

// The kinds of transfers.
const (
	Get   TransferKind = "GET"
	Set   TransferKind = "SET"
	Input TransferKind = "IN"
)

// maxTransfers bounds the log of transfers; the oldest go first.
const maxTransfers = 65536

func (u *UPS) log(kind TransferKind, data []byte) {
	if len(u.transfers) == maxTransfers {
		u.transfers = slices.Delete(u.transfers, 0, maxTransfers/2)
	}
	u.transfers = append(u.transfers, Transfer{time.Now(), kind, slices.Clone(data)})
}

// Transfers are the reports that went over the wire so far, oldest first.
func (u *UPS) Transfers() []Transfer {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.transfers)
}

var errStall = errors.New("sim: the endpoint is stalled")

// request begins a control request: it waits as long as the faults say and
// leaves the UPS locked when it returns without an error.
func (h *Handle) request(report uint8) error {
	u := h.u
	u.mu.Lock()
	u.advance()
	if !u.handles[h] {
		u.mu.Unlock()
		return fmt.Errorf("sim: %w", hid.ErrGone)
	}
	_, silent := u.fault(Silence, 0)
	slow, isSlow := u.fault(SlowReply, 0)
	if silent || u.mute {
		u.mu.Unlock()
		time.Sleep(controlTimeout)
		return errors.New("sim: the request timed out")
	}
	if _, ok := u.fault(StallThenMute, report); ok {
		delete(u.faults, faultKey{StallThenMute, report})
		u.mute = true
		u.mu.Unlock()
		return errStall
	}
	if _, ok := u.fault(Stall, report); ok {
		u.log(Get, []byte{report})
		u.mu.Unlock()
		return errStall
	}
	if isSlow {
		u.mu.Unlock()
		time.Sleep(slow.Delay)
		u.mu.Lock()
		u.advance()
		if !u.handles[h] {
			u.mu.Unlock()
			return fmt.Errorf("sim: %w", hid.ErrGone)
		}
	}
	return nil
}

// GetFeature answers with the feature report as it is now.
func (h *Handle) GetFeature(id uint8, buf []byte) (int, error) {
	if err := h.request(id); err != nil {
		return 0, err
	}
	u := h.u
	defer u.mu.Unlock()
	body, ok := u.bodies[id]
	if !ok {
		u.log(Get, []byte{id})
		return 0, errStall
	}
	reply := append([]byte{id}, body...)
	if _, ok := u.fault(ShortReply, id); ok {
		reply = reply[:len(reply)-1]
	}
	if f, ok := u.fault(ForeignReply, id); ok {
		reply = append([]byte{f.Reply}, u.bodies[f.Reply]...)
	}
	u.log(Get, reply)
	return copy(buf, reply), nil
}

// SetFeature takes a write. Only fields that the descriptor offers for writing
// change; writing a timer starts it.
func (h *Handle) SetFeature(report []byte) error {
	if len(report) == 0 {
		return errors.New("sim: an empty report")
	}
	id := report[0]
	if err := h.request(id); err != nil {
		return err
	}
	u := h.u
	defer u.mu.Unlock()
	body, ok := u.bodies[id]
	if !ok || len(report)-1 != len(body) {
		return errStall
	}
	u.log(Set, report)
	for _, f := range u.desc.Fields() {
		if f.Type != hid.Feature || f.Report != id || !f.Writable() {
			continue
		}
		v, ok := f.Raw(report[1:])
		if !ok || f.Put(body, v) != nil {
			continue
		}
		switch f.Path.String() {
		case "UPS.PowerSummary.DelayBeforeShutdown":
			u.shutdown = float64(v)
			if v == 0 {
				u.shutdown = -1
				u.setOutput(false)
			}
		case "UPS.PowerSummary.DelayBeforeStartup":
			u.start = float64(v)
			if v == 0 {
				u.start = -1
				u.setOutput(true)
			}
		case "UPS.PowerSummary.RemainingCapacityLimitSetting":
			u.put("UPS.PowerSummary.RemainingCapacityLimit", v)
		}
	}
	u.refresh()
	u.wakeAll()
	return nil
}

// ReadInput waits for an input report.
func (h *Handle) ReadInput(buf []byte, timeout time.Duration) (int, error) {
	u := h.u
	deadline := time.Now().Add(timeout)
	for {
		u.mu.Lock()
		u.advance()
		if !u.handles[h] {
			u.mu.Unlock()
			return 0, fmt.Errorf("sim: %w", hid.ErrGone)
		}
		if len(h.queue) > 0 {
			report := h.queue[0]
			h.queue = h.queue[1:]
			u.log(Input, report)
			u.mu.Unlock()
			return copy(buf, report), nil
		}
		left := time.Until(deadline)
		wake, wait := u.wake, left
		if !u.resting() {
			wait = min(left, time.Duration(float64(step)/u.speed))
		}
		u.mu.Unlock()
		if left <= 0 {
			return 0, hid.ErrTimeout
		}
		timer := time.NewTimer(max(wait, time.Millisecond))
		select {
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Close ends the use of the handle.
func (h *Handle) Close() error {
	h.u.mu.Lock()
	defer h.u.mu.Unlock()
	delete(h.u.handles, h)
	if h.u.mute && len(h.u.handles) == 0 {
		h.u.muteSince = time.Now()
	}
	return nil
}
