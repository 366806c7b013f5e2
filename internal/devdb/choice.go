package devdb

import (
	"net/url"
	"strings"

	"github.com/schemactl/schemactl/internal/dburl"
	"github.com/schemactl/schemactl/internal/localserver"
)

// choice is what the user said about the development database.
type choice struct {
	origin   Origin // empty: nothing
	release  localserver.Release
	image    string     // of a container
	database string     // to make, "" for the usual one
	query    url.Values // to add to the URL
}

const forms = "a choice is embedded://postgres/18, scratch://, docker://postgres/17/dev, docker+postgres://org/image:tag/dev, or the URL of an empty database"

// parseChoice reads --dev-url or the dev attribute. What it leaves open is taken from the target.
func parseChoice(raw string, target localserver.Release) (choice, error) {
	scheme, rest, found := strings.Cut(raw, "://")
	if raw == "" {
		return choice{}, nil
	}
	if dburl.Is(raw) {
		return choice{origin: Given}, nil
	}
	if !found {
		return choice{}, fault("%q is no address of a development database", raw).WithHint(forms)
	}
	path, query, err := splitQuery(rest)
	if err != nil {
		return choice{}, err
	}
	c := choice{query: query, release: target}
	switch scheme {
	case "scratch":
		if path != "" || len(query) > 0 {
			return c, fault("scratch:// is written without anything behind it")
		}
		c.origin = Scratch
		return c, nil
	case "embedded":
		c.origin = Embedded
		return c, c.parseEmbedded(path)
	case "docker":
		c.origin = Docker
		return c, c.parseDocker(path)
	}
	if driver, ok := strings.CutPrefix(scheme, "docker+"); ok {
		c.origin = Docker
		return c, c.parseImage(driver, path)
	}
	return c, fault("%q is no address of a development database", scheme+"://").WithHint(forms)
}

func splitQuery(rest string) (path string, query url.Values, err error) {
	path, raw, _ := strings.Cut(rest, "?")
	query, err = url.ParseQuery(raw)
	if err != nil {
		return "", nil, fault("the parameters of the development database cannot be read: %v", err)
	}
	return strings.Trim(path, "/"), query, nil
}

// parseEmbedded reads FLAVOR[/VERSION[/DATABASE]].
func (c *choice) parseEmbedded(path string) error {
	if path == "" {
		return nil
	}
	parts := strings.Split(path, "/")
	flavor, err := parseFlavor(parts[0])
	if err != nil {
		return err
	}
	switch {
	case len(parts) > 3:
		return fault("embedded://%s has too many parts", path).WithHint("write embedded://FLAVOR/VERSION/DATABASE; version and database may be left out")
	case len(parts) > 1:
		release, err := localserver.ParseRelease(flavor, parts[1])
		if err != nil {
			return fault("embedded://%s: %v", path, err)
		}
		c.release = release
	case flavor != c.release.Flavor:
		c.release = localserver.Release{Flavor: flavor, Minor: localserver.Any}
	}
	if len(parts) == 3 {
		c.database = parts[2]
	}
	return nil
}

// parseDocker reads Atlas's docker://NAME/TAG[/DATABASE].
func (c *choice) parseDocker(path string) error {
	parts := strings.Split(path, "/")
	if len(parts) < 2 || len(parts) > 3 {
		return fault("docker://%s does not name an image", path).WithHint("write docker://postgres/17/dev, docker://mysql/8/dev or docker://maria/11/dev")
	}
	name := parts[0]
	switch name {
	case "postgis", "pgvector":
		c.release.Flavor = localserver.Postgres
		name += "/" + name
	default:
		flavor, err := parseFlavor(name)
		if err != nil {
			return err
		}
		c.release.Flavor, name = flavor, string(flavor)
		if release, err := localserver.ParseRelease(flavor, parts[1]); err == nil {
			c.release = release
		}
	}
	c.image = name + ":" + parts[1]
	if len(parts) == 3 {
		c.database = parts[2]
	}
	return c.checkImage()
}

// parseImage reads the path of Atlas's docker+DRIVER://[HOST/]IMAGE:TAG[/DATABASE], where the host _ stands
// for the official images.
func (c *choice) parseImage(driver, path string) error {
	flavor, err := parseFlavor(driver)
	if err != nil {
		return err
	}
	c.release.Flavor = flavor
	path = strings.TrimPrefix(path, "_/")
	c.image = path
	if i := strings.LastIndexByte(path, ':'); i >= 0 {
		if j := strings.IndexByte(path[i:], '/'); j >= 0 {
			c.image, c.database = path[:i+j], path[i+j+1:]
		}
	}
	return c.checkImage()
}

// checkImage keeps an image's name from being read as an option of the container client.
func (c *choice) checkImage() error {
	for _, r := range c.image {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/:@", r) {
			return fault("%q is not the name of a container image", c.image)
		}
	}
	if c.image == "" || strings.HasPrefix(c.image, "-") {
		return fault("%q is not the name of a container image", c.image)
	}
	return nil
}

func parseFlavor(name string) (localserver.Flavor, error) {
	switch name {
	case "postgres", "postgresql":
		return localserver.Postgres, nil
	case "mysql":
		return localserver.MySQL, nil
	case "maria", "mariadb":
		return localserver.MariaDB, nil
	}
	return "", fault("schemactl runs no server called %q", name).WithHint("the servers are postgres, mysql and mariadb")
}
