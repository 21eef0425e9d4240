package result

import (
	"fmt"

	"github.com/napkin-infra/napkin/engine/calc/model"
)

// Missing says, a sentence for each mapping by which the model groups, which items are in no group.
func Missing(m *model.Model) []string {
	var notes []string
	seen := map[model.MapID]bool{}
	for _, v := range m.Vars {
		model.Walk(v.Expr, func(x model.Expr) {
			r, ok := x.(*model.VarRef)
			if !ok {
				return
			}
			for _, d := range r.Dims {
				if d.Kind != model.Group || seen[d.Map] || m.Maps[d.Map].Missing == 0 {
					continue
				}
				seen[d.Map] = true
				notes = append(notes, missing(m, m.Maps[d.Map]))
			}
		})
	}
	return notes
}

// missing names the first items that a mapping leaves out.
func missing(of *model.Model, m *model.Map) string {
	from, to := of.Dims[m.From], of.Dims[m.To]
	names := ""
	shown := 0
	for i, t := range m.Target {
		if t >= 0 {
			continue
		}
		if shown == 3 {
			names += ", ..."
			break
		}
		if shown > 0 {
			names += ", "
		}
		names += from.Items.Name(int32(i))
		shown++
	}
	return fmt.Sprintf("%d of %d items of %s belong to no %s and are in none of its groups: %s", m.Missing, from.Len(), from.Name, to.Name, names)
}
