package plan

// Kind is a named profile of uploads. The zero Kind is [AnyTable].
type Kind struct {
	Name string `json:"name"`
	// Event is the event of the load in the audit.
	Event string `json:"event"`
	// DropColumns are dropped from the table if it has them.
	DropColumns []string `json:"drop_columns,omitempty"`
}

func (k Kind) orAnyTable() Kind {
	if k.Name == "" && k.Event == "" {
		k.Name, k.Event = AnyTable().Name, AnyTable().Event
	}
	return k
}

// Panel is an access list. Its review results in initial_status and final_status are
// dropped with the rows that they judged.
func Panel() Kind {
	return Kind{Name: "panel", Event: "PANEL_UPLOAD", DropColumns: []string{"initial_status", "final_status"}}
}

// SourceOfTruth is reference data that other lists are compared with.
func SourceOfTruth() Kind { return Kind{Name: "sot", Event: "SOT_UPLOAD"} }

// AnyTable is any other table.
func AnyTable() Kind { return Kind{Name: "table", Event: "TABLE_UPLOAD"} }

// Kinds returns the built-in kinds.
func Kinds() []Kind { return []Kind{Panel(), SourceOfTruth(), AnyTable()} }
