package dialect

import "errors"

// Lost says of a driver's error that it is one of the given, by which drivers tell that a connection is gone, what that means.
// The drivers keep the server's last word to themselves. Other errors come back as they are.
func Lost(err error, signs ...error) error {
	var known *lost
	if errors.As(err, &known) {
		return err
	}
	for _, sign := range signs {
		if errors.Is(err, sign) {
			return &lost{err}
		}
	}
	return err
}

type lost struct{ error }

func (l *lost) Error() string {
	return "the connection is gone: ended by an administrator, a time limit of the server or a restart, or the network failed; the server's log tells which (" + l.error.Error() + ")"
}

func (l *lost) Unwrap() error { return l.error }
