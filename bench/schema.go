package main

import (
	"fmt"
	"io"
)

// perChunk is how many tables one transaction of a target's load makes: each takes about ten locks, and a server
// holds 6,400 by its default settings.
const perChunk = 250

// table is the name of the i-th table, which references the one before it.
func table(i int) string { return fmt.Sprintf("t%05d", i) }

// before is the table that the i-th one references: itself for the first, so that each has one foreign key.
func before(i int) string { return table(max(0, i-1)) }

// postgresSQL writes tables of 10 columns, 3 indexes besides the primary key, 1 foreign key and 1 check each.
func postgresSQL(w io.Writer, from, to int) {
	for i := from; i < to; i++ {
		t := table(i)
		_, _ = fmt.Fprintf(w, `CREATE TABLE public.%[1]s (
  id bigint NOT NULL,
  parent_id bigint,
  name character varying(255) NOT NULL,
  status text NOT NULL DEFAULT 'new',
  amount numeric(12,2) NOT NULL DEFAULT 0,
  quantity integer NOT NULL DEFAULT 1,
  active boolean NOT NULL DEFAULT true,
  data jsonb,
  created_at timestamp with time zone NOT NULL DEFAULT now(),
  updated_at timestamp with time zone,
  CONSTRAINT %[1]s_pkey PRIMARY KEY (id),
  CONSTRAINT %[1]s_amount CHECK (amount >= 0),
  CONSTRAINT %[1]s_parent FOREIGN KEY (parent_id) REFERENCES public.%[2]s (id) ON DELETE CASCADE
);
CREATE INDEX %[1]s_parent_id ON public.%[1]s (parent_id);
CREATE INDEX %[1]s_created_at ON public.%[1]s (status, created_at DESC);
CREATE UNIQUE INDEX %[1]s_name ON public.%[1]s (name);
`, t, before(i))
	}
}

// postgresHCL writes the same tables as HCL.
func postgresHCL(w io.Writer, n int) {
	_, _ = fmt.Fprint(w, "schema \"public\" {\n}\n")
	for i := range n {
		t := table(i)
		_, _ = fmt.Fprintf(w, `
table %[1]q {
  schema = schema.public
  column "id" {
    type = bigint
  }
  column "parent_id" {
    type = bigint
    null = true
  }
  column "name" {
    type = varchar(255)
  }
  column "status" {
    type    = text
    default = "new"
  }
  column "amount" {
    type    = numeric(12, 2)
    default = 0
  }
  column "quantity" {
    type    = integer
    default = 1
  }
  column "active" {
    type    = boolean
    default = true
  }
  column "data" {
    type = jsonb
    null = true
  }
  column "created_at" {
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    type = timestamptz
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "%[1]s_parent" {
    columns     = [column.parent_id]
    ref_columns = [table.%[2]s.column.id]
    on_delete   = CASCADE
  }
  index "%[1]s_parent_id" {
    columns = [column.parent_id]
  }
  index "%[1]s_created_at" {
    on {
      column = column.status
    }
    on {
      column = column.created_at
      desc   = true
    }
  }
  index "%[1]s_name" {
    unique  = true
    columns = [column.name]
  }
  check "%[1]s_amount" {
    expr = "amount >= 0"
  }
}
`, t, before(i))
	}
}

// mysqlSQL writes tables of the same size for MySQL. An index per foreign key is among the three.
func mysqlSQL(w io.Writer, from, to int) {
	for i := from; i < to; i++ {
		t := table(i)
		_, _ = fmt.Fprintf(w, `CREATE TABLE %[1]s (
  id bigint NOT NULL AUTO_INCREMENT,
  parent_id bigint,
  name varchar(255) NOT NULL,
  status varchar(20) NOT NULL DEFAULT 'new',
  amount decimal(12,2) NOT NULL DEFAULT 0,
  quantity int NOT NULL DEFAULT 1,
  active tinyint(1) NOT NULL DEFAULT 1,
  data json,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at datetime,
  PRIMARY KEY (id),
  UNIQUE KEY %[1]s_name (name),
  KEY %[1]s_parent_id (parent_id),
  KEY %[1]s_created_at (status, created_at DESC),
  CONSTRAINT %[1]s_amount CHECK (amount >= 0),
  CONSTRAINT %[1]s_parent FOREIGN KEY (parent_id) REFERENCES %[2]s (id) ON DELETE CASCADE
);
`, t, before(i))
	}
}

// mysqlHCL writes the same tables as HCL.
func mysqlHCL(w io.Writer, n int) {
	_, _ = fmt.Fprint(w, "schema \"bench\" {\n}\n")
	for i := range n {
		t := table(i)
		_, _ = fmt.Fprintf(w, `
table %[1]q {
  schema = schema.bench
  column "id" {
    type           = bigint
    auto_increment = true
  }
  column "parent_id" {
    type = bigint
    null = true
  }
  column "name" {
    type = varchar(255)
  }
  column "status" {
    type    = varchar(20)
    default = "new"
  }
  column "amount" {
    type    = decimal(12, 2)
    default = 0
  }
  column "quantity" {
    type    = int
    default = 1
  }
  column "active" {
    type    = bool
    default = true
  }
  column "data" {
    type = json
    null = true
  }
  column "created_at" {
    type    = timestamp
    default = sql("CURRENT_TIMESTAMP")
  }
  column "updated_at" {
    type = datetime
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "%[1]s_parent" {
    columns     = [column.parent_id]
    ref_columns = [table.%[2]s.column.id]
    on_delete   = CASCADE
  }
  index "%[1]s_name" {
    unique  = true
    columns = [column.name]
  }
  index "%[1]s_parent_id" {
    columns = [column.parent_id]
  }
  index "%[1]s_created_at" {
    on {
      column = column.status
    }
    on {
      column = column.created_at
      desc   = true
    }
  }
  check "%[1]s_amount" {
    expr = "amount >= 0"
  }
}
`, t, before(i))
	}
}
