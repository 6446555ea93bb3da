package archive

import (
	"database/sql"
	"fmt"
	"time"
)

// Tidy makes means of what is over, and forgets what is too old.
func (a *Archive) Tidy(now time.Time) error {
	for _, span := range []int64{600, 3600} {
		if err := a.means(span, now.Unix()/span*span); err != nil {
			return err
		}
	}
	for _, old := range []struct {
		query string
		keep  time.Duration
	}{
		{"DELETE FROM samples WHERE at < ?", KeepSamples},
		{"DELETE FROM means WHERE span = 600 AND at < ?", KeepTens},
	} {
		if _, err := a.db.Exec(old.query, now.Add(-old.keep).Unix()); err != nil {
			return err
		}
	}
	return a.shrink(MaxSize)
}

// shrink forgets the oldest changes while the file is larger than size, in bytes.
func (a *Archive) shrink(size int64) error {
	for range 20 {
		var pages, free, page int64
		for query, into := range map[string]*int64{"PRAGMA page_count": &pages, "PRAGMA freelist_count": &free, "PRAGMA page_size": &page} {
			if err := a.db.QueryRow(query).Scan(into); err != nil {
				return err
			}
		}
		if (pages-free)*page <= size {
			return nil
		}
		done, err := a.db.Exec("DELETE FROM samples WHERE rowid IN (SELECT rowid FROM samples ORDER BY at LIMIT max(1000, (SELECT count(*) FROM samples) / 10))")
		if err != nil {
			return err
		}
		if n, _ := done.RowsAffected(); n == 0 {
			return fmt.Errorf("the recordings have more than %d MB, though all single changes are gone", size>>20)
		}
	}
	return nil
}

// means makes means of the changes up to an instant, from where the last ones end.
func (a *Archive) means(span, until int64) error {
	rows, err := a.db.Query("SELECT DISTINCT ups FROM samples")
	if err != nil {
		return err
	}
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			rows.Close()
			return err
		}
		names = append(names, name)
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return err
	}
	for _, name := range names {
		if err := a.meansOf(name, span, until); err != nil {
			return err
		}
	}
	return nil
}

func (a *Archive) meansOf(name string, span, until int64) error {
	var from sql.NullInt64
	if err := a.db.QueryRow("SELECT max(at) + ? FROM means WHERE ups = ? AND span = ?", span, name, span).Scan(&from); err != nil {
		return err
	}
	if !from.Valid {
		if err := a.db.QueryRow("SELECT min(at) FROM samples WHERE ups = ?", name).Scan(&from); err != nil {
			return err
		}
		from.Int64 = from.Int64 / span * span
	}
	if from.Int64 >= until {
		return nil
	}
	// The value at the begin is that of the last change before it.
	rows, err := a.db.Query(`SELECT at, status, charge, runtime, load, voltage, input, output FROM samples
		WHERE ups = ? AND at < ? AND at >= coalesce((SELECT max(at) FROM samples WHERE ups = ? AND at <= ?), 0) ORDER BY at, rowid`,
		name, until, name, from.Int64)
	if err != nil {
		return err
	}
	defer rows.Close()
	m := meaner{span: span, from: from.Int64}
	for rows.Next() {
		var s sample
		var status sql.NullString
		if err := rows.Scan(&s.at, &status, &s.values[0], &s.values[1], &s.values[2], &s.values[3], &s.values[4], &s.values[5]); err != nil {
			return err
		}
		s.status = status.String
		m.add(s)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	m.hold(until)
	rows.Close()
	tx, err := a.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, mean := range m.done {
		args := []any{mean.at, span, name, mean.seconds, mean.onBattery}
		for i := range mean.sums {
			args = append(args, mean.mean(i))
			if i == 0 {
				args = append(args, mean.lowest)
			}
		}
		if _, err := tx.Exec("INSERT OR REPLACE INTO means (at, span, ups, seconds, on_battery, charge, lowest, runtime, load, voltage, input, output) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}
