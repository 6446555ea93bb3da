// Package engine is one step for all who decide: what a configuration means to
// the monitor, and what the monitor's answer means to those who carry it out.
package engine
