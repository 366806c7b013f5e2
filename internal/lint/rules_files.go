package lint

// Breach is what a migration file does to the order of its directory, held against an earlier state of it.
type Breach struct{ Rule, Message string }

// The rules of files. Who knows an earlier state of the directory reports them.
const (
	FileEdited   = "file-edited"
	FileInserted = "file-inserted"
	FileRemoved  = "file-removed"
)

const nonLinear = "non_linear"

func fileRules() []Rule {
	return []Rule{
		{
			ID: FileEdited, Severity: Warning, Class: nonLinear,
			Short: "A migration file is not what it was at the revision of --git-base",
			Why:   "Databases may have run it as it was, and will not run it again: they stay apart from those that run it as it is now.",
			Fix:   "Bring the old text back, and write a new migration.",
			check: breaches(FileEdited),
		},
		{
			ID: FileInserted, Severity: Warning, Class: nonLinear,
			Short: "A new migration file comes before one that the revision of --git-base has",
			Why:   "Databases that have run the later file already refuse it, or run the two in another order than new databases do.",
			Fix:   "Give it the newest version: schemactl migrate rebase.",
			check: breaches(FileInserted),
		},
		{
			ID: FileRemoved, Severity: Warning, Class: nonLinear,
			Short: "A migration file that the revision of --git-base has is gone",
			Why:   "Databases may have run it: their history knows a file that nobody can read any more.",
			Fix:   "Bring it back, and undo it in a new migration.",
			check: breaches(FileRemoved),
		},
	}
}

func breaches(rule string) func(*Unit, func(*Act, string)) {
	return func(u *Unit, report func(*Act, string)) {
		for _, b := range u.Breaches {
			if b.Rule == rule {
				report(u.Whole(), b.Message)
			}
		}
	}
}
