package cli

import (
	"context"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"github.com/schemactl/schemactl/internal/approval"
	"github.com/schemactl/schemactl/internal/diag"
	"github.com/schemactl/schemactl/internal/disk"
	"github.com/schemactl/schemactl/internal/plan"
	"github.com/schemactl/schemactl/internal/project"
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

--key names a private key, or a public one whose private part an agent holds (ssh-add), on this machine or on a token.

The signature is OpenSSH's. Anybody can make one (ssh-keygen -Y sign -n schemactl-plan -f KEY plan.json) and verify it (ssh-keygen -Y verify -n schemactl-plan -f allowed_signers -I NAME -s plan.json.NAME.sig < plan.json).`,
		Example: `  schemactl plan --env prod --out plan.json
  schemactl review plan.json --env prod --format html --output review.html
  schemactl approve plan.json --by alice@example.com --key ~/.ssh/id_ed25519
  schemactl apply plan.json --env prod --require-approval allowed_signers`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return runApprove(cmd.Context(), o, args[0]) },
	}
	cmd.Flags().StringVar(&o.by, "by", "", "`name` of who approves, as the file of allowed signers has it")
	cmd.Flags().StringVar(&o.key, "key", "", "`file` of the private SSH key to sign with, or of a public one that an agent holds")
	_ = cmd.MarkFlagFilename("key")
	return cmd
}

func runApprove(ctx context.Context, o *approveOptions, path string) (err error) {
	if o.by == "" || o.key == "" {
		return diag.Errorf(diag.Pos{}, "bad-flag", "approve needs a name and a key").WithHint("give --by NAME --key FILE")
	}
	file, err := approval.FileOf(path, o.by)
	if err != nil {
		return err
	}
	_, text, err := o.app.readPlan(path)
	if err != nil {
		return err
	}
	key, closeKey, err := approval.ReadKey(ctx, o.key, os.Getenv("SSH_AUTH_SOCK"), o.app.passphrase(ctx))
	if err != nil {
		return err
	}
	defer closeAll(&err, closeKey)
	signature, err := approval.Sign(text, key)
	if err != nil {
		return err
	}
	if err := disk.Write(file, signature, 0o644); err != nil { //nolint:gosec // a signature is for everybody
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

// signers are the files of those who may approve, and how many of each must: by flag, and by the environment, which a flag
// cannot make laxer.
func (o *applyOptions) signers() []project.Approval {
	var out []project.Approval
	if o.required.Signers != "" {
		out = append(out, o.required)
	}
	if env := o.chosen.Approval; env.Signers != "" {
		out = append(out, env)
	}
	return out
}

// unapproved refuses to run what is planned only now, where the environment wants plans to be approved.
func (o *applyOptions) unapproved() error {
	if len(o.signers()) == 0 || o.dryRun {
		return nil
	}
	return diag.Errorf(diag.Pos{}, "not-approved", "refused: the environment %s runs only saved plans that were approved", o.chosen.Name).
		WithHint("schemactl plan --out plan.json, schemactl approve plan.json, schemactl apply plan.json")
}

// approved refuses a saved plan that not enough on the lists signed.
func (o *applyOptions) approved(path string, text []byte) error {
	for _, want := range o.signers() {
		if err := o.approvedBy(want, path, text); err != nil {
			return err
		}
	}
	return nil
}

func (o *applyOptions) approvedBy(want project.Approval, path string, text []byte) error {
	list, err := disk.Read(want.Signers)
	if err != nil {
		return diag.Errorf(diag.Pos{File: want.Signers}, "no-such-file", "the file of allowed signers cannot be read")
	}
	signers, err := approval.ReadSigners(list, want.Signers)
	if err != nil {
		return err
	}
	names, err := approval.Check(path, text, signers, max(want.Required, 1), time.Now())
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
	if len(o.signers()) == 0 || len(again) == 0 {
		return nil
	}
	return diag.Errorf(diag.Pos{}, "not-approved", "refused: an earlier apply did not end, and %s of it that nobody approved with this plan would run again",
		render.Plural(len(again), "statement")).
		WithHint("end that run first: schemactl apply without a saved plan; then plan and approve anew")
}
