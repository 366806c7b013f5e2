package kind

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"reflect"

	"github.com/schemactl/schemactl/internal/object"
)

// Fingerprint is a hash of the objects and of all that is compared of them: two states with equal fingerprints have
// no differences that a Lenient attribute does not allow. It does not depend on order, positions or the ledger.
func (s *Set) Fingerprint(st *object.State) (string, error) {
	h := sha256.New()
	for _, o := range st.All() {
		if s.isLoose(o) {
			continue
		}
		_, _ = fmt.Fprintf(h, "%q %q %q %q\n", o.ID.Kind, o.ID.Schema, o.ID.Table, o.ID.Name)
		if err := hashStruct(h, reflect.ValueOf(o.Value).Elem()); err != nil {
			return "", fmt.Errorf("fingerprint %s: %w", o.ID, err)
		}
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)), nil
}

// Lenient is an attribute of which a part may differ from what is desired without being a difference.
type Lenient interface {
	// Fingerprinted is the attribute without that part.
	Fingerprinted() any
}

func hashStruct(h hash.Hash, v reflect.Value) error {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case f.Tag.Get("diff") == "-":
			continue
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			if err := hashStruct(h, v.Field(i)); err != nil {
				return err
			}
			continue
		case v.Field(i).IsZero() || v.Field(i).Kind() == reflect.Slice && v.Field(i).Len() == 0:
			continue
		}
		value := v.Field(i).Interface()
		if l, ok := value.(Lenient); ok {
			if value = l.Fingerprinted(); reflect.ValueOf(value).IsZero() {
				continue
			}
		}
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(h, "%s=%s\n", attrName(f), text)
	}
	return nil
}
