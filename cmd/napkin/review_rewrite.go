package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/napkin-infra/napkin/engagement/review"
	"github.com/napkin-infra/napkin/engagement/review/budget"
	"github.com/napkin-infra/napkin/engagement/review/offer"
	"github.com/napkin-infra/napkin/engagement/review/rewrite/script"
	"github.com/napkin-infra/napkin/foundation/unit"
)

// rewriteFlags are those of the recipes of `napkin review`.
type rewriteFlags struct {
	dir  string
	live bool
	root string // what the paths of migrations are relative to; set by the verb
	as   choice
	pool whole
	rate string
}

// psql is the form of one script for each statement.
const psql = "psql"

func (flags *rewriteFlags) defineRewrite(cmd *cobra.Command) {
	flags.as = choice{value: string(script.Plain)}
	for _, t := range script.Tools() {
		flags.as.allowed = append(flags.as.allowed, string(t))
	}
	flags.as.allowed = append(flags.as.allowed, psql)
	fs := cmd.Flags()
	fs.StringVar(&flags.dir, "rewrite", "", "write the recipes into this `folder`, which is made if need be; no file is overwritten")
	fs.BoolVar(&flags.live, "rewrite-live", false, "let --rewrite be the folder of the migrations, from which the statements have been taken out")
	fs.Var(&flags.as, "rewrite-as", "the `form` of those files: "+strings.Join(flags.as.allowed, ", ")+"; one migration for each step, or with psql one script for each statement")
	fs.Var(&flags.pool, "pool", "the `number` of connections that all processes of the application may use; with --rate it gives the lock budget")
	fs.StringVar(&flags.rate, "rate", "", "the `rate` of requests that need the table, such as 200/s; for the lock budget")
	_ = cmd.RegisterFlagCompletionFunc("rewrite-as", cobra.FixedCompletions(flags.as.allowed, cobra.ShellCompDirectiveNoFileComp))
}

// load reads --pool and --rate, and refuses --rewrite-as alone.
func (flags *rewriteFlags) load(cmd *cobra.Command) (*budget.Load, error) {
	if flags.dir == "" && cmd.Flags().Changed("rewrite-as") {
		return nil, errors.New("--rewrite-as says in which form --rewrite writes; give --rewrite and a folder")
	}
	if flags.pool.value == 0 && flags.rate == "" {
		return nil, nil
	}
	if flags.pool.value == 0 || flags.rate == "" {
		return nil, errors.New("--pool and --rate give the lock budget together; give both")
	}
	arrivals, err := unit.ParseRate(flags.rate)
	if err != nil {
		return nil, fmt.Errorf("--rate: %w", err)
	}
	load := budget.Load{Arrivals: arrivals, Pool: int(min(flags.pool.value, review.MaxPool+1))}
	if err := review.CheckLoad(load); err != nil {
		return nil, fmt.Errorf("--pool and --rate: %w", err)
	}
	return &load, nil
}

// recipe is one that is written, with its files.
type recipe struct {
	offer *offer.Offer
	files []script.File
}

// planRecipes returns the files of all recipes and refuses to write over what is there. The numbers in the names are
// those of all recipes, so that they stay the same when a rehearsal takes some away.
func (flags *rewriteFlags) planRecipes(offers []*offer.Offer) ([]recipe, error) {
	if flags.dir == "" {
		return nil, nil
	}
	var out []recipe
	var all []script.File
	begin := recipeNames{root: flags.root, as: flags.as.value, used: map[string]int{}}
	for _, o := range offers {
		if o.Refusal != "" {
			continue
		}
		files, err := recipeFiles(o, flags.as.value, &begin)
		if err != nil {
			return nil, err
		}
		out, all = append(out, recipe{o, files}), append(all, files...)
	}
	if len(all) == 0 {
		return nil, nil
	}
	return out, flags.checkFolder(offers, all)
}

// writeRecipes writes the recipes of the offers, after a rehearsal only those that passed it, and says on the error
// stream what it wrote.
func (f *face) writeRecipes(flags *rewriteFlags, offers []*offer.Offer, rehearsed bool) error {
	if flags.dir == "" {
		return nil
	}
	recipes, err := flags.planRecipes(offers)
	if err != nil {
		return err
	}
	without, all := len(offers)-len(recipes), len(recipes)
	recipes = slices.DeleteFunc(recipes, func(r recipe) bool { return rehearsed && r.offer.Rehearsal.State != offer.Passed })
	left := all - len(recipes)
	switch {
	case all == 0:
		f.note("--rewrite: no statement has a recipe, so that nothing was written")
		return nil
	case len(recipes) == 0:
		f.note("--rewrite: none of %d recipes passed its rehearsal, so that nothing was written; the report says why", all)
		return nil
	}
	if err := os.MkdirAll(flags.dir, 0o755); err != nil {
		return fmt.Errorf("--rewrite: %w", err)
	}
	files := 0
	for _, r := range recipes {
		for _, file := range r.files {
			if err := writeNew(filepath.Join(flags.dir, file.Name), file.Content); err != nil {
				return fmt.Errorf("--rewrite: %w", err)
			}
			files++
		}
	}
	what := fmt.Sprintf("%d statements have none", without)
	switch {
	case left > 0:
		what += fmt.Sprintf(", %d recipes did not pass their rehearsal", left)
	case !rehearsed:
		what = "not rehearsed; " + what
	}
	f.note("wrote %d files of %d recipes to %s (%s); %s, and the report says why", files, len(recipes), flags.dir, flags.as.value, what)
	return nil
}

// recipeFiles are the files of one recipe.
func recipeFiles(o *offer.Offer, as string, begin *recipeNames) ([]script.File, error) {
	r := o.Recipe
	r.Mark = o.Mark()
	if as == psql {
		text, err := script.Psql(r, replaced(o))
		if err != nil {
			return nil, fmt.Errorf("--rewrite-as psql: %w", err)
		}
		version, err := begin.of(o, 1)
		if err != nil {
			return nil, err
		}
		return []script.File{{Name: version(0) + "_" + script.Slug(r.Title) + ".sql", Content: text}}, nil
	}
	version, err := begin.of(o, script.Count(r))
	if err != nil {
		return nil, err
	}
	return script.Files(r, script.Tool(as), version, replaced(o))
}

// writeNew writes a file that must not be there.
func writeNew(path, content string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(content)
	return errors.Join(err, file.Close())
}
