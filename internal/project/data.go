package project

import (
	"bytes"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/schemactl/schemactl/internal/disk"
)

// sourceShapes are the data sources: those that are supported, and by name those that are not.
func sourceShapes() map[string]*shape {
	cloud := &shape{refused: cloudOnly + "; use a file:// directory or schema"}
	token := &shape{refused: "use password_command with the provider's own program"}
	return map[string]*shape{
		"sql":                  {attrs: attrs("url", "query", "args")},
		"external":             {attrs: attrs("program", "working_dir")},
		"runtimevar":           {attrs: attrs("url")},
		"template_dir":         {attrs: attrs("path", "vars")},
		"hcl_schema":           {attrs: attrs("path", "paths", "vars")},
		"external_schema":      {refused: "write the program's output to a file and name that in src"},
		"composite_schema":     {refused: "name several files in src instead"},
		"aws_rds_token":        token,
		"gcp_cloudsql_token":   token,
		"azure_mysql_token":    token,
		"azure_postgres_token": token,
		"remote_dir":           cloud,
		"remote_schema":        cloud,
		"cloud_databases":      cloud,
		"blob_dir":             cloud,
	}
}

// checkSource reports a data source that is not known, or what it may not hold.
func (l *loader) checkSource(b *hclsyntax.Block) {
	shapes := sourceShapes()
	if s := shapes[b.Labels[0]]; s == nil {
		l.unknown(b.LabelRanges[0], "data-source", b.Labels[0], "the project language", (&shape{blocks: shapes}).known())
	} else if s.refused == "" {
		l.check(b, s, false)
	}
}

func (l *loader) dataSource(b *hclsyntax.Block) (cty.Value, bool) {
	kind, name := b.Labels[0], b.Labels[1]
	s := sourceShapes()[kind]
	if s.refused != "" {
		l.fault(b.LabelRanges[0], "unsupported", "the data source %s is not supported", kind).hint("%s", s.refused)
		return cty.NilVal, false
	}
	before := len(l.faults)
	d := l.decode(b, s, nil)
	if len(l.faults) > before {
		return cty.NilVal, false
	}
	var v cty.Value
	switch kind {
	case "sql":
		v = l.sqlSource(b, d)
	case "external":
		v = l.externalSource(b, d)
	case "runtimevar":
		v = l.runtimeVar(b, d)
	case "template_dir":
		v = l.templateDir(b, d, name)
	case "hcl_schema":
		v = l.hclSchema(b, d, name)
	}
	return v, len(l.faults) == before
}

// required is a string attribute that must be there.
func (l *loader) required(b *hclsyntax.Block, d *Block, name string) (string, bool) {
	text, ok := l.text(d, name)
	if ok && text == "" {
		l.fault(b.TypeRange, "missing-attribute", "data %q %q needs %s", b.Labels[0], b.Labels[1], name).
			hint(`add %s = "…"`, name)
		return "", false
	}
	return text, ok
}

func (l *loader) sqlSource(b *hclsyntax.Block, d *Block) cty.Value {
	address, ok1 := l.required(b, d, "url")
	query, ok2 := l.required(b, d, "query")
	if !ok1 || !ok2 {
		return cty.NilVal
	}
	if l.opts.Query == nil {
		l.fault(b.LabelRanges[0], "unsupported", "this command does not query databases for the project file").
			hint("choose an environment that does not need data.sql.%s", b.Labels[1])
		return cty.NilVal
	}
	var args []any
	if a, ok := d.Attrs["args"]; ok && !a.Value.IsNull() {
		list, ok := plain(a.Value).([]any)
		if !ok {
			l.faultAt(a, "attribute-value", "args is not a list").hint("write args = [ … ]")
			return cty.NilVal
		}
		args = list
	}
	if u, err := url.Parse(address); err == nil && u.User != nil {
		if password, ok := u.User.Password(); ok {
			l.secrets.add(password)
		}
	}
	rows, err := l.opts.Query(l.ctx, address, query, args)
	if err != nil {
		l.fault(b.LabelRanges[0], "data-source", "data %q %q: %v", b.Labels[0], b.Labels[1], err).
			hint("the query runs when the project file is read; check its url and query")
		return cty.NilVal
	}
	values, one := cty.ListValEmpty(cty.String), cty.NullVal(cty.String)
	if len(rows) > 0 {
		list := make([]cty.Value, len(rows))
		for i, r := range rows {
			list[i] = cty.StringVal(r)
		}
		values, one = cty.ListVal(list), list[0]
	}
	return cty.ObjectVal(map[string]cty.Value{"count": cty.NumberIntVal(int64(len(rows))), "value": one, "values": values})
}

func (l *loader) externalSource(b *hclsyntax.Block, d *Block) cty.Value {
	argv := l.list(d, "program")
	dir, _ := l.text(d, "working_dir")
	if len(argv) == 0 {
		l.fault(b.TypeRange, "missing-attribute", "data %q %q needs program", b.Labels[0], b.Labels[1]).
			hint(`add program = ["name", "argument"]`)
		return cty.NilVal
	}
	out, err := l.opts.Run(l.ctx, dir, argv)
	if err != nil {
		l.fault(b.LabelRanges[0], "data-source", "the program %s failed: %v", path.Base(argv[0]), err).
			hint("run it by hand to see why; its output is not shown here")
		return cty.NilVal
	}
	text := strings.TrimRight(string(out), "\r\n")
	l.secrets.add(text)
	if typ, err := ctyjson.ImpliedType(out); err == nil { // what jsondecode will take out of it
		if v, err := ctyjson.Unmarshal(out, typ); err == nil {
			l.secrets.addValue(v, true)
		}
	}
	return cty.StringVal(text)
}

// runtimeVar answers constant:// and file:// URLs; the others are services of clouds.
func (l *loader) runtimeVar(b *hclsyntax.Block, d *Block) cty.Value {
	raw, ok := l.required(b, d, "url")
	if !ok {
		return cty.NilVal
	}
	at := d.Attrs["url"]
	u, err := url.Parse(raw)
	if err != nil {
		l.faultAt(at, "data-source", "the URL is not understood").hint("write constant://?val=… or file:///path")
		return cty.NilVal
	}
	if decoder := u.Query().Get("decoder"); decoder != "" && decoder != "string" && decoder != "bytes" {
		l.faultAt(at, "unsupported", "the decoder %s is not supported", decoder).hint("use decoder=string and jsondecode")
		return cty.NilVal
	}
	var text string
	switch u.Scheme {
	case "constant":
		text = u.Query().Get("val")
	case "file":
		data, err := disk.Read(l.resolve(u.Host + u.Path))
		if err != nil {
			l.faultAt(at, "data-source", "the file of the URL cannot be read").hint("check its path and permissions")
			return cty.NilVal
		}
		text = string(data)
	default:
		l.faultAt(at, "unsupported", "runtimevar does not support %s://", u.Scheme).
			hint(`use constant:// or file://, or data "external" with the provider's own program`)
		return cty.NilVal
	}
	l.secrets.add(text)
	return cty.StringVal(text)
}

// resolve finds a relative path from the working directory, as Atlas does, else beside the project file.
func (l *loader) resolve(p string) string {
	p = strings.TrimPrefix(p, "file://")
	if filepath.IsAbs(p) {
		return p
	}
	if _, err := os.Stat(p); err == nil {
		return p
	}
	return filepath.Join(l.dir, p)
}

func (l *loader) address(kind, name string) cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"url": cty.StringVal("data://" + kind + "/" + url.PathEscape(name))})
}

func (l *loader) hclSchema(b *hclsyntax.Block, d *Block, name string) cty.Value {
	paths := append(l.list(d, "path"), l.list(d, "paths")...)
	if len(paths) == 0 {
		l.fault(b.TypeRange, "missing-attribute", "data %q %q needs path or paths", b.Labels[0], name).hint(`add path = "schema.hcl"`)
		return cty.NilVal
	}
	vars, ok := l.vars(d)
	if !ok {
		return cty.NilVal
	}
	for i, p := range paths {
		paths[i] = l.resolve(p)
	}
	address := l.address("hcl_schema", name)
	l.data[address.GetAttr("url").AsString()] = DataSource{Kind: "hcl_schema", Name: name, Paths: paths, Vars: vars, Pos: l.pos(b.TypeRange)}
	return address
}

// vars is the vars attribute of a data source: a map or an object.
func (l *loader) vars(d *Block) (map[string]cty.Value, bool) {
	a, ok := d.Attrs["vars"]
	if !ok || a.Value.IsNull() {
		return nil, true
	}
	if t := a.Value.Type(); !t.IsMapType() && !t.IsObjectType() {
		l.faultAt(a, "attribute-value", "vars is not a map").hint("write vars = { name = value }")
		return nil, false
	}
	return a.Value.AsValueMap(), true
}

// templateDir renders the *.sql files of a directory. The files below it, and what they define, are templates for them.
func (l *loader) templateDir(b *hclsyntax.Block, d *Block, name string) cty.Value {
	dir, ok := l.required(b, d, "path")
	vars, ok2 := l.vars(d)
	if !ok || !ok2 {
		return cty.NilVal
	}
	data := map[string]any{}
	for k, v := range vars {
		data[k] = plain(v)
	}
	root := template.New("").Option("missingkey=error")
	var names []string
	base := l.resolve(dir)
	err := fs.WalkDir(disk.Dir(base), ".", func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Base(p) == "atlas.sum" {
			return err
		}
		text, err := disk.Read(filepath.Join(base, filepath.FromSlash(p))) //nolint:gosec // below the directory named
		if err != nil {
			return err
		}
		if path.Dir(p) == "." && path.Ext(p) == ".sql" {
			names = append(names, p)
		}
		_, err = root.New(p).Parse(string(text))
		return err
	})
	files := map[string][]byte{}
	slices.Sort(names)
	for _, n := range names {
		if err != nil {
			break
		}
		var out bytes.Buffer
		err = root.ExecuteTemplate(&out, n, data)
		files[n] = out.Bytes()
	}
	if err != nil {
		var pathError *fs.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err
		}
		l.faultAt(d.Attrs["path"], "data-source", "the templates cannot be rendered: %v", err).
			hint("every name that a template uses must be in vars")
		return cty.NilVal
	}
	address := l.address("template_dir", name)
	l.data[address.GetAttr("url").AsString()] = DataSource{Kind: "template_dir", Name: name, Files: files, Pos: l.pos(b.TypeRange)}
	return address
}

// docker makes the URL of a container from its block.
func (l *loader) docker(b *hclsyntax.Block, s *shape) (cty.Value, bool) {
	before := len(l.faults)
	d := l.value(b, s, nil)
	image, _ := l.text(d, "image")
	schema, _ := l.text(d, "schema")
	database, _ := l.text(d, "database")
	driver := b.Labels[0]
	switch driver {
	case "postgres", "mysql", "maria", "mariadb":
	default:
		l.fault(b.LabelRanges[0], "unsupported", "a docker block for %s is not supported", driver).
			hint("the drivers are postgres, mysql, maria and mariadb")
	}
	if image == "" && len(l.faults) == before {
		l.fault(b.TypeRange, "missing-attribute", "docker %q %q needs image", driver, b.Labels[1]).hint(`add image = "%s:…"`, driver)
	}
	if len(l.faults) > before {
		return cty.NilVal, false
	}
	host := "_" // an image of the default registry
	if first, _, found := strings.Cut(image, "/"); found && strings.ContainsAny(first, ".:") {
		host, image = first, strings.TrimPrefix(image, first+"/")
	}
	u := "docker+" + driver + "://" + host + "/" + image
	switch {
	case driver == "postgres":
		if database == "" {
			database = "dev"
		}
		u += "/" + url.PathEscape(database)
		if schema != "" {
			u += "?search_path=" + url.QueryEscape(schema)
		}
	case database != "" || schema != "":
		if database == "" {
			database = schema
		}
		u += "/" + url.PathEscape(database)
	}
	return cty.ObjectVal(map[string]cty.Value{"url": cty.StringVal(u)}), true
}

// dev passes on the URL of a dev block.
func (l *loader) dev(b *hclsyntax.Block, s *shape) (cty.Value, bool) {
	before := len(l.faults)
	d := l.value(b, s, nil)
	address, ok := l.text(d, "url")
	if ok && address == "" && len(l.faults) == before {
		l.fault(b.TypeRange, "missing-attribute", "dev %q %q needs url", b.Labels[0], b.Labels[1]).hint(`add url = "…"`)
	}
	return cty.ObjectVal(map[string]cty.Value{"url": cty.StringVal(address)}), len(l.faults) == before
}
