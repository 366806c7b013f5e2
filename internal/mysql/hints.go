package mysql

// hintFor says what to do about a fault of a declaration, by the server's number (MySQL manual, "Server Error Message
// Reference"; those of MariaDB are the same).
func hintFor(number uint16) string {
	switch number {
	case 1007:
		return "statements that make the database itself are for a URL without one; for one database let them be written with a dev database, as in --dev-url embedded://mysql/9.7/dev"
	case 1005, 1215:
		return "the columns of both sides need the same types, signs and character sets, and the other table a key that begins with them"
	case 1061, 1826, 3822:
		return "give one of the two another name: foreign keys and, on MySQL, checks are named once in a database"
	case 1064:
		return "a name that is a word of SQL needs backquotes, as in `order`; a body with several statements needs BEGIN … END, and DELIMITER where it is cut in two"
	case 1067:
		return "the default must be a value of the type; a zero date is none while sql_mode has NO_ZERO_DATE: take NULL or a real date"
	case 1071:
		return "index the beginning of the column, as in KEY (name(191)), or shorten it: utf8mb4 takes 4 bytes a character"
	case 3185:
		return "the server has no keyring, which ENCRYPTION needs; if it is the dev server, give --dev-url an empty database on one that has a keyring, such as the target's own"
	case 1074:
		return "make it a TEXT or BLOB type"
	case 1075:
		return "make the AUTO_INCREMENT column the first one of a key"
	case 1101:
		return "write the default as an expression in parentheses: DEFAULT ('x')"
	case 1115, 1273, 1253:
		return "the server of the target's version does not know it, or not together; SHOW COLLATION lists what it has"
	case 1118:
		return "make long VARCHAR columns TEXT or BLOB, which are kept beside the row, or shorten them"
	case 1170:
		return "say how much of the column to index, as in KEY (body(100))"
	case 1286:
		return "SHOW ENGINES lists what the server has"
	case 1418:
		return "say what the function does: DETERMINISTIC, NO SQL or READS SQL DATA"
	case 1822, 6125:
		return "add a primary or unique key on the referenced columns, in their order"
	case 3548:
		return "no statement makes it on a dev server of schemactl's: CREATE SPATIAL REFERENCE SYSTEM on a server of your own and give that to --dev-url"
	case 3780:
		return "give both columns the same type and sign, and texts the same character set and collation"
	}
	return ""
}
