// The project of the living example. Every environment keeps its secrets outside this file: in the variables of the
// environment, in ~/.pgpass, or in what password_command prints.

variable "url" {
  type        = string
  default     = "postgres://localhost:5432/example?search_path=public"
  description = "The database of the local environment."
}

variable "schemas" {
  type    = list(string)
  default = ["public"]
}

locals {
  schema     = "file://schema.hcl"
  migrations = "file://migrations"
}

diff {
  skip {
    drop_schema = true
  }
}

lint {
  destructive {
    error = true
  }
}

// schemactl plan --env local
env "local" {
  url = var.url
  src = local.schema
  dev = "embedded://postgres"

  // A developer's own database may lose things.
  allow_destructive = true

  migration {
    dir = local.migrations
  }
}

// The database that the tests of an application run on.
env "test" {
  url = getenv("TEST_DATABASE_URL")
  src = local.schema
  dev = "embedded://postgres"

  allow_destructive = true

  migration {
    dir = local.migrations
  }
}

// A pull request: nothing may be left out of the plan.
env "ci" {
  url    = getenv("CI_DATABASE_URL")
  src    = local.schema
  dev    = "embedded://postgres"
  strict = true

  migration {
    dir = local.migrations
  }
}

env "prod" {
  url     = getenv("DATABASE_URL")
  src     = local.schema
  dev     = "scratch://"
  schemas = var.schemas

  migration {
    dir          = local.migrations
    exec_order   = LINEAR
    lock_timeout = "10s"
  }

  diff {
    concurrent_index {
      create = true
      drop   = true
    }
  }
}
