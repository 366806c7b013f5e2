CREATE TABLE t (a float, b double, c float(24), d float(53), e double(7,4), f real, g float unsigned);
