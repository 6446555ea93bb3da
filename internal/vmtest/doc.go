// Package vmtest tries ecnutd on a real kernel: a stock Debian in a virtual
// machine, with its systemd and udev, our .deb installed, and the simulated UPS
// plugged into its USB port from outside (sim/usbredir). The UPS outlives the
// machine, as a real one does: it sees what the late hook of a shutdown writes,
// cuts the power, and gives it back.
//
//	make vm-image   builds the machine, once, into a cache outside the tree
//	make vm-test    runs the scenarios, one after the other
//	make vm-bench   measures ecnutd beside NUT, docs/benchmarks.md
//
// vmtest/ups is the UPS alone, with a control channel, for a machine of your
// own. All the rest is behind the build tag vm. A run works on a copy of the image: it
// starts from a snapshot of the running machine, installs the .deb, takes
// another snapshot, and every scenario begins with that one. The machine is
// emulated, which works everywhere; VM_ACCEL=kvm asks for hardware.
package vmtest
