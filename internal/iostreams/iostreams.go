// Package iostreams is the terminal as commands see it: three streams, whether a person sits there, and colour.
package iostreams

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/term"

	"github.com/schemactl/schemactl/internal/visible"
)

// Streams are the streams of one run. Results go to Out, everything else to Err. What is written to Err, and to Out where
// that is a terminal, is made visible.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// Interactive means that questions can be asked and answered.
	Interactive bool
	// Colour means that Out is a terminal whose user did not set NO_COLOR.
	Colour bool
	// Live means that Err is a terminal, on which progress may be shown.
	Live bool
	raw  [2]io.Writer
}

// New finds out what the streams are.
func New(in io.Reader, out, errOut io.Writer, getenv func(string) string) *Streams {
	plain := getenv("NO_COLOR") != "" || getenv("TERM") == "dumb"
	s := &Streams{
		In: in, Out: out, Err: visible.Writer{To: errOut}, raw: [2]io.Writer{out, errOut},
		Interactive: isTerminal(in) && isTerminal(errOut),
		Colour:      isTerminal(out) && !plain,
		Live:        isTerminal(errOut),
	}
	if isTerminal(out) {
		s.Out = visible.Writer{To: out, Colours: true}
	}
	return s
}

// Attach gives a program that the user named, such as an editor, the streams themselves.
func (s *Streams) Attach(cmd *exec.Cmd) {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.In, s.raw[0], s.raw[1]
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Confirm asks a question that only the given word answers with yes.
func (s *Streams) Confirm(ctx context.Context, question, word string) (bool, error) {
	_, _ = fmt.Fprint(s.Err, question, " ")
	answer := make(chan string, 1)
	ended := make(chan struct{})
	go func() {
		line, err := bufio.NewReader(s.In).ReadString('\n')
		if err != nil && line == "" {
			close(ended)
			return
		}
		answer <- line
	}()
	select {
	case line := <-answer:
		return strings.TrimSpace(strings.ToLower(line)) == word, nil
	case <-ended:
		return false, nil
	case <-ctx.Done():
		_, _ = fmt.Fprintln(s.Err)
		return false, ctx.Err()
	}
}

// Secret asks for a word that the terminal does not show.
func (s *Streams) Secret(ctx context.Context, question string) ([]byte, error) {
	f, ok := s.In.(*os.File)
	if !ok {
		return nil, errors.New("nobody is there to be asked")
	}
	before, err := term.GetState(int(f.Fd()))
	if err != nil {
		return nil, err
	}
	_, _ = fmt.Fprint(s.Err, question, " ")
	defer func() { _, _ = fmt.Fprintln(s.Err) }()
	type answer struct {
		word []byte
		err  error
	}
	given := make(chan answer, 1)
	go func() {
		word, err := term.ReadPassword(int(f.Fd()))
		given <- answer{word, err}
	}()
	select {
	case a := <-given:
		return a.word, a.err
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), term.Restore(int(f.Fd()), before))
	}
}

// Notify writes a line for people.
func (s *Streams) Notify(format string, args ...any) {
	_, _ = fmt.Fprintf(s.Err, format+"\n", args...)
}
