package ecnutd

import (
	"slices"
	"strings"
	"testing"
)

// The rows of imports_test.go are looked at here: each is seen to fail on an edge that
// is planted for it, and none is about a package that is not there.

// between is a package of somebody else's, by which an edge comes indirectly.
const between = "example.org/between"

// planted is a package that an entry forbids: itself, or one below its folder.
func planted(entry string) string {
	if strings.HasSuffix(entry, "/") {
		return entry + "planted"
	}
	return entry
}

// TestForbiddenSeen: each entry of each row reports the edge that it forbids, and
// nothing else does; where it holds for all dependencies, one that comes through
// another package too.
func TestForbiddenSeen(t *testing.T) {
	for _, row := range forbidden {
		pkg := "ecnutd/" + row.pkg
		for _, entry := range row.imports {
			want := []violation{{row.pkg, planted(entry), row.why}}
			got := inSubject(graph{pkg: {planted(entry)}}.violations(), row.pkg)
			if !slices.Equal(got, want) {
				t.Errorf("%s imports %s: reported %q", row.pkg, planted(entry), got)
			}
			if direct(entry) {
				want = nil
			}
			got = inSubject(graph{pkg: {between}, between: {planted(entry)}}.violations(), row.pkg)
			if !slices.Equal(got, want) {
				t.Errorf("%s imports %s through another package: reported %q, want %q", row.pkg, planted(entry), got, want)
			}
		}
		if got := (graph{pkg: {"fmt", between}, between: {"fmt"}}).violations(); len(got) > 0 {
			t.Errorf("%s imports nothing forbidden: reported %q", row.pkg, got)
		}
	}
}

// inSubject are the violations of the rows of a package. Those of the tables by
// library are looked at by themselves.
func inSubject(all []violation, pkg string) []violation {
	return slices.DeleteFunc(all, func(v violation) bool { return v.pkg != pkg || strings.HasSuffix(v.why, " alone") })
}

// TestAloneSeen: a library that is for some packages alone is reported in another,
// and a package that may use some alone is reported with another.
func TestAloneSeen(t *testing.T) {
	const stranger = "ecnutd/internal/stranger"
	for library, users := range onlyIn {
		if got := (graph{stranger: {library}}).violations(); len(got) != 1 || got[0].dependency != library {
			t.Errorf("%s in a package that it is not for: reported %q", library, got)
		}
		for _, user := range users {
			got := (graph{user: {library}}).violations()
			if slices.ContainsFunc(got, func(v violation) bool { return strings.HasPrefix(v.why, "it is for") }) {
				t.Errorf("%s in %s, which it is for: reported %q", library, user, got)
			}
		}
	}
	for pkg, uses := range onlyOurs {
		got := graph{pkg: {stranger}}.violations()
		if !slices.ContainsFunc(got, func(v violation) bool { return v.dependency == stranger && strings.HasPrefix(v.why, "of ours") }) {
			t.Errorf("%s imports %s: reported %q", pkg, stranger, got)
		}
		for _, dep := range uses {
			got := graph{pkg: {dep}}.violations()
			if slices.ContainsFunc(got, func(v violation) bool { return strings.HasPrefix(v.why, "of ours") }) {
				t.Errorf("%s imports %s, which it may: reported %q", pkg, dep, got)
			}
		}
	}
}

// TestRowsNameWhatIsThere: a row about a package that has moved would guard nothing.
func TestRowsNameWhatIsThere(t *testing.T) {
	g := importGraph(t)
	there := func(name string) bool {
		if _, ok := g[name]; ok || !strings.HasPrefix(name, "ecnutd/") {
			return true // what others have written may be forbidden before it is used
		}
		for pkg := range g {
			if strings.HasSuffix(name, "/") && strings.HasPrefix(pkg, name) {
				return true
			}
		}
		return false
	}
	for _, row := range forbidden {
		for _, name := range append([]string{"ecnutd/" + row.pkg}, row.imports...) {
			if !there(name) {
				t.Errorf("the row of %s names %s, which is not there", row.pkg, name)
			}
		}
	}
	for pkg, uses := range onlyOurs {
		for _, name := range append([]string{pkg}, uses...) {
			if !there(name) {
				t.Errorf("the packages that %s may use alone: %s is not there", pkg, name)
			}
		}
	}
	for library, users := range onlyIn {
		for _, name := range append([]string{library}, users...) {
			if !there(name) {
				t.Errorf("the packages that %s is for: %s is not there", library, name)
			}
		}
	}
}

// unwalled are the packages without a row of their own: who starts programs, and
// stand-ins for tests.
var unwalled = []string{
	"ecnutd/internal/vmtest", "ecnutd/internal/vmtest/ups", "ecnutd/internal/nut/server/nuttest", "ecnutd/sms/smstest",
	"ecnutd/internal/host/hosttest",
}

// TestEveryPackageHasAWall: one that has come since says what it must not become a
// part of.
func TestEveryPackageHasAWall(t *testing.T) {
	for pkg := range importGraph(t) {
		_, ours := onlyOurs[pkg]
		if !strings.HasPrefix(pkg, "ecnutd/") || ours || slices.Contains(unwalled, pkg) {
			continue
		}
		if !slices.ContainsFunc(forbidden, func(r row) bool { return "ecnutd/"+r.pkg == pkg }) {
			t.Errorf("%s has no row in imports_test.go", pkg)
		}
	}
}
