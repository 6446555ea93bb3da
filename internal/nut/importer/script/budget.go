package script

// A Budget bounds what following scripts may cost in all, in units of work: a
// step, what is copied or compared for it. One is about a microsecond.
type Budget struct{ most, spent int }

// NewBudget is one of as many units.
func NewBudget(units int) *Budget { return &Budget{most: units} }

// Spent are the units that were used, the step that went too far among them.
func (b *Budget) Spent() int { return b.spent }

// more counts work; it is false once there was too much.
func (r *runner) more(n int) bool {
	b := r.call.Budget
	if r.lost {
		return false
	}
	r.work += n
	r.lost = r.work > maxWork
	if b != nil && b.spent <= b.most {
		b.spent += n
	}
	r.lost = r.lost || b != nil && b.spent > b.most
	return !r.lost
}

// weight is what conditions cost that are brought together.
func weight(list ...Cond) int {
	n := 1
	for _, c := range list {
		n += 4 * c.Size()
	}
	return n
}

// search counts work for a text that a pattern is looked for in. It is false where
// there was too much of it.
func (r *runner) search(text, pattern string) bool { return r.more(30 + (len(text)+len(pattern))/4) }
