package host

// A Finding is one thing that was looked at: all is well, something is amiss
// and has a fix, or, where it is OK and has a Fix, a person has to look.
type Finding struct {
	What    string `json:"what"`
	OK      bool   `json:"ok"`
	Problem string `json:"problem,omitempty"`
	Fix     string `json:"fix,omitempty"`
}

// Good is the finding that all is well.
func Good(what string) Finding { return Finding{What: what, OK: true} }

// Bad is the finding that something is amiss, and how it is mended.
func Bad(what, problem, fix string) Finding {
	return Finding{What: what, Problem: problem, Fix: fix}
}

// Look is the finding that only a person can tell, and where to look.
func Look(what, where string) Finding { return Finding{What: what, OK: true, Fix: where} }
