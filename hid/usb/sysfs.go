package usb

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// sysfs is the directory where the kernel shows its devices, /sys.
type sysfs string

// complete adds what only the kernel knows: the driver of interface 0, and
// whether the device may be suspended. What is not found stays empty.
func (s sysfs) complete(r *Report) {
	dir := s.device(r.Location)
	if dir == "" {
		return
	}
	r.PowerControl = content(filepath.Join(dir, "power/control"))
	// An interface is named after its device: 1-1:1.0 is interface 0 of
	// configuration 1 of device 1-1.
	links, _ := filepath.Glob(filepath.Join(dir+":*.0", "driver"))
	for _, link := range links {
		if driver, err := os.Readlink(link); err == nil {
			r.Driver = filepath.Base(driver)
		}
	}
}

// Attached are the devices that match, as the kernel shows them: ids, place,
// driver and power control. Nothing is asked of a device, so it also finds one
// that another program has taken from its driver.
func Attached(match func(vendor, product uint16) bool) []Report { return sysfs("/sys").attached(match) }

func (s sysfs) attached(match func(vendor, product uint16) bool) (list []Report) {
	names, _ := filepath.Glob(filepath.Join(string(s), "bus/usb/devices/*/idVendor"))
	for _, name := range names {
		dir := filepath.Dir(name)
		vendor, err1 := strconv.ParseUint(content(name), 16, 16)
		product, err2 := strconv.ParseUint(content(filepath.Join(dir, "idProduct")), 16, 16)
		bus, err3 := strconv.Atoi(content(filepath.Join(dir, "busnum")))
		address, err4 := strconv.Atoi(content(filepath.Join(dir, "devnum")))
		if err1 != nil || err2 != nil || err3 != nil || err4 != nil || !match(uint16(vendor), uint16(product)) {
			continue
		}
		r := Report{Location: Location{bus, address}, Vendor: content(name), Product: content(filepath.Join(dir, "idProduct"))}
		s.complete(&r)
		list = append(list, r)
	}
	return list
}

// device finds the directory of the device at a location; empty when there is
// none.
func (s sysfs) device(at Location) string {
	names, _ := filepath.Glob(filepath.Join(string(s), "bus/usb/devices/*/devnum"))
	for _, name := range names {
		dir := filepath.Dir(name)
		bus, err1 := strconv.Atoi(content(filepath.Join(dir, "busnum")))
		address, err2 := strconv.Atoi(content(name))
		if err1 == nil && err2 == nil && (Location{bus, address}) == at {
			return dir
		}
	}
	return ""
}

// content is the text of a file with one line; empty when it cannot be read.
func content(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}
