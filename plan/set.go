package plan

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tablesnap/tablesnap/dialect"
)

// Set is uploads to several tables that are one: all of them commit together, or none does.
// Or it is restores of several tables. Like a [Plan], it is a value.
type Set struct {
	Format int    `json:"format"`
	Tool   string `json:"tool_version"`
	// Name is that of the set.
	Name string `json:"set"`
	// Plans are those of its tables. A table comes after those that it refers to.
	Plans []Plan `json:"plans"`
}

// BuildSet plans uploads to several tables of one database as one. If several of them are
// refused, the error joins a *RefusedError for each.
func BuildSet(d dialect.Dialect, name string, inputs []Input) (Set, error) {
	if d == nil {
		return Set{}, errNoDialect
	}
	members := make([]setMember, len(inputs))
	for i, in := range inputs {
		in.Options = in.Options.withDefaults(d)
		members[i] = setMember{target: in.Target, options: in.Options, build: func(m *Membership) (Plan, error) {
			in.Set = m
			return Build(d, in)
		}}
	}
	return buildSet(d, name, OpUpload, members)
}

// BuildSetRestore plans restores of several tables of one database as one. Its errors are those
// of [BuildSet].
func BuildSetRestore(d dialect.Dialect, name string, restores []RestoreInput) (Set, error) {
	if d == nil {
		return Set{}, errNoDialect
	}
	members := make([]setMember, len(restores))
	for i, r := range restores {
		r.Options = r.Options.withDefaults(d)
		members[i] = setMember{target: r.Target, options: r.Options, build: func(m *Membership) (Plan, error) {
			r.Set = m
			return BuildRestore(d, r)
		}}
	}
	return buildSet(d, name, OpRestore, members)
}

// BuildSetUndo plans the undo of a set of uploads as one; see [BuildUndo]. The error is
// [ErrNothingToUndo] if one of the uploads makes its table.
func BuildSetUndo(d dialect.Dialect, name string, inputs []Input) (Set, error) {
	if d == nil {
		return Set{}, errNoDialect
	}
	members := make([]setMember, len(inputs))
	for i, in := range inputs {
		if in.Target.Table == nil {
			return Set{}, fmt.Errorf("%q: %w", in.Target.Ident.Name, ErrNothingToUndo)
		}
		in.Options = in.Options.withDefaults(d)
		members[i] = setMember{target: in.Target, options: in.Options, build: func(m *Membership) (Plan, error) {
			in.Set = m
			return BuildUndo(d, in)
		}}
	}
	return buildSet(d, name, OpRestore, members)
}

// setMember is one table of a set before its plan is made.
type setMember struct {
	target  dialect.Target
	options Options
	build   func(*Membership) (Plan, error)
}

func (m setMember) table() dialect.Table {
	if m.target.Table == nil {
		return dialect.Table{Ident: m.target.Ident}
	}
	return *m.target.Table
}

func buildSet(d dialect.Dialect, name string, op Operation, members []setMember) (Set, error) {
	if why := refuseSet(d, name, members); len(why) > 0 {
		return Set{}, &SetError{Set: name, Operation: op, Reasons: why}
	}
	ordered := make([]member, len(members))
	for i, m := range members {
		ordered[i] = member{table: m.table(), strategy: m.options.Strategy}
	}
	order, err := inOrder(d, ordered)
	if err != nil {
		return Set{}, &SetError{Set: name, Operation: op, Reasons: []error{err}}
	}
	tables := Membership{Name: name}
	for _, i := range order {
		tables.Tables = append(tables.Tables, members[i].target.Ident)
	}
	set := Set{Format: Format, Name: name}
	var refused []error
	for _, i := range order {
		p, err := members[i].build(&tables)
		if err != nil {
			refused = append(refused, err)
		}
		set.Plans = append(set.Plans, p)
	}
	if len(refused) > 0 {
		return Set{}, errors.Join(refused...)
	}
	set.Tool = set.Plans[0].Tool
	return set.withoutSameFiles().joined(d), nil
}

// withoutSameFiles leaves out the hazard that a table already holds its file, unless all of
// them do: of the files that belong together, some are often those of the last time.
func (s Set) withoutSameFiles() Set {
	isSame := func(h Hazard) bool { return h.Code == SameFile }
	changed := slices.ContainsFunc(s.Plans, func(p Plan) bool { return !slices.ContainsFunc(p.Hazards, isSame) })
	if !changed {
		return s
	}
	for i := range s.Plans {
		var others []Hazard // nil for none, as in other plans
		for _, h := range s.Plans[i].Hazards {
			if !isSame(h) {
				others = append(others, h)
			}
		}
		s.Plans[i].Hazards = others
	}
	return s
}

// refuseSet are the reasons why the uploads cannot be one.
func refuseSet(d dialect.Dialect, name string, members []setMember) (why []error) {
	if name == "" {
		why = append(why, errors.New("it has no name"))
	}
	if len(members) == 0 {
		return append(why, errors.New("it has no tables"))
	}
	strategies := map[dialect.Strategy][]string{}
	for i, m := range members {
		twice := slices.ContainsFunc(members[:i], func(other setMember) bool { return sameTable(d, other.target.Ident, m.target.Ident) })
		if twice {
			why = append(why, fmt.Errorf("it has %q twice", m.target.Ident.Name))
		}
		if m.options.Binding == BoundToColumns {
			why = append(why, fmt.Errorf("the migration of %q is for one table: goose runs each of its statements by itself, and a Go migration takes a set", m.target.Ident.Name))
		}
		if m.options.Strategy == dialect.Swap && m.target.Table == nil {
			why = append(why, fmt.Errorf("the table %q does not exist, and the swap of a set renames tables that do; upload to it by itself first", m.target.Ident.Name))
		}
		strategies[m.options.Strategy] = append(strategies[m.options.Strategy], m.target.Ident.Name)
	}
	if len(strategies) > 1 {
		var each []string
		for s, tables := range strategies {
			each = append(each, fmt.Sprintf("%s for %s", s, quoted(tables)))
		}
		slices.Sort(each)
		why = append(why, fmt.Errorf("its tables have several strategies, and one transaction has one: %s", strings.Join(each, ", ")))
	}
	return why
}

// joined makes one of what the plans have in common: the rename of a swap, and the id of the
// set, which is looked up in the first run.
func (s Set) joined(d dialect.Dialect) Set {
	keeper, _ := dialect.As[dialect.RunKeeper](d)
	first := keeper.KeptRun(s.number(s.byName()[0]))
	rename := s.rename(d)
	for i := range s.Plans {
		for g := range s.Plans[i].Groups {
			steps := s.Plans[i].Groups[g].Steps
			for k := range steps {
				if steps[k].Seq == 1 {
					steps[k].Details.Set = s.Name
					steps[k].LookedUp = append(slices.Clone(steps[k].LookedUp), LookedUpDetail{Field: "set_run", JSON: first})
				}
				if steps[k].Kind == SwapTables && rename.SQL != "" {
					steps[k].SQL = dialect.Wrap(rename.SQL)
				}
			}
		}
	}
	return s
}

// rename swaps all tables in one statement. It is empty if the set does not swap.
func (s Set) rename(d dialect.Dialect) dialect.Stmt {
	var swaps []dialect.Swapped
	for _, p := range s.Plans {
		if _, swap := p.Find(SwapTables); !swap {
			return dialect.Stmt{}
		}
		shadow, _ := p.Find(CreateShadow)
		swaps = append(swaps, dialect.Swapped{Table: p.Upload.Table, Shadow: shadow.Table, Old: p.swappedOut()})
	}
	swapper, ok := dialect.As[dialect.Swapper](d)
	if !ok {
		return dialect.Stmt{}
	}
	_, rename := swapper.SwapTables(swaps...)
	return rename
}

// number is that under which the session keeps the id of a plan's run.
func (Set) number(plan int) int { return plan + 1 }

// byName are the places of the plans in the order of their tables' names. All sets take their
// locks in this order, so that no two wait for one another.
func (s Set) byName() []int {
	places := make([]int, len(s.Plans))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int {
		x, y := s.Plans[a].Upload.Table, s.Plans[b].Upload.Table
		return cmp.Or(cmp.Compare(x.Schema, y.Schema), cmp.Compare(x.Name, y.Name))
	})
	return places
}

// Refused joins the *HazardError of each plan that has hazards which the user did not allow.
func (s Set) Refused() error {
	refused := make([]error, len(s.Plans))
	for i, p := range s.Plans {
		refused[i] = p.Refused()
	}
	return errors.Join(refused...)
}

// Does says in a few words what the set does.
func (s Set) Does() string {
	does := make([]string, len(s.Plans))
	for i, p := range s.Plans {
		does[i] = p.Does()
	}
	return strings.Join(does, "; ")
}

// SetError says why uploads cannot be one. Nothing was changed.
type SetError struct {
	Set       string
	Operation Operation
	// Reasons are sentences without a full stop; there is at least one.
	Reasons []error
}

func (e *SetError) Error() string {
	why := make([]string, len(e.Reasons))
	for i, reason := range e.Reasons {
		why[i] = reason.Error()
	}
	return fmt.Sprintf("refuse to %s the set %q: %s", e.Operation.doing(), e.Set, strings.Join(why, "; "))
}

// Unwrap returns the reasons, of which some have a [RemedyError].
func (e *SetError) Unwrap() []error { return e.Reasons }
