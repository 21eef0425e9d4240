package rehearse

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/napkin-infra/napkin/engagement/review/statement"
)

// makeSchema runs what stands before the migrations in a new database and returns its name. Statements
// that fail are problems and not the end.
func (r *rehearsal) makeSchema(ctx context.Context) (string, error) {
	base, err := r.ground.create(ctx, "")
	if err != nil {
		return "", err
	}
	conn, err := r.connect(ctx, base)
	if err != nil {
		return "", err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	before := r.guard(groups(r.o.Before))
	stage := r.progress.Stage("making the schema", int64(len(before)))
	defer stage.End()
	var waiting []*step
	failed := map[*step]error{}
	for i, g := range before {
		for _, s := range g.steps {
			if s.refused {
				r.result.Problems = append(r.result.Problems, Problem{Path: s.path, Line: s.at.Start.Line, Sentence: fmt.Sprintf("a statement before the migration was left out (%s): %s", brief(s), s.skip)})
			}
			err := r.make(ctx, conn, s)
			switch {
			case err == nil:
			case ctx.Err() != nil || !refused(err):
				return "", fmt.Errorf("make the schema: %w", err)
			case s.path == r.o.Unordered:
				waiting, failed[s] = append(waiting, s), err
			default:
				r.failedBefore(s, err)
			}
		}
		stage.Add(1)
		if len(waiting) > 0 && (i+1 == len(before) || before[i+1].steps[0].path != r.o.Unordered) {
			if waiting, err = r.again(ctx, conn, waiting, failed); err != nil {
				return "", err
			}
			for _, s := range waiting {
				r.failedBefore(s, failed[s])
			}
			waiting = nil
		}
	}
	return base, nil
}

// again tries statements until none more succeeds, and returns those that do not.
func (r *rehearsal) again(ctx context.Context, conn *pgx.Conn, waiting []*step, failed map[*step]error) ([]*step, error) {
	for {
		var still []*step
		for _, s := range waiting {
			err := r.make(ctx, conn, s)
			if err != nil && (ctx.Err() != nil || !refused(err)) {
				return nil, fmt.Errorf("make the schema: %w", err)
			}
			if err != nil {
				still, failed[s] = append(still, s), err
			}
		}
		if len(still) == 0 || len(still) == len(waiting) {
			return still, nil
		}
		waiting = still
	}
}

func (r *rehearsal) failedBefore(s *step, err error) {
	r.result.Problems = append(r.result.Problems, Problem{Path: s.path, Line: s.at.Start.Line, Sentence: fmt.Sprintf("a statement before the migration failed (%s): %s", brief(s), sentence(err, s))})
}

// brief is the beginning of a statement on one line.
func brief(s *step) string { return shorten(strings.Join(strings.Fields(s.at.Text), " "), 60) }

// make runs one statement of the schema by itself. Transactions of earlier migrations are of no interest,
// and one that fails must not take others back.
func (r *rehearsal) make(ctx context.Context, conn *pgx.Conn, s *step) error {
	if s.skip != "" {
		return nil // data of a dump; rows are generated
	}
	if k := s.actions[0].Kind; k == statement.Insert || k == statement.Update || k == statement.Delete {
		// Data that earlier migrations wrote, and tables are filled later; a failure says nothing.
		return nil
	}
	_, err := conn.PgConn().Exec(ctx, s.at.Text).ReadAll()
	if err != nil && r.supply(ctx, err) {
		_, err = conn.PgConn().Exec(ctx, s.at.Text).ReadAll()
	}
	return err
}

var missingRole = regexp.MustCompile(`^role "(.*)" does not exist$`)

// supply makes what a private server lacks and what says nothing about a migration: a role. It reports
// whether it did.
func (r *rehearsal) supply(ctx context.Context, err error) bool {
	var e *pgconn.PgError
	if r.ground.private == nil || !errors.As(err, &e) {
		return false
	}
	m := missingRole.FindStringSubmatch(e.Message)
	if m == nil {
		return false
	}
	if err := r.ground.admin(ctx, "create role "+pgx.Identifier{m[1]}.Sanitize()); err != nil {
		return false
	}
	r.result.Notes = append(r.result.Notes, fmt.Sprintf("the role %s is not on the scratch server; it was made there without rights", m[1]))
	return true
}

// sentence says what went wrong with a statement and what to try. s may be nil.
func sentence(err error, s *step) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return firstLine(err.Error())
	}
	what := fmt.Sprintf("the server says: %s (%s)", e.Message, e.Code)
	advice := ""
	switch {
	case e.Code == "0A000" && strings.Contains(e.Message, "extension") || e.Code == "58P01" && strings.Contains(e.Message, "extension"):
		advice = "the extension is not installed on the scratch server; install its package for this version of PostgreSQL, or rehearse on a server that has it with --scratch-url"
	case e.Code == "42704" && strings.Contains(e.Message, "tablespace"):
		advice = "a private server has no tablespaces; make one of that name on a marked scratch server and give that with --scratch-url, or leave the clause out of the rehearsal"
	case e.Code == "42704" && strings.HasPrefix(e.Message, "role "):
		advice = "make the role on the scratch server: create role NAME"
	case e.Code == "42501":
		advice = "it needs rights that the user of the scratch database does not have; rehearse on a private server, where the user is a superuser, or as a user who has them"
	case e.Code == "25001":
		advice = "it cannot run in a transaction, and the tool runs this file in one; tell the tool to run the file without, or put the statement into a file of its own"
	case e.Code == "23505" || e.Code == "23514" || e.Code == "23502" || e.Code == "23503" || e.Code == "23P01":
		advice = "the generated rows break the constraint; whether production's do, only a query there can tell"
	case e.Code == "42P01" || e.Code == "42703" || e.Code == "42704" || e.Code == "3F000":
		advice = "what stands before the migration does not make it; give all earlier migrations, or the schema with --schema"
	case e.Code == "57014":
		advice = "it was ended because the time of the rehearsal was over"
	}
	if e.Detail != "" && e.Code != "23514" && e.Code != "23502" {
		what += "; " + firstLine(e.Detail)
	}
	if advice == "" {
		return what
	}
	return what + "; " + advice
}

// connectionLost says whether an error is the end of the server and not one of a statement.
func connectionLost(err error) bool {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code == "57P01" || e.Code == "57P02" || e.Code == "57P03"
	}
	return !errors.Is(err, context.Canceled) && !errors.Is(err, ErrNotScratch)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return shorten(line, 300)
}

// shorten cuts a text at so many letters.
func shorten(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	return string(letters[:most]) + " ..."
}
