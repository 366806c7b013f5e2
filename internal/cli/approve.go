package cli

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"github.com/schemactl/schemactl/internal/approval"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/render"
)

type approveOptions struct {
	app     *app
	by, key string
}

func newApproveCmd(a *app) *cobra.Command {
	o := &approveOptions{app: a}
	cmd := &cobra.Command{
		Use:   "approve plan.json",
		Short: "Sign a saved plan, so that apply runs what was reviewed",
		Long: `approve signs the file of a saved plan with an SSH key and writes the signature beside it: plan.json.NAME.sig. It shows
nothing and runs nothing: read "schemactl review plan.json" first. apply --require-approval then runs only a plan that somebody
signed whom a file of allowed signers lists, byte for byte as it was signed.

The signature is OpenSSH's. Anybody can make one (ssh-keygen -Y sign -n schemactl-plan -f KEY plan.json, also with a key in
an agent or on a token) and verify it (ssh-keygen -Y verify -n schemactl-plan -f allowed_signers -I NAME -s plan.json.NAME.sig < plan.json).`,
		Example: `  schemactl plan --env prod --out plan.json
  schemactl review plan.json --env prod --format html --output review.html
  schemactl approve plan.json --by alice@example.com --key ~/.ssh/id_ed25519
  schemactl apply plan.json --env prod --require-approval allowed_signers`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runApprove(cmd.Context(), o, args[0]) },
	}
	cmd.Flags().StringVar(&o.by, "by", "", "`name` of who approves, as the file of allowed signers has it")
	cmd.Flags().StringVar(&o.key, "key", "", "private SSH key `file` to sign with")
	_ = cmd.MarkFlagFilename("key")
	return cmd
}

func runApprove(ctx context.Context, o *approveOptions, path string) error {
	if o.by == "" || o.key == "" {
		return diag.Errorf(diag.Pos{}, "bad-flag", "approve needs a name and a key").WithHint("give --by NAME --key FILE")
	}
	file, err := approval.FileOf(path, o.by)
	if err != nil {
		return err
	}
	_, text, err := readPlan(path)
	if err != nil {
		return err
	}
	key, err := approval.ReadKey(o.key, o.app.passphrase(ctx))
	if err != nil {
		return err
	}
	signature, err := approval.Sign(text, key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, signature, 0o644); err != nil { //nolint:gosec // a signature is for everybody
		return err
	}
	o.app.io.Notify("%s approves %s with the key %s: %s", o.by, path, ssh.FingerprintSHA256(key.PublicKey()), file)
	return nil
}

// passphrase asks for one where somebody is there; else it is nil.
func (a *app) passphrase(ctx context.Context) func() ([]byte, error) {
	if !a.io.Interactive {
		return nil
	}
	return func() ([]byte, error) { return a.io.Secret(ctx, "Passphrase of the key:") }
}

// approved refuses a saved plan that nobody on the list signed.
func (o *applyOptions) approved(path string, text []byte) error {
	if o.signers == "" {
		return nil
	}
	list, err := os.ReadFile(o.signers)
	if err != nil {
		return diag.Errorf(diag.Pos{File: o.signers}, "no-such-file", "the file of allowed signers cannot be read")
	}
	signers, err := approval.ReadSigners(list, o.signers)
	if err != nil {
		return err
	}
	names, err := approval.Check(path, text, signers, time.Now())
	if err != nil {
		return err
	}
	for _, n := range names {
		o.app.io.Notify("approved by %s", n)
	}
	return nil
}

// nothingElse refuses to run beside an approved plan what an earlier run still owes: nobody approved that.
func (o *applyOptions) nothingElse(again []*plan.Step) error {
	if o.signers == "" || len(again) == 0 {
		return nil
	}
	return diag.Errorf(diag.Pos{}, "not-approved", "refused: an earlier apply did not end, and %s of it that nobody approved with this plan would run again",
		render.Plural(len(again), "statement")).
		WithHint("end that run first: schemactl apply without a saved plan; then plan and approve anew")
}
